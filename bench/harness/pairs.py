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

    def url(self, target):
        return target.tls_url if self.secure else target.url


class Pair:
    """What one run of each gave."""

    def __init__(self, theirs, ours, stdout, summary):
        self.theirs = theirs    # microseconds of CPU time a request
        self.ours = ours
        self.stdout = stdout    # the peer's
        self.summary = summary  # loadctl's

    @property
    def ratio(self):
        return self.ours / self.theirs


def port_of(url):
    return re.search(r":(\d+)/", url).group(1)


def _floor(connections):
    return lambda url, seconds: ["floor", port_of(url), "/", connections, seconds]


def _wrk(connections):
    return lambda url, seconds: ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", url]


def _h2load(connections, *flags):
    return lambda url, seconds: ["h2load", "-t1", f"-c{connections}", *flags, "-D", seconds, url]


FLOOR = r"^(\d+)"
WRK = r"(\d+) requests in"
H2LOAD = r"requests: .* (\d+) succeeded"


def _http2(connections, streams, secure):
    version = "2" if secure else "h2c"
    flags = ["--http", version, "--vus", connections * streams, "--connections", connections,
             "--streams", streams]
    return Case(
        f"{'h2' if secure else 'h2c'}-{connections}x{streams}", H2o, secure,
        _h2load(connections, f"-m{streams}"), H2LOAD,
        flags + (["--insecure"] if secure else []), 1.0,
    )


def _http1(connections):
    flags = ["--vus", connections]
    return [
        Case(f"h1-{connections}-floor", Nginx, False, _floor(connections), FLOOR, flags, 1.1),
        Case(f"h1-{connections}-wrk", Nginx, False, _wrk(connections), WRK, flags, 1.0),
        Case(f"h1-{connections}-h2load", Nginx, False, _h2load(connections, "--h1"), H2LOAD, flags,
             0.95),
    ]


CASES = _http1(64) + _http1(256) + [
    Case("tls-64-wrk", Nginx, True, _wrk(64), WRK,
         ["--vus", 64, "--http", "1.1", "--insecure"], 0.95),
] + [
    _http2(connections, streams, secure)
    for secure in (False, True)
    for connections, streams in ((1, 100), (64, 10), (64, 100))
]


def _micros(usage, target, reported):
    return usage.cpu_s * 1e6 / target.counted(reported)


def run(case, target, rounds, seconds, summary):
    """Pairs in alternation; `summary` is a path to write to."""
    url = case.url(target)
    peer = [str(word) for word in case.peer(url, seconds)]
    loadctl = [need("loadctl"), "run", "--url", url, *map(str, case.flags), "--workers", "1",
               "--duration", f"{seconds}s", "--quiet", "--out", str(summary)]
    target.counted(0)
    done = []
    for _ in range(rounds):
        usage = measure([need(peer[0]), *peer[1:]], GENERATOR_CORE)
        stdout = usage.stdout
        theirs = _micros(usage, target, int(case.reported.search(stdout).group(1)))
        usage = measure(loadctl, GENERATOR_CORE, accept=(0, 3))
        result = json.loads(summary.read_text())
        ours = _micros(usage, target, result["requests"]["completed"])
        done.append(Pair(theirs, ours, stdout, result))
    return done


def interval(values, draws=10_000):
    """95 % of the medians of samples drawn from these (bootstrap); the same on every call."""
    drawn = random.Random(1)
    medians = sorted(
        statistics.median(drawn.choices(values, k=len(values))) for _ in range(draws))
    return medians[int(draws * 0.025)], medians[int(draws * 0.975)]


HEAD = ("| case | peer (us) | loadctl (us) | ratio, median | 95 % bounds | at most | |\n"
        "|---|---|---|---|---|---|---|")


def row(case, done):
    """Prints it; whether the upper bound is within the bar."""
    ratios = [pair.ratio for pair in done]
    low, high = interval(ratios)
    met = high <= case.bar
    print(f"| {case.name} | {statistics.median(pair.theirs for pair in done):.2f} "
          f"| {statistics.median(pair.ours for pair in done):.2f} "
          f"| {statistics.median(ratios):.3f} | {low:.3f} to {high:.3f} "
          f"| {case.bar} | {'met' if met else 'MISSED'} |")
    sys.stdout.flush()
    return met


@contextlib.contextmanager
def targets():
    """target(case): the case's own, started when it is first asked for."""
    with contextlib.ExitStack() as stack:
        started = {}

        def target(case):
            if case.target not in started:
                started[case.target] = stack.enter_context(case.target())
            return started[case.target]

        yield target


def compare(names, rounds, seconds):
    """A row for each case; True when the upper bound of every ratio is within its bar."""
    print(f"{rounds} pairs of {seconds} s in alternation\n\n{HEAD}")
    met = True
    with tempfile.TemporaryDirectory() as directory, targets() as target_of:
        summary = pathlib.Path(directory) / "summary.json"
        for case in CASES:
            if not names or case.name in names:
                met = row(case, run(case, target_of(case), rounds, seconds, summary)) and met
    return met
