"""User instructions per request, counted by valgrind: what noise cannot touch."""

import pathlib
import re
import tempfile

from harness.nginx import Nginx
from harness.processes import GENERATOR_CORE, find, measure, need

CONNECTIONS = 64


def _counted(argv, output):
    usage = measure(
        [need("valgrind"), "--tool=callgrind", f"--callgrind-out-file={output}",
         *map(str, argv)], GENERATOR_CORE)
    return int(re.search(r"Collected : (\d+)", usage.stderr).group(1))


def _each(nginx, argv, short, long, output):
    """The difference of a long and a short run: start and end cancel out."""
    counts = []
    for seconds in (short, long):
        before = nginx.requests()
        instructions = _counted(argv(seconds), output)
        counts.append((instructions, nginx.requests() - before))
    (few, few_requests), (many, many_requests) = counts
    return (many - few) / (many_requests - few_requests)


def count(short, long):
    """Ours against wrk's; parsing and recording are in both."""
    with Nginx() as nginx, tempfile.TemporaryDirectory() as directory:
        output = pathlib.Path(directory) / "callgrind.out"
        ours = _each(nginx, lambda seconds: [
            need("loadctl"), "run", "--url", nginx.url, "--vus", CONNECTIONS, "--workers", "1",
            "--duration", f"{seconds}s", "--quiet"], short, long, output)
        theirs = _each(nginx, lambda seconds: [
            need("wrk"), "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", nginx.url],
            short, long, output) if find("wrk") else None
    print("| generator | user instructions per request |\n|---|---|")
    print(f"| loadctl | {ours:,.0f} |")
    if theirs is None:
        return True
    print(f"| wrk | {theirs:,.0f} |")
    met = ours < theirs
    print(f"\nThe bar, fewer than wrk, is {'met' if met else 'MISSED'}")
    return met
