"""System calls per request of loadctl in a closed loop, once it is warm."""

import pathlib
import tempfile

from harness.generators import Loadctl
from harness.nginx import Nginx
from harness.processes import GENERATOR_CORE, Failure, measure, need

FAMILIES = {
    "write": ("write", "writev", "sendto", "sendmsg", "sendmmsg"),
    "read": ("read", "readv", "recvfrom", "recvmsg", "recvmmsg"),
    "epoll_ctl": ("epoll_ctl",),
    "epoll_wait": ("epoll_wait", "epoll_pwait", "epoll_pwait2"),
}
# The rest of the process (logger, windows, gRPC) writes and reads a few hundred times a second,
# which is no part of a request: that much is allowed above the bars 1.0, 1.05 and 0.
BARS = {"write": 1.01, "read": 1.05, "epoll_ctl": 0.001}


def _calls(report):
    """Name -> calls, of `strace -c`: % time, seconds, usecs/call, calls, [errors], syscall."""
    calls = {}
    for line in report.splitlines():
        words = line.split()
        if len(words) >= 5 and words[3].isdigit() and words[-1] != "total":
            calls[words[-1]] = int(words[3])
    return calls


def _trace(nginx, generator, seconds, directory):
    report = pathlib.Path(directory) / "strace.txt"
    names = ",".join(name for family in FAMILIES.values() for name in family)
    before = nginx.requests()
    measure(
        [need("strace"), "-f", "-c", "-e", f"trace={names}", "-o", str(report),
         *generator.argv(nginx.url, nginx.port, seconds)],
        GENERATOR_CORE,
    )
    return _calls(report.read_text()), nginx.requests() - before


def count(short, long):
    """The difference of a long and a short run is steady state: start and end cancel out."""
    generator = Loadctl()
    if generator.path is None:
        raise Failure("loadctl is missing: ./dev build makes it")
    with Nginx() as nginx, tempfile.TemporaryDirectory() as directory:
        few, few_requests = _trace(nginx, generator, short, directory)
        many, many_requests = _trace(nginx, generator, long, directory)
    requests = many_requests - few_requests
    print(f"{requests} requests of steady state: a run of {long} s less one of {short} s\n")
    print("| calls | per request | bar |\n|---|---|---|")
    met = True
    for family, names in FAMILIES.items():
        each = sum(many.get(name, 0) - few.get(name, 0) for name in names) / requests
        bar = BARS.get(family)
        met = met and (bar is None or each <= bar)
        print(f"| {family} | {each:.4f} | {'' if bar is None else f'<= {bar}'} |")
    print(f"\nThe bars are {'met' if met else 'MISSED'}")
    return met
