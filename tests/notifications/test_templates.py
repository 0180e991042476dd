"""Settings > Email Templates: Owner and Ops switch mails, say from whom and to whom, and write their own words."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from sqlalchemy import select

from app.audit.models import AuditEntry
from app.extensions import db
from app.notifications.events import EVENTS
from app.notifications.models import EmailTemplate, EmailText, OutgoingMail
from app.tenancy.scope import system_scope
from tests.client import Client
from tests.worlds import World

BASE = "/settings/email-templates"
INVITED = f"{BASE}/user_invited/en/"
BODY = 'Dear *|NAME|*,\n\nwelcome at *|BRAND|*.\n\n<a href="*|LINK|*">Come in</a>'


@pytest.fixture
def owner(world: World, client_for: Any) -> Client:
    client: Client = client_for(world.north.owner)
    return client


def fields(client: Client, url: str) -> dict[str, str]:
    """Return the hidden state of the form that is opened now."""
    return {name: client.opened(url, name) for name in ("opened", "opened_at")}


def save(client: Client, url: str, **values: str) -> Any:
    return client.post(url, fields(client, url) | values)


def rows(app: Any, model: Any) -> Any:
    with app.app_context(), system_scope("the test looks"):
        return db.session.scalars(select(model).order_by(model.id)).all()


# -- the list ----------------------------------------------------------------------------------------------------------


def test_the_list_names_every_mail_its_recipient_and_its_state(owner: Client) -> None:
    page = owner.get(f"{BASE}/")

    assert "Invitation" in page.text
    assert "Sign-up needs your approval" in page.text
    assert page.text.count("data-open=") == len(EVENTS)
    assert "Not sent yet" not in page.text


@pytest.mark.parametrize(
    ("query", "shown", "hidden"),
    [
        ("?q=INVIT", "Invitation", "Forgotten password"),
        ("?q=cloud+account", "Needs your approval", "Invitation"),
        ("?state=off", "Login suspended", "Invitation"),
        ("?state=on", "Invitation", "Login suspended"),
        ("?to=reseller", "Sign-up needs your approval", "Invitation"),
        ("?to=cloud_ops", "Sign-up forwarded", "Invitation"),
        ("?words=changed", "No mail matches", "Forgotten password"),
        ("?words=default&q=user_invited", "Invitation", "Forgotten password"),
    ],
)
def test_the_list_is_filtered(owner: Client, query: str, shown: str, hidden: str) -> None:
    page = owner.get(f"{BASE}/{query}")

    assert f">{shown}<" in page.text
    assert f">{hidden}<" not in page.text


@pytest.mark.parametrize("query", ["?state=x", "?words=x", "?to=x"])
def test_a_filter_that_no_screen_makes_is_no_page(owner: Client, query: str) -> None:
    assert owner.get(f"{BASE}/{query}").status_code == 400


@pytest.mark.parametrize("path", ["nothing/", "nothing/en/", "user_invited/xx/", "user_invited/en/x/"])
def test_what_there_is_not_is_no_page(owner: Client, path: str) -> None:
    assert owner.get(f"{BASE}/{path}").status_code == 404


def test_ops_may_and_others_may_not(world: World, client_for: Any) -> None:
    assert client_for(world.north.ops).get(INVITED).status_code == 200
    for person in (world.north.sales, world.admin):
        assert client_for(person).get(INVITED).status_code == 403
        assert client_for(person).post(INVITED, {"subject": "x", "body": BODY}).status_code == 403


# -- words -------------------------------------------------------------------------------------------------------------


def test_own_words_are_kept_per_language_and_mailed(flask_app: Any, world: World, owner: Client) -> None:
    answer = save(owner, INVITED, subject="Welcome, *|NAME|*", body=BODY)
    page = owner.get(f"{BASE}/")

    assert answer.status_code == 302
    assert [(one.event, one.language, one.subject) for one in rows(flask_app, EmailText)] == [
        ("user_invited", "en", "Welcome, *|NAME|*")
    ]
    assert re.search(r"Changed<span[^>]*>EN</span>", page.text)

    owner.post(f"/settings/users/{world.north.ops.id}/invite")
    [mail] = rows(flask_app, OutgoingMail)
    assert mail.subject == f"Welcome, {world.north.ops.name}"
    assert "Come in:\nhttp://127.0.0.1:8080/invitation/" in mail.text
    assert "welcome at" in mail.html


def test_the_other_reseller_keeps_its_own(
    flask_app: Any, world: World, owner: Client, client_for: Any
) -> None:
    save(owner, INVITED, subject="Northern words", body=BODY)
    south = client_for(world.south.owner)

    assert "Northern words" not in south.get(INVITED).text
    assert "Your own text" not in south.get(INVITED).text
    south.post(f"/settings/users/{world.south.ops.id}/invite")
    [mail] = rows(flask_app, OutgoingMail)
    assert mail.subject == f"Your login at {world.south.name}"


def test_the_default_is_no_row_and_comes_back(flask_app: Any, owner: Client) -> None:
    page = owner.get(INVITED)
    body = unescape(re.search(r"<textarea[^>]*>\n(.*?)</textarea>", page.text, re.S)[1])  # type: ignore[index]
    subject = unescape(
        re.search(r'name="subject"[^>]*?value="([^"]*)"|value="([^"]*)"[^>]*name="subject"', page.text)[2]
    )  # type: ignore[index]

    assert save(owner, INVITED, subject=subject, body=body).status_code == 302
    assert rows(flask_app, EmailText) == []

    save(owner, INVITED, subject="Other", body=body)
    assert len(rows(flask_app, EmailText)) == 1
    save(owner, INVITED, subject=subject, body=body.replace("\n", "\r\n"))
    assert rows(flask_app, EmailText) == []


def test_back_to_default_removes_the_words_and_keeps_them_in_the_log(flask_app: Any, owner: Client) -> None:
    save(owner, INVITED, subject="Ours", body=BODY)

    answer = owner.post(f"{INVITED}default/", {"opened": owner.opened(INVITED)})

    assert answer.status_code == 302
    assert rows(flask_app, EmailText) == []
    entry = rows(flask_app, AuditEntry)[-1]
    assert (entry.record_type, entry.action, entry.record_name) == (
        "email_text",
        "restored_default",
        "user_invited (en)",
    )
    assert entry.changes["subject"] == ["Ours", None]
    log = owner.get("/audit/list/")
    assert "restored the default of text of a mail user_invited (en)" in log.text
    assert f'href="{INVITED}"' in log.text


def test_back_to_default_spares_what_somebody_wrote_meanwhile(flask_app: Any, owner: Client) -> None:
    save(owner, INVITED, subject="Ours", body=BODY)
    opened = owner.opened(INVITED)
    save(owner, INVITED, subject="Newer", body=BODY)

    owner.post(f"{INVITED}default/", {"opened": opened})

    assert [one.subject for one in rows(flask_app, EmailText)] == ["Newer"]
    assert "Somebody else saved this record" in owner.get(INVITED).text


@pytest.mark.parametrize("is_own", [False, True], ids=["from the default", "from own words"])
def test_the_second_of_two_editors_is_told(
    flask_app: Any, world: World, owner: Client, client_for: Any, is_own: bool
) -> None:
    if is_own:
        save(owner, INVITED, subject="First", body=BODY)
    other = client_for(world.north.ops)
    opened = fields(other, INVITED)
    save(owner, INVITED, subject="Faster", body=BODY)

    answer = other.post(INVITED, opened | {"subject": "Slower", "body": BODY})

    assert answer.status_code == 409
    assert [one.subject for one in rows(flask_app, EmailText)] == ["Faster"]
    assert f"{world.north.owner.name} saved this record" in answer.text
    over = re.search(r'name="over" value="([^"]+)"', answer.text)
    assert over
    assert other.post(INVITED, {"subject": "Slower", "body": BODY, "over": over[1]}).status_code == 302
    assert [one.subject for one in rows(flask_app, EmailText)] == ["Slower"]


@pytest.mark.parametrize(
    ("subject", "body", "says"),
    [
        ("", BODY, "Enter a subject."),
        ("x" * 201, BODY, "at most 200 characters"),
        ("Two\r\nBcc: thief@evil.example", BODY, "Remove the control characters"),
        ("*|LINK|*", BODY, "not into the subject"),
        ("x", "", "Fill in this field."),
        ("x", "No link", "*|LINK|* is missing"),
        ("x", f"{BODY} *|FOO|* <script>alert(1)</script>", "*|FOO|* is no variable of this mail"),
        ("x", f"{BODY} *|FOO|* <script>alert(1)</script>", "Take <script> away"),
        ("x", f"{BODY}{'x' * 10_001}", "at most 10000 characters"),
    ],
)
def test_what_cannot_be_mailed_is_refused_in_words(
    flask_app: Any, owner: Client, subject: str, body: str, says: str
) -> None:
    answer = save(owner, INVITED, subject=subject, body=body)

    assert answer.status_code == 422
    assert says in unescape(answer.text)
    assert "<script>alert" not in answer.text
    assert rows(flask_app, EmailText) == []


def test_words_that_lost_their_link_are_not_mailed(flask_app: Any, world: World, owner: Client) -> None:
    """Whatever is in the table: nobody gets a mail without what it is sent for."""
    save(owner, INVITED, subject="Ours", body=BODY)
    with flask_app.app_context(), system_scope("the test breaks a row"):
        db.session.scalars(select(EmailText)).one().body = "Nothing here."
        db.session.commit()

    owner.post(f"/settings/users/{world.north.ops.id}/invite")

    [mail] = rows(flask_app, OutgoingMail)
    assert "/invitation/" in mail.text


# -- trying out --------------------------------------------------------------------------------------------------------


def frame_of(page: str) -> str:
    found = re.search(r'<iframe[^>]*sandbox title="[^"]*" srcdoc="([^"]*)"', page)
    assert found, "the mail is shown in a frame that may do nothing"
    return unescape(found[1])


def test_the_preview_shows_what_is_entered_and_saves_nothing(
    flask_app: Any, world: World, owner: Client
) -> None:
    before = rows(flask_app, AuditEntry)

    page = save(owner, INVITED, subject="Dear *|NAME|*", body=f"{BODY}\n\n*|EXPIRES|*", do="preview")

    frame = frame_of(page.text)
    assert page.status_code == 200
    assert "<strong>Dear Ada Lindqvist</strong>" in page.text
    assert f"welcome at {world.north.name}." in frame
    assert "1 Mar 2027, 10:30 CET" in frame
    assert "Come in:\nhttps://console.example.com/invitation/" in page.text
    assert rows(flask_app, EmailText) == []
    assert rows(flask_app, OutgoingMail) == []
    assert len(rows(flask_app, AuditEntry)) == len(before)


def test_the_frame_obeys_the_pages_policy(owner: Client) -> None:
    page = owner.get(INVITED)
    frame = frame_of(page.text)
    nonce = re.search(r"style-src 'self' 'nonce-([^']+)'", page.headers["Content-Security-Policy"])

    assert nonce
    assert ' style="' not in frame
    assert set(re.findall(r'<style nonce="([^"]*)">', frame)) == {nonce[1]}
    assert "background:#f4f5f7" in frame, "it looks as the mail does"
    assert "<script" not in frame


@pytest.mark.parametrize(
    "evil", ["<script>alert(1)</script>", '"><script>alert(1)</script>', "<img src=x onerror=alert(1)>"]
)
def test_the_preview_of_what_is_refused_is_harmless(owner: Client, evil: str) -> None:
    page = save(owner, INVITED, subject=evil, body=f"{BODY} {evil}", do="preview")

    assert page.status_code == 200
    assert "<script>alert" not in page.text
    assert "<script>" not in frame_of(page.text)
    assert "<img" not in frame_of(page.text)
    assert "There is a problem" in page.text


def test_the_script_gets_the_preview_alone(owner: Client) -> None:
    values = fields(owner, INVITED) | {"subject": "Hi", "body": BODY, "do": "preview"}

    part = owner.post(INVITED, values, headers={"X-Requested-With": "XMLHttpRequest"})

    assert part.status_code == 200
    assert "<html" not in part.text.partition("<iframe")[0]
    assert frame_of(part.text)


def test_a_test_goes_to_whoever_asks_with_what_is_entered(
    flask_app: Any, world: World, owner: Client
) -> None:
    page = save(owner, INVITED, subject="Dear *|NAME|*", body=BODY, do="test")

    assert page.status_code == 200
    assert f"It goes to {world.north.owner.email}" in page.text
    [mail] = rows(flask_app, OutgoingMail)
    assert (mail.recipient, mail.subject, mail.has_secret, mail.key) == (
        world.north.owner.email,
        "Dear Ada Lindqvist",
        False,
        None,
    )
    assert mail.reseller_id == world.north.id
    assert rows(flask_app, EmailText) == []
    assert (rows(flask_app, AuditEntry)[-1].action, rows(flask_app, AuditEntry)[-1].record_name) == (
        "tested",
        "user_invited (en)",
    )


def test_no_test_of_what_cannot_be_mailed(flask_app: Any, owner: Client) -> None:
    page = save(owner, INVITED, subject="x", body="no link", do="test")

    assert page.status_code == 422
    assert rows(flask_app, OutgoingMail) == []


# -- sending -----------------------------------------------------------------------------------------------------------

APPROVAL = f"{BASE}/signup_needs_approval/"


def test_how_a_mail_is_sent_is_kept_and_logged(flask_app: Any, world: World, owner: Client) -> None:
    answer = save(
        owner,
        APPROVAL,
        is_on="y",
        from_name="North sales",
        reply_to_name="Desk",
        reply_to_address="Desk@North.example",
        bcc="archive@north.example",
        send_to="one@north.example\r\n two@north.example,one@north.example",
    )

    assert answer.status_code == 302
    [row] = rows(flask_app, EmailTemplate)
    assert (row.reseller_id, row.event, row.is_on, row.from_name) == (
        world.north.id,
        "signup_needs_approval",
        True,
        "North sales",
    )
    assert (row.reply_to_address, row.bcc, row.send_to) == (
        "desk@north.example",
        "archive@north.example",
        "one@north.example\ntwo@north.example",
    )
    entry = rows(flask_app, AuditEntry)[-1]
    assert (entry.record_type, entry.record_name, entry.action) == (
        "email_template",
        "signup_needs_approval",
        "created",
    )
    assert "one@north.example" in owner.get(APPROVAL).text
    assert f'href="{APPROVAL}"' in owner.get("/audit/list/").text


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"send_to": "one@north.example\nnobody"}, "nobody is no email address"),
        (
            {"send_to": "\n".join(f"a{n}@north.example" for n in range(11))},
            "at most 10 addresses; these are 11",
        ),
        ({"bcc": "\n".join(f"a{n}@north.example" for n in range(6))}, "at most 5 addresses; these are 6"),
        (
            {"bcc": "a@north.example\r\nBcc: thief@evil.example"},
            "Bcc: thief@evil.example is no email address",
        ),
        ({"from_name": "North\r\nBcc: thief@evil.example"}, "Remove the control characters"),
        ({"reply_to_name": "x" * 121}, "at most 120 characters"),
        ({"reply_to_address": "x"}, "name@example.com"),
        ({"from_address": "sales@north.example"}, "Mails cannot come from north.example"),
    ],
)
def test_addresses_that_are_none_are_refused_in_words(
    flask_app: Any, owner: Client, values: dict[str, str], says: str
) -> None:
    answer = save(owner, APPROVAL, is_on="y", **values)

    assert answer.status_code == 422
    assert says in unescape(answer.text)
    assert rows(flask_app, EmailTemplate) == []


def test_a_released_domain_may_be_sent_from_by_its_reseller(
    flask_app: Any, world: World, owner: Client, client_for: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    domains = (("", "mail.example.com"), (world.north.nickname, "north.example"))
    monkeypatch.setitem(flask_app.config, "CLOUDTALLY_MAIL_DOMAINS", domains)
    south = client_for(world.south.owner)

    assert save(owner, APPROVAL, is_on="y", from_address="sales@north.example").status_code == 302
    assert save(south, APPROVAL, is_on="y", from_address="sales@mail.example.com").status_code == 302
    refused = save(south, APPROVAL, is_on="y", from_address="ceo@north.example")
    sub = save(owner, APPROVAL, is_on="y", from_address="x@sub.north.example")

    assert (refused.status_code, sub.status_code) == (422, 422)
    assert "Mails can come from these domains only: mail.example.com." in refused.text


@pytest.mark.parametrize("event", ["password_reset", "user_invited", "signup_validate_email"])
def test_a_link_that_lets_somebody_in_has_no_copies(flask_app: Any, owner: Client, event: str) -> None:
    page = owner.get(f"{BASE}/{event}/")

    assert 'name="bcc"' not in page.text
    assert 'name="send_to"' not in page.text
    assert (
        save(
            owner, f"{BASE}/{event}/", is_on="y", bcc="me@north.example", send_to="me@north.example"
        ).status_code
        == 302
    )
    [row] = rows(flask_app, EmailTemplate)
    assert (row.bcc, row.send_to) == ("", "")


@pytest.mark.parametrize("event", ["password_reset", "signup_validate_email", "second_factor_reset"])
def test_what_somebody_asked_for_cannot_be_switched_off(flask_app: Any, owner: Client, event: str) -> None:
    assert 'name="is_on"' not in owner.get(f"{BASE}/{event}/").text

    assert save(owner, f"{BASE}/{event}/", from_name="North").status_code == 302

    assert rows(flask_app, EmailTemplate)[0].is_on is True


def test_cloud_ops_knows_each_reseller_by_its_name(flask_app: Any, owner: Client) -> None:
    url = f"{BASE}/signup_forwarded/"

    assert 'name="from_name"' not in owner.get(url).text
    save(owner, url, is_on="y", from_name="Cloudtally Security")

    assert rows(flask_app, EmailTemplate)[0].from_name == ""


def test_the_second_of_two_who_say_how_is_told(
    flask_app: Any, world: World, owner: Client, client_for: Any
) -> None:
    other = client_for(world.north.ops)
    first = fields(other, APPROVAL)
    save(owner, APPROVAL, is_on="y", send_to="one@north.example")
    assert other.post(APPROVAL, first | {"is_on": "y", "send_to": "two@north.example"}).status_code == 409

    second = fields(other, APPROVAL)
    save(owner, APPROVAL, is_on="", send_to="three@north.example")
    answer = other.post(APPROVAL, second | {"is_on": "y", "send_to": "two@north.example"})

    assert answer.status_code == 409
    assert "three@north.example" in answer.text
    assert [one.send_to for one in rows(flask_app, EmailTemplate)] == ["three@north.example"]


def test_an_invitation_that_is_switched_off_is_shown_and_said(
    flask_app: Any, world: World, owner: Client
) -> None:
    save(owner, f"{BASE}/user_invited/", is_on="")

    owner.post(f"/settings/users/{world.north.ops.id}/invite")
    page = owner.get(f"/settings/users/{world.north.ops.id}/")

    assert rows(flask_app, OutgoingMail) == []
    assert "/invitation/" in page.text
    assert "the invitation is switched off under Email Templates" in page.text
