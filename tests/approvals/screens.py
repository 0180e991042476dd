"""The reseller's queue of requests: where it is, and how to read it."""

from __future__ import annotations

import html
import re

QUEUE = "/settings/approvals/"


def rows(page: str) -> list[str]:
    """Return who stands in the queue, from top to bottom."""
    return [
        html.unescape(one) for one in re.findall(r'<a class="ct-link-strong" href="[^"]*">([^<]*)</a>', page)
    ]


def page_of(request_id: int) -> str:
    return f"{QUEUE}{request_id}/"


def words(page: str) -> str:
    """Return the page's text in one line."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())
