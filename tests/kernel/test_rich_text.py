"""Formatted text keeps a short list of tags; nothing in it runs, loads or leads where it says it does not."""

from __future__ import annotations

import pytest

from app.kernel.rich_text import LONG_TAGS, as_markup, as_typed, plain_text, rich_text


def test_lines_become_paragraphs_where_there_is_no_layout() -> None:
    assert (
        rich_text("First <b>bold</b>\r\nline\n\n\nSecond")
        == "<p>First <b>bold</b><br>line</p>\n<p>Second</p>"
    )


def test_a_text_with_layout_keeps_it() -> None:
    assert rich_text("<p>one</p>\n\n<ul><li>two</li></ul>") == "<p>one</p>\n\n<ul><li>two</li></ul>"


def test_signs_are_escaped() -> None:
    assert rich_text("R&D < 5 > 3 {{ 7 * 7 }} {% x %}") == "<p>R&amp;D &lt; 5 &gt; 3 {{ 7 * 7 }} {% x %}</p>"


@pytest.mark.parametrize(
    "evil",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<svg onload=alert(1)>",
        "<a href='javascript:alert(1)'>x</a>",
        "<a href='JaVa&#x09;script:alert(1)'>x</a>",
        "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
        "<p style='background:url(//evil.example)' onclick=alert(1)>x</p>",
        "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
        "<form action=//evil.example><input name=password></form>",
        "<style>*{display:none}</style>",
        "<math><mi//xlink:href='data:x,<script>alert(1)</script>'>",
        "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
        "<base href=//evil.example><meta http-equiv=refresh content=0>",
        "<!--><script>alert(1)</script>-->",
        "<p id=csrf_token name=csrf_token class=ct-errsum>x</p>",
    ],
)
def test_nothing_of_it_runs_or_loads(evil: str) -> None:
    clean = rich_text(evil, tags=LONG_TAGS).lower()

    for word in (
        "script",
        "onerror",
        "onload",
        "onclick",
        "style",
        "src",
        "form",
        "data:",
        "iframe",
        "meta",
        "base",
    ):
        assert f"<{word}" not in clean
        assert f" {word}=" not in clean
    for part in ("javascript:", "data:", "alert(1)>", "id=", "class="):
        assert part not in clean


def test_links_lead_to_pages_and_addresses_and_say_no_referrer() -> None:
    clean = rich_text('<a href="https://a.example" target="_blank">a</a> <a href="mailto:b@b.example">b</a>')

    assert clean.count('rel="noopener noreferrer"') == 2
    assert "target" not in clean


def test_a_text_without_words_is_none() -> None:
    assert rich_text("<p> </p>\n<br>&nbsp;") == ""
    assert rich_text("  ") == ""


def test_cleaning_again_changes_nothing() -> None:
    once = rich_text("<h2>A</h2><p>b & c</p>", tags=LONG_TAGS)

    assert as_markup(once) == once


def test_plain_text_parts_what_tags_parted() -> None:
    assert plain_text("<p>one</p><p>two &amp; three</p>") == "one two & three"


@pytest.mark.parametrize(
    "typed",
    [
        "One <b>bold</b>\nline\n\nTwo &amp; &lt;three&gt;",
        "<h2>A</h2>\n<p>b</p>",
        "<ul><li>a</li></ul>",
        "",
        "Only one",
    ],
)
def test_what_is_stored_is_edited_as_it_was_typed(typed: str) -> None:
    stored = rich_text(typed, tags=LONG_TAGS)

    assert as_typed(stored) == typed
    assert rich_text(as_typed(stored), tags=LONG_TAGS) == stored


def test_paragraphs_between_other_things_keep_their_tags() -> None:
    assert as_typed("<p>a</p><ul><li>b</li></ul><p>c</p>") == "<p>a</p><ul><li>b</li></ul><p>c</p>"
