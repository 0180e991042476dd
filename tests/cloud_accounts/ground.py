"""What tests of whose an account is stand on: North's customers by name, days, and orders in one line."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import select

from app.cloud_accounts import ownership
from app.cloud_accounts.models import AccountPeriod, CloudAccount
from app.cloud_accounts.queries import periods_of
from app.cloud_accounts.services import note_accounts
from app.customers.models import Customer
from app.extensions import db
from app.months.locks import Lockable, Subject, lock_month
from app.providers.models import Provider

NOW = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
TODAY = date(2026, 11, 26)
NUMBER = "600000000001"


def day(text: str) -> date:
    """Return ``10-15`` of 2026."""
    month, _dash, number = text.partition("-")
    return date(2026, int(month), int(number))


def provider(code: str = "aws") -> Provider:
    return db.session.scalars(select(Provider).where(Provider.code == code)).one()


def noted(*numbers: str) -> list[CloudAccount]:
    """Return accounts that a bill named and nobody has."""
    found = note_accounts(provider(), dict.fromkeys(numbers or (NUMBER,), ""), now=NOW)
    return [found[one] for one in numbers or (NUMBER,)]


def assign(
    accounts: list[CloudAccount], to: Customer, since: str | None = None, **more: Any
) -> list[CloudAccount]:
    from_day = day(since) if since else None
    return ownership.assign_accounts(accounts, to, from_day=from_day, today=TODAY, now=NOW, **more)


def move(account: CloudAccount, to: Customer | None, since: str | None) -> CloudAccount:
    return ownership.move_account(
        account,
        to,
        from_day=day(since) if since else None,
        reason="it was theirs",
        version=account.version,
        today=TODAY,
        now=NOW,
    )


def held(account: CloudAccount) -> list[tuple[int, str, str]]:
    """Return (customer, first day, last day) of an account's periods, open ends as ``…``."""
    db.session.expire_all()
    return [
        (one.customer_id, _text(one.first_day), _text(one.last_day))
        for one in periods_of([account])[account.id]
    ]


def _text(value: date | None) -> str:
    return f"{value:%m-%d}" if value else "…"


def period_of(account: CloudAccount) -> AccountPeriod:
    return periods_of([account])[account.id][-1]


def lock(customer: Customer, month: str) -> None:
    lock_month(day(f"{month}-1"), [Lockable(Subject.CUSTOMER, customer.id)], cause="2026-0001", now=NOW)
