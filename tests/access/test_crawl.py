"""Follow every link as everybody: nothing foreign is shown, nothing breaks, and looking changes nothing."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

import pytest

from tests.access import tables
from tests.access.actors import ACTORS, ADMIN, ANONYMOUS, CUSTOMER, ENTERED_ADMIN, OPS, OWNER, SALES, SOUTH
from tests.access.canaries import betrayals
from tests.access.expectations import is_file
from tests.access.pages import is_page, read
from tests.access.stage import Stage
from tests.headers import problems_of
from tests.outside import LINKED

#: How often one path is visited with the same names of arguments: lists link to every order and page of themselves.
MOST_PER_SHAPE = 1
EVEN_MORE = 6
#: How many rows are visited at one place: the second shows what the first one could have left behind.
MOST_PER_PLACE = 2
ALL = 10_000

#: How many addresses somebody must be able to reach at least; fewer, and the crawl has lost its way.
LEAST = {ANONYMOUS: 10, CUSTOMER: 10, ADMIN: 30, SALES: 60}


#: The stage's issued statement is put together by hand: no lines of a bill come to what it says, and the file says so.
FROM_NOTHING = "/document/focus-"

NUMBER = re.compile(r"[0-9]+")


class Crawl:
    """One walk of one person."""

    def __init__(
        self,
        stage: Stage,
        actor: str,
        *,
        keep: bool = False,
        has_files: bool = True,
        most_per_shape: int = MOST_PER_SHAPE,
        most_per_place: int = ALL,
    ) -> None:
        self.has_files = has_files
        self.most_per_shape, self.most_per_place = most_per_shape, most_per_place
        self.keep, self.texts = keep, {}
        self.client, self.actor = stage.client(actor), actor
        self.waiting, self.seen = ["/"], {"/"}
        self.shapes: Counter[Any] = Counter()
        self.places: Counter[Any] = Counter()
        self.problems: list[str] = []
        self.walk()

    def walk(self) -> None:
        while self.waiting:
            url = self.waiting.pop(0)
            answer = self.client.get(url)
            words = betrayals(self.actor, answer)
            if words:
                self.problems.append(f"{url} shows {words}")
            is_refused_well = answer.status_code == 409 and FROM_NOTHING in url
            if answer.status_code >= 400 and not is_refused_well:
                self.problems.append(f"{url} answers {answer.status_code}")
            if answer.location:
                self.add(url, answer.location)
            if self.keep and is_page(answer):
                self.texts[url] = answer.text
            page = read(answer)
            self.problems += [f"{url}: {problem}" for problem in problems_of(answer, page)]
            for link in page.links:
                self.add(url, link)
            for form in page.forms:
                if form.method == "get":
                    values = {name: value for name, value in form.values().items() if value}
                    self.add(url, f"{form.action or urlsplit(url).path}?{urlencode(values, doseq=True)}")

    def add(self, base: str, link: str) -> None:
        """Remember an address of ours that was not visited yet."""
        parts = urlsplit(urljoin(f"http://localhost{base}", link))
        if parts.scheme not in ("http", "https"):
            return
        if is_file(parts.path) and not self.has_files:
            return
        if parts.netloc in LINKED:
            return
        if parts.netloc != "localhost":
            self.problems.append(f"{base} links to {parts.netloc}")
            return
        url = parts.path + (f"?{parts.query}" if parts.query else "")
        names = tuple(sorted(parse_qs(parts.query)))
        shape, place = (parts.path, names), (NUMBER.sub("#", parts.path), names)
        if (
            url not in self.seen
            and self.shapes[shape] < self.most_per_shape
            and self.places[place] < self.most_per_place
        ):
            self.shapes[shape] += 1
            self.places[place] += 1
            self.seen.add(url)
            self.waiting.append(url)


#: Whose pages are an owner's, or among them, are followed in ``make check-long``; what they must not reach of the other
#: side is tried address by address in test_isolation.py. An owner's own are walked in test_bad_input.py, with markup.
LATER = (SALES, OPS, OWNER, ENTERED_ADMIN, SOUTH)


@pytest.mark.parametrize(
    ("actor", "per_shape", "per_place"),
    [
        *((one, MOST_PER_SHAPE, MOST_PER_PLACE) for one in ACTORS if one not in LATER),
        *(pytest.param(one, EVEN_MORE, ALL, marks=pytest.mark.slow) for one in ACTORS),
    ],
)
def test_following_every_link_shows_nothing_foreign_and_changes_nothing(
    actor: str, per_shape: int, per_place: int, stage: Stage
) -> None:
    before = tables.contents(stage.app)

    crawl = Crawl(stage, actor, most_per_shape=per_shape, most_per_place=per_place)

    assert crawl.problems == []
    assert tables.changed(before, tables.contents(stage.app)) == []
    assert len(crawl.seen) >= LEAST.get(actor, 80)
