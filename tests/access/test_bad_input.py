"""Every field of every form gets what no form should get. It refuses in words, and nothing is half-written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.access import tables
from tests.access.actors import ADMIN, ANONYMOUS, CUSTOMER, OWNER
from tests.access.expectations import LINES
from tests.access.pages import Form, is_page
from tests.access.samples import SAMPLES, Sample
from tests.access.stage import Stage
from tests.access.test_crawl import Crawl
from tests.client import Client
from tests.conftest import ENGINE

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

#: Each field alone gets one of these in turn; the others go into all fields of a form at once.
#: Alone only on PostgreSQL, which is the stricter one: SQLite has neither lengths nor ranges that a field could exceed.
ALONE = ("NUL", "markup", "infinite", "too long", "huge number")

#: What is tried only where there is time for everything: much the same as another one.
KINDRED = (
    "control characters",
    "turned around",
    "right to left",
    "not UTF-8",
    "one megabyte",
    "infinite",
    "huge number",
    "negative",
    "wrong type",
    "formula",
    "ancient",
)

#: What lists, boxes and switches get.
CHOSEN = ("NUL", "lone surrogate", "huge number")

FORMS = [rule for rule, sample in SAMPLES.items() if sample.page is not None]

#: What a refused sign-in leaves behind: an entry, and the count on the login.
LEAVES_TRACES = {
    door: ["ab_user", "audit_entries"] for door in ("/login/", "/portal/<string:nickname>/login/")
}


def _alone(fields: list[str], *, every: bool) -> Iterator[tuple[str, str]]:
    if ENGINE != "postgresql" and not every:
        return
    for number, field in enumerate(fields):
        names = ALONE if every else (ALONE[number % len(ALONE)],)
        yield from ((field, name) for name in names)


def _bodies(form: Form, base: dict[str, Any], *, every: bool) -> Iterator[tuple[str, dict[str, Any]]]:
    typed, chosen = form.typed(), form.chosen_from()
    hidden = [one.name for one in form.fields.values() if one.kind == "hidden" and one.name != "csrf_token"]
    for name, payload in PAYLOADS.items():
        if every or name not in KINDRED:
            yield f"{name} everywhere", base | dict.fromkeys(typed, payload)
        if chosen and (every or name in CHOSEN):
            yield f"{name} in choices", base | dict.fromkeys(chosen, payload)
        if hidden and (every or name in CHOSEN or name == "ancient"):
            yield f"{name} in what is hidden", base | dict.fromkeys([*hidden, "over"], payload)
    for field, name in _alone([*typed, *chosen, *hidden], every=every):
        yield f"{name} in {field}", base | {field: PAYLOADS[name]}
    yield "nothing", {}
    yield "every field three times", {field: [value] * 3 for field, value in base.items() if value != []}
    yield "a field of a megabyte", base | {"unknown": "m" * 1_000_000}
    yield "a thousand fields", base | {f"field_{number}": "1" for number in range(999)}


def _base(stage: Stage, sample: Sample, form: Form) -> dict[str, Any]:
    given = form.values() | sample.changes(stage)
    return {name: value for name, value in given.items() if not isinstance(value, tuple)}


@pytest.mark.stricter
@pytest.mark.parametrize("rule", FORMS)
def test_no_field_breaks_a_form_or_writes_half(rule: str, stage: Stage) -> None:
    _try_all(stage, rule, every=False)


@pytest.mark.slow
@pytest.mark.parametrize("rule", FORMS)
def test_no_field_breaks_a_form_with_anything(rule: str, stage: Stage) -> None:
    _try_all(stage, rule, every=True)


def _try_all(stage: Stage, rule: str, *, every: bool) -> None:
    sample = SAMPLES[rule]
    sample.prepare(stage)
    client = stage.client(sample.actor)
    form = sample.form(stage, client)
    assert form is not None
    url, base = sample.url(stage), _base(stage, sample, form)
    before, wrong = stage.counts(), []
    for name, body in _bodies(form, base, every=every):
        answer = client.post(url, _again(base, body))

        if answer.status_code not in (200, 302, 400, 404, 409, 413, 422):
            wrong.append(f"{name}: {answer.status_code}")
        if is_page(answer) and ("<script>alert" in answer.text or 'onerror="' in answer.text):
            wrong.append(f"{name}: markup is shown as markup")
        if "50338" in answer.get_data(as_text=True)[:200_000]:
            wrong.append(f"{name}: a template was run")
        after = stage.counts()
        half = tables.changed(before, after)
        if answer.status_code != 302 and half not in ([], LEAVES_TRACES.get(rule, [])[1:]):
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
def test_markup_that_was_stored_is_shown_as_text(stage: Stage) -> None:
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
        for names in (typed, *([one] for one in typed)):  # one by one only where they are refused together
            base = _base(stage, sample, form)
            # A few fields are short; names have to differ.
            short = {name: MARKUP[:25] + name for name in names}
            if client.post(sample.url(stage), base | short).status_code == 302:
                stored += len(names)
                if names is typed:
                    break

    for actor in (OWNER, ADMIN, CUSTOMER):
        texts = Crawl(stage, actor, keep=True, most_per_shape=1).texts
        shown = [url for url, text in texts.items() if "<script>alert" in text]
        assert shown == []
        if actor != CUSTOMER:
            assert any("&lt;script&gt;alert" in text for text in texts.values())
    assert stored >= 15


#: Lists whose address does not say so.
LISTS = (
    "/pricebooks/",
    "/settings/charges/",
    "/settings/taxes/",
    "/settings/exchange-rates/",
    "/settings/users/",
    "/portal/north/",
    "/portal/north/accounts/",
    "/portal/north/accounts/requests/",
    "/portal/north/users/",
)

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


@pytest.mark.stricter
@pytest.mark.parametrize(
    "actor", [OWNER, CUSTOMER, *(pytest.param(one, marks=pytest.mark.slow) for one in (ANONYMOUS, ADMIN))]
)
def test_no_argument_breaks_a_page(actor: str, stage: Stage) -> None:
    wrong = []
    client = stage.client(actor)
    for line in LINES:
        if line.get is None or actor not in line.get or line.rule.startswith("/static"):
            continue
        url = stage.url(line.rule)
        is_list, is_file = url.endswith("list/") or url in LISTS, url.endswith((".csv", ".xlsx"))
        for arguments in ARGUMENTS[:: 1 if is_list else 5 if is_file else 19]:
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
    "actor", [OWNER, *(pytest.param(one, marks=pytest.mark.slow) for one in (ADMIN, CUSTOMER))]
)
def test_no_path_breaks_a_page(actor: str, stage: Stage) -> None:
    wrong = []
    client = stage.client(actor)
    for line in LINES:
        rule = next(one for one in stage.rules() if one.rule == line.rule)
        for argument in sorted(rule.arguments):
            for word in WORDS:
                marker = 987654321 if f"<int:{argument}>" in line.rule else "MARKER"
                url = stage.url(line.rule, **{argument: marker}).replace(str(marker), word)
                for method in ("get", "post"):
                    if getattr(line, method) is None or actor not in getattr(line, method):
                        continue
                    answer = getattr(client, method)(url)
                    if answer.status_code not in (400, 404):
                        wrong.append(f"{method} {url[:150]}: {answer.status_code}")

    assert wrong == []
    assert stage.unchanged() == []
