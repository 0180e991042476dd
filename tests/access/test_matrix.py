"""Every address, both methods, eight kinds of people: who gets in, and what everybody else is told."""

from __future__ import annotations

from collections import Counter

import pytest

from config import ROOT
from tests.access.actors import ACTORS, ANONYMOUS, OWNER, SOUTH
from tests.access.expectations import LINES, PERSONAL, Line, row_of
from tests.access.stage import Stage

README = ROOT / "README.md"

METHODS = ("GET", "POST")
TABLE = {line.rule: line for line in LINES}


def _cells(method: str) -> list[Line]:
    return [line for line in LINES if (line.get if method == "GET" else line.post) is not None]


def _expected(stage: Stage, line: Line, method: str, actor: str) -> tuple[int, ...]:
    allowed, answers = (line.get, line.get_answers) if method == "GET" else (line.post, line.post_answers)
    assert allowed is not None
    if actor not in allowed:
        # A portal knows nobody but its own customers: everybody else is a visitor, who is sent to its door.
        return (302, 401) if actor == ANONYMOUS or line.rule.startswith("/portal/") else (403,)
    if actor == SOUTH and stage.owned_arguments(line.rule):
        return (404,)
    if any(row_of(line.rule, name) in PERSONAL for name in stage.owned_arguments(line.rule)):
        return answers if actor == OWNER else (404,)
    return answers


def test_every_address_stands_in_the_table(stage: Stage) -> None:
    found = {
        (rule.rule, method)
        for rule in stage.rules
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    listed = {
        (line.rule, method)
        for line in LINES
        for method, actors in (("GET", line.get), ("POST", line.post))
        if actors is not None
    }

    assert len(LINES) == len(TABLE)
    assert sorted(found - listed) == [], "new addresses: say in expectations.py who may open them"
    assert sorted(listed - found) == [], "these addresses are gone: take them out of expectations.py"


@pytest.fixture
def without_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the page's template out: who gets in is decided before, and test_crawl.py reads what the pages say."""
    monkeypatch.setattr("flask.templating._render", lambda *_arguments: "")


@pytest.mark.usefixtures("without_pages")
@pytest.mark.parametrize("actor", ACTORS)
@pytest.mark.parametrize("method", METHODS)
def test_only_those_named_get_in(method: str, actor: str, stage: Stage) -> None:
    wrong = []
    client = stage.client(actor)
    for line in _cells(method):
        expected = _expected(stage, line, method, actor)
        answer = getattr(client, method.lower())(stage.url(line.rule))

        if answer.status_code not in expected:
            wrong.append(f"{method} {line.rule}: {answer.status_code}, expected {expected}")
        if expected == (403,) or actor == ANONYMOUS:
            assert stage.unchanged() == [], f"{method} {line.rule} changed something"
        if expected == (302, 401) and answer.status_code == 302:
            assert answer.location.startswith("/login/"), f"{line.rule} sends elsewhere: {answer.location}"
        if answer.status_code not in (401, 403, 404):
            client = stage.client(actor)  # logging out, entering: the browser is another one
        stage.restore()

    assert wrong == []


def test_without_its_token_no_form_is_taken(stage: Stage) -> None:
    """Not even from somebody who may send it: the token is asked for before it is asked who somebody is."""
    answers = {}
    for line in _cells("POST"):
        answer = stage.client((line.post or ACTORS)[0]).post_without_token(stage.url(line.rule))
        answers[line.rule] = answer.status_code

    assert {rule: status for rule, status in answers.items() if status != 400} == {}
    assert stage.unchanged() == []


def test_the_matrix_is_as_large_as_the_readme_says() -> None:
    sizes = Counter({method: len(_cells(method)) * len(ACTORS) for method in METHODS})
    sizes["without token"] = len(_cells("POST"))

    assert sizes.total() >= 1500
    assert f"{sizes.total():,} combinations" in README.read_text(encoding="utf-8"), sizes
