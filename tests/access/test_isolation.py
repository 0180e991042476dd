"""Nobody reaches a row of somebody else: by its address, by a form's body, by a list's arguments, by a download."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import pytest

from config import ROOT
from tests.access.actors import ADMIN, ANONYMOUS, CUSTOMER, ENTERED_ADMIN, OPS, OWNER, SALES, SOUTH
from tests.access.canaries import betrayals
from tests.access.expectations import LINES, Line, is_file, is_list, row_of
from tests.access.pages import Field, is_page, read
from tests.access.samples import SAMPLES
from tests.access.stage import Stage

README = ROOT / "README.md"

NORTHERN_STAFF = (SALES, OPS, OWNER, ENTERED_ADMIN)

#: Rows of the right reseller in the wrong place: another customer's, or a login of the other kind.
ELSEWHERE = {
    "account": ("other_account",),
    "assignment": ("other_assignment",),
    "group": ("other_group",),
    "customer_user": ("other_customer_user", "console_user", "owner"),
    "console_user": ("customer_user", "other_customer_user"),
    "waiting": ("owner", "customer_user"),
    "admin": ("owner", "customer_user", "waiting"),
    "saved_view": ("other_saved_view",),
    "invited": ("other_invited", "other_customer_user", "owner"),
    "request": ("other_request",),
    "forwarded_request": ("waiting_request",),
    "session": ("other_session",),
    "other_forwarded_request": ("waiting_request",),
    "code": (),
}


@dataclass(frozen=True)
class Attempt:
    """One address with rows that are not ``actor``'s."""

    actor: str
    method: str
    rule: str
    url: str


def _allowed(line: Line, method: str) -> tuple[str, ...]:
    return (line.get if method == "GET" else line.post) or ()


def _by_address(stage: Stage, actor: str) -> Iterator[Attempt]:
    """Yield every address that ``actor`` may open, with one or all of its rows replaced by foreign ones."""
    own, other = ("south", "north") if actor == SOUTH else ("north", "south")
    for line in LINES:
        owned = stage.owned_arguments(line.rule)
        foreign = {name: stage.ids[other][row_of(line.rule, name)] for name in owned}
        variants: list[dict[str, Any]] = [foreign] if foreign else []
        if len(foreign) > 1:
            variants += [{name: value} for name, value in foreign.items()]
        for name in stage.arguments(line.rule):
            variants += [{name: stage.ids[own][key]} for key in ELSEWHERE.get(row_of(line.rule, name), ())]
            if row_of(line.rule, name) == "code":
                variants += [{name: "google"}, {name: "nothing"}]
            if row_of(line.rule, name) == "waiting":
                variants += [{name: stage.ids[other]["waiting"]}]
        for method in ("GET", "POST"):
            if actor in _allowed(line, method):
                yield from (
                    Attempt(actor, method, line.rule, stage.url(line.rule, own, **one)) for one in variants
                )


def _body(stage: Stage, rule: str) -> dict[str, Any]:
    return {
        name: value for name, value in SAMPLES[rule].changes(stage).items() if not isinstance(value, tuple)
    }


#: Whose addresses are among an owner's: theirs are tried in ``make check-long``.
LESSER = (OPS, ENTERED_ADMIN)
TRYING = (OWNER, SALES, SOUTH, ADMIN, CUSTOMER)


@pytest.mark.parametrize("actor", [*TRYING, *(pytest.param(one, marks=pytest.mark.slow) for one in LESSER)])
def test_a_foreign_row_does_not_exist_at_any_address(actor: str, stage: Stage) -> None:
    client = stage.client(actor)
    wrong = []
    for attempt in _by_address(stage, actor):
        if attempt.method == "GET":
            answer = client.get(attempt.url)
        else:
            answer = client.post(attempt.url, _body(stage, attempt.rule))

        if answer.status_code != 404 or betrayals(actor, answer):
            wrong.append(f"{attempt.method} {attempt.url}: {answer.status_code} {betrayals(actor, answer)}")

    assert wrong == []
    assert stage.unchanged() == []


