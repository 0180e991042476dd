"""Papers to print: whole statements whose sums hold, as small or as large as a test wants them."""

from __future__ import annotations

import datetime
import struct
import zlib
from dataclasses import replace
from decimal import Decimal
from typing import Any

from app.rating.money import round_money
from app.statements.paper import (
    Logo,
    Paper,
    PaperAccount,
    PaperGroup,
    PaperLine,
    PaperTax,
    PaperTotals,
    Party,
)

D = Decimal

SELLER = Party(
    "Harbourline Cloud",
    "Harbourline Cloud GmbH",
    ("Am Sandtorkai 50", "20457 Hamburg", "Germany"),
    "billing@harbourline.example",
    "www.harbourline.example",
    ("VAT ID DE 123 456 789",),
)
BUYER = Party(
    "Tessera Labs",
    "Tessera Labs B.V.",
    ("Keizersgracht 241", "1016 EA Amsterdam", "Netherlands"),
    tax_lines=("VAT ID NL 8532.11.907.B01",),
)

SERVICES = (
    ("Amazon Elastic Compute Cloud", "BoxUsage:m6i.xlarge, eu-central-1", "Hrs", "0.1920"),
    ("Amazon Relational Database Service", "InstanceUsage:db.r6g.large, eu-central-1", "Hrs", "0.2450"),
    ("Amazon Simple Storage Service", "TimedStorage-ByteHrs", "GB-Mo", "0.0245"),
    ("AWS Lambda", "Lambda-GB-Second", "GB-Second", "0.0000166667"),
    ("Amazon CloudFront", "EU-DataTransfer-Out-Bytes", "GB", "0.085"),
    ("Amazon Virtual Private Cloud", "NatGateway-Hours", "Hrs", "0.052"),
)


def line(place: int, currency: str = "EUR") -> PaperLine:
    text, detail, unit, price = SERVICES[place % len(SERVICES)]
    quantity = D(730 + place * 37) + D(place % 4).scaleb(-1)
    amount = round_money(quantity * D(price), currency)
    return PaperLine(text, amount, detail, quantity, unit, D(price))


def summed(paper: Paper, percent: D | None = None, name: str = "VAT") -> Paper:
    """The paper with the totals that follow from its lines."""
    usage = sum((group.subtotal for group in paper.groups), D(0))
    charges = sum((one.amount for one in (*paper.charges, *paper.discounts)), D(0))
    adjustment = sum((one.amount for one in paper.adjustment), D(0))
    credits = sum((one.amount for one in paper.credits), D(0))
    before = usage + charges + adjustment + credits
    taxes = (
        ()
        if percent is None
        else (PaperTax(name, percent, before, round_money(before * percent.scaleb(-2), paper.currency)),)
    )
    tax = sum((one.amount for one in taxes), D(0))
    return replace(
        paper,
        taxes=taxes,
        totals=PaperTotals(usage, charges, adjustment, credits, before, tax, before + tax),
    )


def account(title: str, number: str, lines: tuple[PaperLine, ...], **more: Any) -> PaperAccount:
    return PaperAccount(title, sum((one.amount for one in lines), D(0)), lines, number, **more)


def group(title: str, *accounts: PaperAccount) -> PaperGroup:
    return PaperGroup(title, sum((one.subtotal for one in accounts), D(0)), accounts)


def paper(**changes: Any) -> Paper:
    """The worked example of docs/pricing.md, as it is issued."""
    lines = (
        PaperLine("Amazon Elastic Compute Cloud", D("900.00"), "eu-central-1", D(9000), "Hrs", D("0.1")),
        PaperLine("Amazon Simple Storage Service", D("200.00"), "", D(8000), "GB-Mo", D("0.025")),
    )
    made = Paper(
        language="en",
        kind="usage",
        seller=SELLER,
        buyer=BUYER,
        currency="EUR",
        month=datetime.date(2026, 10, 1),
        first_day=datetime.date(2026, 10, 1),
        last_day=datetime.date(2026, 10, 31),
        totals=PaperTotals(*(D(0) for _ in range(7))),
        number="HL-2026-0042",
        customer_number="10023",
        issued_on=datetime.date(2026, 11, 3),
        due_on=datetime.date(2026, 12, 3),
        groups=(group("Amazon Web Services", account("Production", "123456789012", lines)),),
        charges=(PaperLine("AWS Business Support", D("120.00"), percent=D(10)),),
        adjustment=(PaperLine("Uplift on the whole statement", D("61.00"), percent=D(5)),),
    )
    return replace(summed(made, D(20)), **changes)


def long_paper(count: int = 200, **changes: Any) -> Paper:
    """A statement with `count` lines of usage in five accounts of two providers, and everything else there is."""
    each = -(-count // 5)
    lines = [line(place) for place in range(count)]
    accounts = [
        account(
            name,
            number,
            tuple(lines[place * each : (place + 1) * each]),
            fields=(("Cost centre", f"CC-{place + 1}00"), ("Owner", "Annika Feldt"))
            if place % 2 == 0
            else (),
        )
        for place, (name, number) in enumerate(
            (
                ("Production", "123456789012"),
                ("Staging", "210987654321"),
                ("Data platform", "345678901234"),
                ("Analytics", "6e7f0a52-8a1b-4f7c-9c55-0b1d2f3a4e5b"),
                ("Sandbox", "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"),
            )
        )
    ]
    made = paper(
        groups=(group("Amazon Web Services", *accounts[:3]), group("Microsoft Azure", *accounts[3:])),
        charges=(
            PaperLine("AWS Business Support", D("612.40"), percent=D("10")),
            PaperLine(
                "Managed service, monthly", D("450.00"), quantity=D(3), unit="Accounts", unit_price=D(150)
            ),
        ),
        discounts=(PaperLine("Loyalty discount", D("-85.20"), percent=D("-2.5")),),
        credits=(
            PaperLine("Migration credit", D("-250.00"), "1,750.00 left"),
            PaperLine("Goodwill for the outage of 4 October", D("-40.00")),
        ),
        external_id="PO-4711/2026",
        header_fields=(("Cost centre", "4200 Engineering"), ("Contract", "FRAME-2025-11")),
        exchange_rates=(("USD", "EUR", D("0.9213")), ("GBP", "EUR", D("1.15"))),
        notes="Please pay by bank transfer to DE02 1203 0000 0000 2020 51, BIC BYLADEM1001.\n\n"
        "Questions? Write to billing@harbourline.example and name the document number.",
    )
    return replace(summed(made, D(19)), **changes)


def png(width: int, height: int, color: tuple[int, int, int], *, hole: bool = False) -> Logo:
    """A logo of one colour, with a transparent bar through it if asked for."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    solid, clear = bytes((*color, 255)), bytes((*color, 0))
    row = b"\0" + solid * width
    gap = b"\0" + clear * width
    rows = b"".join(gap if hole and height // 3 < at < height // 2 else row for at in range(height))
    content = (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )
    return Logo(content, "image/png")
