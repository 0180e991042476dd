"""What importing a large bill costs beside DuckDB alone reading the same file and writing Parquet.

    python -m bench.usage_import [--rows 1000000] [--rounds 3]

Both run in processes of their own, with the same two threads and the same memory limit, and take turns. Ours writes the
lines and both rollups, checks every number, and hashes the result; bare DuckDB guesses types and writes what it read.
The bill is an AWS Cost and Usage Report of invented accounts, made once for a number of rows. What counts is CPU time,
user and system, because others may use the machine; the most memory a process ever held is the kernel's figure.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

from app.usage.generator import Bill, invent_accounts, write_cur_csv
from app.usage.reading import Wanted, read
from app.usage.store import Store, connect, literal
from bench import data

THREADS, MEMORY = 2, "640MB"
#: Of the invented accounts, so many in ten are at AWS.
_AWS_SHARE = 7
LIMIT = 2


def make_bill(rows: int) -> Path:
    """Return a Cost and Usage Report of about that many rows, made now or by an earlier run."""
    path = data.folder() / f"cur-{rows}.csv"
    if not path.exists():
        print(f"Writing a bill of {rows:,} rows ...", flush=True)
        accounts = tuple(invent_accounts(1, 600))
        bill = Bill(1, date(2026, 10, 1), accounts, rows * 10 // _AWS_SHARE, keys=60)
        unfinished = path.with_suffix(".unfinished")
        with connect(path.parent, memory=MEMORY, temporary=path.parent, keeps_order=False) as connection:
            write_cur_csv(connection, bill, unfinished)
        unfinished.rename(path)
    return path


def import_bare(bill: Path, folder: Path) -> int:
    """Let DuckDB read and write the file as it likes; return how many rows."""
    with connect(bill.parent, folder, memory=MEMORY, threads=THREADS, temporary=folder) as connection:
        copied = connection.execute(
            f"COPY (SELECT * FROM read_csv({literal(str(bill))})) TO {literal(str(folder / 'bare.parquet'))} "
            "(FORMAT parquet, COMPRESSION zstd)"
        )
        return int(copied.fetchall()[0][0])


def import_ours(bill: Path, folder: Path) -> int:
    """Import the file into a store; return how many rows."""
    store = Store(folder / "usage", memory=MEMORY, threads=THREADS)
    reading = read(bill, Wanted(1), into=store)
    assert reading.is_clean, reading.rejected
    return reading.rows


WAYS = {"bare": import_bare, "ours": import_ours}


def run_one(way: str, bill: Path) -> None:
    """Do it in this process and print what it took."""
    with tempfile.TemporaryDirectory(prefix="cloudtally-bench-") as folder:
        began = time.perf_counter()
        rows = WAYS[way](bill, Path(folder))
        wall = time.perf_counter() - began
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(
        json.dumps(
            {"rows": rows, "wall": wall, "cpu": used.ru_utime + used.ru_stime, "memory": _most_memory()}
        )
    )


def _most_memory() -> int:
    """The most memory of this process, in kilobytes. ru_maxrss would count what the parent held before it, too."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("VmHWM")))


def _measure(way: str, bill: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.usage_import", "--one", way, str(bill)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    measured: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return measured


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(
        prog="python -m bench.usage_import",
        description=__doc__,
        formatter_class=argparse.RawTextHelpFormatter,
    )
    options.add_argument("--rows", type=int, default=1_000_000, help="rows of the bill, about (1000000)")
    options.add_argument("--rounds", type=int, default=3, help="rounds, in which both take turns (3)")
    options.add_argument("--one", nargs=2, metavar=("WAY", "BILL"), help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.one:
        run_one(chosen.one[0], Path(chosen.one[1]))
        return
    bill = make_bill(chosen.rows)
    size = bill.stat().st_size / 1e6
    print(f"{size:,.0f} MB; {THREADS} threads, {MEMORY} for DuckDB; {chosen.rounds} rounds", flush=True)
    found: dict[str, list[dict[str, float]]] = {way: [] for way in WAYS}
    for round_ in range(chosen.rounds):
        for way in sorted(WAYS, reverse=bool(round_ % 2)):
            found[way].append(_measure(way, bill))
    print(f"\n{'import':<8}{'rows':>12}{'wall':>10}{'CPU':>10}{'memory':>10}")
    for way, measured in found.items():
        wall, cpu = (statistics.median(one[name] for one in measured) for name in ("wall", "cpu"))
        memory = max(one["memory"] for one in measured) / 1024
        print(f"{way:<8}{measured[0]['rows']:>12,}{wall:>8.1f} s{cpu:>8.1f} s{memory:>7.0f} MB")
    pairs = list(zip(found["ours"], found["bare"], strict=True))
    ratios = {name: statistics.median(a[name] / b[name] for a, b in pairs) for name in ("wall", "cpu")}
    print(f"ratio: wall {ratios['wall']:.2f}, CPU {ratios['cpu']:.2f}; at most {LIMIT}")


if __name__ == "__main__":
    main()
