"""The customer's first page: the own company, what is switched on for it, and never more."""

from __future__ import annotations

from decimal import Decimal

import pytest
from flask import template_rendered
from sqlalchemy import select, update

from app.cloud_accounts.models import CloudAccount, CloudAccountStatus
from app.customers.models import Customer, ProviderEnablement
from app.extensions import db
from app.tenancy.models import Reseller
from app.tenancy.scope import system_scope

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 40


def change(flask_app, statement):
    with flask_app.app_context(), system_scope("test"):
        db.session.execute(statement)
        db.session.commit()


def test_the_customer_sees_the_own_company_providers_and_accounts(world, client_for):
    page = client_for(world.north.customer_user).get("/portal/north/").text

    assert world.north.customer.name in page
    assert "Amazon Web Services" in page
    assert world.north.account.name in page
    assert world.north.name in page
    assert "Good to see you, User" in page


def test_the_customer_sees_nothing_of_others(world, client_for):
    page = client_for(world.north.customer_user).get("/portal/north/").text

    for hidden in (
        world.north.other_customer.name,
        world.north.other_account.name,
        world.north.pricebook.name,
        world.north.plan.name,
        world.north.field.name,
        "value customer northcanary",
        world.south.name,
        "southcanary",
    ):
        assert hidden not in page


def test_no_template_of_the_portal_gets_a_record_of_the_console(flask_app, world, client_for):
    seen = []

    def note(_app, template, context, **_rest):
        if template.name.startswith("portal/"):
            seen.append(context)

    with template_rendered.connected_to(note, flask_app):
        client_for(world.north.customer_user).get("/portal/north/")

    assert len(seen) == 1
    records = (Customer, ProviderEnablement, CloudAccount)
    values = [item for value in seen[0].values() for item in (value if isinstance(value, list) else [value])]
    assert not any(isinstance(value, records) for value in values)
    words = ("cost", "price", "margin", "percent", "custom_values", "threshold")
    assert not [key for key in seen[0] if any(word in key for word in words)]


def test_a_provider_that_is_not_bought_any_more_leaves_its_accounts(flask_app, world, client_for):
    change(flask_app, update(ProviderEnablement).values(is_authorised=False))

    page = client_for(world.north.customer_user).get("/portal/north/").text

    assert 'href="/portal/north/accounts/requests/provider/aws/">Ask for this provider' in page
    assert world.north.account.name in page, "it is linked, and goes on costing"


def test_archived_accounts_are_left_out(flask_app, world, client_for):
    change(flask_app, update(CloudAccount).values(status=CloudAccountStatus.ARCHIVED))

    page = client_for(world.north.customer_user).get("/portal/north/").text

    assert world.north.account.name not in page
    assert "No cloud accounts yet" in page


def is_the_front(world, answer):
    """Is the answer what visitors see, with nothing of any customer?"""
    return (
        answer.status_code == 200
        and "Existing customers" in answer.text
        and world.north.customer.name not in answer.text
        and world.south.customer.name not in answer.text
    )


@pytest.mark.parametrize("who", ["owner", "ops", "sales"])
def test_console_people_are_strangers_to_the_portal(world, client_for, who):
    answer = client_for(getattr(world.north, who)).get("/portal/north/")

    assert is_the_front(world, answer)


def test_customers_of_another_reseller_are_strangers_to_the_portal(world, client_for):
    client = client_for(world.south.customer_user)

    assert is_the_front(world, client.get("/portal/north/"))
    assert client.get("/portal/north/login/").status_code == 200
    assert world.south.customer.name in client.get("/portal/south/").text, "at home nothing has changed"


def test_a_platform_admin_is_a_stranger_to_the_portal_even_after_entering(world, client_for):
    client = client_for(world.admin)
    assert is_the_front(world, client.get("/portal/north/"))
    client.post(f"/enter/{world.north.id}/", {"reason": "looking around"})

    assert is_the_front(world, client.get("/portal/north/"))


@pytest.mark.parametrize(
    "path",
    ["/home/", "/customers/list/", "/customers/add", "/audit/list/", "/platform/", "/platform/users/list/"],
)
def test_customers_do_not_open_the_console(world, client_for, path):
    assert client_for(world.north.customer_user).get(path).status_code == 403


def test_visitors_see_the_front_with_both_ways_in(world, client_for):
    client = client_for()

    page = client.get("/portal/north/?page=2").text

    assert is_the_front(world, client.get("/portal/north/"))
    assert 'href="/portal/north/login/"' in page
    assert 'href="/portal/north/signup/"' in page
    assert client.get("/portal/nobody/").status_code == 404


def test_the_portal_wears_the_resellers_logo_and_support_address(flask_app, world, client_for):
    change(
        flask_app,
        update(Reseller)
        .where(Reseller.id == world.north.id)
        .values(logo=PNG, logo_type="image/png", support_email="help@northcanary.example"),
    )
    client = client_for(world.north.customer_user)

    page = client.get("/portal/north/").text
    logo = client.get("/portal/north/logo")

    assert 'src="/portal/north/logo"' in page
    assert 'href="mailto:help@northcanary.example"' in page
    assert 'src="/portal/north/logo"' in client.get("/profile/").text
    assert (logo.status_code, logo.mimetype, logo.data) == (200, "image/png", PNG)
    assert logo.headers["X-Content-Type-Options"] == "nosniff"
    assert client_for(world.south.customer_user).get("/portal/south/logo").status_code == 404


def test_markup_in_names_stays_text(flask_app, world, client_for):
    change(
        flask_app,
        update(Customer)
        .where(Customer.id == world.north.customer.id)
        .values(organization="<script>1</script>"),
    )

    page = client_for(world.north.customer_user).get("/portal/north/").text

    assert "<script>1</script>" not in page
    assert "&lt;script&gt;1" in page


def test_the_page_shows_no_amount_of_the_customers_record(flask_app, world, client_for):
    change(flask_app, update(Customer).values(spend_threshold_amount=Decimal("98765.43")))
    with flask_app.app_context(), system_scope("test"):
        assert db.session.scalars(select(Customer.spend_threshold_amount)).first() == Decimal("98765.43")

    assert "98" + ",765" not in client_for(world.north.customer_user).get("/portal/north/").text
