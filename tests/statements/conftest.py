"""Usage of these tests lies in a folder of their own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.statements.world import own_usage


@pytest.fixture(autouse=True)
def usage_folder(request: pytest.FixtureRequest) -> Iterator[None]:
    if "flask_app" not in request.fixturenames:
        yield
        return
    folder = request.getfixturevalue("database").folder / "usage-of-statements"
    with own_usage(request.getfixturevalue("flask_app"), folder):
        yield
