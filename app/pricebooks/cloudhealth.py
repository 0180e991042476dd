"""Reading CloudHealth's price book XML: rules that a book can say, and a list of everything that it cannot.

Nothing is dropped silently. A rule with a condition that no rule of ours can name is left out: without its condition it
would price more than it was meant to. Where only a detail differs, the rule comes along and the list says what differs.
The first rule that matches wins, as in CloudHealth.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from xml.parsers import expat

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.errors import Invalid
from app.pricebooks.models import LONGEST_CELL
from app.pricebooks.rows import MOST_RULES, problem_text
from app.rating.bookcheck import rule_problems
from app.rating.months import last_day
from app.rating.pricebook import PriceRule, RuleKind

LARGEST_FILE = 1024 * 1024
_MOST_ELEMENTS, _DEEPEST = 50_000, 12
#: How a rule changes the price: the kind that it becomes, and the sign of its number.
_TYPES = {
    "percentDiscount": (RuleKind.PERCENT, -1),
    "percentIncrease": (RuleKind.PERCENT, 1),
    "fixedRate": (RuleKind.FIXED, 1),
}
_NUMBER = re.compile(r"\d{1,12}(?:\.\d{1,30})?")
_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_US_DAY = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
#: What an AWS usage type begins with where its region is named: USE2-, EU-, APS1-.
_REGION_PREFIX = re.compile(r"[A-Z]{2,4}\d?-")
_ANY = "ANY"

#: Conditions that no rule can name, by element. A rule that has one is left out.
_CONDITIONS = {
    "Operation": "operation",
    "InstanceProperties": "instance_properties",
    "LineItemDescription": "line_item_description",
}
_KNOWN: Mapping[str, tuple[str, ...]] = {
    "CHBillingRules": ("customerID", "customerName", "createdBy", "date", "payerAccounts"),
    "RuleGroup": ("startDate", "endDate", "enabled"),
    "BillingRule": ("name", "includeDataTransfer", "includeRIPurchases"),
    "BasicBillingRule": ("billingAdjustment", "billingRuleType"),
    "Product": ("productName", "includeDataTransfer", "includeRIPurchases"),
    "Region": ("name",),
    "UsageType": ("name",),
    "Operation": ("name",),
    "InstanceProperties": ("instanceType", "instanceSize", "reserved"),
    "LineItemDescription": ("startsWith", "contains", "matchesRegex"),
    "Comment": (),
}

#: What is said of what cannot be expressed; %(detail)s is what the file says.
SENTENCES: dict[str, object] = {
    "operation": _l("Left out: it holds only for the operation %(detail)s."),
    "instance_properties": _l("Left out: it holds only for instances with %(detail)s."),
    "line_item_description": _l("Left out: it holds only for lines whose description %(detail)s."),
    "no_price": _l("Left out: it says no price."),
    "group_disabled": _l("Left out: its group is switched off."),
    "data_transfer": _l("Taken over, but it also prices data transfer, which the file leaves out of it."),
    "usage_everywhere": _l(
        "Taken over as it is written: %(detail)s without a region names every region there, and here only that name."
    ),
    "starts_inside": _l("Taken over from the first of the month: the file begins on %(detail)s."),
    "ends_inside": _l("Taken over to the end of the month: the file ends on %(detail)s."),
    "payer_accounts": _l(
        "The file is limited to the payer accounts %(detail)s. The pricebook holds for all accounts."
    ),
    "ri_purchases": _l(
        "%(detail)s rules include purchases of reserved instances. Here no pricebook changes what a commitment costs."
    ),
    "names": _l("Names and comments of rules are not kept."),
    "not_known": _l("Not read: %(detail)s."),
}
_LEFT_OUT = {"operation", "instance_properties", "line_item_description", "no_price", "group_disabled"}


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Something of a file that a book cannot say: where, in which rule, and what."""

    line: int
    rule: str
    code: str
    detail: str = ""

    @property
    def is_whole_rule(self) -> bool:
        """Is the rule missing in the book?"""
        return self.code in _LEFT_OUT

    @property
    def text(self) -> str:
        return str(SENTENCES[self.code]) % {"detail": self.detail}

    def as_json(self) -> dict[str, Any]:
        """Return what is kept with a book."""
        return {"line": self.line, "rule": self.rule, "code": self.code, "detail": self.detail}


