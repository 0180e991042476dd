"""What a person accepted and entered, as personal data: handed out, and kept without the name."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import select

from app.extensions import db
from app.kernel.unit_of_work import unit_of_work
from app.portal.signup.models import EmailValidation
from app.security import personal_data
from app.security.models import User
from app.tenancy.scope import Actor, reseller_scope
from app.terms.models import TermsAcceptance
from tests.portal.steps import NOW, count, last_entry, listening, looking, new_entries, publish, sign_up
from tests.terms.test_terms import accept_as
from tests.worlds import World


def test_acceptances_are_handed_out_and_lose_the_name(flask_app: Any, world: World, client_for: Any) -> None:
    person = world.north.customer_user
    publish(flask_app, world.north)
    accept_as(flask_app, person)
    before = last_entry(flask_app)

    data = json.loads(client_for(person).get("/profile/data.json").text)
    with (
        flask_app.test_request_context(),
        reseller_scope(world.north.id, actor=Actor(world.north.owner.id)),
        unit_of_work(db.session),
    ):
        user = db.session.get(User, person.id)
        harm = personal_data.harm_of(user)
        personal_data.anonymise(user, now=NOW)

    assert data["terms"] == [
        {
            "version": 1,
            "accepted_at": NOW.isoformat(),
            "organization": "Acme",
            "name": person.name,
            "email": person.email,
            "address": "10.0.0.9",
        }
    ]
    assert any("1 acceptance of terms keeps version, time and company" in one for one in harm)
    with looking(flask_app) as session:
        one = session.scalars(select(TermsAcceptance)).one()
        assert (one.person_name, one.address, one.accepted_at) == (f"Anonymous {person.id}", "", NOW)
        assert person.email not in one.person_email
    entries = new_entries(flask_app, before)
    assert {one.record_type for one in entries} == {"user"}  # the file that was handed out, and the end
    assert person.email not in repr([(one.record_name, one.changes) for one in entries[-1:]])


def test_a_sign_up_that_waits_is_handed_out_and_goes(flask_app: Any, world: World, client_for: Any) -> None:
    with listening():
        sign_up(client_for())
    with (
        flask_app.test_request_context(),
        reseller_scope(world.north.id, actor=Actor(world.north.owner.id)),
        unit_of_work(db.session),
    ):
        user = db.session.scalars(select(User).where(User.email == "ruth@castellan.example")).one()
        data = personal_data.export_of(user, now=NOW)
        personal_data.anonymise(user, now=NOW)

    assert data["signup"]["organization"] == "Castellan Legal LLP"
    assert "token" not in repr(data["signup"])
    assert count(flask_app, EmailValidation) == 0
