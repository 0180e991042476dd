"""The second way in, with a real mail server: sign up, prove the address, be approved, be served by Cloud Ops."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from email.message import EmailMessage
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import chromium
from tests.browser.conftest import sign_in
from tests.browser.server import Server
from tests.browser.steps import asked_elsewhere
from tests.notifications.smtp import Postbox, postbox

PORTAL = "/portal/north/"
OPS, ADMIN = "ops@northcanary.example", "ada@platform.example"
DECIDES, CLOUD_OPS = "approvals@northcanary.example", "ops@northcanary.example"
COMPANY, APPLICANT, SECRET = (
    "Fjordlys Analytics AS",
    "ingrid@fjordlys.example",
    "seven lanterns over the fjord",
)
AWS, BOOK, ACCOUNT = "Amazon Web Services", "Book northcanary", "884400112233"
PATIENCE = 30


class Letters:
    """The mails that arrived, for whoever waits for one."""

    def __init__(self, box: Postbox) -> None:
        self.box, self.arrived, self.read = box, threading.Condition(), 0
        box.at = self._note

    def _note(self, point: str) -> None:
        if point == "quit":
            with self.arrived:
                self.arrived.notify_all()

    def wait_for(self, address: str, subject: str) -> str:
        """Return the text of the mail to ``address`` whose subject holds these words."""

        def find() -> EmailMessage | None:
            return next(
                (one for one in self.box.mails if one["To"] == address and subject in one["Subject"]), None
            )

        with self.arrived:
            assert self.arrived.wait_for(find, PATIENCE), (
                f"no mail to {address} about {subject!r} among {[(m['To'], m['Subject']) for m in self.box.mails]}"
            )
        found = find()
        assert found is not None
        body = found.get_body(("plain",))
        assert body is not None
        return str(body.get_content())


@pytest.fixture
def letters() -> Iterator[Letters]:
    with postbox() as box:
        yield Letters(box)


@pytest.fixture
def installation(template: Path, tmp_path: Path, letters: Letters) -> Iterator[Server]:
    """An installation with a mail server: web process and worker, as ``make run`` starts them."""
    running = Server(tmp_path / "instance", template, has_worker=True)
    running.environment |= {
        "CLOUDTALLY_MAIL_SERVER": "127.0.0.1",
        "CLOUDTALLY_MAIL_PORT": str(letters.box.port),
        "CLOUDTALLY_MAIL_TLS": "0",
        "CLOUDTALLY_MAIL_SENDER": "cloudtally@platform.example",
    }
    running.start()
    yield running
    running.stop()
    assert not running.faults()


Visit = Callable[[str | None], Page]


@pytest.fixture
def visit(browser: Browser, installation: Server) -> Iterator[Visit]:
    """Return a function that opens a browser of its own, signed in as somebody or nobody."""
    with ExitStack() as stack:

        def open_browser(email: str | None = None) -> Page:
            context = chromium.context_for_story(browser, base_url=installation.url)
            stack.callback(context.close)
            page = context.new_page()
            if email is not None:
                sign_in(page, email)
            return page

        yield open_browser


def test_from_sign_up_to_an_active_account(visit: Visit, letters: Letters) -> None:
    ops, visitor = visit(OPS), visit(None)
    name_who_is_told_of_sign_ups(ops)

    sign_up(visitor)
    validate(visitor, letters)
    told = letters.wait_for(DECIDES, COMPANY)
    assert APPLICANT in told
    set_up_through_the_checklist(ops, link_in(told, "/settings/approvals/"))
    approve(ops)
    letters.wait_for(APPLICANT, "is ready")
    letters.wait_for(CLOUD_OPS, COMPANY)
    admin = visit(ADMIN)
    complete_sign_up(admin)

    sign_in_as_customer(visitor)
    request_account(visitor)
    request_is_approved(ops, letters)
    complete_account(admin)
    letters.wait_for(APPLICANT, "Done: New account")
    visitor.goto(f"{PORTAL}accounts/")
    expect(visitor.get_by_role("row").filter(has_text=ACCOUNT)).to_contain_text("Active")


@asked_elsewhere
def test_a_declined_sign_up_is_told_why_and_leaves_nothing(
    visit: Visit, letters: Letters, installation: Server
) -> None:
    ops, visitor = visit(OPS), visit(None)
    name_who_is_told_of_sign_ups(ops)
    sign_up(visitor)
    validate(visitor, letters)
    told = letters.wait_for(DECIDES, COMPANY)

    ops.goto(link_in(told, "/settings/approvals/"))
    ops.get_by_role("link", name="Decline").click()
    expect(ops.locator("main")).to_contain_text(f"The pending customer {COMPANY}")
    ops.get_by_label("Reason for the applicant").fill("We serve companies inside the EU only.")
    ops.get_by_role("button", name="Decline and send mail").click()

    assert "We serve companies inside the EU only." in letters.wait_for(APPLICANT, "declined")
    assert installation.ask("SELECT count(*) FROM customers WHERE organization = ?", COMPANY) == 0
    assert installation.ask("SELECT count(*) FROM ab_user WHERE email = ?", APPLICANT) == 0
    visitor.goto(f"{PORTAL}login/")
    fill_in_login(visitor)
    expect(visitor.get_by_role("alert")).to_contain_text("Email or password is not right")
    ops.goto("/settings/approvals/")
    expect(ops.get_by_role("link", name=COMPANY)).to_have_count(0)
    ops.goto("/settings/approvals/?status=declined")
    expect(ops.get_by_role("row").filter(has_text=COMPANY)).to_contain_text("Declined")


def link_in(text: str, path: str) -> str:
    """Return the path of the link that a mail brings."""
    found = re.search(rf"https?://[^/\s]+({re.escape(path)}\S*)", text)
    assert found, f"no link to {path} in {text}"
    return found[1]


def name_who_is_told_of_sign_ups(ops: Page) -> None:
    """The article's "email address you specified in the Email Templates"."""
    ops.goto("/settings/email-templates/signup_needs_approval/")
    ops.get_by_label("Send to").fill(DECIDES)
    ops.get_by_role("button", name="Save").first.click()
    expect(ops.get_by_label("Send to")).to_have_value(DECIDES)


