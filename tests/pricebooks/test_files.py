"""Rules in files: CSV out and in again, and CloudHealth's XML, with every fault named by its line."""

from __future__ import annotations

from base64 import b64encode
from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import select

from app.errors import Invalid
from app.extensions import db
from app.pricebooks.cloudhealth import read_book
from app.pricebooks.csv_files import read_file
from app.pricebooks.models import Pricebook
from app.pricebooks.queries import rules_of
from tests.pricebooks.steps import cells, in_north, put, rules


def page(world: Any) -> str:
    return f"/pricebooks/{world.north.pricebook.id}/import/"


def send(client: Any, world: Any, content: bytes, **more: str) -> Any:
    form = {"mode": "replace", "counts_from": "always", "version": "2", **more}
    return client.post(page(world), {**form, "file": (BytesIO(content), "rules.csv")})


def test_what_goes_out_comes_in_again_and_changes_nothing(
    flask_app: Any, world: Any, client_for: Any
) -> None:
    client = client_for(world.north.ops)
    put(
        flask_app,
        world,
        cells(service="=HYPERLINK(1)"),
        cells(service="S3", kind="fixed", value="0.0000000001"),
    )

    content = client.get(f"/pricebooks/{world.north.pricebook.id}/rules.csv").data
    shown = send(client, world, content)

    assert b"'=HYPERLINK(1),,,,percent,-10,," in content
    assert b"S3,,,,fixed,0.0000000001,," in content
    assert shown.status_code == 200
    assert "All rows of the file are right" in shown.text
    assert [rule[0] for rule in rules(flask_app, world)] == ["=HYPERLINK(1)", "S3"]


def test_a_file_is_shown_first_and_saved_when_confirmed(flask_app: Any, world: Any, client_for: Any) -> None:
    client = client_for(world.north.ops)
    put(flask_app, world, cells(service="S3"), cells(service="EC2"))
    content = b"SERVICE;Kind;Value;First Month\r\nS3;Prozent;-4,5;\r\nRDS;%;3 %;11/2026\r\n"

    shown = send(client, world, content)
    before = [rule[0] for rule in rules(flask_app, world)]
    form = {"mode": "replace", "counts_from": "always", "version": "2"}
    saved = client.post(page(world), {**form, "content": b64encode(content).decode()})

    assert shown.status_code == 200
    assert before == ["S3", "EC2"]
    assert saved.status_code == 302
    assert [(rule[0], str(rule[2]), rule[3]) for rule in rules(flask_app, world)] == [
        ("S3", "-4.5", ""),
        ("RDS", "3", "2026-11"),
    ]


def test_one_wrong_line_saves_nothing_and_is_named(flask_app: Any, world: Any, client_for: Any) -> None:
    content = b"service,kind,value\nS3,percent,-4\nEC2,percent,-400\nRDS,gift,1\n"

    answer = send(client_for(world.north.ops), world, content, version="1")

    assert answer.status_code == 422
    assert '<td class="num" data-l="Line">3</td>' in answer.text
    assert '<td class="num" data-l="Line">4</td>' in answer.text
    assert "at least −100" in answer.text
    assert rules(flask_app, world) == []


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"service,value\nS3,1\n",
        b"service,kind,value,Value\nS3,percent,1,2\n",
        b"service,kind,value\n",
        b"\xff\xfeS\x00",
        b"service,kind,value\nS3,percent\n",
        b"service,kind,value\n" + b"S3,percent,1\n" * 2001,
        b"PK\x03\x04" + b"x" * 2000000,
    ],
    ids=["empty", "no kind", "twice", "no rows", "UTF-16", "cut", "too many", "too large"],
)
def test_a_file_that_is_no_table_of_rules_is_refused_in_words(flask_app: Any, content: bytes) -> None:
    with flask_app.app_context(), pytest.raises(Invalid):
        read_file(content)


XML = b"""<?xml version="1.0" encoding="UTF-8"?>
<CHBillingRules customerName="Tessera" date="2018-01-01" payerAccounts="123456789012">
 <Comment>Tessera's prices</Comment>
 <RuleGroup startDate="2026-01-01" endDate="2026-12-31">
  <BillingRule name="EC2 in Europe">
   <BasicBillingRule billingAdjustment="10.0" billingRuleType="percentDiscount"/>
   <Product productName="Amazon Elastic Compute Cloud"><Region name="eu-west-1"/><Region name="eu-central-1"/></Product>
  </BillingRule>
  <BillingRule name="Box usage" includeDataTransfer="false" includeRIPurchases="false">
   <BasicBillingRule billingAdjustment="0.5" billingRuleType="fixedRate"/>
   <Product productName="Amazon Elastic Compute Cloud"><UsageType name="BoxUsage"/></Product>
  </BillingRule>
  <BillingRule name="Run only">
   <BasicBillingRule billingAdjustment="5" billingRuleType="percentIncrease"/>
   <Product productName="Amazon Relational Database Service">
    <Operation name="RunInstances"/><InstanceProperties instanceType="t2" reserved="false"/>
    <LineItemDescription matchesRegex="(a+)+$"/>
   </Product>
  </BillingRule>
 </RuleGroup>
 <RuleGroup enabled="false"><BillingRule name="Old">
  <BasicBillingRule billingAdjustment="1" billingRuleType="fixedRate"/>
 </BillingRule></RuleGroup>
 <RuleGroup startDate="01/15/2027"><BillingRule name="All" surprise="yes">
  <BasicBillingRule billingAdjustment="2" billingRuleType="percentIncrease"/></BillingRule></RuleGroup>
</CHBillingRules>"""


