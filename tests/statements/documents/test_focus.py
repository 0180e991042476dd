"""Priced usage as FOCUS 1.2: complete, exact, and nothing in it that is the reseller's own business."""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from app.statements.documents.focus import (
    FocusInvoice,
    custom_column_names,
    invoice_of,
    write_csv,
    write_parquet,
)
from tests.statements.documents.lines import priced_lines
from tests.statements.documents.papers import long_paper, paper

pytestmark = pytest.mark.once
D = Decimal

MANDATORY = re.findall(
    r"\w+",
    "BilledCost BillingAccountId BillingAccountName BillingCurrency BillingPeriodStart BillingPeriodEnd ChargeCategory "
    "ChargeClass ChargeDescription ChargePeriodStart ChargePeriodEnd ContractedCost EffectiveCost InvoiceIssuerName "
    "ListCost PricingQuantity PricingUnit ProviderName PublisherName ServiceCategory ServiceName",
)
NOT_NULL = [name for name in MANDATORY if name not in ("ChargeClass", "PricingQuantity", "PricingUnit")]
FIELDS = {("aws", "000000000001"): (("Cost centre", "42"), ("Ownér", "=cmd"))}


@pytest.fixture(scope="module")
def invoice() -> FocusInvoice:
    return replace(invoice_of(long_paper(10), "C-10023"), account_fields=FIELDS)


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config={"threads": "1", "autoload_known_extensions": "false"}) as connected:
        connected.execute("SET TimeZone = 'UTC'")
        yield connected


