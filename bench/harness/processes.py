"""Programs that the comparisons start: pinned, measured, always ended."""

import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = ROOT / "build/release/bin"

_CORES = sorted(os.sched_getaffinity(0))
# With a single core there is nothing to keep apart, and nobody is pinned.
TARGET_CORE = _CORES[0] if len(_CORES) > 1 else None
GENERATOR_CORE = _CORES[1] if len(_CORES) > 1 else None


class Failure(Exception):
    """A comparison could not be made; the text is one line for people."""


def find(program):
    """The path of one of our programs or of an installed one; None: not there."""
    # Debian has nginx where only root's PATH looks.
    return shutil.which(program, path=f"{BIN}:{os.environ['PATH']}:/usr/sbin")


def need(program):
    path = find(program)
    if path is None:
        raise Failure(f"{program} is missing: ./dev bench builds and installs what it needs")
    return path


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def pin_to(core):
    """For preexec_fn: everything that the program starts inherits it."""
    return None if core is None else lambda: os.sched_setaffinity(0, {core})


def last_lines(file, count=3):
    file.seek(0)
    return " | ".join(file.read().strip().splitlines()[-count:])


class Usage:
    """How a program ended and what its whole process tree cost."""

    def __init__(self, returncode, cpu_s, peak_kib, stdout, stderr):
        self.returncode = returncode
        self.cpu_s = cpu_s
        self.peak_kib = peak_kib  # resident, of its largest process
        self.stdout = stdout
        self.stderr = stderr


def measure(argv, core, accept=(0,)):
    """Runs a program to its end. wait4 counts it and every descendant that it waited for."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        child = subprocess.Popen(
            argv, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=out, stderr=err,
            preexec_fn=pin_to(core),
        )
        try:
            _, status, usage = os.wait4(child.pid, 0)
        except BaseException:
            child.kill()
            raise
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        ended = Usage(child.returncode, usage.ru_utime + usage.ru_stime, usage.ru_maxrss,
                      out.read(), err.read())
        if ended.returncode not in accept:
            raise Failure(
                f"{' '.join(map(str, argv))} ended with {ended.returncode}: "
                f"{last_lines(err) or last_lines(out)}"
            )
        return ended


class Daemon:
    """A program that runs from the start of a `with` to its end."""

    def __init__(self, argv, core=None):
        self.argv = [str(word) for word in argv]
        self.core = core

    def __enter__(self):
        self.log = tempfile.TemporaryFile("w+")
        # A session of its own: Ctrl-C reaches this script first, and everything ends in order.
        self.child = subprocess.Popen(
            self.argv, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
            start_new_session=True, preexec_fn=pin_to(self.core),
        )
        try:
            self.wait_until_ready()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.child.send_signal(signal.SIGTERM)
        try:
            self.child.wait(10)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
        self.log.close()

    def wait_until_ready(self):
        """For daemons whose clients must not come too early."""

    def wait_until(self, what, holds, seconds=15):
        deadline = time.monotonic() + seconds
        while not holds():
            if self.child.poll() is not None:
                raise Failure(f"{' '.join(self.argv)} ended before {what}: {last_lines(self.log)}")
            if time.monotonic() > deadline:
                raise Failure(f"waited {seconds} s in vain: {what}")
            time.sleep(0.05)


def answers(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    except OSError:
        return False


def fetch(url):
    with urllib.request.urlopen(url, timeout=10) as response:
        return response.read().decode()


class BuiltInTarget(Daemon):
    """`loadctl target`, whose own counters are the truth."""

    def __init__(self, *flags):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/ping"
        super().__init__([need("loadctl"), "target", "--port", self.port, *flags], TARGET_CORE)

    def wait_until_ready(self):
        self.wait_until("the target listens", lambda: answers(self.port))

    def stats(self):
        return json.loads(fetch(f"http://127.0.0.1:{self.port}/stats"))
