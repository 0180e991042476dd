"""The second of two editors learns who saved, when and what; nothing is overwritten, nothing secret is told."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm.exc import StaleDataError

from app.custom_fields.models import CustomFieldDefinition, FieldType
from app.customers.models import Customer
from app.extensions import db
from app.security.roles import ROLE_PURPOSE, RoleName
from app.tenancy.scope import system_scope
from tests.worlds import World


class Forms(HTMLParser):
    """Collects what a browser would send of each form of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[dict[str, Any]] = []
        self.select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        name, value = found.get("name") or "", found.get("value") or ""
        if tag == "form":
            self.forms.append({})
        elif tag == "select":
            self.select = name
        elif tag == "option" and "selected" in found:
            self.forms[-1][self.select] = value
        elif tag == "input" and name and self._is_sent(found):
            self.forms[-1].setdefault(name, []).append(value)

    @staticmethod
    def _is_sent(found: dict[str, str | None]) -> bool:
        kind = found.get("type")
        return "checked" in found if kind in ("checkbox", "radio") else kind not in ("file", "submit")


def open_form(client: Any, url: str, what: str = "") -> dict[str, Any]:
    """Open a page and return its form of a record, as it would be sent back unchanged."""
    page = client.get(url)
    assert page.status_code == 200
    parser = Forms()
    parser.feed(page.text)
    form = next(one for one in parser.forms if "opened_at" in one and (not what or one.get("what") == [what]))
    return {name: value for name, value in form.items() if name != "csrf_token"}


def rows(answer: Any) -> dict[str, tuple[str, str]]:
    """Return the table beside the refusal: label -> (saved meanwhile, entered)."""
    found = re.findall(
        r'<tr><th class="full" scope="row">(.*?)</th><td [^>]*>(.*?)</td><td [^>]*>(.*?)</td></tr>',
        answer.text,
    )
    return {html.unescape(label): (html.unescape(a), html.unescape(b)) for label, a, b in found}


def told(answer: Any) -> str:
    return html.unescape(answer.text)


def phone(app: Any, world: World) -> str:
    with app.app_context(), system_scope("test"):
        return str(
            db.session.scalars(select(Customer.phone).where(Customer.id == world.north.customer.id)).one()
        )


@pytest.fixture
def url(world: World) -> str:
    return f"/customers/{world.north.customer.id}/"


def test_who_saved_when_and_what_is_told(flask_app: Any, world: World, client_for: Any, url: str) -> None:
    ops, owner = client_for(world.north.ops), client_for(world.north.owner)
    mine = open_form(owner, url)
    theirs = open_form(ops, url)

    saved = ops.post(
        url, theirs | {"phone": "first", "country": "FR", "city": "Lyon", "spend_threshold_amount": "1500.50"}
    )
    refused = owner.post(url, mine | {"phone": "second", "city": "Lyon", "street": "Own Street 1"})

    assert (saved.status_code, refused.status_code) == (302, 409)
    sentence = (
        f"{world.north.ops.name} saved this record at "
        r"\d\d:\d\d, while you were editing it\. Nothing was overwritten\."
    )
    assert re.search(sentence, told(refused))
    assert rows(refused) == {
        "Phone": ("first", "second"),
        "Country": ("France", "Germany"),
        "Amount per month": ("1,500.50", "–"),
    }
    assert f'<a href="{url}">Reload the page' in refused.text
    assert 'value="Own Street 1"' in refused.text, "what was entered is kept"
    assert phone(flask_app, world) == "first"


def test_it_is_told_in_german(world: World, client_for: Any, url: str) -> None:
    ops, owner = client_for(world.north.ops), client_for(world.north.owner)
    mine = open_form(owner, url)
    ops.post(url, open_form(ops, url) | {"phone": "first"})

    refused = owner.post(url, mine | {"phone": "second"}, headers={"Accept-Language": "de"})

    assert f"{world.north.ops.name} hat diesen Datensatz gespeichert" in told(refused)
    assert rows(refused) == {"Telefon": ("first", "second")}


