"""What a fleet of simulated agents costs a real loadmaster, and how long its windows take."""

import json
import os
import pathlib
import resource
import shutil
import subprocess
import tempfile
import time

from harness.processes import ROOT, Daemon, Failure, answers, free_port, need

# For a thousand agents, each with ten requests.
CORES, MIB, DELAY_MS = 0.5, 800, 2000
TICKS = os.sysconf("SC_CLK_TCK")


class Master(Daemon):
    """A loadmaster with its store on the disk."""

    def __init__(self, data):
        self.port = free_port()
        super().__init__([need("loadmaster"), "--listen", f"127.0.0.1:{self.port}", "--http", "",
                          "--data", data])

    def wait_until_ready(self):
        self.wait_until("the master listens", lambda: answers(self.port))

    def cpu_s(self):
        """User and system time so far, by thread too."""
        return sum(self.threads().values())

    def threads(self):
        found = {}
        for task in pathlib.Path(f"/proc/{self.child.pid}/task").iterdir():
            try:
                text = (task / "stat").read_text()
            except OSError:
                continue  # it has ended
            fields = text.rpartition(")")[2].split()
            found[int(task.name)] = (int(fields[11]) + int(fields[12])) / TICKS
        return found

    def memory_mib(self, key):
        for line in pathlib.Path(f"/proc/{self.child.pid}/status").read_text().splitlines():
            if line.startswith(key + ":"):
                return int(line.split()[1]) / 1024
        raise Failure(f"the kernel does not say {key} of the master")


def _raise_descriptors():
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _play(agents, seconds, requests):
    """One run of the fleet: what fleet_load prints, and what the master used."""
    _raise_descriptors()
    data = tempfile.mkdtemp(prefix="loadfleet-fleet-", dir=ROOT / "build")
    try:
        with Master(data) as master:
            before, begun = master.cpu_s(), time.monotonic()
            played = subprocess.run(
                [need("fleet_load"), "--master", f"127.0.0.1:{master.port}", "--agents", str(agents),
                 "--seconds", str(seconds), "--requests", str(requests)],
                capture_output=True, text=True, cwd=ROOT, check=False)
            wall = time.monotonic() - begun
            if not played.stdout:
                raise Failure(f"fleet_load: {played.stderr.strip()[-500:]}")
            row = json.loads(played.stdout)
            row["cpu_s"] = master.cpu_s() - before
            row["wall_s"] = wall
            row["peak_mib"] = master.memory_mib("VmHWM")
            row["store_mib"] = sum(f.stat().st_size for f in pathlib.Path(data).iterdir()) / 2**20
            row["threads"] = sorted(master.threads().values(), reverse=True)[:4]
            return row
    finally:
        shutil.rmtree(data)


def measure(agents, seconds, requests=10):
    row = _play(agents, seconds, requests)
    if "failure" in row:
        print(f"FAILED: {row['failure']}")
    lost = agents * seconds - row["acknowledged"]
    # The bars are those of a thousand agents with ten requests; fewer may take as much less.
    scale = max(agents * requests / 10_000, 0.1)
    cores = row["cpu_s"] / seconds
    checks = [
        ("CPU (cores)", f"{cores:.3f}", cores <= CORES * scale, f"at most {CORES * scale:.2f}"),
        ("CPU of a window, everything included (us)",
         f"{1e6 * row['cpu_s'] / max(1, row['windows']):.0f}", True, ""),
        ("busiest threads (s)", " ".join(f"{one:.1f}" for one in row["threads"]), True, ""),
        ("resident, at most (MiB)", f"{row['peak_mib']:.0f}", row["peak_mib"] <= MIB,
         f"at most {MIB}"),
        ("store on the disk (MiB)", f"{row['store_mib']:.1f}", True, ""),
        ("sent to acknowledged, p50 (ms)", f"{row['p50_ms']:.0f}", True, ""),
        ("p99 (ms)", f"{row['p99_ms']:.0f}", True, ""),
        ("max (ms)", f"{row['max_ms']:.0f}", row["max_ms"] <= DELAY_MS, f"at most {DELAY_MS}"),
        ("windows lost", lost, lost == 0, "none"),
    ]
    print(f"{agents} agents, {requests} requests, {seconds} s, windows of "
          f"{row['window_bytes'] / 1024:.1f} KiB\n\n| loadmaster | | |\n|---|---|---|")
    for name, value, holds, bar in checks:
        print(f"| {name} | {value} | {bar + ': ' if bar else ''}"
              f"{'' if not bar else 'met' if holds else 'MISSED'} |")
    return "failure" not in row and all(holds for _, _, holds, _ in checks)
