"""Load and refresh of a real or synthetic file, against the bare work inside it.

usage: python benchmarks/pipeline.py FILE [--runs 3]

Prints seconds, peak memory of the process, and the ratio of `load` to DuckDB's bare parse of the
same file into a typed table in the same run, and of `refresh` to `load`.
"""

import argparse
import resource
import statistics
import tempfile
import time
from pathlib import Path

import duckdb

from analytics.refresh import refresh
from warehouse.configuration import Settings
from warehouse.generations import Workspace
from warehouse.loading import load


def timed(work):
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def bare_parse(file):
    reader = "read_parquet" if file.suffix == ".parquet" else "read_csv"
    with duckdb.connect() as con:
        con.execute(f"create table t as from {reader}($file)", {"file": str(file)})


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    parse, loads, refreshes = [], [], []
    for _ in range(options.runs):
        with tempfile.TemporaryDirectory() as folder:
            workspace, settings = Workspace(Path(folder) / "workspace"), Settings()
            parse.append(timed(lambda: bare_parse(options.file)))
            loads.append(timed(lambda: load(workspace, settings, [str(options.file)])))  # noqa: B023
            refreshes.append(timed(lambda: refresh(workspace, settings, key=bytes(32))))  # noqa: B023
    parsed, loaded, refreshed = map(statistics.median, (parse, loads, refreshes))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(f"bare parse        {parsed:8.2f} s")
    print(f"load              {loaded:8.2f} s   {loaded / parsed:6.1f} x bare parse")
    print(f"refresh           {refreshed:8.2f} s   {refreshed / loaded:6.1f} x load")
    print(f"peak memory       {peak:8.2f} GB")


if __name__ == "__main__":
    main()
