"""Resident memory with 10,000 connections, and what one more of them takes."""

import re

from harness.h2o import H2o
from harness.nginx import Nginx
from harness.processes import GENERATOR_CORE, measure, need

FEW, MANY = 10, 10_000
SECONDS = 10


def _loadctl(connections, url, flags):
    return ["loadctl", "run", "--url", url, "--vus", connections, "--connections", connections,
            "--workers", "1", "--duration", f"{SECONDS}s", "--quiet", *flags,
            "--set", "timeouts.connect=1m", "--set", "timeouts.first_byte=1m",
            "--set", "timeouts.total=1m"]


def _wrk(connections, url, _flags):
    return ["wrk", "-t1", f"-c{connections}", f"-d{SECONDS}s", "--timeout", "60s", url]


def _h2load(connections, url, flags):
    return ["h2load", *flags, "-t1", f"-c{connections}", "-m1", "-D", SECONDS, url]


CASES = [
    # name, target, over TLS, loadctl's flags, h2load's, bar of ours for one more connection (KiB)
    ("HTTP/1.1", Nginx, False, [], ["--h1"], 3.0),
    ("h2 over TLS", H2o, True, ["--http", "2", "--streams", "1", "--insecure"], [], 25.0),
]


def _peak(argv):
    usage = measure([need(argv[0]), *map(str, argv[1:])], GENERATOR_CORE, accept=(0, 3))
    return usage.peak_kib, usage.stdout


def _connected(stdout):
    """That the run had its connections, for those who say so."""
    failed = re.search(r"outcomes.*(refused|timeout|reset)", stdout)
    return "" if failed is None else f" ({failed.group(0)})"


def compare():
    print("| | generator | resident with 10 (MiB) | with 10,000 (MiB) | one more takes (KiB) | |\n"
          "|---|---|---|---|---|---|")
    met = True
    for name, target_type, secure, flags, peer_flags, bar in CASES:
        with target_type() as target:
            url = target.tls_url if secure else target.url
            rows = {}
            for generator, argv in (("loadctl", _loadctl), ("wrk", _wrk), ("h2load", _h2load)):
                if generator == "wrk" and secure:
                    continue  # it does not speak HTTP/2
                chosen = flags if generator == "loadctl" else peer_flags
                few, _ = _peak(argv(FEW, url, chosen))
                many, stdout = _peak(argv(MANY, url, chosen))
                rows[generator] = (few, many, (many - few) / (MANY - FEW), _connected(stdout))
        for generator, (few, many, one, note) in rows.items():
            verdict = ""
            if generator == "loadctl":
                least = min(other[1] for key, other in rows.items() if key != "loadctl")
                fits = one <= bar and many < least
                met = met and fits
                verdict = f"at most {bar:g} KiB, and the least of all: {'met' if fits else 'MISSED'}"
            print(f"| {name} | {generator} | {few / 1024:.1f} | {many / 1024:.1f} | {one:.2f}{note} "
                  f"| {verdict} |", flush=True)
    return met
