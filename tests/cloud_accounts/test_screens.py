"""The screens of cloud accounts: what is entered is kept, refusals stand beside their field, files hold the lists."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from sqlalchemy import event, func, select

from app.cloud_accounts.models import AccountPeriod, CloudAccount
from app.custom_fields.models import CustomFieldDefinition, FieldTarget, FieldType
from app.extensions import db
from app.kernel.unit_of_work import unit_of_work
from app.tenancy.scope import reseller_scope, system_scope
from tests.cloud_accounts.ground import day, noted
from tests.conftest import Database
from tests.customers.test_concurrency import at_once
from tests.worlds import World

UNASSIGNED = "/cloud-accounts/unassigned/"
NUMBERS = tuple(f"6000000000{n:02}" for n in range(30))


@pytest.fixture
def known(flask_app: Any, world: World, database: Database) -> World:
    """North has thirty accounts that are nobody's, and an account field of the name of a customer field."""
    with flask_app.test_request_context():
        database.bring_built("unassigned accounts", lambda: build_unassigned(world))
    return world


def build_unassigned(world: World) -> None:
    with reseller_scope(world.north.id), unit_of_work(db.session):
        noted(*NUMBERS)
        db.session.add(
            CustomFieldDefinition(
                name="field_northcanary",
                label="Purchase order",
                type=FieldType.TEXT,
                target=FieldTarget.CLOUD_ACCOUNT,
                choices=[],
                position=10,
            )
        )


def of(app: Any, number: str) -> Any:
    with app.app_context(), system_scope("test"):
        return db.session.scalars(select(CloudAccount).where(CloudAccount.account_id == number)).one()


def period_of(app: Any, account_id: int) -> Any:
    with app.app_context(), system_scope("test"):
        query = select(AccountPeriod).where(
            AccountPeriod.cloud_account_id == account_id, AccountPeriod.last_day.is_(None)
        )
        return db.session.scalars(query).one()


def page(world: World, rest: str = "") -> str:
    return f"/customers/{world.north.customer.id}/accounts/{rest}"


def form(version: int = 1, **values: Any) -> dict[str, Any]:
    return {"version": version, "counts_from": "always", **values}


def errors(answer: Any) -> str:
    return " ".join(re.findall(r'class="ct-fielderror".*?<span>(.*?)</span>', answer.text, re.DOTALL))


def test_everything_that_is_known_of_an_account_is_kept(
    flask_app: Any, known: World, client_for: Any
) -> None:
    client, account = client_for(known.north.sales), known.north.account

    saved = client.post(
        page(known, f"{account.id}/"),
        form(
            name="prod",
            account_type="subscription",
            root_email="Root@Example.com",
            cost_centre="CC-7",
            role_arn=f"arn:aws:iam::{known.north.id:06d}{known.north.customer.id:06d}:role/tally",
            pricebook_id=known.north.pricebook.id,
            counts_from="2026-11",
            billing_starts_on="2026-11-10",
            cf_field_northcanary="PO-1",
        ),
    )
    shown = client.get(page(known, f"{account.id}/")).text

    assert saved.status_code == 302
    with flask_app.app_context(), system_scope("test"):
        row = db.session.get(CloudAccount, account.id)
        assert (row.account_type, row.root_email, row.cost_centre) == (
            "subscription",
            "root@example.com",
            "CC-7",
        )
        assert row.custom_values == {"field_northcanary": "PO-1"}
        assert row.external_id in shown
        assert f'data-copy="{row.external_id}"' in shown
    period = period_of(flask_app, account.id)
    assert (period.pricebook_id, period.counts_from) == (known.north.pricebook.id, day("11-01"))
    assert period.billing_starts_on == day("11-10")
    assert 'value="PO-1"' in shown
    assert "value customer northcanary" not in shown, "the customer field of the same name is another one"


def test_a_refusal_stands_beside_its_field_and_keeps_what_was_entered(known: World, client_for: Any) -> None:
    client = client_for(known.north.ops)

    answer = client.post(
        page(known, f"{known.north.account.id}/"),
        form(
            name="kept", role_arn="arn:aws:iam::999999999999:role/x", root_email="nobody", pricebook_id="77"
        ),
    )
    bad_role = client.post(
        page(known, f"{known.north.account.id}/"),
        form(name="kept", role_arn="arn:aws:iam::999999999999:role/x"),
    )

    assert (answer.status_code, bad_role.status_code) == (422, 422)
    assert "name@example.com" in errors(answer)
    assert "Choose one of the list." in errors(answer)
    assert "This role is in the account 999999999999" in errors(bad_role)
    assert 'value="kept"' in bad_role.text