def sign_up(visitor: Page) -> None:
    visitor.goto(PORTAL)
    visitor.get_by_role("link", name="Sign up").click()
    for label, text in {
        "Organization": COMPANY,
        "Your name": "Ingrid Solberg",
        "Work email": APPLICANT,
        "Street": "Havnegata 7",
        "Postal code": "5003",
        "City": "Bergen",
    }.items():
        visitor.get_by_label(label, exact=False).first.fill(text)
    visitor.get_by_label("Country").select_option(label="Norway")
    visitor.get_by_label(AWS).check()
    visitor.locator("#password").fill(SECRET)
    visitor.get_by_role("button", name="Sign up").click()
    expect(visitor.get_by_role("heading", level=1)).to_have_text("Check your mail")


def validate(visitor: Page, letters: Letters) -> None:
    """Opening the link proves nothing; the button does."""
    link = link_in(letters.wait_for(APPLICANT, "Confirm"), f"{PORTAL}validate/")
    visitor.goto(link)
    assert not [one for one in letters.box.mails if one["To"] == DECIDES]
    visitor.get_by_role("button", name="Confirm my address").click()
    expect(visitor.get_by_role("heading", level=1)).not_to_have_text("Check your mail")
    again = visitor.goto(link)
    assert again is not None
    assert again.status == 404, "a link works once"


def set_up_through_the_checklist(ops: Page, link: str) -> None:
    """Approving is blocked until a provider is authorised; the checklist leads there and to the pricebook."""
    ops.goto(link)
    blocked = ops.get_by_role("button", name="Approve and Forward")
    expect(blocked).to_have_attribute("aria-disabled", "true")
    ops.locator(".ct-checklist a").first.click()
    if not ops.get_by_label(
        "Authorised"
    ).count():  # the list of providers, where the request names no single one
        ops.get_by_role("link", name=AWS).first.click()
    ops.get_by_label("Authorised").check()
    ops.get_by_label("Pricebook").select_option(label=BOOK)
    ops.get_by_label("Enable provider in customer portal").check()
    ops.get_by_label("Enable requesting an account").check()
    ops.get_by_role("button", name="Save provider").click()
    ops.goto(link)
    expect(ops.locator(".ct-checklist")).to_contain_text("Pricebook set")


def approve(ops: Page) -> None:
    ops.get_by_role("button", name="Approve and Forward").click()
    ops.get_by_role("alertdialog").get_by_role("button", name="Approve and Forward").click()
    expect(ops.locator("#ct-toasts, .alert").filter(has_text=COMPANY).first).to_be_visible()


def complete_sign_up(admin: Page) -> None:
    admin.goto("/platform/operations/")
    admin.get_by_role("link", name=COMPANY).first.click()
    admin.get_by_role("button", name="Take it on").click()
    admin.get_by_role("button", name="Complete request").click()
    admin.goto("/platform/operations/?status=completed")
    expect(admin.get_by_role("row").filter(has_text=COMPANY)).to_contain_text("Completed")


def fill_in_login(visitor: Page) -> None:
    visitor.get_by_label("Email").fill(APPLICANT)
    visitor.get_by_label("Password", exact=True).fill(SECRET)
    visitor.locator("main button[type=submit]").click()


def sign_in_as_customer(visitor: Page) -> None:
    visitor.goto(PORTAL)
    visitor.get_by_role("link", name="Log in").first.click()
    fill_in_login(visitor)
    visitor.wait_for_url(f"**{PORTAL}")
    expect(visitor.get_by_role("heading", level=1)).to_contain_text(COMPANY)


def request_account(visitor: Page) -> None:
    visitor.get_by_role("link", name="Request a cloud account").first.click()
    expect(visitor.get_by_role("heading", level=2).first).to_have_text(AWS)  # the only one it can be
    visitor.get_by_label("Friendly name").fill("fjordlys-prod")
    visitor.get_by_label("Root email").fill("aws-root@fjordlys.example")
    visitor.locator("main form button[type=submit]").click()
    visitor.goto(f"{PORTAL}accounts/requests/")
    expect(visitor.locator("main")).to_contain_text("fjordlys-prod")
    expect(visitor.locator("main")).to_contain_text("Requested")


def request_is_approved(ops: Page, letters: Letters) -> None:
    ops.goto("/settings/approvals/")
    ops.get_by_role("row").filter(has_text="New cloud account").filter(has_text=COMPANY).dblclick()
    expect(ops.locator("main")).to_contain_text("aws-root@fjordlys.example")
    approve(ops)


def complete_account(admin: Page) -> None:
    admin.goto("/platform/operations/")
    admin.get_by_role("row").filter(has_text="New cloud account").get_by_role("link", name=COMPANY).click()
    admin.get_by_label("Account ID").fill("8844-0011-2233")
    admin.get_by_role("button", name="Complete and activate account").click()
    admin.goto("/platform/operations/?status=completed")
    expect(
        admin.get_by_role("row").filter(has_text="New cloud account").filter(has_text=COMPANY)
    ).to_be_visible()
