"""Ready-made support plans to start from: providers' public price tables, dated.

They are figures to be checked, not promises: providers change them, and what a reseller charges is its own affair.
A new table of a provider is a change of the reseller's plan from a month on, and needs no new release.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l

from app.charges.services import USUAL
from app.rating.plans import Band, Plan, PlanKind, PlanScope, PlanType

#: The day on which the figures were written down. Those of AWS were compared with what others report of its table,
#: those of Azure and Google with nothing: all of them are to be checked at their source.
AS_OF = datetime.date(2026, 11, 26)


@dataclass(frozen=True, slots=True)
class ReadyMade:
    """One plan to start from. ``source`` is where to check it, ``note`` what is particular about it."""

    key: str
    provider: str
    name: str
    terms: Mapping[str, Any]
    source: str
    note: object = ""
    as_of: datetime.date = AS_OF

    def values(self) -> dict[str, Any]:
        """Return what the form of a new plan is filled with."""
        own = {"name": self.name, "line_text": self.name, "is_support_plan": True, "currency": "USD"}
        return {**USUAL, **own, **self.terms}


def _tiers(*steps: tuple[str, str]) -> dict[str, Any]:
    """Bands from (where it ends, percentage); the last one is open."""
    bands, low = [], Decimal(0)
    for high, percent in steps:
        bands.append(Band(low, Decimal(high) if high else None, percent=Decimal(percent)))
        low = Decimal(high or 0)
    return {"type": PlanType.TIERED, "bands": tuple(bands)}


def _percent(percent: str) -> dict[str, Any]:
    return {"type": PlanType.PERCENT, "percent": Decimal(percent)}


def _fixed(amount: str) -> dict[str, Any]:
    return {"type": PlanType.FIXED, "amount": Decimal(amount)}


def _least(amount: str) -> dict[str, Any]:
    return {"minimum": Decimal(amount)}


_SUM = {"scope": PlanScope.SUM}
_AWS = "https://aws.amazon.com/premiumsupport/pricing/"
_AZURE = "https://azure.microsoft.com/support/plans/"
_GOOGLE = "https://cloud.google.com/support"
_BUSINESS = _tiers(("10000", "10"), ("80000", "7"), ("250000", "5"), ("", "3"))
_ENTERPRISE = _tiers(("150000", "10"), ("500000", "7"), ("1000000", "5"), ("", "3"))

READY_MADE: tuple[ReadyMade, ...] = (
    ReadyMade(
        "aws-developer",
        "aws",
        "AWS Developer Support",
        _percent("3") | _least("29"),
        _AWS,
        _l("Each account by itself."),
    ),
    ReadyMade("aws-business", "aws", "AWS Business Support", _BUSINESS | _least("100"), _AWS),
    ReadyMade(
        "aws-enterprise-on-ramp",
        "aws",
        "AWS Enterprise On-Ramp Support",
        _percent("10") | _least("5500") | _SUM,
        _AWS,
        _l("Once over the sum of the accounts."),
    ),
    ReadyMade(
        "aws-enterprise",
        "aws",
        "AWS Enterprise Support",
        _ENTERPRISE | _least("15000") | _SUM,
        _AWS,
        _l("Once over the sum of the accounts."),
    ),
    ReadyMade("azure-developer", "azure", "Azure Developer Support", _fixed("29") | _SUM, _AZURE),
    ReadyMade("azure-standard", "azure", "Azure Standard Support", _fixed("100") | _SUM, _AZURE),
    ReadyMade("azure-prodirect", "azure", "Azure ProDirect Support", _fixed("1000") | _SUM, _AZURE),
    ReadyMade(
        "google-standard",
        "google",
        "Google Cloud Standard Support",
        _percent("3") | _least("29") | _SUM,
        _GOOGLE,
        _l("A percentage with a minimum, once over the sum of the projects."),
    ),
    ReadyMade(
        "google-enhanced",
        "google",
        "Google Cloud Enhanced Support",
        _percent("3") | _least("500") | _SUM,
        _GOOGLE,
        _l("A percentage with a minimum, once over the sum of the projects."),
    ),
)


def ready_made(key: str) -> ReadyMade | None:
    """Return the plan of this key, None for an unknown one."""
    return next((one for one in READY_MADE if one.key == key), None)


#: What a provider bills a reseller of its partner program for support, by whose table it does.
_BILLED_IN_PROGRAM = {"aws": "aws-business"}


def billed_for_support(provider: str) -> tuple[str, Plan] | None:
    """Return by which plan a provider bills the resellers in its program themselves, and its name; None: not known."""
    found = ready_made(_BILLED_IN_PROGRAM.get(provider, ""))
    if found is None:
        return None
    terms = found.values()
    plan = Plan(
        0,
        PlanKind.CHARGE,
        terms["type"],
        terms["currency"],
        bands=terms.get("bands", ()),
        percent=terms.get("percent"),
        minimum=terms.get("minimum"),
    )
    return found.name, plan
