"""A body above the limit is received to its end and kept nowhere, so that the application's refusal can be read."""

from __future__ import annotations

import pytest
from waitress.adjustments import Adjustments

from app.kernel.large_bodies import MOST_DISCARDED, DiscardingParser


def parser_of(length: int, *more: str) -> DiscardingParser:
    parser = DiscardingParser(Adjustments(max_request_body_size=1000))
    lines = ["POST /import/ HTTP/1.1", "Host: example.com", f"Content-Length: {length}", *more]
    head = "\r\n".join(lines).encode() + b"\r\n\r\n"
    assert parser.received(head) == len(head)
    return parser


def test_a_body_that_is_too_large_is_read_to_its_end_and_not_kept() -> None:
    parser = parser_of(5000)

    assert not parser.completed
    assert parser.received(b"x" * 4000) == 4000
    assert not parser.completed
    assert parser.received(b"x" * 1000 + b"GET / HTTP/1.1\r\n") == 1000  # the rest is the next request's
    assert (parser.completed, parser.error, len(parser.body_rcv)) == (True, None, 0)
    assert parser.headers["CONTENT_LENGTH"] == "5000"


def test_a_body_within_the_limit_is_kept() -> None:
    parser = parser_of(500)

    parser.received(b"x" * 500)

    assert (parser.completed, parser.error, len(parser.body_rcv)) == (True, None, 500)


@pytest.mark.parametrize(("length", "head"), [(MOST_DISCARDED + 1, ()), (5000, ("Expect: 100-continue",))])
def test_what_need_not_be_read_is_refused_at_once(length: int, head: tuple[str, ...]) -> None:
    parser = parser_of(length, *head)

    assert parser.completed
    assert parser.error.code == 413
