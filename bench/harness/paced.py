"""A constant rate, in pairs: what it costs, and how true it is, against programs that do only that."""

import pathlib
import statistics
import tempfile

from harness.nginx import Nginx
from harness.pairs import FLOOR, H2LOAD, HEAD, Case, port_of, row, run, targets

CONNECTIONS = 64
RATES = (20_000, 50_000)
QUANTILES = ("p50_ms", "p90_ms", "p99_ms", "p999_ms")


def _paced_floor(rate):
    return lambda url, seconds: [
        "paced_floor", port_of(url), "/", CONNECTIONS, rate, seconds]


def _h2load(rate):
    return lambda url, seconds: ["h2load", "--h1", "-t1", f"-c{CONNECTIONS}",
                                 "--rps", f"{rate / CONNECTIONS:g}", "-D", seconds, url]


def _case(rate, pacing, peer, reported, bar):
    flags = ["--rate", rate, "--connections", CONNECTIONS, "--set", f"pacing={pacing}"]
    return Case(f"{rate // 1000}k-{pacing}", Nginx, False, peer, reported, flags, bar)


PRECISE = [_case(rate, "precise", _paced_floor(rate), FLOOR, 1.1) for rate in RATES]
BATCHED = [_case(rate, "batched", _h2load(rate), H2LOAD, 1.0) for rate in RATES]


def _steady_seconds(rate, summary):
    """The share of whole seconds in which as many were sent as planned, to 0.1 %."""
    whole = [second["started"] for second in summary["timeline"]][:-1]
    return sum(abs(started - rate) <= rate * 0.001 for started in whole) / len(whole)


def _median_of(done, value):
    return statistics.median(value(pair) for pair in done)


def _truth(rate, done):
    """Response times beside those of the floor, which times each request from its schedule."""
    met = True
    for index, name in enumerate(QUANTILES):
        true = _median_of(done, lambda pair: int(pair.stdout.split()[index + 1]) / 1e6)
        said = _median_of(done, lambda pair: pair.summary["response_time"][name])
        # The median is held closer: nothing but the generator's own lateness can move it.
        allowed = 0.030 if name == "p50_ms" else max(0.050, 0.02 * true)
        fits = abs(said - true) <= allowed
        met = met and fits
        print(f"| {rate:,}/s response time {name[:-3]} (ms) | {said:.3f} | {true:.3f} "
              f"| +-{allowed:.3f}{'' if fits else ' MISSED'} |")
    lateness = _median_of(done, lambda pair: pair.summary["lateness"]["p99_ms"])
    print(f"| {rate:,}/s lateness p99 (ms) | {lateness:.3f} | | below 0.200"
          f"{'' if lateness < 0.2 else ' MISSED'} |")
    steady = _median_of(done, lambda pair: _steady_seconds(rate, pair.summary))
    print(f"| {rate:,}/s seconds with what the schedule says | {steady:.1%} | | 99 %"
          f"{'' if steady >= 0.99 else ' MISSED'} |")
    return met and lateness < 0.2 and steady >= 0.99


def compare(rounds, seconds):
    """True when every bar is met."""
    print(f"{rounds} pairs of {seconds} s in alternation, {CONNECTIONS} connections\n\n{HEAD}")
    met = True
    with tempfile.TemporaryDirectory() as directory, targets() as target_of:
        summary = pathlib.Path(directory) / "summary.json"
        kept = {}
        for case in PRECISE + BATCHED:
            kept[case.name] = run(case, target_of(case), rounds, seconds, summary)
            met = row(case, kept[case.name]) and met
    print("\n| | loadctl | the floor | allowed |\n|---|---|---|---|")
    for rate, case in zip(RATES, PRECISE):
        met = _truth(rate, kept[case.name]) and met
    return met
