"""The generators of the closed-loop comparison, each with 64 connections on one thread."""

import json
import pathlib
import re
import tempfile

from harness.processes import find

CONNECTIONS = 64


class Generator:
    """argv(url, port, seconds) and the number of responses that it says it had."""

    def __init__(self, name, program, argv, reported):
        self.name = name
        self.path = find(program)
        self._argv = argv
        self._reported = reported

    def argv(self, url, port, seconds):
        return [str(word) for word in [self.path, *self._argv(url, port, seconds)]]

    def reported(self, stdout):
        return self._reported(stdout)


def _number(pattern):
    return lambda stdout: int(re.search(pattern, stdout).group(1))


class Loadctl(Generator):
    """Its numbers come from the summary file, as they do for any script."""

    def __init__(self):
        self._directory = tempfile.TemporaryDirectory(prefix="loadfleet-bench-")
        self._summary = pathlib.Path(self._directory.name) / "summary.json"
        super().__init__(
            "loadctl",
            "loadctl",
            lambda url, port, seconds: [
                "run", "--url", url, "--vus", CONNECTIONS, "--workers", 1,
                "--duration", f"{seconds}s", "--quiet", "--out", self._summary,
            ],
            lambda stdout: json.loads(self._summary.read_text())["requests"]["completed"],
        )


def generators():
    """The floor first and wrk second: what the others are compared with."""
    return [
        Generator(
            "floor", "floor",
            lambda url, port, seconds: [port, "/", CONNECTIONS, seconds],
            _number(r"(\d+)"),
        ),
        Generator(
            "wrk", "wrk",
            lambda url, port, seconds: ["-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", url],
            _number(r"(\d+) requests in"),
        ),
        Generator(
            "h2load --h1", "h2load",
            lambda url, port, seconds: ["--h1", "-t1", f"-c{CONNECTIONS}", "-D", seconds, url],
            _number(r"requests: .* (\d+) succeeded"),
        ),
        Loadctl(),
        # Shown beside, where they are installed: what they cost is no bar of ours.
        Generator(
            "ab -k", "ab",
            lambda url, port, seconds: [
                "-k", "-q", "-c", CONNECTIONS, "-t", seconds,
                "-n", 500_000 * seconds, url],  # it has memory for each ahead of time
            _number(r"Complete requests: +(\d+)"),
        ),
        Generator(
            "hey", "hey",
            lambda url, port, seconds: [
                "-z", f"{seconds}s", "-c", CONNECTIONS, "-cpus", 1, url],
            _number(r"\[200\]\s+(\d+) responses"),
        ),
        Generator(
            "autocannon", "autocannon",
            lambda url, port, seconds: [
                "-c", CONNECTIONS, "-d", seconds, "--json", "--no-progress", url],
            _number(r'"2xx":(\d+)'),
        ),
    ]
