"""Every field of every form gets what no form should get. It refuses in words, and nothing is half-written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import count
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.access import tables
from tests.access.actors import ADMIN, ANONYMOUS, CUSTOMER, OWNER
from tests.access.expectations import LINES, is_file, is_list
from tests.access.pages import Field, Form, is_page
from tests.access.samples import SAMPLES, Sample
from tests.access.stage import Stage
from tests.access.test_crawl import Crawl
from tests.client import Client

MARKUP = '<script>alert(1)</script><img src=x onerror="alert(2)">{{ 7*7191 }}\'"'

#: What fails in one way or another; the one megabyte is what a form of one field may be sent.
PAYLOADS = {
    "too long": "x" * 5000,
    "wrong type": "not a number, date or choice",
    "NUL": "a\x00b",
    "control characters": "a\x07\x1b[31mb\x85c",
    "lone surrogate": b"\xed\xa0\x80",
    "not UTF-8": b"\xff\xfe\x80abc",
    "markup": MARKUP,
    "emoji": "👩‍👩‍👧‍👦🇩🇪" * 3,
    "right to left": "شركة الغيوم\u200f חברה",
    "turned around": "invoice\u202efdp.exe\u2066",
    "one megabyte": "m" * 1_000_000,
    "not a number": "NaN",
    "infinite": "1e400",
    "huge number": "9" * 60,
    "negative": "-1",
    "blank": " \t\u00a0\u200b ",
    "formula": "=cmd|' /C calc'!A0",
    "ancient": "0001-01-01T00:00:00+14:00",
}

#: What a field alone gets, among others that are right: what comes as far as the database if nobody refuses it.
ALONE = ("NUL", "markup", "infinite", "too long", "huge number")

Bodies = Callable[[Form, dict[str, Any]], Iterator[tuple[str, dict[str, Any]]]]

FORMS = [rule for rule, sample in SAMPLES.items() if sample.page is not None]

#: Where somebody may guess a password or a code: what was wrong is entered in the log, and counted on the login.
GUESSED_AT = frozenset(
    {
        "/login/",
        "/portal/<string:nickname>/login/",
        "/profile/password/",
        "/profile/second-factor/begin/",
    }
)


#: What everything wrong is compared with: the form as people send it.
RIGHT = "nothing wrong"


def _in_turn(names: Sequence[str], fields: Sequence[str], turn: int) -> dict[str, Any]:
    """Return a payload for each field, another one for each; by the next turn every field gets the next one."""
    return {field: PAYLOADS[names[(turn + number) % len(names)]] for number, field in enumerate(fields)}


def _some_bodies(form: Form, base: dict[str, Any], turn: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield one payload for each field, and what else is wrong in turn: in ``make check-long`` each meets each.

    That the form is taken as people send it, test_writes.py shows.
    """
    names = list(PAYLOADS)
    typed, chosen, hidden = form.typed(), form.chosen_from(), _hidden(form)
    yield f"everywhere, from {turn}", base | _in_turn(names, [*typed, *chosen], turn)
    if typed:
        field, payload = typed[turn % len(typed)], PAYLOADS[ALONE[turn % len(ALONE)]]
        yield f"{str(payload)[:20]} in {field}", base | {field: payload}
    shapes = [*_shapes(base), ("nothing", {})]
    if turn % 2:
        yield shapes[turn // 2 % len(shapes)]
    elif chosen or hidden:
        yield "where nothing is typed", base | _in_turn(names, [*chosen, *hidden, "over"], turn + 1)


def _all_bodies(form: Form, base: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the whole product of fields and payloads."""
    typed, chosen, hidden = form.typed(), form.chosen_from(), _hidden(form)
    yield RIGHT, base
    for name, payload in PAYLOADS.items():
        yield f"{name} everywhere", base | dict.fromkeys(typed, payload)
        if chosen:
            yield f"{name} in choices", base | dict.fromkeys(chosen, payload)
        if hidden:
            yield f"{name} in what is hidden", base | dict.fromkeys([*hidden, "over"], payload)
    for field in (*typed, *chosen, *hidden):
        yield from ((f"{name} in {field}", base | {field: PAYLOADS[name]}) for name in ALONE)
    yield "nothing", {}
    yield from _shapes(base)


def _shapes(base: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    yield "every field three times", {field: [value] * 3 for field, value in base.items() if value != []}
    yield "a field of a megabyte", base | {"unknown": "m" * 1_000_000}
    yield "a thousand fields", base | {f"field_{number}": "1" for number in range(999)}


def _hidden(form: Form) -> list[str]:
    return [one.name for one in form.fields.values() if one.kind == "hidden" and one.name != "csrf_token"]


def _base(stage: Stage, sample: Sample, form: Form) -> dict[str, Any]:
    given = form.values() | sample.changes(stage)
    return {name: value for name, value in given.items() if not isinstance(value, tuple)}


def test_in_turn_every_field_gets_every_payload() -> None:
    form = Form("/", "post", {name: Field(name, "text") for name in "abc"})
    found = {
        (field, value if isinstance(value, bytes) else str(value))
        for turn in range(len(PAYLOADS))
        for what, body in _some_bodies(form, {}, turn)
        if what.startswith("everywhere")
        for field, value in body.items()
    }

    assert found == {(field, payload) for field in "abc" for payload in PAYLOADS.values()}


@pytest.mark.stricter
@pytest.mark.parametrize("rule", FORMS[::4])  # all of them, with anything: below
def test_no_field_breaks_a_form_or_writes_half(rule: str, stage: Stage) -> None:
    turn = FORMS.index(rule)
    _try(stage, rule, lambda form, base: _some_bodies(form, base, turn))


@pytest.mark.slow
@pytest.mark.parametrize("rule", FORMS)
def test_no_field_breaks_a_form_with_anything(rule: str, stage: Stage) -> None:
    _try(stage, rule, _all_bodies)


def _try(stage: Stage, rule: str, bodies: Bodies) -> None:
    sample = SAMPLES[rule]
    sample.prepare(stage)
    client = stage.client(sample.actor)
    form = sample.form(stage, client)
    assert form is not None
    url, base = sample.url(stage), _base(stage, sample, form)
    has_file = any(isinstance(value, tuple) for value in sample.changes(stage).values())
    before, wrong = stage.counts(), []
    for name, body in bodies(form, base):
        answer = client.post(url, _again(base, body))

        if name == RIGHT and answer.status_code != 302 and not has_file:
            wrong.append(f"{name}: {answer.status_code}")
        if answer.status_code not in (200, 302, 400, 404, 409, 413, 422):
            wrong.append(f"{name}: {answer.status_code}")
        if is_page(answer) and ("<script>alert" in answer.text or 'onerror="' in answer.text):
            wrong.append(f"{name}: markup is shown as markup")
        if "50338" in answer.get_data(as_text=True)[:200_000]:
            wrong.append(f"{name}: a template was run")
        after = stage.counts()
        half = tables.changed(before, after)
        if answer.status_code != 302 and half not in ([], ["audit_entries"] if rule in GUESSED_AT else []):
            wrong.append(f"{name}: {answer.status_code} and {half} written")
        if answer.status_code == 302:
            client = _reopen(stage, sample, client, base)
            url, after = sample.url(stage), stage.counts()
        before = after

    assert wrong == []


def _again(base: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
    """Return ``body`` as of the form's present state: saving has changed its version."""
    fresh = {name: base[name] for name in ("version", "opened") if name in base and name in body}
    return body | {name: value for name, value in fresh.items() if body[name] not in PAYLOADS.values()}


def _reopen(stage: Stage, sample: Sample, client: Client, base: dict[str, Any]) -> Client:
    """Open the form anew, in the untouched world where what was saved has closed it."""
    try:
        form = sample.form(stage, client)
    except AssertionError:
        stage.restore()
        sample.prepare(stage)
        client = stage.client(sample.actor)
        form = sample.form(stage, client)
    assert form is not None
    base.update(_base(stage, sample, form))
    return client


@pytest.mark.once
@pytest.mark.parametrize("one_by_one", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_markup_that_was_stored_is_shown_as_text(one_by_one: bool, stage: Stage) -> None:
    assert _store_markup(stage, one_by_one=one_by_one) >= 15

    for actor in (OWNER, CUSTOMER):
        # An owner's walk is the longest: the one over every link by itself waits for ``make check-long``.
        crawl = Crawl(stage, actor, keep=True, most_per_place=1)

        assert crawl.problems == []
        shown = [url for url, text in crawl.texts.items() if "<script>alert" in text]
        assert shown == []
        if actor != CUSTOMER:
            assert any("&lt;script&gt;alert" in text for text in crawl.texts.values())
            assert len(crawl.seen) >= 400


def _store_markup(stage: Stage, *, one_by_one: bool) -> int:
    """Send markup in every form of the owner's and of the platform's; return in how many fields it was taken."""
    stored = 0
    for rule, sample in SAMPLES.items():
        if sample.page is None or sample.actor not in (OWNER, ADMIN) or "password" in rule:
            continue
        client = stage.client(sample.actor)
        try:
            form = sample.form(stage, client)
        except AssertionError:
            continue  # what was saved before has closed it: an account that moved away, say
        assert form is not None
        typed = form.typed()
        alone = [[one] for one in typed] if one_by_one else []
        for names in (typed, *alone):  # one by one only where they are refused together
            base = _base(stage, sample, form)
            # A few fields are short; names have to differ.
            short = {name: MARKUP[:25] + name for name in names}
            if client.post(sample.url(stage), base | short).status_code == 302:
                stored += len(names)
                if names is typed:
                    break
    return stored


ARGUMENTS: tuple[dict[str, str], ...] = (
    {"page_X": "abc"},
    {"page_CustomerModelView": "abc", "psize_CustomerModelView": "-1"},
    {"page": "abc"},
    {"page": "-1"},
    {"page": "9" * 30},
    {"page": "٣"},
    {"per_page": "0"},
    {"per_page": "1000000"},
    {"page_TaxRateModelView": "999999"},
    {"psize_TaxRateModelView": "7"},
    {"_flt_0_nothing": "1"},
    {"_flt_99_name": "1"},
    {"_flt_x_name": "1"},
    {"_flt_0_name": "\x00"},
    {"_flt_0_percent": "NaN"},
    {"_oc_TaxRateModelView": "reseller.name", "_od_TaxRateModelView": "asc"},
    {"_oc_TaxRateModelView": "name", "_od_TaxRateModelView": "sideways"},
    {"_oc_ResellerModelView": "__class__"},
    {"sort": "nothing"},
    {"sort": "organization", "dir": "sideways"},
    {"q": "\x00"},
    {"q": "x" * 10_000},
    {"q": "x" * 499},
    {"q": '"'},
    {"q": "' OR 1=1 --"},
    {"q": "%_\\"},
    {"q": "NEAR(a b)"},
    {"q": "👩‍👩‍👧‍👦"},
    {"q": "\u202e\u200b"},
    {"q": "ß"},
    {"q": MARKUP},
    {"provider": MARKUP, "type": MARKUP, "action": MARKUP, "actor": MARKUP, "text": MARKUP},
    {"provider": "\x00"},
    {"status": "nothing"},
    {"role": "nothing"},
    {"attention": "nothing"},
    {"kind": "nothing"},
    {"since": "yesterday"},
    {"since": "0000-00-00", "until": "9999-12-31"},
    {"since": "9999-12-31", "until": "9999-12-31"},
    {"until": "9999-12-31"},
    {"since": "0001-01-01"},
    {"before": "9" * 40},
    {"before": "-1"},
    {"cf_": "x"},
    {"cf_field_northcanary": "\x00"},
    {"cf_field_northcanary": MARKUP},
    {"cf_ünïcode": "x"},
    {"cf_" + "x" * 400: "x"},
    {"to": "https://evil.example/"},
    {"to": "//evil.example"},
    {"to": "javascript:alert(1)"},
    {"next": "https://evil.example/"},
    {"v": "\x00"},
    {"": ""},
)

#: A trace, a statement, or a path of the server.
BETRAYALS = ("Traceback", "sqlalchemy", "sqlite3", "psycopg", "SELECT ", "site-packages", "/app/")


#: The lists that search and filter by themselves: they get most.
SEARCHING = ("/customers/list/", "/audit/list/")


def _steps(url: str, *, every: bool) -> int:
    """Return how many lists, files or other pages share the arguments; one after the other starts with another one."""
    few = 2 if url in SEARCHING else 28 if is_list(url) else 40 if is_file(url) else 80
    return (1 if is_list(url) else 5 if is_file(url) else 19) if every else few


@pytest.mark.stricter
@pytest.mark.parametrize(
    ("actor", "every"),
    [
        (OWNER, False),
        (CUSTOMER, False),
        *(pytest.param(one, True, marks=pytest.mark.slow) for one in (OWNER, CUSTOMER, ANONYMOUS, ADMIN)),
    ],
)
def test_no_argument_breaks_a_page(actor: str, every: bool, stage: Stage) -> None:
    wrong = []
    client = stage.client(actor)
    for number, line in enumerate(LINES):
        if line.get is None or actor not in line.get or line.rule.startswith("/static"):
            continue
        url = stage.url(line.rule)
        step = _steps(url, every=every)
        for arguments in ARGUMENTS[number % step :: step]:
            answer = client.get(f"{url}?{urlencode(arguments)}")

            text = answer.get_data().decode("utf-8", "replace")
            problem = f"{url}?{urlencode(arguments)[:120]}: {answer.status_code}"
            if answer.status_code >= 500 or any(word in text for word in BETRAYALS):
                wrong.append(problem)
            if "<script>alert" in text and is_page(answer):
                wrong.append(f"{problem}, markup")
            if "evil.example" in (answer.location or "") and not answer.location.startswith("/"):
                wrong.append(f"{problem}, sends to {answer.location}")

    assert wrong == []


WORDS = ("0", "2147483648", "9" * 4000, "-1", "1%00", "%F0%9F%98%80")


@pytest.mark.stricter
@pytest.mark.parametrize(
    ("actor", "every"),
    [
        (OWNER, False),
        *(pytest.param(one, True, marks=pytest.mark.slow) for one in (OWNER, ADMIN, CUSTOMER)),
    ],
)
def test_no_path_breaks_a_page(actor: str, every: bool, stage: Stage) -> None:
    """Each argument gets one of the words where a page is opened and another where a form is sent, or all of them."""
    wrong = []
    client, numbers = stage.client(actor), count()
    for line in LINES:
        for argument in sorted(stage.arguments(line.rule)):
            turn = next(numbers)
            marker = 987654321 if f"<int:{argument}>" in line.rule else "MARKER"
            url_of_marker = stage.url(line.rule, **{argument: marker})
            for method, turns in (("get", (turn,)), ("post", (turn + 1,))):
                if getattr(line, method) is None or actor not in getattr(line, method):
                    continue
                for word in WORDS if every else (WORDS[one % len(WORDS)] for one in turns):
                    url = url_of_marker.replace(str(marker), word)
                    answer = getattr(client, method)(url)
                    if answer.status_code not in (400, 404):
                        wrong.append(f"{method} {url[:150]}: {answer.status_code}")

    assert wrong == []
    assert stage.unchanged() == []
