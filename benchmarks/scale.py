"""Load, refresh and serve as the shop grows: rows a second, peak memory, bytes, and the growth.

    python -m benchmarks.scale [--rows 1e6 1e7] [--folder DIR] [--format parquet] [--memory 8GB]

Makes N transactions of N / 50 customers over two years, then runs `load`, `refresh`, `load` of one
more day, `refresh` once more, and a server that draws every panel of Overview, each in a process
of its own with a peak memory of its own. Growth is the cost of a size over that of the one before,
over how much larger it is: 1.0 is linear. Compare the growth, never the seconds of two runs.
"""

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

DAYS = 730
QUERIES = (
    "",
    "compare=previous&period=90d",
    "monetary=100..2000&period=365d",
    "category=category-3",
)


def lines(rows, customers, first=0, begin=0.0, days=float(DAYS)):
    """SELECT of ``rows`` transactions in the order of time: two lines an order."""
    return f"""
with numbered as (
    select i, i // 2 as o, hash(i // 2) as h, hash(i, 7) as g,
        {begin} + ((i - {first}) // 2) * {days} / {max(1, rows // 2)} as day
    from range({first}, {first + rows}) as t(i)
), buyers as (
    select *, floor(pow((h % 1000003) / 1000003.0, 1.6) * {customers}
        * least(1, 0.3 + 0.7 * day / {DAYS}))::bigint as known
    from numbered
), people as (
    select *, if(known % 3 = 0 and day > 200 + hash(known) % 500, (known * 7 + 1) % {customers},
        known) as c
    from buyers
)
select
    'T' || i as transaction_id,
    'O' || o as order_id,
    'C' || lpad(c::varchar, 8, '0') as customer_id,
    timestamp '2024-10-01' + to_seconds((floor(day) * 86400 + 28800 + (h >> 20) % 50000)::bigint)
        as purchased_at,
    round(if(g % 37 = 0, -1, 1) * (2 + (g % 9973) / 120.0 * (1 + hash(c) % 5)), 2)::decimal(18, 2)
        as amount,
    (1 + g % 4)::integer as quantity,
    (g >> 8) % 10 = 0 as is_promotion,
    'P' || ((g >> 12) % 5000) as product_id,
    'Merchant ' || (pow(((g >> 24) % 10007) / 10007.0, 2) * 400)::integer as merchant,
    'Category ' || ((g >> 12) % 5000 % 24) as category,
    ['card', 'cash', 'transfer', 'wallet', 'voucher'][(1 + h % 5)::integer] as payment_method,
    'City ' || ((hash(c) >> 3) % 60) as city,
    ['web', 'store', 'app'][(1 + (h >> 9) % 3)::integer] as channel
from people"""


def generate(file, select):
    form = "(format parquet)" if file.suffix == ".parquet" else "(header)"
    with duckdb.connect(config={"memory_limit": "3GB", "threads": "2"}) as con:
        con.execute(f"copy ({select}) to '{file}' {form}")


def measured(command, cwd):
    """Seconds, CPU seconds and peak memory in GB of a process; what it printed."""
    begin = time.perf_counter()
    with tempfile.TemporaryFile("w+") as out:
        process = subprocess.Popen(command, stdout=out, cwd=cwd)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        said = out.read()
    if process.returncode:
        raise SystemExit(f"{' '.join(map(str, command))} failed with {process.returncode}")
    wall = time.perf_counter() - begin
    return wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024**2, said


def serve(workspace):
    """In a process of its own: draws every panel of Overview for a few filters."""
    from benchmarks.serving import PANELS, Client, awaited, first_output, forget, posting
    from dashboard.app import create_app
    from warehouse.configuration import read_settings

    app = create_app(workspace, read_settings(workspace))
    client = Client(app)
    post = posting(client)
    outputs = [first_output(app, panel) for panel in PANELS]
    views = [o.cell_contents for f in app.server.view_functions.values() if f.__closure__
             for o in f.__closure__ if hasattr(o.cell_contents, "reader")]  # fmt: skip
    view = views[0].reader.view()
    awaited(view)
    cold = []
    for query in QUERIES * 2:
        forget(view)
        cold.append(sum(post(output, f"?{query}")[0] for output in outputs))
    client.close()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(json.dumps({"ms": [1000 * seconds for seconds in cold], "peak": peak}))


def steps(folder, rows, form, memory):
    """Every step at one size: name, seconds, CPU seconds, peak GB."""
    folder.mkdir(parents=True)
    workspace, customers = folder / "workspace", max(100, rows // 50)
    data, day = folder / f"all.{form}", folder / f"day.{form}"
    workspace.mkdir()
    (workspace / "spendboard.toml").write_text(f'memory_limit = "{memory}"\nkeep_generations = 1\n')
    generate(data, lines(rows, customers))
    generate(day, lines(max(2, rows // DAYS), customers, rows, float(DAYS), 1.0))
    spendboard = [sys.executable, "-m", "dashboard", "--workspace", str(workspace)]
    root = Path(__file__).resolve().parents[1]
    commands = {
        "load": [*spendboard, "load", str(data), "--source", "shop"],
        "refresh": [*spendboard, "refresh"],
        "load of one more day": [*spendboard, "load", str(day), "--source", "shop"],
        "refresh without training": [*spendboard, "refresh", "--train", "never"],
        "serve": [sys.executable, "-m", "benchmarks.scale", "--serve", str(workspace)],
    }
    found = {}
    for name, command in commands.items():
        wall, cpu, peak, said = measured(command, root)
        if name == "serve":
            shown = json.loads(said.splitlines()[-1])
            middle, worst = statistics.median(shown["ms"]), max(shown["ms"])
            print(
                f"{name:<26}{middle:9.0f} ms p50{worst:9.0f} ms at most   {peak:6.2f} GB",
                flush=True,
            )
            continue
        found[name] = (wall, cpu, peak)
        print(
            f"{name:<26}{wall:9.1f} s{cpu:9.1f} CPU s{rows / wall / 1e3:9.0f} k rows/s"
            f"{peak:8.2f} GB",
            flush=True,
        )
    size = sum(file.stat().st_size for file in workspace.rglob("*") if file.is_file())
    given = data.stat().st_size
    print(f"bytes a row: {given / rows:.0f} as {form}, {size / rows:.0f} in the workspace")
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=float, nargs="+", default=[1e6, 1e7])
    parser.add_argument("--folder", type=Path, help="where there is room; removed at the end")
    parser.add_argument("--format", choices=("parquet", "csv"), default="parquet")
    parser.add_argument("--memory", default="5GB", help="memory_limit of the database")
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve(options.serve)
        return
    folder = Path(tempfile.mkdtemp(prefix="scale-", dir=options.folder))
    before = None
    try:
        for rows in map(int, options.rows):
            print(f"\n{rows:,} transactions of {max(100, rows // 50):,} customers", flush=True)
            found = steps(folder / str(rows), rows, options.format, options.memory)
            shutil.rmtree(folder / str(rows))
            if before is not None:
                larger = rows / before[0]
                for name, (_, cpu, peak) in found.items():
                    cost, memory = cpu / before[1][name][1], peak / before[1][name][2]
                    print(f"growth of {name}: {cost / larger:.2f} of the rows' in CPU, "
                          f"{memory:.1f} x the memory for {larger:.0f} x the rows")  # fmt: skip
            before = (rows, found)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
