"""The PDF of a statement: says everything, in the customer's language, and runs nothing of what people typed."""

from __future__ import annotations

import re
import socket
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
import typst

from app.kernel.translations import compile_catalogs
from app.statements.documents import pdf
from app.statements.documents.labels import translator
from app.statements.documents.printing import printed
from app.statements.paper import Logo, PaperLine, Party
from tests.statements.documents.papers import account, group, line, long_paper, paper, png, summed
from tests.statements.documents.reading import ReadPdf, read_pdf

pytestmark = pytest.mark.once
D = Decimal


@pytest.fixture(autouse=True, scope="module")
def catalogs() -> None:
    compile_catalogs(Path("translations"))


@pytest.fixture(scope="module")
def example() -> ReadPdf:
    """The worked example of docs/pricing.md."""
    return read_pdf(pdf(paper()))


@pytest.fixture(scope="module")
def long() -> ReadPdf:
    """Two hundred lines, and everything that a statement can have."""
    return read_pdf(pdf(long_paper(200)))


def test_the_worked_example_says_every_amount_to_the_cent(example: ReadPdf) -> None:
    for said in (
        "Statement HL-2026-0042",
        "Tessera Labs B.V.",
        "Billing period 1 Oct 2026 – 31 Oct 2026",
        "Payable by 3 Dec 2026 EUR 1,537.20",
        "Amazon Elastic Compute Cloud eu-central-1 9,000 Hrs 0.10 900.00",
        "Total Amazon Web Services 1,100.00",
        "AWS Business Support 10 % 120.00",
        "Uplift on the whole statement 5 % 61.00",
        "VAT 20 % 1,281.00 256.20",
        "Total EUR 1,537.20",
        "Page 1 of 1",
    ):
        assert said in example.text


def test_the_file_says_what_it_is_and_is_accessible(example: ReadPdf) -> None:
    for said in (
        b"<dc:title>",
        b"Statement HL-2026-0042",
        b"Harbourline Cloud",
        b"pdfuaid",
        b"/MarkInfo",
        b"/Lang(en)",
    ):
        assert said in example.raw
    assert b"D:20261103" in example.raw, "the date of issue, not of today"


def test_two_hundred_lines_have_the_total_on_page_one_and_heads_on_every_page(long: ReadPdf) -> None:
    total = f"EUR {long_paper(200).totals.total:,.2f}"
    assert total in long.pages[0].replace("\xa0", " ")
    assert len(long.raw) <= 300_000
    for number, page in enumerate(long.pages, start=1):
        assert f"Page {number} of {len(long.pages)}" in page
        assert "Description" in page and "Amount" in page
    for page in long.pages[1:]:
        assert "Tessera Labs" in page and "HL-2026-0042" in page


@pytest.mark.parametrize("count", range(37, 42))
def test_a_sum_stands_on_a_page_with_a_line_that_it_sums(count: int) -> None:
    lines = tuple(map(line, range(count)))
    one = paper(groups=(group("Amazon Web Services", account("Production", "123456789012", lines)),))

    [page] = [page for page in read_pdf(pdf(summed(one))).pages if "Total Amazon Web Services" in page]

    before, _ = page.split("Total Amazon Web Services")
    assert re.search(r"\d\.\d\d", before), "a head and a sum, and nothing between"


def test_everything_of_a_large_statement_is_printed(long: ReadPdf) -> None:
    for said in (
        "Cost centre 4200 Engineering",
        "PO-4711/2026",
        "Cost centre: CC-100 · Owner: Annika Feldt",
        "Subtotal Staging",
        "Loyalty discount −2.5 % −85.20",
        "Migration credit 1,750.00 left −250.00",
        "1 USD = 0.9213 EUR",
        "BIC BYLADEM1001.",
    ):
        assert said in long.text


def test_the_same_paper_gives_the_same_bytes() -> None:
    assert pdf(paper()) == pdf(paper())


def test_a_draft_an_estimate_and_a_void_one_say_so_and_ask_for_nothing() -> None:
    draft = read_pdf(pdf(paper(is_draft=True, is_estimated=True, number="", issued_on=None))).text
    assert draft.count("DRAFT") == 2 and "ESTIMATED" in draft and "It asks for no payment" in draft
    void = read_pdf(pdf(paper(is_void=True))).text
    assert void.count("VOID") == 2
    for text in (draft, void):
        assert "Total due" not in text and "Payable by" not in text


def test_a_credit_note_names_what_it_corrects() -> None:
    credit = paper(
        kind="credit_note",
        corrects_number="HL-2026-0041",
        groups=(),
        charges=(),
        adjustment=(),
        discounts=(PaperLine("Amazon EC2 was billed twice", D("-140.16")),),
    )
    text = read_pdf(pdf(summed(credit))).text
    for said in ("Credit note", "corrects HL-2026-0041", "Total EUR −140.16", "Corrections −140.16"):
        assert said in text
    assert "Discount" not in text and "Payable by" not in text


def test_german_has_its_words_numbers_and_days() -> None:
    text = read_pdf(pdf(long_paper(20, language="de", is_estimated=True))).text
    for said in ("Abrechnung HL-2026-0042", "Zahlbar bis 03.12.2026", "GESCHÄTZT", "Seite 1 von", "−85,20"):
        assert said in text
    every = set(re.findall(r"N_\(\"(.+?)\"\)", Path("app/statements/documents/labels.py").read_text()))
    german = translator("de")
    assert [text for text in every if german(text) == text and text != "Detail"] == []


