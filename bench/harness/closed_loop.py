"""CPU time per request against nginx, all generators in alternation."""

import statistics
import sys

from harness.generators import CONNECTIONS, generators
from harness.nginx import Nginx
from harness.processes import GENERATOR_CORE, TARGET_CORE, measure

BAR = 1.1  # loadctl's CPU per request, over wrk's


class Samples:
    def __init__(self):
        self.micros = []      # CPU time per request that nginx counted
        self.rate = []        # requests per second
        self.difference = []  # counted by nginx - reported by the generator


def _round(nginx, generator, seconds, samples):
    before = nginx.requests()
    usage = measure(generator.argv(nginx.url, nginx.port, seconds), GENERATOR_CORE)
    counted = nginx.requests() - before
    samples.micros.append(usage.cpu_s * 1e6 / counted)
    samples.rate.append(counted / seconds)
    samples.difference.append(counted - generator.reported(usage.stdout))


def _ratio(samples, base):
    """The median of the rounds' own ratios: what slows the machine down for a while slows both."""
    return statistics.median(mine / theirs for mine, theirs in zip(samples.micros, base.micros))


def _table(results):
    lines = [
        "| generator | CPU per request, median (us) | minimum (us) | over wrk | over the floor "
        "| requests/s, median | counted - reported |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, samples in results.items():
        over = [
            f"{_ratio(samples, results[base]):.2f}" if base in results else ""
            for base in ("wrk", "floor")
        ]
        lines.append(
            f"| {name} | {statistics.median(samples.micros):.2f} | {min(samples.micros):.2f} "
            f"| {over[0]} | {over[1]} | {statistics.median(samples.rate):,.0f} "
            f"| {min(samples.difference)} to {max(samples.difference)} |"
        )
    return "\n".join(lines)


def compare(rounds, seconds):
    """Prints the table; False when loadctl misses the bar."""
    every = generators()
    present = [generator for generator in every if generator.path]
    for absent in [generator for generator in every if not generator.path]:
        print(f"peers: {absent.name} is not there and has no row", file=sys.stderr)
    results = {generator.name: Samples() for generator in present}
    with Nginx() as nginx:
        for done in range(rounds):
            print(f"peers: round {done + 1} of {rounds}", file=sys.stderr)
            for generator in present:
                _round(nginx, generator, seconds, results[generator.name])

    pinned = (
        f"nginx on core {TARGET_CORE}, the generator on core {GENERATOR_CORE}"
        if TARGET_CORE is not None
        else "one core for both"
    )
    print(f"{rounds} rounds of {seconds} s in alternation, {CONNECTIONS} connections, {pinned}\n")
    print(_table(results))
    if "loadctl" not in results or "wrk" not in results:
        return True
    ratio = _ratio(results["loadctl"], results["wrk"])
    verdict = "met" if ratio <= BAR else "MISSED"
    print(f"\nloadctl costs {ratio:.2f} x wrk; the bar is {BAR}: {verdict}")
    return ratio <= BAR