def test_a_save_that_slips_in_between_is_told_as_well(
    flask_app: Any, world: World, client_for: Any, url: str
) -> None:
    """The version fits when it is read, and not any more when the row is written."""
    ops, owner = client_for(world.north.ops), client_for(world.north.owner)
    mine = open_form(owner, url)
    ops.post(url, open_form(ops, url) | {"phone": "first"})
    with flask_app.app_context(), system_scope("test"):
        version = db.session.get(Customer, world.north.customer.id).version

    def too_late(*_args: Any) -> None:
        raise StaleDataError("0 rows matched")

    event.listen(Customer, "before_update", too_late)
    try:
        refused = owner.post(url, mine | {"phone": "second", "version": str(version)})
    finally:
        event.remove(Customer, "before_update", too_late)

    assert refused.status_code == 409
    assert f"{world.north.ops.name} saved this record" in told(refused)
    assert rows(refused) == {"Phone": ("first", "second")}
    assert phone(flask_app, world) == "first"


def test_a_save_that_changes_nothing_stands_in_nobodys_way(
    flask_app: Any, world: World, client_for: Any, url: str
) -> None:
    ops, owner = client_for(world.north.ops), client_for(world.north.owner)
    mine = open_form(owner, url)
    ops.post(url, open_form(ops, url))

    saved = owner.post(url, mine | {"phone": "second"})

    assert saved.status_code == 302
    assert phone(flask_app, world) == "second"


def test_the_own_other_window_is_named_as_such(world: World, client_for: Any, url: str) -> None:
    ops = client_for(world.north.ops)
    old = open_form(ops, url)
    ops.post(url, open_form(ops, url) | {"phone": "first"})

    refused = ops.post(url, old | {"phone": "second"})

    assert "You saved this record" in told(refused)


INVENTED = (
    "",
    "yesterday",
    "1970-01-01T00:00:00+00:00",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T00:00:00+00:00",
)


@pytest.mark.parametrize("opened_at", INVENTED)
def test_an_invented_time_tells_nothing(opened_at: str, world: World, client_for: Any, url: str) -> None:
    """Sales may edit a customer, but not read the change log."""
    ops, sales = client_for(world.north.ops), client_for(world.north.sales)
    mine = open_form(sales, url)
    ops.post(url, open_form(ops, url) | {"phone": "first"})

    refused = sales.post(url, mine | {"phone": "second", "opened_at": opened_at})

    assert refused.status_code == 409
    assert "Somebody else saved this record" in told(refused)
    assert rows(refused) == {}
    assert 'name="over"' not in refused.text


@pytest.mark.parametrize("whose", ["own", "another record", "another person"])
def test_a_time_counts_for_its_person_and_record_only(
    whose: str, world: World, client_for: Any, url: str
) -> None:
    ops, sales = client_for(world.north.ops), client_for(world.north.sales)
    mine = open_form(sales, url)
    times = {
        "own": mine,
        "another record": open_form(sales, f"/customers/{world.north.other_customer.id}/"),
        "another person": open_form(ops, url),
    }
    ops.post(url, open_form(ops, url) | {"phone": "first"})

    refused = sales.post(url, mine | {"phone": "second", "opened_at": times[whose]["opened_at"]})

    assert rows(refused) == ({"Phone": ("first", "second")} if whose == "own" else {})


def over(answer: Any) -> str:
    """Return what the button sends that saves in spite of what others saved."""
    found = re.findall(r'form="opened-form" name="over" value="([^"]+)"', answer.text)
    assert len(found) == answer.text.count('id="opened-form"') == 1
    return str(found[0])


def test_it_can_be_saved_all_the_same(flask_app: Any, world: World, client_for: Any, url: str) -> None:
    ops, owner = client_for(world.north.ops), client_for(world.north.owner)
    mine = open_form(owner, url) | {"phone": "second"}
    ops.post(url, open_form(ops, url) | {"phone": "first"})
    refused = owner.post(url, mine)

    again = owner.post(url, mine)
    saved = owner.post(url, mine | {"over": over(refused)})

    assert (again.status_code, saved.status_code) == (409, 302)
    assert phone(flask_app, world) == "second"


