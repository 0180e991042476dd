"""How an email address is read."""

from __future__ import annotations

from typing import Any

import pytest

from app.shell import fields


def test_an_address_is_stored_in_one_way_of_writing() -> None:
    assert fields.normal_email("Ida@Example.COM") == "ida@example.com"


def test_an_endless_address_is_refused_before_the_parser_walks_through_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def walk(*_args: Any, **_options: Any) -> None:
        raise AssertionError("the parser was called")

    monkeypatch.setattr(fields, "validate_email", walk)

    with pytest.raises(ValueError, match="longer than 320"):
        fields.normal_email("m" * (fields.LONGEST_EMAIL + 1))
