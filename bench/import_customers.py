"""How fast customers come in and go out: dry run, application and export of a large file, in rows per second.

    python -m bench.import_customers [rows] [database URL]

Without a URL it measures on a fresh SQLite file; a PostgreSQL URL must name an empty database. Both cores' worth of
work is done in this one process, as in a request.
"""

from __future__ import annotations

import io
import secrets
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import config
from app import create_app
from app.customers import imports
from app.customers.exports import export_customers
from app.customers.queries import CustomerFilter
from app.extensions import db
from app.installation import bring_up_to_date
from app.kernel.clock import utc_now
from app.kernel.csv_safe import stream_csv
from app.kernel.unit_of_work import unit_of_work
from app.kernel.xlsx import write_xlsx
from app.tenancy.models import Reseller
from app.tenancy.scope import reseller_scope, system_scope

TITLES = [
    "organization",
    "external_id",
    "contact_name",
    "email",
    "phone",
    "street",
    "postal_code",
    "city",
    "country",
    "language",
    "spend_threshold_amount",
]


def make_file(rows: int) -> bytes:
    """Return a customer file with every kind of value in it."""
    countries = ("DE", "Österreich", "Switzerland", "fr", "United Kingdom")
    lines = (
        [
            f"Fördewerk Logistik {number} GmbH",
            f"K-{number:06d}",
            f"Jürgen Meyer {number}",
            f"jurgen.meyer@kunde-{number}.example",
            f"+49 40 {number:07d}",
            f"Hafenstraße {number}",
            f"{number % 90000 + 10000}",
            "Hamburg",
            countries[number % 5],
            "de",
            f"{number}.50",
        ]
        for number in range(rows)
    )
    return b"".join(stream_csv(TITLES, lines))


def measured(name: str, rows: int, work: Callable[[], Any]) -> Any:
    """Run ``work`` and print what it took."""
    began, cpu = time.perf_counter(), time.process_time()
    result = work()
    wall = time.perf_counter() - began
    print(
        f"{name:<12} {wall:6.2f} s  {time.process_time() - cpu:6.2f} s CPU  {rows / wall:10,.0f} rows/s",
        flush=True,
    )
    return result


def main(rows: int, url: str) -> None:
    """Import and export ``rows`` customers."""
    app = create_app(
        dict(config.load({"SECRET_KEY": secrets.token_hex(32)})) | {"SQLALCHEMY_DATABASE_URI": url}
    )
    bring_up_to_date(app)
    with app.app_context():
        with system_scope("the bench makes its reseller"), unit_of_work(db.session):
            reseller = Reseller(
                name="Bench", nickname="bench", time_zone="Europe/Berlin", created_at=utc_now()
            )
            db.session.add(reseller)
        with system_scope("the bench finds its reseller"):
            reseller_id = reseller.id
        with reseller_scope(reseller_id):
            measure(rows)


def measure(rows: int) -> None:
    """Do what the screens do, in the same transactions."""
    content = make_file(rows)
    print(f"{rows:,} rows, {len(content) / 1e6:.1f} MB, {db.engine.dialect.name}")

    def dry_run() -> int:
        checked = imports.read_file(content, imports.file_columns())
        with unit_of_work(db.session):
            return imports.keep("bench.csv", content, checked, now=utc_now()).id

    def apply() -> None:
        upload = imports.find_import(upload_id)
        checked = imports.read_file(upload.content, imports.file_columns())
        with unit_of_work(db.session):
            imports.apply(upload, checked, now=utc_now())

    def export_csv() -> int:
        export = export_customers(CustomerFilter(), time_zone="Europe/Berlin")
        return sum(len(piece) for piece in stream_csv(export.header, export.rows))

    def export_xlsx() -> int:
        export = export_customers(CustomerFilter(), time_zone="Europe/Berlin")
        return write_xlsx(io.BytesIO(), title="Customers", header=export.header, rows=export.rows)

    upload_id = measured("dry run", rows, dry_run)
    measured("apply", rows, apply)
    db.session.remove()
    measured("export CSV", rows, export_csv)
    measured("export XLSX", rows, export_xlsx)


if __name__ == "__main__":
    how_many = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with tempfile.TemporaryDirectory() as folder:
        main(how_many, sys.argv[2] if len(sys.argv) > 2 else f"sqlite:///{Path(folder) / 'bench.db'}")
