"""The doctor and the search: an index out of step is found and mended."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cli.conftest import Run, Seed, examine, on_sqlite

SEARCH_ROWS = {
    "search_index_rows_missing": (
        2,
        "DELETE FROM customers_fts WHERE rowid IN (SELECT id FROM customers LIMIT 2)",
    ),
    "search_index_rows_extra": (
        1,
        "INSERT INTO customers_fts (rowid, reseller, body) VALUES (999, 'x', 'ghost')",
    ),
    "search_index_rows_differ": (
        1,
        "UPDATE customers_fts SET body = 'another' WHERE rowid = 1",
    ),
}


@on_sqlite
@pytest.mark.parametrize("code", SEARCH_ROWS)
def test_a_search_index_out_of_step_is_found_and_mended(run: Run, seed: Seed, code: str) -> None:
    count, damage = SEARCH_ROWS[code]
    seed(damage)

    assert examine(run) == {code: ("error", count)}
    assert examine(run, "--fix") == {}


@on_sqlite
def test_everything_about_the_search_at_once_is_mended(
    run: Run, seed: Seed, world: Any, client_for: Any
) -> None:
    seed(
        "DROP TRIGGER customers_fts_update",
        "DROP TABLE customers_fts",
        "UPDATE customers SET search_own = '', search_accounts = '', organization_key = 'x' || id",
    )

    assert set(examine(run)) == {
        "search_index_missing",
        "organization_key_differs",
        "search_own_differs",
        "search_accounts_differs",
    }
    assert examine(run, "--fix") == {}
    page = client_for(world.north.ops).get("/customers/list/?q=northcanary").get_data(as_text=True)
    assert world.north.customer.name in page
