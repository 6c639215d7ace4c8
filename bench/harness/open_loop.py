"""What loadctl and the cluster say at a fixed rate, against what is true."""

import contextlib
import json
import pathlib
import tempfile

from harness.processes import (
    GENERATOR_CORE, BuiltInTarget, Daemon, answers, free_port, measure, need,
)

FREEZE_S = 1.0
PERIOD_S = 5.0


def _true_quantile(q):
    """A fraction FREEZE/PERIOD of the arrivals waits, evenly from nothing to the whole freeze."""
    return FREEZE_S * (1 - (1 - q) * PERIOD_S / FREEZE_S)


def _figure(value):
    return f"{value:,}" if isinstance(value, int) else f"{value:,.3f}"


def _row(what, reported, truth, tolerance):
    error = abs(reported - truth) / truth
    met = error <= tolerance
    allowed = f"{tolerance:.1%}" + ("" if met else " MISSED")
    print(f"| {what} | {_figure(reported)} | {_figure(truth)} | {error:.2%} | {allowed} |")
    return met


def stall(rate=3000, periods=4):
    """A target that freezes. Over whole periods the truth is the same wherever the run begins."""
    seconds = int(periods * PERIOD_S)
    freeze = ["--freeze-for", f"{FREEZE_S:g}s", "--freeze-every", f"{PERIOD_S:g}s"]
    with BuiltInTarget(*freeze) as target, tempfile.TemporaryDirectory() as directory:
        summary = pathlib.Path(directory) / "summary.json"
        # A verdict is not what is compared here: whatever it is, the numbers must be true.
        measure(
            [need("loadctl"), "run", "--url", target.url, "--rate", str(rate),
             "--connections", "64", "--workers", "1", "--duration", f"{seconds}s",
             "--quiet", "--out", str(summary)],
            GENERATOR_CORE, accept=(0, 3, 99),
        )
        result = json.loads(summary.read_text())
    print(f"{rate}/s for {seconds} s, 64 connections; the target stands still {FREEZE_S:g} s of "
          f"every {PERIOD_S:g} s; verdict {result['verdict']}\n")
    print("| response time | reported (s) | true (s) | error | allowed |\n|---|---|---|---|---|")
    met = [
        _row(name, result["response_time"][f"{name}_ms"] / 1e3, _true_quantile(q), 0.05)
        for name, q in (("p90", 0.90), ("p99", 0.99))
    ]
    service = result["service_time"]
    print(f"\nservice time apart from it: p50 {service['p50_ms']} ms, p90 {service['p90_ms']} ms, "
          f"p99 {service['p99_ms']} ms, max {service['max_ms']} ms")
    return all(met)


def _registered(loadctl, names):
    try:
        agents = json.loads(measure([*loadctl, "agents", "--json"], None, accept=(0, 5)).stdout)
    except json.JSONDecodeError:
        return False
    return names <= {agent["agent"] for agent in agents}


def exact(rate=5000, seconds=20, agents=2):
    """A whole cluster on loopback: the rate is held, and the target counted what is reported."""
    with contextlib.ExitStack() as stack:
        directory = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory()))
        target = stack.enter_context(BuiltInTarget())
        master = f"127.0.0.1:{free_port()}"
        http = free_port()
        daemon = stack.enter_context(Daemon(
            [need("loadmaster"), "--listen", master, "--http", f"127.0.0.1:{http}",
             "--data", directory / "data"]))
        daemon.wait_until("the master listens", lambda: answers(http))
        names = {f"a{i + 1}" for i in range(agents)}
        for name in sorted(names):
            stack.enter_context(Daemon(
                [need("loadagent"), "--master", master, "--name", name, "--workers", "1",
                 "--http", f"127.0.0.1:{free_port()}"]))
        loadctl = [need("loadctl"), "--master", master]
        daemon.wait_until("the agents are registered", lambda: _registered(loadctl, names))

        summary = directory / "summary.json"
        measure([*loadctl, "submit", "--url", target.url, "--rate", str(rate),
                 "--duration", f"{seconds}s", "--quiet", "--out", str(summary)],
                None, accept=(0, 3, 99))
        result = json.loads(summary.read_text())
        counted = target.stats()["requests"]

    print(f"{rate}/s over {agents} agents for {seconds} s; verdict {result['verdict']}\n")
    print("| | reported | true | error | allowed |\n|---|---|---|---|---|")
    met = [
        _row("achieved rate (1/s)", result["rate"]["achieved"], rate, 0.005),
        _row("requests completed", result["requests"]["completed"], counted, 0),
        _row("requests, sum of the agents",
             sum(agent["requests"]["completed"] for agent in result["agents"]), counted, 0),
    ]
    return all(met)
