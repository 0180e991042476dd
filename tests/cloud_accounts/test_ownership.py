"""An account is one customer's at a time, from a day on; usage belongs to whoever had it on that day."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from app.approvals.requests import request_removal
from app.audit.models import AuditEntry
from app.cloud_accounts.models import AccountPeriod, CloudAccount
from app.cloud_accounts.ownership import find_active_customer, move_account
from app.cloud_accounts.queries import accounts_of, held_in, owner_on
from app.cloud_accounts.services import (
    change_account,
    delete_account,
    link_account,
    note_accounts,
)
from app.customers.lifecycle import archive_customer
from app.customers.models import Customer
from app.errors import EditConflict, Invalid, WrongState
from app.extensions import db
from app.pricebooks.models import Pricebook
from app.pricebooks.services import delete_pricebook
from app.rating.months import Days
from app.tenancy.scope import Scope, ScopeKind, reseller_scope, use_scope
from tests.cloud_accounts.ground import (
    NOW,
    NUMBER,
    TODAY,
    assign,
    day,
    held,
    lock,
    move,
    noted,
    period_of,
    provider,
)
from tests.worlds import World

OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)


@pytest.fixture
def north(flask_app: Any, world: World) -> Any:
    with flask_app.test_request_context(), reseller_scope(world.north.id):
        yield world.north
        db.session.rollback()


@pytest.fixture
def acme(north: Any) -> Customer:
    return db.session.get(Customer, north.customer.id)


@pytest.fixture
def bolt(north: Any) -> Customer:
    return db.session.get(Customer, north.other_customer.id)


def test_what_a_bill_names_is_nobodys_and_noted_once(north: Any) -> None:
    [first] = noted()
    [again] = noted()

    assert first is again
    assert (first.customer_id, held(first)) == (None, [])
    assert owner_on(first, TODAY) is None
    assert held_in(NOVEMBER, AccountPeriod.cloud_account_id == first.id) == []


def test_nobody_but_its_reseller_sees_an_unassigned_account(north: Any, world: World) -> None:
    [account] = noted()
    key, is_it = account.id, select(CloudAccount).where(CloudAccount.account_id == NUMBER)
    customers = [
        Scope(ScopeKind.CUSTOMER, north.id, one.id) for one in (north.customer, north.other_customer)
    ]

    for scope in (*customers, Scope(ScopeKind.RESELLER, world.south.id)):
        with use_scope(scope):
            assert db.session.scalars(is_it).all() == []
            assert db.session.get(CloudAccount, key) is None
    assert db.session.scalars(is_it).all() == [account]


def test_accounts_are_assigned_together_from_a_day_or_from_the_beginning(north: Any, acme: Customer) -> None:
    first, second = noted("600000000001", "600000000002")
    third = noted("600000000003")

    assign([first, second], acme)
    assign(third, acme, "10-15")

    assert held(first) == held(second) == [(acme.id, "…", "…")]
    assert held(third[0]) == [(acme.id, "10-15", "…")]
    assert owner_on(third[0], day("10-14")) is None
    assert owner_on(third[0], day("10-15")) == acme


def test_one_that_somebody_has_keeps_all_of_them_back(north: Any, acme: Customer, bolt: Customer) -> None:
    first, second = noted("600000000001", "600000000002")
    assign([second], bolt)

    with pytest.raises(WrongState, match=f"600000000002 was assigned to {bolt} meanwhile"):
        assign([first, second], acme)

    assert held(first) == []


def test_a_customer_has_to_be_authorised_and_not_archived(north: Any, acme: Customer) -> None:
    azure = note_accounts(provider("azure"), {"1f2e3d4c-5b6a-4788-90a1-b2c3d4e5f601": ""}, now=NOW)
    with pytest.raises(Invalid, match="Authorise Microsoft Azure for") as refused:
        assign(list(azure.values()), acme)
    assert refused.value.field == "customer"

    archive_customer(acme, now=NOW)
    with pytest.raises(Invalid, match="is archived"):
        assign(noted(), acme)
    with pytest.raises(Invalid, match="is archived"):
        find_active_customer(acme.account_number)


@pytest.mark.parametrize("text", ["C-1001", "c-1001", "1001", "CUSTOMER NORTHCANARY gmbh", "C-1001 Customer"])
def test_a_customer_is_named_by_number_or_organization(acme: Customer, text: str) -> None:
    assert find_active_customer(text) == acme


@pytest.mark.parametrize("text", ["", "C-9999", "Customer southcanary GmbH", "²", "9" * 30])
def test_nobody_else_is_named(acme: Customer, text: str) -> None:
    with pytest.raises(Invalid, match="No customer has this number or name"):
        find_active_customer(text)


def test_a_part_of_a_name_is_answered_with_who_may_be_meant(acme: Customer) -> None:
    with pytest.raises(Invalid, match=r"Did you mean .+ \(C-1001\)\?"):
        find_active_customer("Customer north")


def test_usage_follows_an_account_from_the_day_it_moved(north: Any, acme: Customer, bolt: Customer) -> None:
    [account] = assign(noted(), acme)

    move(account, bolt, "11-15")

    assert account.customer_id == bolt.id
    assert held(account) == [(acme.id, "…", "11-14"), (bolt.id, "11-15", "…")]
    assert owner_on(account, day("11-14")) == acme
    assert owner_on(account, day("11-15")) == bolt
    of_acme = [one for one in accounts_of(acme, NOVEMBER) if one.account is account]
    of_bolt = [one for one in accounts_of(bolt, NOVEMBER) if one.account is account]
    assert [(one.days, one.days.in_month(NOVEMBER)) for one in of_acme] == [(Days(None, day("11-14")), 14)]
    assert [(one.days, one.days.in_month(NOVEMBER)) for one in of_bolt] == [(Days(day("11-15"), None), 16)]
    assert account not in [one.account for one in accounts_of(bolt, OCTOBER)]


def test_moving_back_goes_on_as_before_with_what_was_agreed(
    north: Any, acme: Customer, bolt: Customer
) -> None:
    [account] = assign(noted(), acme)
    period_of(account).pricebook_id = north.pricebook.id
    move(account, bolt, "11-15")
    assert period_of(account).pricebook_id is None, "what was agreed with one customer is not the other's"

    move(account, acme, "11-15")

    assert held(account) == [(acme.id, "…", "…")]
    assert period_of(account).pricebook_id == north.pricebook.id


def test_moving_back_later_leaves_the_days_between_to_the_other(
    north: Any, acme: Customer, bolt: Customer
) -> None:
    [account] = assign(noted(), acme)
    move(account, bolt, "10-10")

    move(account, acme, "11-20")

    assert held(account) == [
        (acme.id, "…", "10-09"),
        (bolt.id, "10-10", "11-19"),
        (acme.id, "11-20", "…"),
    ]


def test_an_earlier_day_replaces_what_was_said_of_later_ones(
    north: Any, acme: Customer, bolt: Customer
) -> None:
    [account] = assign(noted(), acme)
    move(account, bolt, "11-15")

    move(account, bolt, "10-01")
    assert held(account) == [(acme.id, "…", "09-30"), (bolt.id, "10-01", "…")]
    move(account, bolt, None)
    assert held(account) == [(bolt.id, "…", "…")]


def test_an_account_can_be_given_back_and_assigned_again(north: Any, acme: Customer, bolt: Customer) -> None:
    [account] = assign(noted(), acme)

    move(account, None, "11-10")
    assert (account.customer_id, held(account)) == (None, [(acme.id, "…", "11-09")])
    assert owner_on(account, TODAY) is None
    assign([account], bolt, "11-20")

    assert held(account) == [(acme.id, "…", "11-09"), (bolt.id, "11-20", "…")]


def test_assigning_from_the_beginning_replaces_who_had_it_once(
    north: Any, acme: Customer, bolt: Customer
) -> None:
    [account] = assign(noted(), acme)
    move(account, None, "11-10")

    assign([account], bolt)

    assert held(account) == [(bolt.id, "…", "…")]


def test_a_move_that_changes_nothing_or_lies_ahead_is_refused(
    north: Any, acme: Customer, bolt: Customer
) -> None:
    [account] = assign(noted(), acme, "10-01")

    with pytest.raises(Invalid, match=rf"belongs to {acme} already"):
        move(account, acme, "10-15")
    with pytest.raises(Invalid, match="a day that has come") as ahead:
        move(account, bolt, "11-27")
    assert ahead.value.field == "from_day"
    assert held(account) == [(acme.id, "10-01", "…")]


@pytest.mark.parametrize("locked", ["acme", "bolt"])
def test_no_day_of_a_month_that_either_customer_has_a_statement_of(
    locked: str, north: Any, acme: Customer, bolt: Customer
) -> None:
    [account] = assign(noted(), acme)
    lock({"acme": acme, "bolt": bolt}[locked], "10")

    for since in ("10-31", None):
        with pytest.raises(Invalid, match=r"Oct 2026 is on issued statements\. Choose Nov 2026") as refused:
            move(account, bolt, since)
        assert refused.value.field == "from_day"
    move(account, bolt, "11-01")
    assert held(account) == [(acme.id, "…", "10-31"), (bolt.id, "11-01", "…")]


def test_a_customer_whose_days_do_not_change_keeps_nobody_back(
    north: Any, acme: Customer, bolt: Customer
) -> None:
    [account] = assign(noted(), bolt, "11-05")
    lock(bolt, "10")

    move(account, acme, "11-01")

    assert held(account) == [(acme.id, "11-01", "…")]


def test_a_removal_that_is_asked_for_is_settled_first(north: Any, acme: Customer, bolt: Customer) -> None:
    [account] = assign(noted(), acme)
    request_removal(customer=acme, account=account, details={"reason": "old"}, requester=None, now=NOW)

    with pytest.raises(WrongState, match="asked for the removal of"):
        move(account, bolt, "11-15")


def test_an_old_form_moves_nothing(north: Any, acme: Customer, bolt: Customer) -> None:
    [account] = assign(noted(), acme)
    opened = account.version
    move(account, bolt, "11-15")

    with pytest.raises(EditConflict):
        move_account(account, acme, from_day=TODAY, reason="x", version=opened, today=TODAY, now=NOW)


def test_both_customers_timelines_tell_of_a_move_and_why(north: Any, acme: Customer, bolt: Customer) -> None:
    [account] = assign(noted(), acme)
    db.session.flush()

    move(account, bolt, "11-15")

    moves = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "moved")).all()
    assert {one.customer_id for one in moves} == {acme.id, bolt.id}
    assert {one.reason for one in moves} == {"it was theirs"}
    assert [acme.organization, bolt.organization] in [one.changes.get("customer") for one in moves]


def test_linking_takes_over_what_a_bill_named(north: Any, acme: Customer) -> None:
    [account] = noted()

    linked = link_account(acme, provider(), account_id=NUMBER, name="prod", support_type="", now=NOW)

    assert linked is account
    assert (account.customer_id, account.name, held(account)) == (acme.id, "prod", [(acme.id, "…", "…")])


def test_an_account_is_linked_from_the_first_open_day(north: Any, acme: Customer) -> None:
    lock(acme, "10")

    account = link_account(acme, provider(), account_id=NUMBER, name="", support_type="", now=NOW)

    assert held(account) == [(acme.id, "11-01", "…")]


def test_linking_leaves_the_days_of_whoever_had_it_before(north: Any, acme: Customer, bolt: Customer) -> None:
    [account] = assign(noted(), acme)
    move(account, None, "11-10")

    link_account(bolt, provider(), account_id=NUMBER, name="", support_type="", now=NOW)

    assert held(account) == [(acme.id, "…", "11-09"), (bolt.id, "11-10", "…")]
    assert (owner_on(account, day("11-09")), owner_on(account, day("11-10"))) == (acme, bolt)


def change(account: CloudAccount, month: date | None = None, **values: Any) -> CloudAccount:
    given = {"custom_values": {}, **values}
    return change_account(account, given, from_month=month, version=account.version, now=NOW)


def test_an_own_pricebook_counts_from_a_month(north: Any, acme: Customer) -> None:
    [account] = assign(noted(), acme)

    change(account, NOVEMBER, pricebook_id=north.pricebook.id)

    def book_in(month: date) -> int | None:
        return next(one.pricebook_id for one in accounts_of(acme, month) if one.account is account)

    assert (book_in(OCTOBER), book_in(NOVEMBER)) == (None, north.pricebook.id)
    lock(acme, "11")
    with pytest.raises(Invalid, match="Nov 2026 is on issued statements"):
        change(account, NOVEMBER, pricebook_id=None)


def test_a_pricebook_that_an_account_has_is_in_use(north: Any, acme: Customer, bolt: Customer) -> None:
    book = Pricebook(provider=provider(), name="For one account", currency="EUR")
    db.session.add(book)
    [account] = assign(noted(), acme)
    db.session.flush()
    change(account, pricebook_id=book.id)

    with pytest.raises(WrongState, match="1 customer uses For one account"):
        delete_pricebook(book)


def test_a_book_of_another_provider_or_reseller_is_not_offered(
    north: Any, world: World, acme: Customer
) -> None:
    azure = Pricebook(provider=provider("azure"), name="Azure book", currency="EUR")
    db.session.add(azure)
    [account] = assign(noted(), acme)
    db.session.flush()

    for book in (azure.id, world.south.pricebook.id, 99999):
        with pytest.raises(Invalid, match="Choose one of the list") as refused:
            change(account, pricebook_id=book)
        assert refused.value.field == "pricebook_id"


def test_usage_before_the_start_of_billing_is_not_billed(north: Any, acme: Customer) -> None:
    [account] = assign(noted(), acme)

    change(account, billing_starts_on=day("11-11"))

    [of_it] = [one for one in accounts_of(acme, NOVEMBER) if one.account is account]
    assert of_it.days.in_month(NOVEMBER) == 20
    assert account not in [one.account for one in accounts_of(acme, OCTOBER)]


def test_the_start_of_billing_stays_within_the_accounts_days(north: Any, acme: Customer) -> None:
    [account] = assign(noted(), acme, "10-10")
    account.archived_on = day("11-20")
    db.session.flush()

    for start, sentence in (
        ("10-09", "this customer's since 10 Oct 2026"),
        ("11-21", "archived on 20 Nov 2026"),
    ):
        with pytest.raises(Invalid, match=sentence) as refused:
            change(account, billing_starts_on=day(start))
        assert refused.value.field == "billing_starts_on"
    lock(acme, "10")
    with pytest.raises(Invalid, match="Oct 2026 is on issued statements"):
        change(account, billing_starts_on=day("11-05"))


@pytest.mark.parametrize(
    ("arn", "sentence"),
    [
        ("arn:aws:iam::600000000001:role/tally", None),
        (" arn:aws-us-gov:iam::600000000001:role/path/to/tally ", None),
        ("", None),
        ("arn:aws:iam::600000000002:role/tally", "in the account 600000000002"),
        ("arn:aws:iam::600000000001:user/tally", "no ARN of a role"),
        ("arn:aws:iam::60000000000:role/tally", "no ARN of a role"),
        ("arn:aws:iam::٦٠٠٠٠٠٠٠٠٠٠١:role/tally", "no ARN of a role"),
        ("arn:aws:iam::600000000001:role/", "no ARN of a role"),
        ("tally", "no ARN of a role"),
    ],
)
def test_a_role_is_one_of_the_account(arn: str, sentence: str | None, north: Any, acme: Customer) -> None:
    [account] = assign(noted(), acme)

    if sentence is None:
        assert change(account, role_arn=arn).role_arn == arn.strip()
    else:
        with pytest.raises(Invalid, match=sentence) as refused:
            change(account, role_arn=arn)
        assert refused.value.field == "role_arn"


def test_external_ids_are_drawn_for_aws_alone_and_never_change(north: Any) -> None:
    accounts = noted("600000000001", "600000000002")
    azure = note_accounts(provider("azure"), {"1f2e3d4c-5b6a-4788-90a1-b2c3d4e5f601": ""}, now=NOW)
    drawn = [one.external_id for one in accounts]

    assert len(set(drawn)) == 2
    assert all(one is not None and len(one) == 34 and one.startswith("CA") for one in drawn)
    assert [one.external_id for one in azure.values()] == [None]
    with pytest.raises(ValueError, match="never changes"):
        accounts[0].external_id = "CA1"


def test_only_what_was_linked_by_mistake_is_deleted(north: Any, acme: Customer, bolt: Customer) -> None:
    mistaken, moved, billed, asked = assign(noted(*(f"60000000000{n}" for n in range(1, 5))), acme)
    key = mistaken.id
    delete_account(mistaken)
    assert db.session.get(CloudAccount, key) is None

    move(moved, bolt, "11-15")
    request_removal(customer=acme, account=asked, details={"reason": "old"}, requester=None, now=NOW)
    lock(acme, "11")
    for one in (moved, billed, asked):
        with pytest.raises(WrongState, match="This account has history"):
            delete_account(one)
