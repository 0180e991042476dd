"""Domains are compared as DNS knows them."""

from __future__ import annotations

import pytest

from app.kernel.domains import ascii_domain, domain_of, is_within, without_tag
from app.shell.fields import normal_email


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("example.com", "example.com"),
        (" Example.COM. ", "example.com"),
        ("@example.com", "example.com"),
        ("*.example.com", "example.com"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("XN--BCHER-KVA.example", "xn--bcher-kva.example"),
        ("bu\u0308cher.example", "xn--bcher-kva.example"),
        ("a.b.c.example", "a.b.c.example"),
    ],
)
def test_a_domain_has_one_spelling(typed: str, expected: str) -> None:
    assert ascii_domain(typed) == expected


@pytest.mark.parametrize(
    "typed",
    [
        "",
        ".",
        "com",
        "exa mple.com",
        "example..com",
        "a@example.com",
        "-a.example",
        "[127.0.0.1]",
        "127.0.0.1",
        "x" * 300,
        "https://example.com",
        "example.com/path",
        "example.com:8080",
        "exam\x00ple.com",
    ],
)
def test_anything_else_is_no_domain(typed: str) -> None:
    with pytest.raises(ValueError):
        ascii_domain(typed)


def test_an_address_has_the_domain_after_its_last_sign() -> None:
    assert domain_of("ada@Bücher.example") == "xn--bcher-kva.example"


@pytest.mark.parametrize("address", ["ada@1.2.3.4", "ada@example.123"])
def test_every_address_that_a_form_takes_has_a_domain(address: str) -> None:
    assert domain_of(normal_email(address)) == address.partition("@")[2]


@pytest.mark.parametrize(
    ("domain", "is_listed"),
    [
        ("example.com", True),
        ("mail.example.com", True),
        ("notexample.com", False),
        ("example.com.evil.example", False),
        ("com", False),
    ],
)
def test_what_is_below_a_listed_domain_counts(domain: str, is_listed: bool) -> None:
    assert is_within(domain, ["other.example", "example.com"]) is is_listed
    assert is_within(domain, []) is False


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("ada@example.com", "ada@example.com"),
        ("ada+shop@example.com", "ada@example.com"),
        ("ada+a+b@example.com", "ada@example.com"),
        ("+shop@example.com", "+shop@example.com"),
    ],
)
def test_a_tag_names_no_other_mailbox(address: str, expected: str) -> None:
    assert without_tag(address) == expected
