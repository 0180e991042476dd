"""Sums of some accounts alone: by custom fields, which no bill knows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from app.reports.costs import By, Costs, Key, Sums, Wanted, sums_by

#: (provider's code, account id)
Account = tuple[str, str]


def sums_of(
    wanted: Wanted,
    *groupings: Sequence[By],
    accounts: frozenset[Account] | None = None,
    currency: str = "",
    amounts_only: bool = False,
) -> list[Sums]:
    """Return ``sums_by``, of some accounts alone where ``accounts`` names them."""
    if accounts is None:
        return sums_by(wanted, *groupings, currency=currency, amounts_only=amounts_only)
    wider = sums_by(
        wanted, *((*one, By.ACCOUNT) for one in groupings), currency=currency, amounts_only=amounts_only
    )
    return [_of_accounts(one, accounts) for one in wider]


def _of_accounts(sums: Sums, accounts: Iterable[Account]) -> Sums:
    found: Sums = {}
    for currency, some in sums.items():
        kept: dict[Key, Costs] = {}
        for (*key, account), costs in some.items():
            if account in accounts:
                name = tuple(key)
                kept[name] = kept[name] + costs if name in kept else costs
        found[currency] = kept
    return found