def test_but_not_over_what_a_third_person_saved_since(
    flask_app: Any, world: World, client_for: Any, url: str
) -> None:
    ops, sales, owner = (client_for(one) for one in (world.north.ops, world.north.sales, world.north.owner))
    mine = open_form(owner, url) | {"phone": "second"}
    ops.post(url, open_form(ops, url) | {"phone": "first"})
    refused = owner.post(url, mine)
    sales.post(url, open_form(sales, url) | {"phone": "third"})

    once_more = owner.post(url, mine | {"over": over(refused)})

    assert once_more.status_code == 409
    assert f"{world.north.sales.name} saved this record" in told(once_more)
    assert rows(once_more) == {"Phone": ("third", "second")}
    assert phone(flask_app, world) == "third"
    assert owner.post(url, mine | {"over": over(once_more)}).status_code == 302


def test_nor_with_what_was_meant_for_somebody_or_something_else(
    flask_app: Any, world: World, client_for: Any, url: str
) -> None:
    ops, owner, sales = (client_for(one) for one in (world.north.ops, world.north.owner, world.north.sales))
    mine, other = open_form(owner, url), open_form(sales, url)
    ops.post(url, open_form(ops, url) | {"phone": "first"})
    theirs = over(sales.post(url, other | {"phone": "second"}))

    for word in (theirs, mine["opened_at"][0], "2", ""):
        assert owner.post(url, mine | {"phone": "second", "over": word}).status_code == 409
    assert phone(flask_app, world) == "first"


def test_a_password_is_never_told(world: World, client_for: Any) -> None:
    url = f"/customers/{world.north.customer.id}/users/{world.north.customer_user.id}/"
    ops, owner = client_for(world.north.ops), client_for(world.north.owner)
    mine = open_form(owner, url)
    ops.post(url, open_form(ops, url) | {"name": "New Name", "password": "a secret of the first"})

    refused = owner.post(url, mine | {"name": "Other Name", "password": "a secret of the second"})

    assert refused.status_code == 409
    assert rows(refused)["Contact name"] == ("New Name", "Other Name")
    assert rows(refused)["New password"] == ("not shown", "not shown")
    for secret in ("a secret of the first", "a secret of the second", "pbkdf2"):
        assert secret not in refused.text


def test_what_is_changed_elsewhere_is_told_too(world: World, client_for: Any, url: str) -> None:
    """Custom fields belong to the customer's record, and stand on a page of their own."""
    ops, owner = client_for(world.north.ops), client_for(world.north.owner)
    mine = open_form(owner, url)
    fields = f"{url}custom-fields/"
    ops.post(fields, open_form(ops, fields) | {"cf_field_northcanary": "changed there"})

    refused = owner.post(url, mine | {"phone": "second"})

    assert refused.status_code == 409
    assert rows(refused) == {"Field northcanary": ("changed there", "–")}


def test_the_same_choices_are_no_difference(flask_app: Any, world: World, client_for: Any) -> None:
    with flask_app.app_context(), system_scope("test"):
        field = db.session.get(CustomFieldDefinition, world.north.field.id)
        field.type, field.choices = FieldType.CHOICE, ["North"]
        db.session.commit()
    url = f"/settings/custom-fields/edit/{world.north.field.id}"
    ops, owner = client_for(world.north.ops), client_for(world.north.owner)
    mine = open_form(owner, url)
    ops.post(url, open_form(ops, url) | {"choices": "North\nSouth", "label": "A"})

    same = owner.post(url, mine | {"choices": "North\r\n South\r\n", "label": "B"})
    another = owner.post(url, mine | {"choices": "North\nEast", "label": "B"})

    assert rows(same) == {"Label": ("A", "B")}
    assert rows(another) == {"Label": ("A", "B"), "Choices": ("North, South", "North, East")}


