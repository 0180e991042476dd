"""What stands before approving: which points there are, which of them block, and where each is put right."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from app.approvals import requests, services
from app.approvals.checklist import Check, Verdict, checklist_of
from app.charges.assignments import assign_plan
from app.charges.models import ChargeAssignment
from app.cloud_accounts.models import CloudAccount
from app.customers.models import Customer
from app.extensions import db
from app.providers.models import ResellerProvider
from tests.approvals.steps import (
    NOW,
    ask_account,
    authorise,
    customer_scope,
    looking,
    provider_of,
    scope_of,
    sign_up,
    working,
)
from tests.worlds import World

POINTS = ("provider", "pricebook", "support_plan")


def checks(app: Any, world: World, request_id: int) -> dict[str, Check]:
    with working(app, scope_of(world.north)):
        return {one.key: one for one in checklist_of(services.find_request(request_id))}


def verdicts(found: dict[str, Check]) -> dict[str, Verdict]:
    return {key: one.verdict for key, one in found.items()}


def prepare(app: Any, world: World, request_id: int, code: str, **more: Any) -> None:
    with working(app, scope_of(world.north)):
        authorise(services.find_request(request_id).customer, code, **more)


def test_a_fresh_sign_up_is_blocked_and_the_rest_comes_later(flask_app: Any, world: World) -> None:
    found = checks(flask_app, world, sign_up(flask_app, world.north))

    assert verdicts(found) == {
        "provider": Verdict.BLOCKS,
        "pricebook": Verdict.LATER,
        "support_plan": Verdict.LATER,
        "address": Verdict.DONE,
        "duplicate": Verdict.DONE,
    }
    assert found["provider"].endpoint == "CustomerProvidersView.show"


def test_the_link_leads_to_the_one_provider_that_was_asked_for(flask_app: Any, world: World) -> None:
    one = checks(flask_app, world, sign_up(flask_app, world.north, providers="azure"))["provider"]
    two = checks(
        flask_app,
        world,
        sign_up(
            flask_app,
            world.north,
            providers="Microsoft Azure, aws",
            organization="Second",
            email="b@second.example",
        ),
    )["provider"]

    assert (one.endpoint, one.values["code"]) == ("CustomerProvidersView.edit", "azure")
    assert one.action == "Authorise Microsoft Azure"
    assert "asked for Microsoft Azure." in one.text
    assert two.endpoint == "CustomerProvidersView.show"
    assert "asked for Amazon Web Services, Microsoft Azure." in two.text


def test_at_list_price_and_without_a_plan_it_is_said_what_that_costs(flask_app: Any, world: World) -> None:
    request_id = sign_up(flask_app, world.north, is_ready=True)

    found = checks(flask_app, world, request_id)

    assert verdicts(found) == {
        "provider": Verdict.DONE,
        "pricebook": Verdict.WARNS,
        "support_plan": Verdict.WARNS,
        "address": Verdict.DONE,
        "duplicate": Verdict.DONE,
    }
    assert "the list price is billed" in found["pricebook"].text
    assert found["pricebook"].values["code"] == "aws"
    assert "comes out of your margin" in found["support_plan"].text  # AWS, in the program
    assert found["support_plan"].endpoint == "CustomerChargesView.show"


def test_outside_the_program_a_missing_plan_is_a_question_of_what_is_offered(
    flask_app: Any, world: World
) -> None:
    request_id = sign_up(flask_app, world.north)
    prepare(flask_app, world, request_id, "azure")

    found = checks(flask_app, world, request_id)

    assert found["support_plan"].verdict is Verdict.WARNS
    assert "fine where you offer none" in found["support_plan"].text


def test_all_three_decisions_are_made(flask_app: Any, world: World) -> None:
    request_id = sign_up(flask_app, world.north)
    prepare(flask_app, world, request_id, "aws", pricebook_id=world.north.pricebook.id)
    with working(flask_app, scope_of(world.north)):
        assign_plan(services.find_request(request_id).customer, world.north.plan.id)

    found = checks(flask_app, world, request_id)

    assert [found[key].verdict for key in POINTS] == [Verdict.DONE] * 3
    assert found["pricebook"].text.startswith("Book northcanary")
    assert found["support_plan"].text == world.north.plan.name


def test_for_an_account_only_its_own_provider_counts(flask_app: Any, world: World) -> None:
    request_id = ask_account(flask_app, world.north)
    with working(flask_app, scope_of(world.north)):
        customer = db.session.get(Customer, world.north.customer.id)
        authorise(customer, "azure")
        authorise(customer, "aws", is_on=False)

    found = checks(flask_app, world, request_id)

    assert found["provider"].verdict is Verdict.BLOCKS
    assert found["provider"].title == "Authorise Amazon Web Services"
    assert "duplicate" not in found


def test_a_provider_that_was_withdrawn_from_the_reseller_blocks(flask_app: Any, world: World) -> None:
    request_id = ask_account(flask_app, world.north)
    with looking(flask_app):
        grants = select(ResellerProvider).where(ResellerProvider.reseller_id == world.north.id)
        for grant in db.session.scalars(grants):
            if grant.provider.code == "aws":
                db.session.delete(grant)
        db.session.commit()

    point = checks(flask_app, world, request_id)["provider"]

    assert (point.verdict, point.endpoint) == (Verdict.BLOCKS, "")
    assert "does not let you sell Amazon Web Services" in point.text


def test_a_plan_of_another_provider_does_not_do_for_this_one(flask_app: Any, world: World) -> None:
    request_id = ask_account(flask_app, world.north)
    with working(flask_app, scope_of(world.north)):
        for one in db.session.scalars(select(ChargeAssignment)):
            db.session.delete(one)

    assert checks(flask_app, world, request_id)["support_plan"].verdict is Verdict.WARNS


def test_a_removal_needs_no_preparation(flask_app: Any, world: World) -> None:
    with working(flask_app, customer_scope(world.north)):
        request_id = requests.request_removal(
            customer=db.session.get(Customer, world.north.customer.id),
            account=db.session.get(CloudAccount, world.north.account.id),
            details={"reason": "over"},
            requester=None,
            now=NOW,
        ).id

    assert checks(flask_app, world, request_id) == {}


@pytest.mark.parametrize(
    ("entered", "named"),
    [
        ({"duplicate_of": "C-1001"}, True),
        ({"email": "customer@northcanary.example"}, True),
        ({"email": "somebody@northcanary.example"}, True),
        ({"email": "customer@gmail.com"}, False),
        ({"email": "a@xnorthcanary.example"}, False),
    ],
)
def test_an_organization_that_is_known_already_is_pointed_out(
    flask_app: Any, world: World, entered: dict[str, str], named: bool
) -> None:
    if entered.get("email") == "customer@gmail.com":  # a domain that everybody may have an address at
        with working(flask_app, scope_of(world.north)):
            db.session.get(Customer, world.north.customer.id).email = "customer.too@gmail.com"

    point = checks(flask_app, world, sign_up(flask_app, world.north, **entered))["duplicate"]

    assert point.verdict is (Verdict.WARNS if named else Verdict.DONE)
    assert (world.north.customer.name in point.text) is named
    if named:
        assert point.values == {"customer_id": world.north.customer.id}
        assert point.action == "Open C-1001"


def test_whose_account_was_renamed_is_told_even_when_that_customer_is_gone(
    flask_app: Any, world: World
) -> None:
    for number in ("C-4711", "C-x", "C-99999999999"):
        point = checks(
            flask_app,
            world,
            sign_up(
                flask_app,
                world.north,
                duplicate_of=number,
                organization=f"New {number}",
                email=f"a{len(number)}@new{len(number)}.example",
            ),
        )["duplicate"]

        assert (point.verdict, point.endpoint) == (Verdict.WARNS, "")
        assert number in point.text


def test_the_other_resellers_customers_are_no_duplicates(flask_app: Any, world: World) -> None:
    request_id = sign_up(flask_app, world.north, email="customer@southcanary.example")

    assert checks(flask_app, world, request_id)["duplicate"].verdict is Verdict.DONE


def test_an_id_that_another_customer_has_blocks_linking_it(flask_app: Any, world: World) -> None:
    with looking(flask_app):
        taken = db.session.get(CloudAccount, world.north.other_account.id).account_id
    request_ids = []
    for account_id in (taken, "111122223333"):
        with working(flask_app, customer_scope(world.north)):
            request_ids.append(
                requests.request_link(
                    customer=db.session.get(Customer, world.north.customer.id),
                    provider=provider_of("aws"),
                    details={"account_id": account_id},
                    requester=None,
                    now=NOW,
                ).id
            )

    blocked, free = (checks(flask_app, world, one)["account"] for one in request_ids)

    assert blocked.verdict is Verdict.BLOCKS
    assert world.north.other_customer.name in blocked.text
    assert blocked.values == {"customer_id": world.north.other_customer.id}
    assert free.verdict is Verdict.DONE


def test_an_address_that_nobody_has_proven_is_warned_of(flask_app: Any, world: World) -> None:
    proven = checks(flask_app, world, sign_up(flask_app, world.north))["address"]
    other = sign_up(flask_app, world.north, is_proven=False, organization="Second", email="b@second.example")
    not_proven = checks(flask_app, world, other)["address"]

    assert (proven.verdict, not_proven.verdict) == (Verdict.DONE, Verdict.WARNS)
    assert "Anybody can have entered b@second.example." in not_proven.text