def test_the_bulk_action_takes_all_rows_or_none(stage: Stage) -> None:
    own, other, foreign = (
        stage.ids["north"]["customer"],
        stage.ids["north"]["other_customer"],
        stage.ids["south"]["customer"],
    )
    for actor in NORTHERN_STAFF:
        for ids in ([foreign], [own, foreign], [foreign, own], [own, other, foreign], [own, 2**31 - 1]):
            answer = stage.client(actor).post("/customers/archive", {"rowid": ids})

            assert answer.status_code == 404, (actor, ids)
            assert betrayals(actor, answer) == []
    assert stage.unchanged() == []


#: Rows of the other side that lists of ours could be made to take, with the word in such a list's name.
FOREIGN = {
    "pricebook": "pricebook",
    "plan": "plan",
    "tax_rate": "tax",
    "ungranted": "provider",
    "customer": "customer",
}


def _foreign_choices(stage: Stage, field: Field) -> list[str]:
    """Return values that a list does not offer: ids of the other side, of nothing, and words with power."""
    # First what the field is about: a tax rate for tax rates.
    rows = sorted(FOREIGN, key=lambda key: FOREIGN[key] not in field.name)
    wanted = dict.fromkeys([*(str(stage.ids["south"][key]) for key in rows), "2147483647", "Platform Admin"])
    offered = set(field.options or ())
    return [value for value in wanted if value not in offered][:3]


def _choices(stage: Stage) -> Iterator[tuple[str, Any, Any]]:
    for rule, sample in SAMPLES.items():
        client = stage.client(sample.actor)
        if sample.page is None or sample.actor == ANONYMOUS:
            continue
        form = sample.form(stage, client)
        assert form is not None
        for name in form.chosen_from():
            field = form.fields[name]
            if field.kind == "checkbox" and field.options == ["y"]:
                continue
            yield rule, form, field


def test_no_form_takes_a_choice_that_it_does_not_offer(stage: Stage) -> None:
    wrong = []
    for rule, form, field in _choices(stage):
        sample = SAMPLES[rule]
        client = stage.client(sample.actor)
        for value in _foreign_choices(stage, field):
            values = form.values() | _body(stage, rule) | {field.name: value}
            answer = client.post(sample.url(stage), values)

            if answer.status_code not in (404, 422) or betrayals(sample.actor, answer):
                wrong.append(f"{rule} {field.name}={value}: {answer.status_code}")

    assert wrong == []
    assert stage.unchanged() == []


def test_no_form_takes_a_plan_of_the_other_reseller(stage: Stage) -> None:
    url = stage.url("/customers/<int:customer_id>/charges/add/")
    for actor in NORTHERN_STAFF:
        answer = stage.client(actor).post(url, {"level": "customer", "plan_id": stage.ids["south"]["plan"]})

        assert answer.status_code == 422
        assert betrayals(actor, answer) == []
    assert stage.unchanged() == []


@pytest.mark.parametrize(
    "actors",
    [(OWNER,), pytest.param(NORTHERN_STAFF, marks=pytest.mark.slow)],
    ids=["who sees all", "everybody"],
)
def test_no_form_offers_a_row_of_the_other_reseller(actors: tuple[str, ...], stage: Stage) -> None:
    rows = {
        "pricebook_id": "pricebook",
        "plan_id": "plan",
        "tax_rate_ids": "tax_rate",
        "provider_id": "ungranted",
    }
    looked_at = Counter[str]()
    for actor in actors:
        for line in LINES:
            if actor not in _allowed(line, "GET") or line.get_answers != (200,):
                continue
            answer = stage.client(actor).get(stage.url(line.rule))
            for form in read(answer).forms:
                for name, key in rows.items():
                    if name in form.fields and form.fields[name].options is not None:
                        looked_at[name] += 1
                        assert str(stage.ids["south"][key]) not in (form.fields[name].options or ())

    assert set(looked_at) == set(rows)


