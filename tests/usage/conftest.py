"""A store of one's own, and what reads a bill of a few rows into it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from app.usage.reading import Reading, Wanted, read
from app.usage.store import Store
from tests.usage.bills import Rows, write_csv


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "usage")


@pytest.fixture
def read_rows(store: Store, tmp_path: Path) -> Callable[[Mapping[str, str], Rows], Reading]:
    """Read a bill of some rows."""

    def read_them(usual: Mapping[str, str], rows: Rows) -> Reading:
        return read(write_csv(tmp_path / "bill.csv", usual, rows), Wanted(1), into=store)

    return read_them
