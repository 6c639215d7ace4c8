"""What a flow of two steps with a capture and a template costs, beside the plain request."""

import json
import pathlib
import statistics
import tempfile

from harness.nginx import Nginx
from harness.pairs import interval
from harness.processes import GENERATOR_CORE, measure, need

BAR = 1.5  # the flow's CPU time per request, over the plain request's

PLAN = """
target: {url}
scenarios:
  main: {{executor: constant-vus, flow: {flow}, vus: 64, duration: {seconds}s}}
flows:
  plain:
    steps:
      - {{request: plain, get: /}}
  session:
    steps:
      - request: first
        get: "/?vu={{{{ vu }}}}"
        capture: {{word: {{regex: "P(ONG)"}}}}
      - request: second
        get: "/?word={{{{ word }}}}&n={{{{ iteration }}}}"
        headers: {{X-Word: "{{{{ word }}}}"}}
"""


def _micros(nginx, flow, seconds, directory):
    plan = directory / f"{flow}.yaml"
    plan.write_text(PLAN.format(url=nginx.url.rstrip("/"), flow=flow, seconds=seconds))
    summary = directory / "summary.json"
    usage = measure([need("loadctl"), "run", str(plan), "--workers", "1", "--quiet",
                     "--out", str(summary)], GENERATOR_CORE)
    result = json.loads(summary.read_text())
    assert result["checks"]["failed"] == 0, result["checks"]
    return usage.cpu_s * 1e6 / nginx.counted(0)


def compare(rounds, seconds):
    """True when the upper bound of the ratio is within the bar."""
    plain, session = [], []
    with Nginx() as nginx, tempfile.TemporaryDirectory() as folder:
        directory = pathlib.Path(folder)
        nginx.counted(0)
        for _ in range(rounds):
            plain.append(_micros(nginx, "plain", seconds, directory))
            session.append(_micros(nginx, "session", seconds, directory))
    ratios = [mine / base for mine, base in zip(session, plain)]
    low, high = interval(ratios)
    print(f"{rounds} pairs of {seconds} s in alternation\n")
    print("| flow | CPU per request (us) |\n|---|---|")
    print(f"| one plain request | {statistics.median(plain):.2f} |")
    print(f"| two steps, a capture, templates | {statistics.median(session):.2f} |")
    met = high <= BAR
    print(f"\nratio {statistics.median(ratios):.3f} ({low:.3f} to {high:.3f}), at most {BAR}: "
          f"{'met' if met else 'MISSED'}")
    return met
