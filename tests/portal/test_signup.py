"""Signing up: what is asked by the reseller's settings, and what comes of it inside."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from app.approvals.models import ApprovalRequest, RequestStatus, RequestType
from app.customers.models import Customer, CustomerStatus
from app.extensions import db
from app.kernel.clock import frozen_at
from app.kernel.domains import domain_of
from app.portal.signup.models import EmailValidation
from app.security.models import User, UserStatus
from app.tenancy.scope import system_scope
from app.terms.models import TermsAcceptance
from tests.portal.steps import (
    NOW,
    SECRET,
    Heard,
    change_settings,
    count,
    good,
    last_entry,
    looking,
    new_entries,
    publish,
    sign_up,
)
from tests.worlds import World

URL = "/portal/north/signup/"
SENT = "/portal/north/signup/sent/"


def customer_named(session: Any, organization: str) -> Any:
    return session.scalars(select(Customer).where(Customer.organization == organization)).one()


def login_of(session: Any, email: str) -> Any:
    return session.scalars(select(User).where(User.email == email)).one_or_none()


def test_a_sign_up_makes_a_pending_customer_with_a_login_that_waits_for_its_address(
    flask_app: Any, world: World, client_for: Any, heard: Heard
) -> None:
    client = client_for()
    with frozen_at(NOW):
        answer = sign_up(client, email=" Ruth@Castellan.example ", providers=["azure", "aws"])

    assert (answer.status_code, answer.location) == (302, SENT)
    with looking(flask_app) as session:
        customer = customer_named(session, "Castellan Legal LLP")
        user = login_of(session, "ruth@castellan.example")
        validation = session.scalars(select(EmailValidation)).one()
        assert (customer.reseller_id, customer.status) == (world.north.id, CustomerStatus.PENDING)
        assert (customer.contact_name, customer.city, customer.country, customer.language) == (
            "Ruth Castellan",
            "London",
            "GB",
            "en",
        )
        assert (user.customer_id, user.status) == (customer.id, UserStatus.PENDING_EMAIL_VALIDATION)
        assert user.password
        assert SECRET not in user.password
        assert [role.name for role in user.roles] == ["Customer User"]
        assert validation.details["providers"] == "azure, aws"
        assert SECRET not in repr(validation.details)
        assert (validation.expires_at - NOW).total_seconds() == 24 * 3600
        assert heard.token not in (validation.token_hash, repr(validation.details))
    assert heard.asked == ["ruth@castellan.example"]
    assert heard.received == [], "the reseller hears of it when the address is proven"
    assert count(flask_app, ApprovalRequest) == 0


def test_nobody_signs_in_before_approval(flask_app: Any, world: World, client_for: Any, heard: Heard) -> None:
    sign_up(client_for())

    refused = client_for().post(
        "/portal/north/login/", {"username": "ruth@castellan.example", "password": SECRET}
    )

    assert refused.status_code == 422
    assert "Email or password is not right" in refused.text


def test_without_validation_the_reseller_hears_at_once(
    flask_app: Any, world: World, client_for: Any, heard: Heard
) -> None:
    change_settings(flask_app, world.north, requires_email_validation=False)

    assert sign_up(client_for()).location == SENT

    with looking(flask_app) as session:
        request = session.scalars(select(ApprovalRequest)).one()
        assert (request.type, request.status) == (RequestType.SIGNUP, RequestStatus.PENDING)
        assert login_of(session, "ruth@castellan.example").status is UserStatus.PENDING_APPROVAL
    assert heard.received == ["ruth@castellan.example"]
    assert heard.asked == []
    assert count(flask_app, EmailValidation) == 0


def test_automatic_approval_activates_and_forwards_all_or_nothing(
    flask_app: Any, world: World, client_for: Any, heard: Heard
) -> None:
    change_settings(flask_app, world.north, requires_email_validation=False, approves_automatically=True)

    sign_up(client_for())

    with looking(flask_app) as session:
        request = session.scalars(select(ApprovalRequest)).one()
        customer = customer_named(session, "Castellan Legal LLP")
        assert request.status is RequestStatus.FORWARDED
        assert request.decided_by == "Automatic approval"
        assert (customer.status, login_of(session, customer.email).status) == (
            CustomerStatus.ACTIVE,
            UserStatus.ACTIVE,
        )
    entered = client_for().post(
        "/portal/north/login/", {"username": "ruth@castellan.example", "password": SECRET}
    )
    assert entered.location == "/portal/north/"


def test_what_fails_at_the_end_leaves_nothing_behind(
    flask_app: Any, world: World, client_for: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: Any, **_kwargs: Any) -> None:
        raise RuntimeError("the disk is full")

    change_settings(flask_app, world.north, requires_email_validation=False, approves_automatically=True)
    customers = count(flask_app, Customer)
    monkeypatch.setattr("app.portal.signup.services.open_request", fail)

    with pytest.raises(RuntimeError):
        sign_up(client_for())

    assert count(flask_app, Customer) == customers
    assert count(flask_app, User, User.email == "ruth@castellan.example") == 0


def test_a_closed_storefront_takes_no_sign_up(flask_app: Any, world: World, client_for: Any) -> None:
    change_settings(flask_app, world.north, is_signup_open=False)
    client = client_for()

    page, answer = client.get(URL), sign_up(client)

    assert (page.status_code, answer.status_code) == (404, 404)
    assert "Sign-up is closed" in page.text
    assert "/signup/" not in client.get("/portal/north/").text
    assert "/signup/" not in client.get("/portal/north/login/").text
    assert count(flask_app, User, User.email == "ruth@castellan.example") == 0


@pytest.mark.parametrize("field", ["street", "postal_code", "city"])
def test_the_address_is_required_by_setting(
    flask_app: Any, world: World, client_for: Any, heard: Heard, field: str
) -> None:
    refused = sign_up(client_for(), **{field: ""})
    change_settings(flask_app, world.north, requires_address=False)
    taken = sign_up(client_for(), **{field: ""})

    assert refused.status_code == 422
    assert f'id="{field}-err"' in refused.text
    assert taken.location == SENT


@pytest.mark.parametrize("field", ["organization", "contact_name", "email", "country", "password"])
def test_what_is_always_required(client_for: Any, heard: Heard, field: str) -> None:
    refused = sign_up(client_for(), **{field: ""})

    assert refused.status_code == 422
    assert f'id="{field}-err"' in refused.text
    assert "There is a problem" in refused.text
    assert "<title>Error:" in refused.text


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "no address"),
        ("country", "XX"),
        ("providers", ["google"]),
        ("organization", "x" * 201),
        ("organization", "\u200b"),
        ("contact_name", "x" * 100),
        ("password", "short"),
        ("password", "password1234"),
        ("password", "ruth@castellan.example"),
        ("password", "Castellan Legal LLP"),
        ("phone", "1\x012"),
    ],
)
def test_bad_input_is_refused_beside_its_field(
    flask_app: Any, client_for: Any, heard: Heard, field: str, value: Any
) -> None:
    refused = sign_up(client_for(), **{field: value})

    assert refused.status_code == 422
    assert f'id="{field}-err"' in refused.text
    assert heard.asked == []
    assert count(flask_app, EmailValidation) == 0


def test_terms_are_accepted_with_time_address_and_version(
    flask_app: Any, world: World, client_for: Any, heard: Heard
) -> None:
    publish(flask_app, world.north)
    client = client_for()
    terms_id = client.opened(URL, "terms_id")

    refused = sign_up(client, terms_id=terms_id)
    with frozen_at(NOW):
        taken = sign_up(client, terms_id=terms_id, accepts_terms="y")

    assert refused.status_code == 422
    assert 'id="accepts_terms-err"' in refused.text
    assert taken.location == SENT
    with looking(flask_app) as session:
        one = session.scalars(select(TermsAcceptance)).one()
        assert (one.person_name, one.person_email, one.organization) == (
            "Ruth Castellan",
            "ruth@castellan.example",
            "Castellan Legal LLP",
        )
        assert (one.accepted_at, one.address, one.terms.number) == (NOW, "127.0.0.1", 1)
        assert session.scalars(select(EmailValidation)).one().details["terms"] == "1"


def test_terms_that_were_replaced_meanwhile_are_read_again(
    flask_app: Any, world: World, client_for: Any, heard: Heard
) -> None:
    publish(flask_app, world.north)
    client = client_for()
    old = client.opened(URL, "terms_id")
    publish(flask_app, world.north, "Be nicer.")

    refused = sign_up(client, terms_id=old, accepts_terms="y")

    assert refused.status_code == 422
    assert "Read the terms and accept them." in refused.text
    assert "terms, version 2" in refused.text
    assert count(flask_app, TermsAcceptance) == 0


def test_terms_are_not_asked_where_none_are_published_or_required(
    flask_app: Any, world: World, client_for: Any, heard: Heard
) -> None:
    assert "accepts_terms" not in client_for().get(URL).text
    publish(flask_app, world.north)
    assert "accepts_terms" in client_for().get(URL).text
    change_settings(flask_app, world.north, requires_terms=False)

    assert "accepts_terms" not in client_for().get(URL).text
    assert sign_up(client_for()).location == SENT
    assert count(flask_app, TermsAcceptance) == 0


def test_the_form_offers_the_providers_that_the_reseller_sells(world: World, client_for: Any) -> None:
    page = client_for().get(URL).text

    assert 'name="providers" value="aws"' in page
    assert 'name="providers" value="azure"' in page
    assert 'value="google"' not in page


def test_the_resellers_own_text_stands_above_the_form(flask_app: Any, world: World, client_for: Any) -> None:
    change_settings(
        flask_app, world.north, signup_text="<p>We answer <b>today</b>.</p><script>alert(1)</script>"
    )

    page = client_for().get(URL).text

    assert "<p>We answer <b>today</b>.</p>" in page
    assert "alert(1)" not in page


def test_a_customer_who_is_signed_in_is_led_home(world: World, client_for: Any) -> None:
    assert client_for(world.north.customer_user).get(URL).location == "/portal/north/"


def test_an_organization_that_exists_gets_a_free_name_and_a_note_for_the_checklist(
    flask_app: Any, world: World, client_for: Any, heard: Heard
) -> None:
    change_settings(flask_app, world.north, requires_email_validation=False)
    taken = world.north.customer.name

    for number, spelling in enumerate([taken.upper(), f" {taken} "]):
        assert sign_up(client_for(), organization=spelling, email=f"a{number}@b.example").location == SENT

    with looking(flask_app) as session:
        own = session.get(Customer, world.north.customer.id)
        requests = session.scalars(select(ApprovalRequest).order_by(ApprovalRequest.id)).all()
        names = [session.get(Customer, one.customer_id).organization for one in requests]
        assert names == [f"{taken.upper()} (2)", f"{taken} (3)"]
        assert [one.details["duplicate_of"] for one in requests] == [own.account_number] * 2


def test_the_same_organization_at_another_reseller_is_no_duplicate(
    flask_app: Any, world: World, client_for: Any, heard: Heard
) -> None:
    sign_up(client_for(), organization=world.south.customer.name)

    with looking(flask_app) as session:
        assert "duplicate_of" not in session.scalars(select(EmailValidation)).one().details


def test_a_second_sign_up_replaces_what_was_entered_and_mails_a_new_link(
    flask_app: Any, world: World, client_for: Any, heard: Heard
) -> None:
    client = client_for()
    sign_up(client)
    first = heard.token

    answer = sign_up(
        client, organization="Castellan & Co", contact_name="Ruth C.", password="stones lie in the field"
    )

    assert answer.location == SENT
    assert heard.asked == ["ruth@castellan.example"] * 2
    assert heard.token != first
    assert client.get(f"/portal/north/validate/{first}/").status_code == 404
    with looking(flask_app) as session:
        user = login_of(session, "ruth@castellan.example")
        assert user.name == "Ruth C."
        assert session.get(Customer, user.customer_id).organization == "Castellan & Co"
    assert count(flask_app, Customer, Customer.organization == "Castellan Legal LLP") == 0
    assert count(flask_app, EmailValidation) == 1


def test_an_address_that_nobody_proved_elsewhere_belongs_to_nobody(
    flask_app: Any, world: World, client_for: Any, heard: Heard
) -> None:
    sign_up(client_for(), "south")

    assert sign_up(client_for()).location == SENT

    with looking(flask_app) as session:
        assert login_of(session, "ruth@castellan.example").reseller_id == world.north.id
    assert count(flask_app, Customer, Customer.reseller_id == world.south.id) == 2
    assert heard.forgotten == ["ruth@castellan.example"]


def test_a_customer_with_whom_the_reseller_did_something_stays_without_the_login(
    flask_app: Any, world: World, client_for: Any, heard: Heard
) -> None:
    sign_up(client_for())
    with looking(flask_app) as session:
        customer_id = customer_named(session, "Castellan Legal LLP").id
    added = client_for(world.north.ops).post(
        f"/customers/{customer_id}/users/add/",
        {"name": "Second", "email": "second@castellan.example", "status": "pending_approval", "password": ""},
    )
    assert added.status_code == 302

    sign_up(client_for())

    with looking(flask_app) as session:
        assert session.get(Customer, customer_id) is not None
        assert login_of(session, "ruth@castellan.example").customer_id != customer_id
        assert count(flask_app, Customer, Customer.organization == "Castellan Legal LLP (2)") == 1


@pytest.mark.parametrize("email", ["{}", "{}".upper(), "{tag}"])
def test_a_known_address_is_told_by_mail_only(
    flask_app: Any, world: World, client_for: Any, heard: Heard, email: str
) -> None:
    known = world.north.customer_user.email
    typed = known.replace("@", "+shop@") if email == "{tag}" else email.format(known)
    customers, users = count(flask_app, Customer), count(flask_app, User)

    answer = sign_up(client_for(), email=typed)

    assert answer.location == SENT
    assert heard.known == [known]
    assert heard.asked == []
    assert (count(flask_app, Customer), count(flask_app, User)) == (customers, users)


@pytest.mark.parametrize("who", ["ops", "admin", "other reseller"])
def test_a_login_of_the_console_or_elsewhere_is_as_known(
    flask_app: Any, world: World, client_for: Any, heard: Heard, who: str
) -> None:
    person = {"ops": world.north.ops, "admin": world.admin, "other reseller": world.south.customer_user}[who]

    assert sign_up(client_for(), email=person.email).location == SENT
    assert heard.known == [person.email]


def test_a_tag_of_another_tag_is_no_duplicate(flask_app: Any, client_for: Any, heard: Heard) -> None:
    sign_up(client_for(), email="ruth+one@castellan.example")
    sign_up(client_for(), email="ruth+two@castellan.example", organization="Second")

    assert heard.asked == ["ruth+one@castellan.example", "ruth+two@castellan.example"]
    assert count(flask_app, EmailValidation) == 2


@pytest.mark.parametrize("status", [UserStatus.SUSPENDED, UserStatus.PENDING_EMAIL_VALIDATION])
def test_a_login_that_cannot_be_used_is_told_nothing(
    flask_app: Any, world: World, client_for: Any, heard: Heard, status: UserStatus
) -> None:
    """Somebody whom the reseller suspended, or set back by hand, is none that a sign-up may touch."""
    with flask_app.app_context(), system_scope("test"):
        db.session.get(User, world.north.customer_user.id).status = status
        db.session.commit()

    assert sign_up(client_for(), email=world.north.customer_user.email).location == SENT

    assert heard.known == []
    assert heard.asked == [None]
    with looking(flask_app) as session:
        assert session.get(User, world.north.customer_user.id).status is status


def test_a_sign_up_that_waits_for_approval_is_told_so(
    flask_app: Any, world: World, client_for: Any, heard: Heard
) -> None:
    change_settings(flask_app, world.north, requires_email_validation=False)
    sign_up(client_for())

    sign_up(client_for(), password="stones lie in the field")

    assert heard.known == ["ruth@castellan.example"]
    assert count(flask_app, ApprovalRequest) == 1


@pytest.mark.parametrize(
    ("green", "red", "email", "is_taken"),
    [
        ("", "", "a@any.example", True),
        ("good.example", "", "a@good.example", True),
        ("good.example", "", "a@deep.good.example", True),
        ("good.example", "", "a@notgood.example", False),
        ("good.example", "", "a@other.example", False),
        ("", "bad.example", "a@bad.example", False),
        ("", "bad.example", "a@deep.bad.example", False),
        ("", "bad.example", "a@other.example", True),
        ("good.example", "deep.good.example", "a@deep.good.example", False),
        ("xn--bcher-kva.example", "", "a@bücher.example", True),
    ],
)
def test_the_lists_decide_who_may(
    flask_app: Any,
    world: World,
    client_for: Any,
    heard: Heard,
    green: str,
    red: str,
    email: str,
    is_taken: bool,
) -> None:
    change_settings(flask_app, world.north, green_domains=green, red_domains=red)
    before = last_entry(flask_app)

    answer = sign_up(client_for(), email=email)

    assert answer.location == SENT
    assert [address is not None for address in heard.asked] == [is_taken]
    assert count(flask_app, EmailValidation) == int(is_taken)
    if not is_taken:
        [entry] = new_entries(flask_app, before)
        assert (entry.action, entry.record_type, entry.reseller_id) == (
            "signup_refused",
            "signup",
            world.north.id,
        )
        assert (entry.record_name, entry.reason) == ("", domain_of(email))
        assert (entry.actor_name, entry.address) == ("Visitor", "127.0.0.1")


def test_the_field_that_people_do_not_see_stores_nothing(
    flask_app: Any, client_for: Any, heard: Heard
) -> None:
    answer = sign_up(client_for(), subject="cheap pills")

    assert answer.location == SENT
    assert heard.asked == []
    assert count(flask_app, EmailValidation) == 0


def test_the_change_log_tells_of_a_sign_up_without_its_names_and_values(
    flask_app: Any, world: World, client_for: Any, heard: Heard
) -> None:
    publish(flask_app, world.north)
    client = client_for()
    before = last_entry(flask_app)

    sign_up(client, terms_id=client.opened(URL, "terms_id"), accepts_terms="y")

    entries = new_entries(flask_app, before)
    told = repr(
        [(one.action, one.record_name, one.changes, one.reason, one.actor_name) for one in entries]
    ).lower()
    assert {one.action for one in entries} == {"signed_up", "accepted"}
    assert "c-1003" in told
    for word in ("ruth", "castellan", "quay", "7946"):
        assert word not in told


def test_the_console_says_of_a_taken_address_only_that_it_cannot_be_used(
    flask_app: Any, world: World, client_for: Any, heard: Heard
) -> None:
    change_settings(flask_app, world.south, requires_email_validation=False)
    sign_up(client_for(), "south")

    answer = client_for(world.north.ops).post(
        f"/customers/{world.north.customer.id}/users/add/",
        {"name": "Ruth", "email": "ruth@castellan.example", "status": "active", "password": SECRET},
    )

    assert answer.status_code == 422
    assert "This address cannot be used." in answer.text


def test_nobody_keeps_a_person_from_getting_a_login_by_signing_up_with_the_address(
    flask_app: Any, world: World, client_for: Any, heard: Heard
) -> None:
    sign_up(client_for(), "south")

    answer = client_for(world.north.ops).post(
        f"/customers/{world.north.customer.id}/users/add/",
        {"name": "Ruth", "email": "ruth@castellan.example", "status": "active", "password": SECRET},
    )

    assert answer.status_code == 302
    assert heard.forgotten == ["ruth@castellan.example"]
    with looking(flask_app) as session:
        assert login_of(session, "ruth@castellan.example").customer_id == world.north.customer.id
    assert count(flask_app, Customer, Customer.organization == "Castellan Legal LLP") == 0


@pytest.mark.parametrize("bulk", [False, True])
def test_an_unproven_sign_up_is_not_archived_and_so_never_restored_as_active(
    flask_app: Any, world: World, client_for: Any, heard: Heard, bulk: bool
) -> None:
    sign_up(client_for())
    with looking(flask_app) as session:
        customer_id = customer_named(session, "Castellan Legal LLP").id
    sales = client_for(world.north.sales)

    answer = (
        sales.post("/customers/archive", {"rowid": str(customer_id)})
        if bulk
        else sales.post(f"/customers/{customer_id}/archive/")
    )
    sales.post(f"/customers/{customer_id}/restore/")

    assert answer.status_code == 409
    assert "has not confirmed the address yet" in answer.text
    with looking(flask_app) as session:
        assert customer_named(session, "Castellan Legal LLP").status is CustomerStatus.PENDING


def test_an_unproven_sign_up_can_be_deleted_although_the_terms_were_accepted(
    flask_app: Any, world: World, client_for: Any, heard: Heard
) -> None:
    publish(flask_app, world.north)
    client = client_for()
    sign_up(client, terms_id=client.opened("/portal/north/signup/", "terms_id"), accepts_terms="y")
    with looking(flask_app) as session:
        customer_id = customer_named(session, "Castellan Legal LLP").id

    assert client_for(world.north.ops).post(f"/customers/{customer_id}/delete/").status_code == 302
    assert count(flask_app, TermsAcceptance) == 0
    assert heard.forgotten == ["ruth@castellan.example"], "its mails are not sent any more"


def test_the_reseller_finds_the_pending_customer_in_its_list(
    world: World, client_for: Any, heard: Heard
) -> None:
    sign_up(client_for())

    page = client_for(world.north.sales).get("/customers/list/?status=pending").text

    assert "Castellan Legal LLP" in page
    assert "Castellan" not in client_for(world.south.owner).get("/customers/list/?status=pending").text
    assert "Castellan" not in client_for(world.north.customer_user).get("/portal/north/").text


def test_the_applicants_language_is_that_of_the_page(flask_app: Any, client_for: Any, heard: Heard) -> None:
    client_for().post("/portal/north/signup/", good(), headers={"Accept-Language": "de"})

    with looking(flask_app) as session:
        user = login_of(session, "ruth@castellan.example")
        assert (user.locale, session.get(Customer, user.customer_id).language) == ("de", "de")


def test_the_log_of_a_refused_domain_is_the_resellers_own(
    flask_app: Any, world: World, client_for: Any
) -> None:
    change_settings(flask_app, world.north, red_domains="bad.example")
    sign_up(client_for(), email="a@bad.example")

    page = client_for(world.north.owner).get("/audit/list/").text

    assert "was refused a sign-up (bad.example)" in page
    assert "bad.example" not in client_for(world.south.owner).get("/audit/list/").text