def test_currencies_have_their_own_decimals() -> None:
    for currency, said in (("JPY", "JPY 140"), ("KWD", "KWD 140.160")):
        one = account("Production", "1", (line(0, currency),))
        made = summed(paper(currency=currency, charges=(), adjustment=(), groups=(group("AWS", one),)))
        assert f"Total {said} " in read_pdf(pdf(made)).text


@pytest.mark.parametrize(
    "name",
    ["株式会社テスト", "株式会社髙﨑", "深圳市测试有限公司", "주식회사 시험", "Łódź Ñandú Größe Ελλάδα Київ"],
)
def test_names_of_other_scripts_print_with_real_glyphs(name: str) -> None:
    # PDF/UA refuses a text for which no font has a glyph, so the mark says that every one was there.
    content = pdf(paper(buyer=Party(name)))
    assert b"pdfuaid" in content
    assert "".join(name.split()) in "".join(read_pdf(content).text.split())


def test_scripts_of_the_near_and_far_east_have_fonts_too() -> None:
    assert b"pdfuaid" in pdf(paper(notes="שלום مرحبا สวัสดี नमस्ते გამარჯობა Բարեւ"))


def test_what_no_font_has_and_what_is_no_image_leave_a_document() -> None:
    text = read_pdf(
        pdf(paper(buyer=Party("Smile 😀 Ltd"), logo=Logo(b"\x89PNG\r\n\x1a\n?", "image/png")))
    ).text
    assert "Smile" in text and "EUR 1,537.20" in text


def test_what_people_type_is_text_wherever_it_stands() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        site = f"http://127.0.0.1:{listener.getsockname()[1]}"
        for typed in (
            f'#image("{site}/x.png")',
            '#read("/etc/passwd")',
            "file:///etc/passwd",
            '#import "@preview/cetz:0.3.0"',
            "*bold* _it_ $x^2$ @ref <label> \\ // comment /* c */",
            f'<img src="{site}/">',
        ):
            hostile = Party(typed, typed, (typed,), typed, typed, (typed,))
            lines = (PaperLine(typed, D(1), typed, D(1), typed),)
            made = paper(
                seller=hostile,
                buyer=hostile,
                number=typed[:20],
                header_fields=((typed, typed),),
                groups=(group(typed, account(typed, typed, lines)),),
                notes=f"{typed}\n{typed}",
                logo=Logo(typed.encode(), "image/png"),
            )
            text = "".join(read_pdf(pdf(made)).text.split())
            assert text.count("".join(typed.split())) >= 10
            assert "root:" not in text
        with pytest.raises(BlockingIOError):
            listener.accept()


def test_the_template_reaches_no_file_but_its_own(tmp_path: Path) -> None:
    outside = tmp_path / "secret.txt"
    outside.write_text("secret")
    files = {"main.typ": f'#read("{outside}")'.encode()}
    with pytest.raises(typst.TypstError, match="not found"):
        typst.compile(files, root="app/statements/documents/fonts")
    template = Path("app/statements/documents/template/statement.typ").read_text()
    assert re.findall(r"\b(?:read|include|import|plugin|eval|link)\b\s*[(\"]", template) == []


def test_notes_keep_their_lines_and_lose_what_has_no_shape() -> None:
    content = printed(paper(notes="one\r\n\x00two\u202e three"), translator("en"))
    assert content["notes"] == ["one", " two three"]


def test_a_long_word_gets_places_to_break_at() -> None:
    arn = "arn:aws:ec2:eu-central-1:123456789012:reserved-instances/" + "a" * 60
    made = paper(groups=(group("AWS", account("A", "1", (PaperLine(arn, D(1)),))),))
    row = printed(made, translator("en"))["sections"][0]["blocks"][0]["rows"][0]["text"]
    assert row.replace("\u200b", "") == arn
    assert max(map(len, row.split("\u200b"))) <= 28


@pytest.mark.parametrize("accent", ["#ffd400", "#ffffff", "", "no colour"])
def test_any_accent_can_be_read_on_paper(accent: str) -> None:
    from app.kernel.colors import WHITE, contrast, read_color

    content = printed(paper(accent=accent), translator("en"))
    assert contrast(read_color(content["accent"]), WHITE) >= D("4.5")
    assert contrast(read_color(content["accent"]), read_color(content["tint"])) >= D("4.5")


def test_letter_and_logos_of_any_shape_fit_their_pages() -> None:
    for logo in (png(1600, 80, (0, 0, 0)), png(60, 900, (255, 255, 255))):
        content = pdf(paper(page_size="Letter", logo=logo))
        assert b"/MediaBox[0 0 612 792]" in content and b"/Alt" in content
        assert len(read_pdf(content).pages) == 1


def test_credits_that_follow_tax_are_printed_after_it() -> None:
    made = paper(credits=(PaperLine("Migration credit", D("-100.00")),))
    totals = replace(made.totals, credits=D("-100.00"), total=made.totals.total - 100)
    labels = [row["label"] for row in printed(replace(made, totals=totals), translator("en"))["sums"]]
    assert labels[-3:] == ["VAT\xa020\xa0%".replace("VAT\xa0", "VAT "), "Credits", "Total"]