@pytest.fixture(scope="module")
def files(connection: Any, invoice: FocusInvoice, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("focus")
    lines = priced_lines(500)
    assert write_csv(connection, lines, invoice, folder / "f.csv") == 508
    assert write_parquet(connection, lines, invoice, folder / "f.parquet") == 508
    return folder


def told(files: Path) -> list[dict[str, str]]:
    with (files / "f.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_every_mandatory_column_is_there_with_its_type_and_never_null(connection: Any, files: Path) -> None:
    source = f"read_parquet('{files / 'f.parquet'}')"
    types = {row[0]: row[1] for row in connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()}
    assert set(MANDATORY) <= types.keys()
    for name, kind in types.items():
        if name.endswith(("Cost", "Quantity")):
            assert kind == "DECIMAL(38,18)"
        elif name.endswith(("Start", "End")):
            assert kind == "TIMESTAMP WITH TIME ZONE"
        else:
            assert kind == "VARCHAR"
    empty = ", ".join(f"count(*) FILTER ({name} IS NULL)" for name in NOT_NULL)
    assert set(connection.execute(f"SELECT {empty} FROM {source}").fetchone()) == {0}


def test_the_costs_of_a_file_are_the_statement_to_the_last_digit(connection: Any, files: Path) -> None:
    source = f"read_parquet('{files / 'f.parquet'}')"
    found = connection.execute(
        f"SELECT sum(BilledCost), sum(EffectiveCost), sum(ContractedCost) FROM {source}"
    )
    total = long_paper(10).totals.total
    assert found.fetchone() == (total, total, total)
    assert sum(D(row["BilledCost"]) for row in told(files)) == total


def test_csv_and_parquet_say_the_same(connection: Any, files: Path) -> None:
    rows = connection.execute(
        f"SELECT BilledCost, ListCost, ChargePeriodStart, x_Owner FROM read_parquet('{files / 'f.parquet'}')"
    ).fetchall()
    for (billed, listed, start, _), row in zip(rows, told(files), strict=True):
        assert (D(row["BilledCost"]), D(row["ListCost"])) == (billed, listed)
        assert row["ChargePeriodStart"] == f"{start:%Y-%m-%dT%H:%M:%SZ}"


def test_the_reseller_issues_the_invoice_and_nothing_of_its_own_is_told(files: Path) -> None:
    rows = told(files)
    assert {row["InvoiceIssuerName"] for row in rows} == {"Harbourline Cloud GmbH"}
    assert {row["InvoiceId"] for row in rows} == {"HL-2026-0042"}
    assert {row["BillingAccountId"] for row in rows} == {"C-10023"}
    assert {"AWS", "Microsoft"} < {row["ProviderName"] for row in rows}
    whole = (files / "f.csv").read_text()
    for secret in ("123456.78", "payer-of-the-reseller", "999999999999", "Committed"):
        assert secret not in whole


def test_a_commitment_is_shown_to_whom_it_belongs(
    connection: Any, invoice: FocusInvoice, tmp_path: Path
) -> None:
    write_csv(
        connection,
        f"SELECT *, account = '000000000002' AS shows_commitment FROM ({priced_lines(200)})",
        invoice,
        tmp_path / "f.csv",
    )
    committed = [row for row in told(tmp_path) if row["CommitmentDiscountId"]]
    assert committed and {row["SubAccountId"] for row in committed} == {"000000000002"}
    one = next(row for row in committed if row["ChargeCategory"] == "Usage")
    assert (one["PricingCategory"], one["CommitmentDiscountStatus"]) == ("Committed", "Used")
    assert (one["CommitmentDiscountCategory"], one["CommitmentDiscountType"]) == (
        "Usage",
        "Reserved Instance",
    )


def test_rows_follow_the_rules_for_nothing(files: Path) -> None:
    for row in told(files):
        is_priced = row["ChargeCategory"] in ("Usage", "Purchase")
        assert bool(row["PricingQuantity"]) == bool(row["PricingUnit"]) == is_priced
        assert bool(row["PricingCategory"]) == is_priced
        assert row["ChargeClass"] in ("", "Correction")
        assert not (row["ChargeCategory"] == "Purchase" and row["ChargeFrequency"] == "Usage-Based")
        if not is_priced:
            assert row["ListCost"] == row["BilledCost"]


def test_no_text_of_the_csv_is_a_formula(files: Path) -> None:
    rows = told(files)
    assert any(row["ChargeDescription"].startswith("'=HYPERLINK") for row in rows)
    assert {row["x_Owner"] for row in rows} == {"", "'=cmd"}
    for row in rows:
        for name, cell in row.items():
            assert not cell.startswith(("=", "+", "@", "\t")) and (
                not cell.startswith("-") or name.endswith("Cost")
            )


def test_custom_fields_are_columns_with_safe_names() -> None:
    labels = ("Cost centre", "cost Centre", "Kostenträger", "株式", '"; DROP TABLE x', "", "x" * 200)
    names = custom_column_names(labels)
    assert names[:6] == (
        "x_CostCentre",
        "x_CostCentre2",
        "x_Kostentrager",
        "x_Field",
        "x_DROPTABLEX",
        "x_Field2",
    )
    assert len({name.lower() for name in names}) == len(names) and max(map(len, names)) < 64


def test_hostile_names_stay_names(connection: Any, tmp_path: Path) -> None:
    typed = "O'Neil'); DROP TABLE t; --"
    made = replace(invoice_of(paper(number=typed), typed), issuer=typed, custom_fields=((typed, typed),))
    write_csv(connection, priced_lines(3), made, tmp_path / "f.csv")
    first = told(tmp_path)[0]
    assert (first["InvoiceIssuerName"], first["InvoiceId"], first["x_ONeilDROPTABLET"]) == (
        typed,
        typed,
        typed,
    )


def test_lines_that_lack_a_column_are_refused(connection: Any, invoice: FocusInvoice, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="customer_cost"):
        write_csv(
            connection,
            f"SELECT * EXCLUDE (customer_cost) FROM ({priced_lines(3)})",
            invoice,
            tmp_path / "f.csv",
        )


# The high-water mark of the process itself: what getrusage says may be that of its parent.
_MEASURED = """
import re, sys
from pathlib import Path
import duckdb
from app.statements.documents.focus import invoice_of, write_csv, write_parquet
from tests.statements.documents.papers import long_paper
connection = duckdb.connect(config={"threads": "2", "memory_limit": "640MB"})
connection.execute("SET enable_progress_bar = false")
connection.execute("SET TimeZone = 'UTC'")
write = write_csv if sys.argv[2].endswith("csv") else write_parquet
lines = f"SELECT * FROM read_parquet('{sys.argv[1]}')"
rows = write(connection, lines, invoice_of(long_paper(5), "C-1"), Path(sys.argv[2]))
peak = re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())
print(rows, int(peak[1]) // 1024)
"""


@pytest.mark.slow
@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_a_million_rows_take_less_than_300_mb(connection: Any, tmp_path: Path, form: str) -> None:
    lines = tmp_path / "lines.parquet"
    connection.execute(f"COPY ({priced_lines(1_000_000)}) TO '{lines}' (FORMAT parquet)")
    command = [sys.executable, "-c", _MEASURED, str(lines), str(tmp_path / f"f.{form}")]
    said = subprocess.run(
        command, capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": "."}
    )
    rows, megabytes = map(int, said.stdout.split())
    assert rows >= 1_000_000 and megabytes < 300


# Rules of the validator's model 1.2.0.1 that no reseller's file can obey as they are written there.
MISREAD = {
    "BilledCost-C-005-C": "takes every provider other than the invoice's issuer for one who collects the money itself",
    "BilledCost-C-000-M": "sums up the one above",
    "EffectiveCost-C-005-C": "takes every purchase for one that covers later charges",
    "InvoiceId-C-004-C": "wants no InvoiceId at all",
}


@pytest.mark.slow
@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_the_validator_of_focus_finds_no_fault(files: Path, form: str, tmp_path: Path) -> None:
    """Wants ``focus-validator`` in an environment of its own (Python 3.12): FOCUS_VALIDATOR names its Python."""
    python = os.environ.get("FOCUS_VALIDATOR", "")
    if not python:
        pytest.skip("FOCUS_VALIDATOR names no Python that has focus-validator")
    where = [python, "-c", "import focus_validator as f; print(f.__path__[0])"]
    package = Path(subprocess.run(where, capture_output=True, text=True, check=True).stdout.strip())
    command = [
        python,
        "-m",
        "focus_validator.main",
        "--data-file",
        str(files / f"f.{form}"),
        "--validate-version",
        "1.2",
    ]
    command += ["--block-download", "--focus-dataset", "CostAndUsage"]
    # It looks for its own tables beside the folder in which it is started.
    found = subprocess.run(command, capture_output=True, text=True, cwd=package.parent)
    said = found.stdout + found.stderr
    failed = {row.split()[1].rstrip(":") for row in said.splitlines() if ": FAIL " in row}
    assert "Pass:" in said, said[-2000:]
    assert failed - MISREAD.keys() == set(), json.dumps(sorted(failed))