@dataclass(slots=True)
class ImportedBook:
    """What a file says. ``named`` has the name and line that each rule has in the file."""

    customer: str = ""
    rules: list[PriceRule] = field(default_factory=list)
    named: list[tuple[str, int]] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    problems: list[tuple[int, str]] = field(default_factory=list)


@dataclass(slots=True)
class _Node:
    tag: str
    attributes: dict[str, str]
    line: int
    children: list[_Node] = field(default_factory=list)

    def of(self, *tags: str) -> list[_Node]:
        return [one for one in self.children if one.tag in tags]

    def get(self, name: str) -> str:
        return self.attributes.get(name, "").strip()


class _Unreadable(Exception):
    """The file is no XML that we read."""


def read_book(content: bytes) -> ImportedBook:
    """Return what a CloudHealth file says; raises ``Invalid`` for one that is none, or that is not safe to read."""
    if len(content) > LARGEST_FILE:
        raise Invalid(_("The file is larger than %(n)s MB.", n=LARGEST_FILE // 1024 // 1024), field="file")
    try:
        root = _parse(content)
    except _Unreadable as problem:
        raise Invalid(str(problem), field="file") from None
    if root.tag != "CHBillingRules":
        raise Invalid(
            _("This is no CloudHealth price book: it begins with %(tag)s.", tag=root.tag[:60]), field="file"
        )
    return _Reader().read(root)


def _parse(content: bytes) -> _Node:
    """Return the root element. Document types are refused, and with them entities, which can grow without end."""
    parser = expat.ParserCreate()
    open_: list[_Node] = []
    roots: list[_Node] = []
    count = 0

    def refuse(*_arguments: Any) -> int:
        raise _Unreadable(
            _("Line %(n)s: remove the document type, it is not read.", n=parser.CurrentLineNumber)
        )

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal count
        count += 1
        if count > _MOST_ELEMENTS or len(open_) >= _DEEPEST:
            raise _Unreadable(_("The file has more elements than a price book needs."))
        node = _Node(tag, attributes, parser.CurrentLineNumber)
        (open_[-1].children if open_ else roots).append(node)
        open_.append(node)

    parser.StartElementHandler = start
    parser.EndElementHandler = lambda _tag: open_.pop() and None
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.ExternalEntityRefHandler = refuse
    try:
        parser.Parse(content, True)
    except expat.ExpatError as problem:
        raise _Unreadable(_("Line %(n)s is not well-formed XML.", n=problem.lineno)) from None
    except (LookupError, ValueError):  # an encoding that there is not
        raise _Unreadable(_("The file cannot be read as XML. Save it in UTF-8.")) from None
    return roots[0]


@dataclass(slots=True)
class _Reader:
    found: ImportedBook = field(default_factory=ImportedBook)
    first: datetime.date | None = None
    last: datetime.date | None = None
    with_purchases: int = 0
    has_names: bool = False

    def read(self, root: _Node) -> ImportedBook:
        self.found.customer = root.get("customerName")
        self._check_known(root, "")
        if payers := root.get("payerAccounts"):
            self._leave(root, "", "payer_accounts", payers)
        for group in root.of("RuleGroup"):
            self._group(group)
        if self.with_purchases:
            self._leave(root, "", "ri_purchases", str(self.with_purchases))
        if self.has_names:
            self._leave(root, "", "names")
        if len(self.found.rules) > MOST_RULES:
            raise Invalid(
                _(
                    "A pricebook has at most %(n)s rules; these are %(m)s.",
                    n=MOST_RULES,
                    m=len(self.found.rules),
                ),
                field="file",
            )
        return self.found

    def _group(self, group: _Node) -> None:
        if group.get("enabled").lower() == "false":
            for rule in group.of("BillingRule"):
                self._leave(rule, rule.get("name"), "group_disabled")
            return
        start, end = self._day(group, "startDate"), self._day(group, "endDate")
        self.first = start.replace(day=1) if start else None
        self.last = end.replace(day=1) if end else None
        if start and start.day != 1:
            self._leave(group, "", "starts_inside", start.isoformat())
        if end and end != last_day(end.replace(day=1)):
            self._leave(group, "", "ends_inside", end.isoformat())
        for rule in group.of("BillingRule"):
            self._rule(rule)

    def _rule(self, rule: _Node) -> None:
        name = rule.get("name")
        self.has_names = self.has_names or bool(name)
        prices = rule.of("BasicBillingRule")
        if not prices:
            self._leave(rule, name, "no_price")
            return
        kind, value = self._price(prices[0])
        if kind is None or value is None:
            return
        for target in rule.of("Product") or [_Node("", {}, rule.line)]:
            conditions = [*rule.of(*_CONDITIONS), *target.of(*_CONDITIONS)]
            said = [(one, text) for one in conditions if (text := _condition(one))]
            for one, text in said:
                self._leave(one, name, _CONDITIONS[one.tag], text)
            if said:
                continue
            self._details(rule, target, name)
            service = target.get("productName")
            regions = [one.get("name") for one in (target.of("Region") or rule.of("Region"))] or [""]
            usages = [text for one in target.of("UsageType") for text in self._usage(one, name)] or [""]
            for region in regions:
                for usage in usages:
                    self._add(target, name, kind, value, "" if service == _ANY else service, region, usage)

    def _add(
        self,
        node: _Node,
        name: str,
        kind: RuleKind,
        value: Decimal,
        service: str,
        region: str,
        usage: str,
    ) -> None:
        if max(len(service), len(region), len(usage)) > LONGEST_CELL:
            self._complain(node, _("Use at most %(max)d characters.", max=LONGEST_CELL))
            return
        place = len(self.found.rules) + 1
        made = PriceRule(
            id=-place,
            position=place,
            kind=kind,
            value=value,
            service=service,
            region=region,
            usage_type=usage,
            first_month=self.first,
            last_month=self.last,
        )
        for one in rule_problems(made):
            self._complain(node, problem_text(one))
        self.found.rules.append(made)
        self.found.named.append((name, node.line))

    def _price(self, price: _Node) -> tuple[RuleKind | None, Decimal | None]:
        kind, sign = _TYPES.get(price.get("billingRuleType"), (None, 0))
        text = price.get("billingAdjustment")
        if kind is None:
            self._complain(price, _("billingRuleType must be percentDiscount, percentIncrease or fixedRate."))
        elif not _NUMBER.fullmatch(text):
            self._complain(price, _("billingAdjustment must be a number such as 12.5."))
        else:
            return kind, Decimal(text) * sign
        return None, None

    def _details(self, rule: _Node, target: _Node, name: str) -> None:
        """Note what a rule that comes along says besides."""
        if _flag(target, rule, "includeDataTransfer") == "false":
            self._leave(target, name, "data_transfer")
        if _flag(target, rule, "includeRIPurchases") != "false":
            self.with_purchases += 1
        for node in [rule, *rule.children, *target.children]:
            self._check_known(node, name)

    def _usage(self, usage: _Node, name: str) -> Iterator[str]:
        """Yield what names a usage type, which the file writes without the type of the instance."""
        text = usage.get("name")
        if not _REGION_PREFIX.match(text):
            self._leave(usage, name, "usage_everywhere", text)
        yield text
        if ":" not in text and text:
            yield f"{text}:*"

    def _day(self, group: _Node, name: str) -> datetime.date | None:
        text = group.get(name)
        if not text:
            return None
        try:
            if iso := _DAY.fullmatch(text):
                return datetime.date(*map(int, iso.groups()))
            if us := _US_DAY.fullmatch(text):
                month, day, year = map(int, us.groups())
                return datetime.date(year, month, day)
        except ValueError:
            pass
        self._complain(group, _("%(name)s must be a day such as 2026-11-01.", name=name))
        return None

    def _check_known(self, node: _Node, rule: str) -> None:
        if node.tag and node.tag not in _KNOWN:
            self._leave(node, rule, "not_known", f"<{node.tag[:60]}>")
            return
        for name in node.attributes:
            if name not in _KNOWN.get(node.tag, ()) and node.tag:
                self._leave(node, rule, "not_known", f"{node.tag} {name[:60]}")

    def _leave(self, node: _Node, rule: str, code: str, detail: str = "") -> None:
        found = LeftOut(node.line, rule[:LONGEST_CELL], code, detail[:LONGEST_CELL])
        if found not in self.found.left_out:
            self.found.left_out.append(found)

    def _complain(self, node: _Node, text: str) -> None:
        self.found.problems.append((node.line, text))


def _flag(target: _Node, rule: _Node, name: str) -> str:
    return (target.get(name) or rule.get(name) or "true").lower()


def _condition(node: _Node) -> str:
    """Return what a condition asks for; nothing where it asks for nothing."""
    asked = {
        name: text
        for name in node.attributes
        if (text := node.get(name)) and (name, text.lower()) != ("reserved", "false")
    }
    if node.tag == "Operation":
        return asked.get("name", "")
    return ", ".join(f"{name} = {text}" for name, text in asked.items())
