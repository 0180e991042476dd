"""The stage of the tests that hold the rights."""

from __future__ import annotations

from typing import Any

import pytest

from tests.access.stage import Stage
from tests.worlds import World


@pytest.fixture
def stage(flask_app: Any, world: World, database: Any) -> Any:
    try:
        yield Stage(flask_app, world, database)
    finally:
        database.is_dirty = True  # the furniture goes with the test