def _arguments(stage: Stage) -> list[dict[str, Any]]:
    """Return arguments that ask a list for rows of the other side, whatever the list calls them."""
    south = stage.ids["south"]
    names = ("q", "search", "text", "name", "actor", "reason", "provider", "type", "action")
    searched = [{name: "outhcanar"} for name in names]
    owners = [
        {name: stage.world.south.id} for name in ("reseller_id", "reseller", "scope", "_flt_0_reseller_id")
    ]
    customers = [
        {name: south["customer"]}
        for name in ("customer_id", "customer", "id", "_flt_0_customer", "_flt_0_id")
    ]
    filters = [
        {f"_flt_{number}_{column}": "outhcanar"}
        for number in range(4)
        for column in ("name", "organization", "email", "nickname", "label", "record_name")
    ]
    fields = [{"cf_field_southcanary": "value customer"}, {"cf_field_northcanary": "outhcanar"}]
    orders = [
        {"sort": column, "dir": "desc"} for column in ("organization", "reseller_id", "number", "updated_at")
    ] + [{"_oc_X": "reseller_id", "_od_X": "asc"}]
    ways = [{"to": stage.url("/customers/<int:customer_id>/", "south")}, {"before": "99999999"}]
    return [*searched, *owners, *customers, *filters, *fields, *orders, *ways]


LISTENERS = (OWNER, CUSTOMER, ADMIN, SOUTH)


def _listings(stage: Stage, actor: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every page and download that ``actor`` may open, with some of the arguments, which take turns."""
    every = {OWNER: 3, CUSTOMER: 4, ADMIN: 6, SOUTH: 8}[actor]
    for number, line in enumerate(LINES):
        is_listed = actor in _allowed(line, "GET") and line.rule != "/"
        if not is_listed or line.rule.startswith(("/static", "/login", "/invitation", "/password")):
            continue
        if actor == SOUTH and stage.owned_arguments(line.rule):
            continue
        if line.rule.startswith("/portal/") and actor != CUSTOMER:  # a public face: it names its reseller
            continue
        url = stage.url(line.rule)
        step = every if is_list(url) else 2 * every if is_file(url) else 58
        yield from ((url, arguments) for arguments in _arguments(stage)[number % step :: step])


@pytest.mark.parametrize("actor", LISTENERS)
def test_no_argument_of_a_list_or_download_brings_foreign_rows(actor: str, stage: Stage) -> None:
    client = stage.client(actor)
    wrong, last = [], ""
    for url, arguments in _listings(stage, actor):
        if url != last:
            stage.restore()  # who downloads with a filter finds the filter's words in the change log
        last = url
        answer = client.get(f"{url}?{urlencode(arguments)}")

        words = betrayals(actor, answer)
        if "to" in arguments and not is_page(answer):
            words = []
        if answer.status_code >= 500 or (words and not _echo(arguments, words)):
            wrong.append(f"{url}?{urlencode(arguments)}: {answer.status_code} {words}")

    assert wrong == []


def _echo(arguments: dict[str, Any], words: list[str]) -> bool:
    """Does a page only repeat what was asked for?"""
    asked = urlencode(arguments).replace("+", " ")
    return all(word in asked for word in words)


def test_a_customer_gets_no_page_of_another_customer(stage: Stage) -> None:
    client = stage.client(CUSTOMER)
    for line in LINES:
        if not stage.owned_arguments(line.rule) or line.rule.startswith("/portal/"):  # its own rows: above
            continue
        for instead in ({}, {"customer_id": stage.ids["north"]["other_customer"]}):
            used = {name: value for name, value in instead.items() if f":{name}>" in line.rule}
            if instead and not used:
                continue
            for method in ("GET", "POST"):
                if (line.get if method == "GET" else line.post) is None:
                    continue
                answer = getattr(client, method.lower())(stage.url(line.rule, **used))

                expected = 404 if CUSTOMER in _allowed(line, method) else 403  # of one's own login, say
                assert answer.status_code == expected, f"{method} {line.rule}"
                assert betrayals(CUSTOMER, answer) == []
    assert stage.unchanged() == []


def test_there_are_as_many_attempts_as_the_readme_says(stage: Stage) -> None:
    """Counted here rather than while running: the tests above may run in several processes."""
    choices = sum(len(_foreign_choices(stage, field)) for _rule, _form, field in _choices(stage))
    found = Counter(
        {
            "addresses": sum(len(list(_by_address(stage, actor))) for actor in TRYING),
            "choices": choices,
            "arguments": sum(len(list(_listings(stage, actor))) for actor in LISTENERS),
        }
    )

    assert found["addresses"] >= 300
    assert found["choices"] >= 300
    assert found.total() >= 1500
    assert f"{found.total():,} attempts" in README.read_text(encoding="utf-8"), found
