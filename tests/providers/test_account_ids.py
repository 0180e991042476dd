"""Formats of account ids: those that fit are taken, those that could run for long are not."""

from __future__ import annotations

import pytest

from app.errors import Invalid
from app.providers.account_ids import check_account_pattern, matches_account_id
from app.providers.catalog import CATALOG


@pytest.fixture(autouse=True)
def request_context(flask_app):
    with flask_app.test_request_context():
        yield


@pytest.mark.parametrize("entry", CATALOG, ids=lambda entry: entry["code"])
def test_the_catalogues_own_formats_are_taken(entry):
    check_account_pattern(entry["account_pattern"], entry["account_example"])


@pytest.mark.parametrize(
    ("pattern", "example"),
    [
        (r"\S{1,128}", "anything"),
        (r"[A-Z]{2}-\d{4,8}", "DE-12345"),
        (r"acct_[a-z0-9]+", "acct_12"),
        (r"(?:dev|prod)-\d+", "dev-1"),
        (r"(?:abc+)?x", "x"),
        (r"^\d+$", "12"),
    ],
)
def test_plain_formats_are_taken(pattern, example):
    check_account_pattern(pattern, example)


@pytest.mark.parametrize(
    "pattern",
    [
        r"(a+)+",
        r"(a*)*b",
        r"(?:a|aa)+",
        r"(?:\d+-)*x",
        r"(?:a{1,20}){1,20}b",
        r"\d*\d*\d*\d*\d*x",
        r"a?" * 40 + "a" * 40,
        r"(?:a?){50}a{50}",
        r"(\d)\1",
        r"(?=a)a",
        r"(?<!a)a",
        r"(?:a|ab|abc){30}",
    ],
)
def test_formats_that_could_run_for_long_are_refused_before_anything_is_matched(pattern, monkeypatch):
    monkeypatch.setattr(
        "app.providers.account_ids.matches_account_id", lambda *_: pytest.fail("it was tried")
    )

    with pytest.raises(Invalid) as refusal:
        check_account_pattern(pattern, "a" * 100)

    assert refusal.value.field == "account_pattern"


@pytest.mark.parametrize("pattern", ["(", "[a", "*", "a{2,1}", "(?P<n>a", "\\", "[[a]", "(?x)a(?i)"])
def test_what_is_no_expression_is_refused(pattern):
    with pytest.raises(Invalid) as refusal:
        check_account_pattern(pattern, "a")

    assert refusal.value.field == "account_pattern"


def test_the_example_must_fit_as_a_whole():
    with pytest.raises(Invalid) as refusal:
        check_account_pattern(r"\d{12}", "1234567890123")

    assert refusal.value.field == "account_example"


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("123456789012", True),
        ("12345678901", False),
        ("1234567890123", False),
        ("123456789012\n", False),
        ("١٢٣٤٥٦٧٨٩٠١٢", False),
    ],
)
def test_ids_are_matched_as_a_whole_in_ascii(text, fits):
    assert matches_account_id(r"\d{12}", text) is fits


def test_no_id_is_longer_than_128_characters():
    assert matches_account_id(r"a+", "a" * 128)
    assert not matches_account_id(r"a+", "a" * 129)


def test_the_slowest_format_that_is_taken_answers_and_the_next_slower_one_is_refused():
    pattern = r"[a-z]+[a-z]+[a-z]+x"
    check_account_pattern(pattern, "aaax")

    assert not matches_account_id(pattern, "a" * 128)
    with pytest.raises(Invalid, match="could take too long"):
        check_account_pattern(r"[a-z]+" + pattern, "aaaax")
