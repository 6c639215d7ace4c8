"""loadctl and one peer in pairs, case by case: the ratio of their CPU time per request, and how sure
it is."""

import contextlib
import json
import pathlib
import random
import re
import statistics
import sys
import tempfile

from harness.h2o import H2o
from harness.nginx import Nginx
from harness.processes import GENERATOR_CORE, measure, need


class Case:
    """`peer(url, seconds)` is the peer's command, `flags` are loadctl's beside --url."""

    def __init__(self, name, target, secure, peer, reported, flags, bar):
        self.name = name
        self.target = target
        self.secure = secure
        self.peer = peer
        self.reported = re.compile(reported)
        self.flags = flags
        self.bar = bar


def _wrk(connections):
    return lambda url, seconds: ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", url]


def _h2load(connections, *flags):
    return lambda url, seconds: ["h2load", "-t1", f"-c{connections}", *flags, "-D", seconds, url]


_WRK = r"(\d+) requests in"
_H2LOAD = r"requests: .* (\d+) succeeded"


def _http2(connections, streams, secure):
    version = "2" if secure else "h2c"
    flags = ["--http", version, "--vus", connections * streams, "--connections", connections,
             "--streams", streams]
    return Case(
        f"{'h2' if secure else 'h2c'}-{connections}x{streams}", H2o, secure,
        _h2load(connections, f"-m{streams}"), _H2LOAD,
        flags + (["--insecure"] if secure else []), 1.0,
    )


CASES = [
    Case("h1-64-wrk", Nginx, False, _wrk(64), _WRK, ["--vus", 64], 1.0),
    Case("h1-64-h2load", Nginx, False, _h2load(64, "--h1"), _H2LOAD, ["--vus", 64], 0.95),
    Case("h1-256-wrk", Nginx, False, _wrk(256), _WRK, ["--vus", 256], 1.0),
    Case("h1-256-h2load", Nginx, False, _h2load(256, "--h1"), _H2LOAD, ["--vus", 256], 0.95),
    Case("tls-64-wrk", Nginx, True, _wrk(64), _WRK,
         ["--vus", 64, "--http", "1.1", "--insecure"], 0.95),
] + [
    _http2(connections, streams, secure)
    for secure in (False, True)
    for connections, streams in ((1, 100), (64, 10), (64, 100))
]


def _micros(argv, target, reported):
    usage = measure([str(word) for word in argv], GENERATOR_CORE)
    return usage.cpu_s * 1e6 / target.counted(reported(usage.stdout))


def _interval(values, draws=10_000):
    """95 % of the medians of samples drawn from these (bootstrap); the same on every call."""
    drawn = random.Random(1)
    medians = sorted(
        statistics.median(drawn.choices(values, k=len(values))) for _ in range(draws))
    return medians[int(draws * 0.025)], medians[int(draws * 0.975)]


def _row(case, theirs, ours):
    ratios = [mine / other for mine, other in zip(ours, theirs)]
    low, high = _interval(ratios)
    met = high <= case.bar
    print(f"| {case.name} | {statistics.median(theirs):.2f} | {statistics.median(ours):.2f} "
          f"| {statistics.median(ratios):.3f} | {low:.3f} to {high:.3f} "
          f"| {case.bar} | {'met' if met else 'MISSED'} |")
    sys.stdout.flush()
    return met


def compare(names, rounds, seconds):
    """A row for each case; True when the upper bound of every ratio is within its bar."""
    print(f"{rounds} pairs of {seconds} s in alternation\n")
    print("| case | peer (us) | loadctl (us) | ratio, median | 95 % bounds | at most | |\n"
          "|---|---|---|---|---|---|---|")
    met = True
    with contextlib.ExitStack() as stack:
        directory = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory()))
        summary = directory / "summary.json"
        targets = {}
        for case in CASES:
            if names and case.name not in names:
                continue
            if case.target not in targets:
                targets[case.target] = stack.enter_context(case.target())
            target = targets[case.target]
            url = target.tls_url if case.secure else target.url
            ours_argv = [need("loadctl"), "run", "--url", url, *case.flags, "--workers", 1,
                         "--duration", f"{seconds}s", "--quiet", "--out", summary]
            theirs, ours = [], []
            for _ in range(rounds):
                theirs.append(_micros(
                    [need(case.peer(url, seconds)[0]), *case.peer(url, seconds)[1:]], target,
                    lambda stdout, case=case: int(case.reported.search(stdout).group(1))))
                ours.append(_micros(
                    ours_argv, target,
                    lambda _: json.loads(summary.read_text())["requests"]["completed"]))
            met = _row(case, theirs, ours) and met
    return met
