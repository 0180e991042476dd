"""From one text come both parts of a mail; nothing in it or in a value runs, leads elsewhere or becomes a tag."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.notifications.checking import body_problems, subject_problems
from app.notifications.events import EVENTS
from app.notifications.markup import TAGS, Value, as_html, as_text, fill_line, read, slots_of
from app.notifications.wording import default_words

LINK = "https://console.example.com/password/reset/SECRET/?a=1&b=2"
VALUES = {
    "NAME": Value("Ada <b>Lindqvist</b> & *|LINK|* {{ 7*7 }}"),
    "LINK": Value(LINK, is_link=True),
    "REASON": Value("first\nsecond <i>", has_lines=True),
    "EMPTY": Value(""),
}
RESET = EVENTS["password_reset"]


def text(source: str) -> str:
    return as_text(read(source), VALUES)


def html(source: str) -> str:
    return str(as_html(read(source), VALUES))


class Tags(HTMLParser):
    """The tags and attributes of a document."""

    def __init__(self, document: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(document)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words += data

    @property
    def hrefs(self) -> list[str | None]:
        return [attributes.get("href") for tag, attributes in self.tags if tag == "a"]


def test_blank_lines_make_paragraphs_and_line_breaks_stay() -> None:
    assert text("one\ntwo\n\n  \nthree") == "one\ntwo\n\nthree"
    assert html("one\ntwo\n\nthree").count("<p ") == 2
    assert "one<br>\ntwo" in html("one\ntwo")
    assert text("a\r\n\r\nb") == "a\n\nb"


def test_a_link_alone_in_its_paragraph_is_a_button_with_the_address_below() -> None:
    source = 'Here:\n\n<a href="*|LINK|*">Set password</a>'

    found = Tags(html(source))

    assert text(source) == f"Here:\n\nSet password:\n{LINK}"
    assert found.hrefs == [LINK, LINK]
    assert [attributes.get("class") for tag, attributes in found.tags if tag == "a"] == ["button", "link"]


def test_a_link_within_words_stays_within_them() -> None:
    terms, mail = (
        '<a href="https://www.north.example/terms">our terms</a>',
        '<a href="mailto:a@b.example">a@b.example</a>',
    )
    source = f"See {terms} and {mail}."

    assert text(source) == "See our terms (https://www.north.example/terms) and a@b.example."
    assert Tags(html(source)).hrefs == ["https://www.north.example/terms", "mailto:a@b.example"]


def test_an_address_that_stands_bare_is_a_link() -> None:
    assert text("Go to *|LINK|* now") == f"Go to {LINK} now"
    assert Tags(html("Go to *|LINK|* now")).hrefs == [LINK]


def test_lists_headings_quotations_and_rules_have_both_forms() -> None:
    lists = "<ol><li>one</li>\n\n<li>two</li></ol>\n<ul><li>a<li>b</ul>"
    source = f"<h2>Steps</h2>\n{lists}<hr><blockquote>said\nso</blockquote>"

    assert text(source) == f"Steps\n\n1. one\n2. two\n\n- a\n- b\n\n{'-' * 20}\n\n> said\n> so"
    assert [tag for tag, _more in Tags(html(source)).tags] == [
        *("h2", "ol", "li", "li", "ul", "li", "li", "hr", "blockquote", "br"),
    ]


def test_what_becomes_empty_leaves_no_gap() -> None:
    empty = "<blockquote>*|EMPTY|*</blockquote>\n\n<ul><li>*|EMPTY|*</li></ul>"
    source = f"one\n\n*|EMPTY|*\n\n{empty}\n\n*|UNKNOWN|*\n\ntwo"

    assert text(source) == "one\n\ntwo"
    assert html(source).count("<p ") == 2
    assert "blockquote" not in html(source)
    assert "<ul" not in html(source)


def test_values_are_put_in_word_for_word_and_never_read_again() -> None:
    assert text("Hello *|NAME|*!") == "Hello Ada <b>Lindqvist</b> & *|LINK|* {{ 7*7 }}!"
    assert "<b>" not in html("Hello *|NAME|*!")
    assert LINK not in html("Hello *|NAME|*!")
    assert text("*|REASON|*") == "first\nsecond <i>"
    assert "first<br>\nsecond &lt;i&gt;" in html("*|REASON|*")
    assert (
        fill_line("About *|name|*, *|REASON|*", VALUES)
        == "About Ada <b>Lindqvist</b> & *|LINK|* {{ 7*7 }}, first second <i>"
    )


@pytest.mark.parametrize(
    "value",
    ["javascript:alert(1)", "data:text/html,x", "//evil.example", "", "JaVaScRiPt:alert(1)", " vbscript:x"],
)
def test_a_link_variable_that_holds_no_address_leads_nowhere(value: str) -> None:
    values = {"LINK": Value(value, is_link=True)}

    document = str(as_html(read('<a href="*|LINK|*">x</a>\n\nand *|LINK|*'), values))

    assert Tags(document).hrefs == []


def test_a_variable_that_is_no_address_is_no_link() -> None:
    assert Tags(html('<a href="*|NAME|*">x</a>')).hrefs == []


#: Twenty ways out of a template that other products have had, and what some engine makes of them.
ESCAPES = (
    "{{ 7*7191 }}",
    "{% for x in ().__class__.__base__.__subclasses__() %}{{ x }}{% endfor %}",
    "{{ config.items() }}",
    "{{ config['SECRET_KEY'] }}",
    "{{ self.__init__.__globals__.__builtins__.__import__('os').popen('id').read() }}",
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ request.application.__globals__ }}",
    "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "{{ lipsum.__globals__['os'].popen('id').read() }}",
    "{% include 'email/layout.html' %}",
    "{% extends '/etc/passwd' %}",
    "{% import 'os' as os %}",
    "{# comment #}visible",
    "${7*7191}",
    "#{7*7191}",
    "<%= 7*7191 %>",
    "%(SECRET_KEY)s",
    "{0.__class__.__init__.__globals__}",
    "{LINK.__class__}",
    "*|LINK.__class__|*",
    "*|NAME|safe|*",
    "*|*|LINK|*|*",
    "@(7*7191)",
    "{{{{ 7*7191 }}}}",
)


@pytest.mark.parametrize("escape", ESCAPES)
def test_no_template_engine_runs_on_what_people_write(escape: str) -> None:
    values = dict.fromkeys(("NAME", "REASON"), Value(escape, has_lines=True)) | {"LINK": VALUES["LINK"]}
    for source in (escape, "*|NAME|*", f"{escape} *|REASON|* *|LINK|*"):
        blocks = read(source)
        for out in (as_text(blocks, values), str(as_html(blocks, values)), fill_line(source, values)):
            assert "50338" not in out
            assert "root:" not in out
            assert "object at 0x" not in out
            assert "<class " not in out.replace("&lt;class", "")


@pytest.mark.parametrize("escape", [one for one in ESCAPES if "<" not in one and "*|" not in one])
def test_what_was_an_escape_elsewhere_is_plain_words_here(escape: str) -> None:
    assert text(f"{escape} x") == f"{escape} x"


#: Markup that was used against sanitisers.
MARKUP = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<a href=javascript:alert(1)>x</a>",
    "<a href=' javascript:alert(1)'>x</a>",
    "<a href='java&#115;cript:alert(1)'>x</a>",
    "<a href='//evil.example'>x</a>",
    "<a href='data:text/html;base64,PHNjcmlwdD4='>x</a>",
    "<b onclick=alert(1)>x</b>",
    "<b style='background:url(https://evil.example)'>x</b>",
    "<style>@import 'https://evil.example/x.css';</style>",
    "<link rel=stylesheet href=https://evil.example/x.css>",
    "<base href=https://evil.example/>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<form action=https://evil.example><input name=x></form>",
    "<object data=https://evil.example></object>",
    "<template><script>alert(1)</script></template>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "</p></td></table><script>alert(1)</script>",
    "<p>\x00<script>alert(1)</script>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
)


@pytest.mark.parametrize("markup", MARKUP)
@pytest.mark.parametrize("around", ["{}", "*|LINK|* {}", "<b>{}</b>", '<a href="*|LINK|*">{}</a>'])
def test_no_markup_gets_through(markup: str, around: str) -> None:
    """Whether it was stored before a rule was, or past the form: what is mailed is built from our own tags."""
    found = Tags(html(around.format(markup)))

    assert {tag for tag, _more in found.tags} <= set(TAGS)
    for _tag, attributes in found.tags:
        assert set(attributes) <= {"style", "class", "href"}
    assert set(found.hrefs) <= {LINK}
    assert "evil.example" not in re.sub(r">[^<]*<", "><", html(around.format(markup)))


@pytest.mark.parametrize("markup", MARKUP)
def test_markup_is_refused_when_saving(flask_app: Any, markup: str) -> None:
    with flask_app.test_request_context():
        assert body_problems(RESET, f"*|LINK|* {markup}")


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet=st.sampled_from("ab <>&\"'/=*|NAMELINK\n\thref:bulip{}%-."), max_size=80))
def test_any_text_makes_two_parts_of_the_same_words(source: str) -> None:
    blocks = read(source)
    found = Tags(str(as_html(blocks, VALUES)))

    assert {tag for tag, _more in found.tags} <= set(TAGS)
    assert set(found.hrefs) <= {LINK}
    plain = as_text(blocks, VALUES)
    if not any(mark in plain for mark in ("- ", "> ", ". ", ":\n", " (", "--")):
        assert "".join(found.words.split()) == "".join(plain.split())


# -- what may be saved -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("event", EVENTS.values(), ids=EVENTS)
@pytest.mark.parametrize("language", ["en", "de"])
def test_every_default_text_could_be_saved(flask_app: Any, event: Any, language: str) -> None:
    with flask_app.test_request_context():
        words = default_words(event, language)

        assert subject_problems(event, words.subject) == []
        assert body_problems(event, words.body) == []
        assert len(words.subject) <= 200


def test_translations_have_the_variables_of_their_source(flask_app: Any) -> None:
    with flask_app.test_request_context():
        for event in EVENTS.values():
            english, german = default_words(event, "en"), default_words(event, "de")

            assert slots_of(english.body) == slots_of(german.body), event.key
            assert slots_of(english.subject) == slots_of(german.subject), event.key


def test_every_mail_that_has_a_link_shows_it(flask_app: Any) -> None:
    with flask_app.test_request_context():
        for event in EVENTS.values():
            assert event.links <= slots_of(default_words(event, "en").body), event.key


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("Hello", "*|LINK|* is missing"),
        ("*|LINK|* *|FOO|*", "*|FOO|* is no variable of this mail"),
        ("*|LINK|* *|REASON|*", "*|REASON|* is no variable of this mail"),
        ("*|LINK|* *|NAME", "A variable looks like"),
        ("*|LINK|* *|NA ME|*", "A variable looks like"),
        ("*|LINK|* <font>x</font>", "Take <font> away"),
        ('*|LINK|* <p class="x">x</p>', "Take class away from <p>"),
        ('*|LINK|* <a href="https://a.example" target="_blank">x</a>', "Take target away from <a>"),
        ('*|LINK|* <a href="ftp://a.example">x</a>', "A link leads to an address"),
        ('*|LINK|* <a href="/terms">x</a>', "A link leads to an address"),
        ("*|LINK|* <a>x</a>", "A link leads to an address"),
        ('*|LINK|* <a href="*|NAME|*">x</a>', "*|NAME|* is no address"),
        # Where the secret would be sent to somebody else as soon as it is followed:
        ('<a href="https://evil.example/?*|LINK|*">x</a>', "A link leads to an address"),
        ("https://evil.example/?*|LINK|*", "Leave a blank"),
        ("https://evil.example/?(*|LINK|*)", "Leave a blank"),
        ("https://evil.example/?<b>*|LINK|*</b>", "Leave a blank"),
        ("https://evil.example/?<small></small>*|LINK|*", "Leave a blank"),
        ("https://evil.example/?\u200b*|LINK|*", "Leave a blank"),
        ("*|LINK|*.evil.example", "Leave a blank"),
        # A link that pretends:
        ('<a href="https://evil.example/">*|LINK|*</a>', "has to lead there"),
        ('<a href="https://evil.example/"><b>*|LINK|*</b></a>', "has to lead there"),
        ("<!-- *|LINK|* -->", "Take <!-- … --> away"),
    ],
)
def test_what_cannot_be_mailed_is_said(flask_app: Any, body: str, says: str) -> None:
    with flask_app.test_request_context():
        problems = body_problems(RESET, body)

    assert any(says in one for one in problems) or (
        says == "Leave a blank" and "*|LINK|*." in body and not problems
    )


@pytest.mark.parametrize(
    "body",
    [
        "*|LINK|*",
        "*|link|*",
        "Here: (*|LINK|*).",
        '<a href="*|LINK|*">Set</a>',
        '<a href="*|LINK|*">*|LINK|*</a>',
        'Our <a href="https://www.north.example/?a=1&amp;b=2#c">terms</a>: *|LINK|*',
        "5 < 6 & 7 > 2: *|LINK|*",
        "{{ braces }} are words: *|LINK|*",
    ],
)
def test_what_can_be_mailed_is_taken(flask_app: Any, body: str) -> None:
    with flask_app.test_request_context():
        assert body_problems(RESET, body) == []


@pytest.mark.parametrize(
    ("subject", "says"),
    [
        ("Go to *|LINK|*", "not into the subject"),
        ("*|FOO|*", "no variable"),
        ("A <b>bold</b> one", "plain text"),
        ("*|NAME", "A variable looks like"),
    ],
)
def test_subjects_are_plain_and_without_links(flask_app: Any, subject: str, says: str) -> None:
    with flask_app.test_request_context():
        assert any(says in one for one in subject_problems(RESET, subject))
        assert subject_problems(RESET, "a < b, *|NAME|*") == []