def test_a_cloudhealth_file_becomes_rules_and_a_list_of_what_it_says_besides(flask_app: Any) -> None:
    with flask_app.app_context():
        found = read_book(XML)

    made = [
        (
            one.service,
            one.region,
            one.usage_type,
            one.kind.value,
            str(one.value),
            one.first_month,
            one.last_month,
        )
        for one in found.rules
    ]
    ec2 = "Amazon Elastic Compute Cloud"
    assert [one[:5] for one in made] == [
        (ec2, "eu-west-1", "", "percent", "-10.0"),
        (ec2, "eu-central-1", "", "percent", "-10.0"),
        (ec2, "", "BoxUsage", "fixed", "0.5"),
        (ec2, "", "BoxUsage:*", "fixed", "0.5"),
        ("", "", "", "percent", "2"),
    ]
    assert [f"{one[5]:%Y-%m}" for one in made] == ["2026-01"] * 4 + ["2027-01"]
    assert made[0][6] is not None and f"{made[0][6]:%Y-%m}" == "2026-12"
    assert [(one.line, one.code, one.is_whole_rule) for one in found.left_out] == [
        (2, "payer_accounts", False),
        (11, "data_transfer", False),
        (11, "usage_everywhere", False),
        (16, "operation", True),
        (16, "instance_properties", True),
        (17, "line_item_description", True),
        (21, "group_disabled", True),
        (24, "starts_inside", False),
        (24, "not_known", False),
        (2, "ri_purchases", False),
        (2, "names", False),
    ]
    assert found.problems == []


def test_the_import_shows_what_is_left_out_and_keeps_it_with_the_book(
    flask_app: Any, world: Any, client_for: Any
) -> None:
    client = client_for(world.north.ops)
    form = {"provider_id": "1", "name": "Tessera", "currency": "USD"}

    shown = client.post("/pricebooks/import/", {**form, "file": (BytesIO(XML), "book.xml")})
    saved = client.post("/pricebooks/import/", {**form, "content": b64encode(XML).decode()})

    assert shown.status_code == 200
    assert "Left out: it holds only for the operation RunInstances." in shown.text
    assert saved.status_code == 302
    assert "Left out: it holds only for the operation RunInstances." in client.get(saved.location).text
    with in_north(flask_app, world):
        book = db.session.scalars(select(Pricebook).where(Pricebook.name == "Tessera")).one()
        assert (book.match_mode.value, len(rules_of(book))) == ("first_by_position", 5)


BOMB = b"""<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "lol"><!ENTITY y "&x;&x;&x;&x;">]>
<CHBillingRules>&y;</CHBillingRules>"""


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<CHBillingRules>",
        b"<html/>",
        BOMB,
        b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><CHBillingRules/>',
        b"<CHBillingRules>" + b"<a>" * 20 + b"</a>" * 20 + b"</CHBillingRules>",
        b'<?xml version="1.0" encoding="no-such"?><CHBillingRules/>',
        b" " * 1100000,
        b"\xff\xfe\x00",
    ],
    ids=["empty", "cut", "html", "entities", "external", "deep", "encoding", "large", "bytes"],
)
def test_xml_that_is_not_safe_or_no_price_book_is_refused_in_words(flask_app: Any, content: bytes) -> None:
    with flask_app.app_context(), pytest.raises(Invalid):
        read_book(content)


def test_faults_of_a_cloudhealth_file_are_named_by_line(flask_app: Any, world: Any, client_for: Any) -> None:
    content = XML.replace(b'billingAdjustment="10.0"', b'billingAdjustment="lots"').replace(
        b'endDate="2026-12-31"', b'endDate="2026-13-31"'
    )
    form = {"provider_id": "1", "name": "Tessera", "currency": "USD"}

    answer = client_for(world.north.ops).post(
        "/pricebooks/import/", {**form, "file": (BytesIO(content), "book.xml")}
    )

    assert answer.status_code == 422
    assert "billingAdjustment must be a number" in answer.text
    assert "endDate must be a day" in answer.text
