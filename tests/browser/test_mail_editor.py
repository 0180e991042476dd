"""The editor of mails in a browser: a mail is seen as it will look, while one types, and nothing in it runs."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import FrameLocator, Page, expect

from tests.browser.steps import NORTH_OPS, Open, asked_elsewhere
from tests.notifications.test_markup import ESCAPES, MARKUP

URL = "/settings/email-templates/signup_approved/en/"


@pytest.fixture
def editor(open_page: Open) -> Page:
    page = open_page(NORTH_OPS)
    page.set_viewport_size({"width": 1280, "height": 2400})
    page.goto(URL)
    return page


def frame(page: Page) -> FrameLocator:
    return page.frame_locator("iframe")


def watched(page: Page) -> list[str]:
    """Return what the page says against its policy, asks the person, or fetches from elsewhere, from now on."""
    heard: list[str] = []
    page.on(
        "console",
        lambda message: heard.append(message.text) if message.type in ("error", "warning") else None,
    )
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on("dialog", lambda dialog: (heard.append(dialog.message), dialog.dismiss()))
    page.on("request", lambda request: heard.append(request.url) if "127.0.0.1" not in request.url else None)
    return heard


def test_the_preview_looks_like_the_mail_and_follows_what_is_typed(editor: Page) -> None:
    heard = watched(editor)
    editor.reload()
    button = frame(editor).get_by_role("link", name="Log in", exact=True)
    expect(button).to_have_css("background-color", "rgb(12, 83, 108)")
    expect(frame(editor).locator("table.sheet")).to_have_css("max-width", "560px")

    editor.locator("textarea").fill('Hello *|NAME|*,\n\n<a href="*|LINK|*">Come in</a>')

    expect(frame(editor).get_by_role("link", name="Come in", exact=True)).to_have_css(
        "display", "inline-block"
    )
    expect(editor.locator("#preview pre")).to_contain_text("Come in:\nhttps://console.example.com/")
    assert heard == []


@pytest.mark.slow
def test_variables_and_tags_go_in_at_the_cursor(editor: Page) -> None:
    area = editor.locator("textarea")
    area.fill("Hello ")

    editor.get_by_label("Insert a variable").select_option("*|NAME|*")
    area.press("End")
    editor.get_by_role("button", name="Bold").click()
    editor.keyboard.type("very")
    assert area.input_value() == "Hello *|NAME|*<b>very</b>"

    subject = editor.get_by_label("Subject")
    subject.fill("For ")
    editor.get_by_label("Insert a variable").select_option("*|ORGANIZATION|*")
    assert subject.input_value() == "For *|ORGANIZATION|*"


@pytest.mark.slow
def test_what_is_wrong_is_said_and_the_text_is_kept(editor: Page) -> None:
    editor.locator("textarea").fill("Hello *|WHO|*")
    editor.get_by_role("button", name="Save text").click()

    summary = editor.get_by_role("alert")
    expect(summary).to_contain_text("*|WHO|* is no variable of this mail.")
    summary.get_by_role("link").first.click()
    expect(editor.locator("textarea")).to_be_focused()
    assert editor.locator("textarea").input_value() == "Hello *|WHO|*"


WRITTEN = (*MARKUP, *ESCAPES[:4])


@pytest.mark.parametrize(
    "written_one_after_the_other",
    [WRITTEN[::8], pytest.param(WRITTEN, marks=pytest.mark.slow)],
    ids=["some", "all"],
)
def test_nothing_that_is_written_runs_or_is_fetched(
    editor: Page, written_one_after_the_other: tuple[str, ...]
) -> None:
    """What is taken out of each of them is asked without a browser in tests/notifications/test_markup.py."""
    heard = watched(editor)

    for written in written_one_after_the_other:
        editor.locator("textarea").fill(written.replace("\x00", ""))
        editor.get_by_label("Subject").fill(re.sub(r"\s|\x00", " ", written)[:150])
        with editor.expect_navigation():
            editor.get_by_role("button", name="Preview").click()
        assert (
            editor.frames[-1].evaluate("document.querySelectorAll('script, img, svg, iframe, object').length")
            == 0
        )

    assert heard == []


@pytest.mark.slow
@asked_elsewhere
def test_without_a_script_the_preview_comes_by_its_button(open_page: Any) -> None:
    page = open_page(NORTH_OPS, java_script_enabled=False)
    page.goto(URL)
    page.locator("textarea").fill("Plain words for *|NAME|*")

    page.get_by_role("button", name="Preview").click()

    expect(page.locator("#preview pre")).to_contain_text("Plain words for Ada Lindqvist")
    expect(page.locator(".ct-tools")).to_be_hidden()
