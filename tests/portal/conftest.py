"""What the tests of the portal share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.access.conftest import stage
from tests.portal.steps import Heard, listening

__all__ = ["stage"]


@pytest.fixture
def heard() -> Iterator[Heard]:
    """What the storefront tells its hearers while the test runs."""
    with listening() as found:
        yield found
