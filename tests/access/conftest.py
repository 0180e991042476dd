"""The stage of the tests that hold the rights: furnished once, and put back for every test."""

from __future__ import annotations

from typing import Any

import pytest

from tests.access.stage import Stage
from tests.conftest import Database


@pytest.fixture(scope="session")
def stage(flask_app: Any, database: Database) -> Stage:
    return Stage(flask_app, database)


@pytest.fixture(autouse=True)
def fresh_database(request: pytest.FixtureRequest) -> None:
    """Give a test the untouched stage instead of the bare world."""
    if "stage" in request.fixturenames:
        request.getfixturevalue("stage").restore()