def test_the_list_is_filtered_and_its_file_holds_the_same(known: World, client_for: Any) -> None:
    client = client_for(known.north.ops)
    query = "?q=0000000001&provider=aws&sort=account_id&dir=desc"

    shown = client.get(UNASSIGNED + query).text
    text = client.get(f"{UNASSIGNED}export.csv{query}").data.decode("utf-8-sig")
    [head, *rows] = csv.reader(io.StringIO(text), delimiter=";" if ";" in text.split("\n")[0] else ",")

    assert head[:2] == ["Account", "Account ID"]
    assert "Purchase order" in head
    assert "Own pricebook" not in head, "nothing is agreed for what nobody has"
    assert [row[1] for row in rows] == sorted((one for one in NUMBERS if "0000000001" in one), reverse=True)
    assert re.findall(r'class="ct-medium">(\d{12})<', shown) == [row[1] for row in rows]
    assert client.get(f"{UNASSIGNED}export.xlsx").data[:2] == b"PK"
    for bad in ("sort=x", "status=gone", "dir=up", "page=-1"):
        assert client.get(f"{UNASSIGNED}?{bad}").status_code == 400


def test_a_customers_list_shows_account_fields_as_columns(known: World, client_for: Any) -> None:
    client = client_for(known.north.ops)
    client.post(page(known, f"{known.north.account.id}/"), form(name="x", cf_field_northcanary="PO-77"))

    assert "PO-77" not in client.get(page(known)).text
    assert "PO-77" in client.get(page(known, "?columns=account&columns=cf_field_northcanary")).text
    assert "PO-77" in client.get(page(known, "export.csv")).text
    assert "PO-77" not in client.get(page(known, "export.csv?fields=shown")).text
    assert "PO-77" not in client_for(known.north.customer_user).get("/portal/north/accounts/").text


def test_chosen_accounts_are_assigned_in_one_order(flask_app: Any, known: World, client_for: Any) -> None:
    client = client_for(known.north.ops)
    ids = [of(flask_app, one).id for one in NUMBERS[:3]]

    asked = client.get(f"{UNASSIGNED}assign/?" + "&".join(f"rowid={one}" for one in ids))
    order = {"rowid": ids, "since": "day", "from_day": "2026-11-03", "reason": "a new team"}
    nobody = client.post(f"{UNASSIGNED}assign/", {**order, "customer": "C-9999"})
    no_day = client.post(f"{UNASSIGNED}assign/", {**order, "customer": "C-1001", "from_day": ""})
    done = client.post(f"{UNASSIGNED}assign/", {**order, "customer": "C-1001"})
    again = client.post(f"{UNASSIGNED}assign/", {**order, "customer": "C-1002"})

    assert "Assign 3 accounts" in asked.text
    assert (nobody.status_code, no_day.status_code, done.status_code, again.status_code) == (
        422,
        422,
        302,
        409,
    )
    assert "No customer has this number or name" in errors(nobody)
    assert "Enter a date." in errors(no_day)
    assert "meanwhile. Nothing was changed." in again.text
    assert {of(flask_app, one).customer_id for one in NUMBERS[:3]} == {known.north.customer.id}
    assert period_of(flask_app, ids[0]).first_day == day("11-03")
    assert known.north.customer.name in client.get(f"/customers/list/?q={NUMBERS[0]}").text


def test_all_that_match_can_be_assigned(flask_app: Any, known: World, client_for: Any) -> None:
    client = client_for(known.north.ops)

    asked = client.get(f"{UNASSIGNED}assign/?all=1&q=60000000001")

    assert "Assign 10 accounts" in asked.text
    assert len(re.findall(r'name="rowid"', asked.text)) == 10


def test_what_another_reseller_has_is_not_assigned(known: World, client_for: Any, flask_app: Any) -> None:
    south, mine = client_for(known.south.ops), of(flask_app, NUMBERS[0]).id
    order = {"rowid": mine, "customer": "C-1001", "since": "beginning"}

    assert NUMBERS[0] not in south.get(UNASSIGNED).text
    assert south.get(f"{UNASSIGNED}assign/?rowid={mine}").status_code == 404
    assert south.post(f"{UNASSIGNED}assign/", order).status_code == 404
    assert south.post(f"{UNASSIGNED}{mine}/archive/").status_code == 404
    assert of(flask_app, NUMBERS[0]).customer_id is None


