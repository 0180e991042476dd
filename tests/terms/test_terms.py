"""Terms: drafted, published, never changed again; and the report of who accepted what."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DatabaseError

from app.extensions import db
from app.kernel.clock import frozen_at
from app.kernel.unit_of_work import unit_of_work
from app.security.models import User
from app.tenancy.guarded import ScopeMissing, TenantViolation
from app.tenancy.scope import Actor, Scope, ScopeKind, reseller_scope, system_scope, use_scope
from app.terms import queries, services
from app.terms.models import TermsAcceptance, TermsVersion
from tests.portal.steps import NOW, change_settings, count, last_entry, looking, new_entries, publish
from tests.worlds import World

DRAFT, LIST, REPORT = "/settings/terms/draft/", "/settings/terms/", "/settings/terms/acceptances/"
EXPORT = "/settings/terms/acceptances.csv"


def send(client: Any, what: str = "save", **texts: str) -> Any:
    opened = {name: client.opened(DRAFT, name) for name in ("version", "opened_at")}
    return client.post(
        DRAFT, {**opened, "what": what, **{f"text_{code}": text for code, text in texts.items()}}
    )


def accept_as(app: Any, person: Any, organization: str = "Acme") -> None:
    with app.test_request_context(), system_scope("test"):
        user = db.session.get(User, person.id)
        scope = Scope(
            ScopeKind.CUSTOMER, user.reseller_id, user.customer_id, Actor(user.id, user.name, "10.0.0.9")
        )
        with use_scope(scope), unit_of_work(db.session):
            terms = queries.current_terms()
            assert terms is not None
            services.accept(user, terms, organization=organization, address="10.0.0.9", now=NOW)


def test_from_a_draft_to_a_version(flask_app: Any, world: World, client_for: Any) -> None:
    client = client_for(world.north.ops)
    assert "No terms yet" in client.get(LIST).text

    saved = send(client, en="First <b>draft</b>\n\nsecond", de="Erster Entwurf")
    assert saved.location == DRAFT
    assert "A draft was last saved" in client.get(LIST).text
    with frozen_at(NOW):
        published = send(client, "publish", en="First <b>version</b>", de="")

    assert published.location == LIST
    with looking(flask_app) as session:
        found = session.scalars(select(TermsVersion)).one()
        assert (found.number, found.published_at, found.published_by) == (1, NOW, world.north.ops.name)
        assert found.texts == {"en": "<p>First <b>version</b></p>"}
        terms_id = found.id
    page = client.get(f"/settings/terms/{terms_id}/").text
    assert "<p>First <b>version</b></p>" in page
    assert "In force" in client.get(LIST).text


def test_a_new_draft_begins_with_what_is_in_force(flask_app: Any, world: World, client_for: Any) -> None:
    publish(flask_app, world.north, "Be <b>nice</b>.")

    page = client_for(world.north.ops).get(DRAFT).text

    assert "Be &lt;b&gt;nice&lt;/b&gt;." in page
    assert 'data-confirm-title="Publish version 2?"' in page
    assert "2 people are asked to accept it" in page


def test_a_preview_stores_nothing(flask_app: Any, world: World, client_for: Any) -> None:
    answer = send(client_for(world.north.ops), "preview", en="One\n\n<script>alert(1)</script>two")

    assert answer.status_code == 200
    assert "<p>One</p>\n<p>two</p>" in answer.text
    assert count(flask_app, TermsVersion) == 0


def test_without_a_text_in_the_first_language_nothing_is_published(
    flask_app: Any, world: World, client_for: Any
) -> None:
    answer = send(client_for(world.north.ops), "publish", en=" ", de="Nur deutsch")

    assert answer.status_code == 422
    assert 'id="text_en-err"' in answer.text
    assert "Nur deutsch" in answer.text
    assert count(flask_app, TermsVersion) == 0


def test_what_is_published_never_changes(flask_app: Any, world: World) -> None:
    publish(flask_app, world.north)
    for statement in (
        update(TermsVersion).values(texts={"en": "Changed"}),
        update(TermsVersion).values(number=7),
        delete(TermsVersion),
        text("UPDATE terms_versions SET published_by = 'somebody else'"),
    ):
        with (
            flask_app.app_context(),
            system_scope("test"),
            pytest.raises(DatabaseError, match="never changed"),
        ):
            db.session.execute(statement)
            db.session.commit()
        with flask_app.app_context():
            db.session.rollback()

    with looking(flask_app) as session:
        assert session.scalars(select(TermsVersion.texts)).one() == {"en": "<p>Be nice.</p>"}


def test_a_draft_is_discarded(flask_app: Any, world: World, client_for: Any) -> None:
    client = client_for(world.north.ops)
    publish(flask_app, world.north)
    send(client, en="Second")

    client.post(DRAFT + "discard/")
    again = client.post(DRAFT + "discard/")

    assert count(flask_app, TermsVersion) == 1
    assert "There is no draft any more." in client.get(again.location).text


def test_a_draft_is_no_page_of_its_own_and_customers_never_see_it(
    flask_app: Any, world: World, client_for: Any
) -> None:
    change_settings(flask_app, world.north, requires_terms=False)
    send(client_for(world.north.ops), en="Secret plans")
    with looking(flask_app) as session:
        draft_id = session.scalars(select(TermsVersion.id)).one()

    assert client_for(world.north.ops).get(f"/settings/terms/{draft_id}/").location == DRAFT
    assert client_for(world.south.ops).get(f"/settings/terms/{draft_id}/").status_code == 404
    for person in (None, world.north.customer_user):
        answer = client_for(person).get("/portal/north/terms/")
        assert answer.status_code == 404
        assert "Secret plans" not in answer.text


def test_the_second_of_two_who_write_is_told(flask_app: Any, world: World, client_for: Any) -> None:
    first, second = client_for(world.north.owner), client_for(world.north.ops)
    send(first, en="First")
    opened = {name: second.opened(DRAFT, name) for name in ("version", "opened_at")}
    send(first, en="Second")

    answer = second.post(DRAFT, {**opened, "what": "publish", "text_en": "Mine"})

    assert answer.status_code == 409
    assert world.north.owner.name in answer.text
    assert "Mine" in answer.text
    with looking(flask_app) as session:
        assert session.scalars(select(TermsVersion.number)).one() is None


def test_who_writes_while_somebody_publishes_is_told(flask_app: Any, world: World, client_for: Any) -> None:
    first, second = client_for(world.north.owner), client_for(world.north.ops)
    send(first, en="First")
    opened = {name: second.opened(DRAFT, name) for name in ("version", "opened_at")}
    send(first, "publish", en="First")

    assert second.post(DRAFT, {**opened, "what": "save", "text_en": "Mine"}).status_code == 409
    assert count(flask_app, TermsVersion) == 1


def test_publishing_stands_in_the_change_log(flask_app: Any, world: World, client_for: Any) -> None:
    client = client_for(world.north.ops)
    before = last_entry(flask_app)

    send(client, "publish", en="First")

    assert [(one.action, one.record_name) for one in new_entries(flask_app, before)] == [
        ("created", ""),
        ("published", "1"),
    ]
    assert "published terms version 1" in client_for(world.north.owner).get("/audit/list/").text


def test_languages_fall_back_to_the_first(flask_app: Any, world: World, client_for: Any) -> None:
    publish(flask_app, world.north, "English only.")
    publish(flask_app, world.south, "English.", de="Deutsch.")
    german = {"Accept-Language": "de"}

    assert "English only." in client_for().get("/portal/north/terms/", headers=german).text
    assert "Deutsch." in client_for().get("/portal/south/terms/", headers=german).text


# -- accepting -------------------------------------------------------------------------------------------------------


def test_an_acceptance_is_noted_once(flask_app: Any, world: World) -> None:
    publish(flask_app, world.north)

    for _ in range(2):
        accept_as(flask_app, world.north.customer_user)

    with looking(flask_app) as session:
        one = session.scalars(select(TermsAcceptance)).one()
        assert (one.user_id, one.customer_id, one.person_name, one.address, one.accepted_at) == (
            world.north.customer_user.id,
            world.north.customer.id,
            world.north.customer_user.name,
            "10.0.0.9",
            NOW,
        )


def test_an_acceptance_of_a_replaced_version_does_not_count(flask_app: Any, world: World) -> None:
    publish(flask_app, world.north)
    accept_as(flask_app, world.north.customer_user)
    publish(flask_app, world.north, "Be nicer.")

    with flask_app.app_context(), reseller_scope(world.north.id):
        user = db.session.get(User, world.north.customer_user.id)
        assert not services.has_accepted(user)
        old = queries.published_versions()[1]
        with pytest.raises(services.WrongState, match="newer version"):
            services.accept(user, old, organization="Acme", address="", now=NOW)


def test_without_terms_everybody_has_accepted(flask_app: Any, world: World) -> None:
    with flask_app.app_context(), reseller_scope(world.north.id):
        assert services.has_accepted(db.session.get(User, world.north.customer_user.id))


def test_an_acceptance_stays_when_the_login_goes(flask_app: Any, world: World, client_for: Any) -> None:
    publish(flask_app, world.north)
    accept_as(flask_app, world.north.customer_user)
    client = client_for(world.north.ops)

    client.post(f"/customers/{world.north.customer.id}/users/{world.north.customer_user.id}/remove/")
    deleted = client.post(f"/customers/{world.north.customer.id}/delete/")

    with looking(flask_app) as session:
        one = session.scalars(select(TermsAcceptance)).one()
        assert (one.user_id, one.person_email) == (None, world.north.customer_user.email)
    assert "login removed" in client.get(REPORT).text
    assert (deleted.status_code, "This customer has history." in deleted.text) == (409, True)


def test_nobody_accepts_for_somebody_else_or_reads_others(flask_app: Any, world: World) -> None:
    publish(flask_app, world.north)
    accept_as(flask_app, world.north.other_user)

    with flask_app.test_request_context(), system_scope("test"):
        user, other = (
            db.session.get(User, one.id) for one in (world.north.customer_user, world.north.other_user)
        )
        scope = Scope(ScopeKind.CUSTOMER, user.reseller_id, user.customer_id, Actor(user.id))
        with use_scope(scope):
            assert db.session.scalars(select(TermsAcceptance)).all() == []
            terms = queries.current_terms()
            assert terms is not None
            db.session.add(
                TermsAcceptance(
                    reseller_id=other.reseller_id,
                    customer_id=other.customer_id,
                    terms_version_id=terms.id,
                    person_name="x",
                    person_email="x",
                    organization="x",
                    accepted_at=NOW,
                )
            )
            with pytest.raises(TenantViolation):
                db.session.flush()
    with flask_app.app_context(), use_scope(Scope(ScopeKind.STOREFRONT, world.north.id)):
        assert queries.current_terms() is not None
        with pytest.raises(ScopeMissing):
            db.session.scalars(select(TermsAcceptance)).all()
    with flask_app.app_context(), use_scope(Scope(ScopeKind.STOREFRONT, world.south.id)):
        assert queries.current_terms() is None


# -- the report --------------------------------------------------------------------------------------------------------


def test_the_report_says_who_accepted_what_and_who_did_not(
    flask_app: Any, world: World, client_for: Any
) -> None:
    north, client = world.north, client_for(world.north.ops)
    publish(flask_app, north)
    accept_as(flask_app, north.customer_user)
    publish(flask_app, north, "Be nicer.")
    accept_as(flask_app, north.other_user)

    first, missing = client.get(REPORT + "?version=1").text, client.get(REPORT + "?show=missing").text

    assert north.customer_user.email in first
    assert north.other_user.email not in first
    assert north.customer_user.email in missing
    assert north.other_user.email not in missing
    assert f'/customers/{north.customer.id}/users/">{north.customer.name}<' in missing
    search = client.get(REPORT, query_string={"show": "missing", "q": north.customer.name}).text
    assert north.customer_user.email in search
    assert north.customer_user.email not in client.get(REPORT + "?q=nobody").text
    assert "Nobody matches" in client.get(REPORT + "?q=nobody").text
    assert "1 person has not accepted version 2 yet" in client.get(LIST).text
    assert client_for(world.south.ops).get(REPORT).text.count("northcanary") == 0


@pytest.mark.parametrize("arguments", ["version=x", "version=-1", "page=x"])
def test_arguments_that_no_link_makes_are_refused(world: World, client_for: Any, arguments: str) -> None:
    assert client_for(world.north.ops).get(f"{REPORT}?{arguments}").status_code == 400


def test_the_export_equals_the_filter_and_no_spreadsheet_runs_it(
    flask_app: Any, world: World, client_for: Any
) -> None:
    north, client = world.north, client_for(world.north.ops)
    publish(flask_app, north)
    accept_as(flask_app, north.customer_user, "=HYPERLINK(1)")
    accept_as(flask_app, north.other_user)
    before = last_entry(flask_app)

    answer = client.get(EXPORT + "?q=hyperlink")

    rows = list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig"))))
    assert [row[4] for row in rows[1:]] == ["'=HYPERLINK(1)"]
    assert rows[1][:4] == [
        "2026-11-22T09:00:00+00:00",
        "1",
        north.customer_user.name,
        north.customer_user.email,
    ]
    [entry] = new_entries(flask_app, before)
    assert (entry.action, entry.changes["row_count"]) == ("exported", [None, "1"])
    assert client_for(north.sales).get(EXPORT).status_code == 403
