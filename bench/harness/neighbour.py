"""What a target that answers nothing does to another one that the same worker loads."""

import json
import pathlib
import socket
import statistics
import tempfile

from harness.nginx import Nginx
from harness.pairs import interval
from harness.processes import GENERATOR_CORE, measure, need

BAR = 1.05  # p99 of the healthy target, beside the silent one over alone

PLAN = """
target: {url}
scenarios:
  healthy: {{executor: constant-arrival-rate, flow: healthy, rate: 2000/s, duration: {seconds}s}}
{more}
flows:
  healthy: {{steps: [{{request: healthy, get: /}}]}}
  silent:
    steps: [{{request: silent, get: "{silent}", timeouts: {{connect: 1s, first_byte: 1s}}}}]
"""
SILENT = """
  silent: {{executor: constant-arrival-rate, flow: {flow}, rate: 100/s, duration: {seconds}s}}
"""


class Silent:
    """Never accepts: the kernel completes as many handshakes as its queue holds, and drops the SYNs
    of all others."""

    def __enter__(self):
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self._socket.listen(64)
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/"
        return self

    def __exit__(self, *_):
        self._socket.close()


def _p99(url, silent, beside, seconds, directory):
    plan = directory / "plan.yaml"
    # Alone, its place is held by as many requests to the healthy one: the load is the same.
    more = SILENT.format(flow="silent" if beside else "healthy", seconds=seconds)
    plan.write_text(PLAN.format(url=url, more=more, silent=silent, seconds=seconds))
    summary = directory / "summary.json"
    measure([need("loadctl"), "run", str(plan), "--workers", "1", "--quiet", "--out", str(summary)],
            GENERATOR_CORE, accept=(0, 3, 99))
    result = json.loads(summary.read_text())
    row = next(row for row in result["requests_by_name"]
               if row["request"] == "healthy" and row["scenario"] == "healthy")
    return row["response_time"]["p99_ms"]


def compare(rounds, seconds):
    """True when the median ratio is within the bar."""
    alone, beside = [], []
    with Nginx() as nginx, Silent() as silent, tempfile.TemporaryDirectory() as folder:
        directory = pathlib.Path(folder)
        for _ in range(rounds):
            alone.append(_p99(nginx.url.rstrip("/"), silent.url, False, seconds, directory))
            beside.append(_p99(nginx.url.rstrip("/"), silent.url, True, seconds, directory))
    ratios = [mine / base for mine, base in zip(beside, alone)]
    low, high = interval(ratios)
    median = statistics.median(ratios)
    met = median <= BAR
    print(f"{rounds} pairs of {seconds} s in alternation, one worker, 2,000/s to a healthy target "
          f"and 100/s to a silent one\n")
    print("| the healthy target | p99 (ms) |\n|---|---|")
    print(f"| alone | {statistics.median(alone):.3f} |")
    print(f"| beside the silent one | {statistics.median(beside):.3f} |")
    print(f"\nratio {median:.3f} ({low:.3f} to {high:.3f}), at most {BAR}: "
          f"{'met' if met else 'MISSED'}")
    return met
