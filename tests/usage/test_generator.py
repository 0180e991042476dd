"""Invented months: the same for the same seed, and every sum of them a sum of their lines."""

from datetime import date
from pathlib import Path

import pytest

from app.usage.columns import COUNT_NAMES, FILE_KEY_NAMES, SUM_NAMES
from app.usage.generator import Bill, invent_accounts, write_cur_csv, write_focus_csv, write_lines
from app.usage.reading import Wanted, read
from app.usage.rollup import write_rollups
from app.usage.store import Store
from tests.usage.bills import OCTOBER

pytestmark = pytest.mark.once

_SUMS = ", ".join(f"sum({name})" for name in SUM_NAMES)


def a_bill(seed: int, lines: int = 3_000, month: date = OCTOBER) -> Bill:
    return Bill(seed, month, tuple(invent_accounts(seed, 30)), lines, keys=12)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_sums_of_days_and_months_are_the_sums_of_lines(store: Store, seed: int) -> None:
    connection = store.connect()
    write_lines(connection, a_bill(seed), store.root / "lines.parquet")

    write_rollups(connection, store.root)

    # Signed differences, key by key, of everything that is summed: none may be left.
    keys = ", ".join(name for name in FILE_KEY_NAMES)
    counted = {"lines": "1", "lines_without_list": "is_list_missing::INTEGER"}
    for level, more in (("days", ", usage_date"), ("months", "")):
        plus = ", ".join([*SUM_NAMES, *(f"{counted[name]} AS {name}" for name in COUNT_NAMES)])
        minus = ", ".join(f"-{name} AS {name}" for name in (*SUM_NAMES, *COUNT_NAMES))
        left = connection.execute(
            f"SELECT {keys}{more} FROM (SELECT {keys}{more}, {plus} FROM '{store.root}/lines.parquet' "
            f"UNION ALL SELECT {keys}{more}, {minus} FROM '{store.root}/{level}.parquet') GROUP BY ALL "
            f"HAVING {' OR '.join(f'sum({name}) <> 0' for name in (*SUM_NAMES, *COUNT_NAMES))}"
        ).fetchall()
        assert left == []


def test_the_same_seed_makes_the_same_month_and_another_one_another(store: Store) -> None:
    connection = store.connect()

    def made(seed: int) -> list[tuple]:
        path = store.root / "lines.parquet"
        write_lines(connection, a_bill(seed), path)
        return connection.execute(
            f"SELECT {_SUMS}, sum(hash(resource_id, starts_at)::HUGEINT) FROM '{path}'"
        ).fetchall()

    assert made(1) == made(1) != made(2)


def test_a_month_has_everything_a_reseller_has_to_deal_with(store: Store) -> None:
    connection = store.connect()
    path = store.root / "lines.parquet"
    write_lines(connection, a_bill(7), path)

    def is_there(condition: str) -> bool:
        return bool(connection.execute(f"SELECT count(*) FROM '{path}' WHERE {condition}").fetchall()[0][0])

    for condition in (
        "commitment_status = 'used' AND contains(commitment_id, ':' || account || ':')",
        "commitment_status = 'used' AND provider = 'aws' AND NOT contains(commitment_id, ':' || account || ':')",
        "commitment_status = 'used' AND contains(commitment_id, ':' || payer || ':')",
        "commitment_status = 'unused' AND effective_cost > 0",
        "category = 'purchase' AND commitment_kind = 'savings_plan'",
        "category = 'credit' AND billed_cost < 0",
        "category = 'tax'",
        "category = 'adjustment'",
        "is_correction AND usage_date < month",
        "is_marketplace",
        "pricing_category = 'dynamic'",
        "is_list_missing",
        "currency = 'EUR'",
        "provider = 'google'",
    ):
        assert is_there(condition), condition


def test_what_is_written_as_focus_is_read_as_the_same_lines(store: Store, tmp_path: Path) -> None:
    connection = store.connect(tmp_path)
    written = tmp_path / "lines.parquet"
    rows = write_lines(connection, a_bill(5), written)
    write_focus_csv(connection, a_bill(5), tmp_path / "focus.csv")

    reading = read(tmp_path / "focus.csv", Wanted(1), into=store)

    compared = (
        "provider, month, payer, account, account_name, starts_at, ends_at, service, sku, region, usage_type, "
        f"category, is_correction, pricing_category, commitment_id, commitment_kind, commitment_status, "
        f"is_marketplace, unit, currency, {', '.join(SUM_NAMES)}, is_list_missing, invoice_id, tags"
    )
    read_lines = store.select([part.files for part in reading.parts], "lines")
    differing = connection.execute(
        f"SELECT count(*) FROM (SELECT {compared} FROM '{written}' EXCEPT ALL SELECT {compared} FROM ({read_lines}))"
    ).fetchall()
    assert differing == [(0,)]
    assert (reading.rows, reading.rejected_count) == (rows, 0)


def test_a_cost_and_usage_report_says_the_same_costs(store: Store, tmp_path: Path) -> None:
    connection = store.connect(tmp_path)
    write_lines(connection, a_bill(5), tmp_path / "lines.parquet", provider="aws")
    write_cur_csv(connection, a_bill(5), tmp_path / "cur.csv")

    reading = read(tmp_path / "cur.csv", Wanted(1), into=store)

    expected = connection.execute(
        f"SELECT sum(list_cost), sum(effective_cost), sum(billed_cost) FROM '{tmp_path}/lines.parquet'"
    ).fetchall()
    totals = reading.totals["USD"]
    assert [(totals.list_cost, totals.effective_cost, totals.billed_cost)] == expected
    assert reading.rejected_count == 0


def test_a_running_month_ends_where_it_is_told(store: Store) -> None:
    connection = store.connect()
    bill = Bill(1, OCTOBER, tuple(invent_accounts(1, 4)), 400, keys=10, until=date(2026, 10, 9))
    write_lines(connection, bill, store.root / "lines.parquet")

    found = connection.execute(f"SELECT max(usage_date) FROM '{store.root}/lines.parquet'").fetchall()

    assert found == [(date(2026, 10, 8),)]
