"""What a new process costs: `status`, the web app, a server that answers, and importing everything.

    python -m benchmarks.start WORKSPACE [--rounds 5]

Each side is a process of its own, started in turns. Memory is the peak of that process. The web
app is imported as `serve` imports it: the models wait until somebody asks for them.
"""

import argparse
import os
import pkgutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

import analytics
import dashboard
import warehouse

PATIENCE = 120  # [s]
EVERYTHING = [
    found.name
    for package in (warehouse, analytics, dashboard)
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    if not found.name.endswith("__main__")
]
LIBRARIES = ["lightgbm", "sklearn.ensemble", "sklearn.cluster", "scipy.optimize", "statsmodels.api"]


def command(*arguments):
    """A process that runs our command line."""
    return [sys.executable, "-m", "dashboard", *arguments]


def imports(names):
    """A process that imports modules and ends."""
    return [sys.executable, "-c", f"import {', '.join(names)}"]


def cost(arguments, *, until_it_speaks=False):
    """Wall s, CPU s and peak MB of a process, until its end or its first line."""
    begin = time.perf_counter()
    process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if until_it_speaks:
        process.stdout.readline()
        wall = time.perf_counter() - begin
        process.terminate()
    process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode and not until_it_speaks:
        raise SystemExit(f"{' '.join(arguments)[:200]} ended with {process.returncode}")
    if not until_it_speaks:
        wall = time.perf_counter() - begin
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("workspace", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    workspace = ["--workspace", str(options.workspace)]
    sides = {
        "python": lambda: cost([sys.executable, "-c", "pass"]),
        "spendboard status": lambda: cost(command("status", *workspace)),
        "import what serves": lambda: cost(imports(["dashboard.app"])),
        "serve, until it answers": lambda: cost(
            command("serve", "--port", "0", *workspace), until_it_speaks=True
        ),
        "import everything": lambda: cost(imports(EVERYTHING + LIBRARIES)),
    }
    rounds = {side: [] for side in sides}
    for _ in range(options.rounds):
        for side, work in sides.items():
            rounds[side].append(work())
    medians = {
        side: [statistics.median(column) for column in zip(*found, strict=True)]
        for side, found in rounds.items()
    }
    whole = medians["import everything"]
    print(f"{'':26} wall s  CPU s     MB   x everything: wall   CPU")
    for side, (wall, cpu, memory) in medians.items():
        ratios = f"{wall / whole[0]:18.2f} {cpu / whole[1]:5.2f}"
        print(f"{side:26} {wall:6.2f} {cpu:6.2f} {memory:6.0f} {ratios}")


if __name__ == "__main__":
    main()