def test_an_account_that_is_no_customers_is_put_aside(flask_app: Any, known: World, client_for: Any) -> None:
    client, account = client_for(known.north.ops), of(flask_app, NUMBERS[0])

    assert "30 cloud accounts belong to no customer" in client.get("/home/").text
    assert client.post(f"{UNASSIGNED}{account.id}/archive/").status_code == 302
    assert "29 cloud accounts belong to no customer" in client.get("/home/").text
    assert NUMBERS[0] not in client.get(UNASSIGNED + "?per_page=50").text
    assert NUMBERS[0] in client.get(UNASSIGNED + "?status=archived").text
    assert client.post(f"{UNASSIGNED}{account.id}/restore/").status_code == 302


def moving(version: int, to: str, **more: Any) -> dict[str, Any]:
    order = {"to": "customer", "since": "day", "from_day": "2026-11-15", "reason": "sold"}
    return {"version": version, "customer": to, **order, **more}


def test_a_moved_account_leaves_the_old_customer_but_for_its_days(
    flask_app: Any, world: World, client_for: Any
) -> None:
    client, account, other = client_for(world.north.ops), world.north.account, world.north.other_customer
    portal = client_for(world.north.customer_user)
    assert account.name in portal.get("/portal/north/accounts/").text
    url = page(world, f"{account.id}/")

    moved = client.post(f"{url}move/", moving(1, other.name))
    late = client.post(f"{url}move/", moving(1, "C-1001"))

    assert moved.status_code == 302
    assert late.status_code == 409
    assert f"belongs to {other.name} now. Nothing was changed." in late.text
    assert account.name not in portal.get("/portal/north/accounts/").text
    assert client.get(url).status_code == 404
    earlier = client.get(page(world)).text.split("Earlier accounts")[1]
    assert account.name in earlier
    assert "until 14 Nov 2026" in earlier
    assert other.name in earlier
    there = client.get(f"/customers/{other.id}/accounts/{account.id}/").text
    assert "since 15 Nov 2026" in there
    assert "sold" in there
    assert "moved" in client.get(f"/customers/{world.north.customer.id}/timeline/").text


def test_a_move_says_what_is_wrong_beside_the_field(world: World, client_for: Any) -> None:
    client, url = client_for(world.north.ops), page(world, f"{world.north.account.id}/move/")

    assert "Enter a customer&#39;s number or name." in errors(client.post(url, moving(1, "")))
    assert "No customer has this number" in errors(client.post(url, moving(1, world.south.customer.name)))
    assert "Say why" in errors(client.post(url, moving(1, "C-1002", reason="")))
    assert "a day that has come" in errors(client.post(url, moving(1, "C-1002", from_day="2031-01-01")))
    assert "already" in errors(client.post(url, moving(1, "C-1001")))
    assert client_for(world.north.sales).post(url, moving(1, "C-1002")).status_code == 403


def test_of_two_who_move_an_account_at_once_one_is_told(
    flask_app: Any, world: World, client_for: Any
) -> None:
    account, other = world.north.account, world.north.other_customer
    url = page(world, f"{account.id}/move/")
    clients = [client_for(world.north.ops), client_for(world.north.owner)]
    orders = [moving(1, other.name), {**moving(1, ""), "to": "nobody"}]

    answers = at_once(
        [
            lambda client=client, order=order: client.post(url, order)
            for client, order in zip(clients, orders, strict=True)
        ]
    )

    assert sorted(one.status_code for one in answers) == [302, 409]
    [told] = [one for one in answers if one.status_code == 409]
    assert "Nothing was" in told.text
    with flask_app.app_context(), system_scope("test"):
        open_ones = select(func.count(AccountPeriod.id)).where(
            AccountPeriod.cloud_account_id == account.id, AccountPeriod.last_day.is_(None)
        )
        now = db.session.get(CloudAccount, account.id)
        assert db.session.scalar(open_ones) == (1 if now.customer_id else 0)


def test_more_accounts_cost_no_more_statements(flask_app: Any, known: World, client_for: Any) -> None:
    client = client_for(known.north.ops)

    def statements(url: str) -> int:
        seen: list[str] = []

        def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            seen.append(statement)

        with flask_app.app_context():
            engine = db.engine
        event.listen(engine, "before_cursor_execute", note)
        try:
            assert client.get(url).status_code == 200
        finally:
            event.remove(engine, "before_cursor_execute", note)
        return len(seen)

    few = statements(UNASSIGNED + "?q=600000000001")
    assert statements(UNASSIGNED + "?per_page=50") <= few + 1, "but for counting"
    order = {"customer": "C-1001", "since": "beginning", "rowid": [of(flask_app, one).id for one in NUMBERS]}
    few = statements(page(known, "?per_page=50"))
    assert client.post(f"{UNASSIGNED}assign/", order).status_code == 302
    assert statements(page(known, "?per_page=50")) <= few + 1