def places(world: World) -> dict[str, tuple[str, str, str, dict[str, Any], dict[str, Any]]]:
    """Every form of a record: who, where, which form of the page, what the first saves, what the second enters."""
    north, customer = world.north, f"/customers/{world.north.customer.id}/"
    return {
        "custom values": (
            "ops",
            f"{customer}custom-fields/",
            "",
            {"cf_field_northcanary": "A"},
            {"cf_field_northcanary": "B"},
        ),
        "provider": (
            "ops",
            f"{customer}providers/aws/",
            "",
            {"pricebook_id": "", "all_services": "chosen", "services": ["Amazon Simple Storage Service"]},
            {"currency": "EUR"},
        ),
        "tax": ("ops", f"{customer}tax/", "", {"is_taxable": [], "tax_rate_ids": []}, {}),
        "account": (
            "ops",
            f"{customer}accounts/{north.account.id}/",
            "",
            {"name": "A"},
            {"name": "B"},
        ),
        "adjustment": ("ops", f"{customer}charges/", "adjust", {"percent": "5"}, {"percent": "7.5"}),
        "pricebook": (
            "ops",
            f"/pricebooks/edit/{north.pricebook.id}",
            "",
            {"adjustment_percent": "1"},
            {"adjustment_percent": "2"},
        ),
        "plan": (
            "ops",
            f"/settings/charges/edit/{north.plan.id}",
            "",
            {"kind": "discount", "is_support_plan": []},
            {"name": "Mine"},
        ),
        "tax rate": ("ops", f"/settings/taxes/edit/{north.tax_rate.id}", "", {"country": "FR"}, {}),
        "custom field": (
            "ops",
            f"/settings/custom-fields/edit/{north.field.id}",
            "",
            {"label": "A"},
            {"label": "B"},
        ),
        "user": (
            "owner",
            f"/settings/users/{north.sales.id}/",
            "",
            {"role": "Reseller Ops"},
            {"name": "Mine"},
        ),
        "account information": ("ops", "/settings/account/", "", {"city": "A"}, {"city": "B"}),
    }


ROWS = {
    "custom values": {"Field northcanary": ("A", "B")},
    "provider": {
        "Pricebook": ("Amazon Web Services Master (list price)", "Book northcanary"),
        "Chosen services": ("Amazon Simple Storage Service", "All services"),
    },
    "tax": {"Is taxable": ("no", "yes"), "Tax rate": ("− VAT northcanary", "–")},
    "account": {"Friendly name": ("A", "B")},
    "adjustment": {"Global discount or uplift": ("5", "7.5")},
    "pricebook": {"Adjustment in percent": ("1", "2")},
    "plan": {
        "Kind": ("Discount, taken off the statement", "Charge, added to the statement"),
        "Support plan": ("no", "yes"),
    },
    "tax rate": {"Country": ("France", "Germany")},
    "custom field": {"Label": ("A", "B")},
    "user": {"Role": tuple(f"{role}: {ROLE_PURPOSE[role]}" for role in (RoleName.OPS, RoleName.SALES))},
    "account information": {"City": ("A", "B")},
}


@pytest.mark.parametrize("which", list(ROWS))
def test_every_form_of_a_record_tells(which: str, world: World, client_for: Any) -> None:
    role, url, what, first, second = places(world)[which]
    one, two = client_for(world.north.owner), client_for(getattr(world.north, role))
    mine = open_form(two, url, what)

    saved = one.post(url, open_form(one, url, what) | first)
    refused = two.post(url, mine | second)

    assert (saved.status_code, refused.status_code) == (302, 409)
    name = "You" if role == "owner" else world.north.owner.name
    assert f"{name} saved this record" in told(refused)
    assert rows(refused) == ROWS[which]
    assert two.post(url, mine | second | {"over": over(refused)}).status_code == 302


@pytest.mark.parametrize("what", ["resellers", "providers", "users"])
def test_what_two_platform_admins_edit(what: str, world: World, client_for: Any) -> None:
    key = {"resellers": world.north.id, "providers": 1, "users": world.admin.id}[what]
    url = f"/platform/{what}/edit/{key}"
    admin = client_for(world.admin)
    old = open_form(admin, url)
    admin.get("/platform/")  # what signing in and working notes on a login makes no form old
    saved = admin.post(url, open_form(admin, url) | {"name": "North Star"})

    refused = admin.post(url, old | {"name": "North Pole"})

    assert (saved.status_code, refused.status_code) == (302, 409)
    assert "You saved this record" in told(refused)
    assert rows(refused) == {"Name": ("North Star", "North Pole")}
