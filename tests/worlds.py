"""The world of the tests: two resellers with everything that one may not see of the other.

``world.north.ops``, ``world.south.customer``: names and ids only, so that nothing is bound to a session or a scope.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from app.charges.models import ChargeAssignment, ChargePlan, GlobalAdjustment, PlanKind, PlanType
from app.cloud_accounts.models import AccountPeriod, CloudAccount
from app.cloud_accounts.services import refresh_search
from app.custom_fields.models import CustomFieldDefinition, FieldTarget, FieldType
from app.customers import services
from app.customers.models import Customer, CustomerTaxRate, ProviderEnablement
from app.exchange_rates.models import ExchangeRate
from app.extensions import db
from app.pricebooks.models import Pricebook
from app.providers.models import Provider, ResellerProvider
from app.security.accounts import create_user
from app.security.login_models import LoginSession
from app.security.models import User
from app.security.roles import RoleName
from app.security.sessions import token_hash
from app.taxes.models import TaxProfile, TaxRate
from app.tenancy.models import Reseller
from app.tenancy.scope import Actor, reseller_scope, system_scope

PASSWORD = "correct horse battery staple"
EPOCH = datetime.datetime(2026, 11, 1, 9, 0, tzinfo=datetime.UTC)
#: In how many browsers everybody is signed in from the start: signing in for each test would write to the database.
#: They began in the far future, so that they are never too old, and that no page notes their use.
BROWSERS = 8
NEVER_OLD = datetime.datetime(2100, 1, 1, tzinfo=datetime.UTC)


@dataclass(frozen=True)
class Row:
    """A row by its key and the words by which a page would betray it."""

    id: int
    name: str


@dataclass(frozen=True)
class Person:
    """A login."""

    id: int
    name: str
    email: str
    role: str
    session_version: int = 1
    door: str = "/login/"


@dataclass
class Side:
    """One reseller's half of the world."""

    id: int
    name: str
    nickname: str
    people: dict[str, Person] = field(default_factory=dict)
    rows: dict[str, Row] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Any:
        for part in ("people", "rows"):
            if name in self.__dict__.get(part, {}):
                return self.__dict__[part][name]
        raise AttributeError(name)


@dataclass
class World:
    """Both halves and the platform's admin."""

    north: Side
    south: Side
    admin: Person


def build_world() -> None:
    """Fill an empty, seeded database. Runs in the system's scope."""
    create_user(
        name="Ada Admin",
        email="ada@platform.example",
        role=RoleName.PLATFORM_ADMIN,
        reseller_id=None,
        password=PASSWORD,
    )
    for side in ("north", "south"):
        _build_side(side)
    for user in db.session.scalars(select(User)):
        _sign_in(user)
    db.session.commit()


def browser_token(user_id: int, number: int) -> str:
    """Return the secret of a session that is there from the start."""
    return f"browser {number} of {user_id}"


def _sign_in(user: Any) -> None:
    for number in range(BROWSERS):
        db.session.add(
            LoginSession(
                reseller_id=user.reseller_id,
                user_id=user.id,
                token_hash=token_hash(browser_token(user.id, number)),
                version=user.session_version,
                created_at=NEVER_OLD,
                last_seen_at=NEVER_OLD,
                address="127.0.0.1",
                browser="",
            )
        )


def _build_side(side: str) -> None:
    canary = f"{side}canary"
    reseller = Reseller(
        name=f"{side.title()} Cloud {canary}",
        nickname=side,
        currency="EUR",
        time_zone="Europe/Berlin",
        languages="en,de",
        operations_email=f"ops@{canary}.example",
        country="DE",
        created_at=EPOCH,
    )
    db.session.add(reseller)
    db.session.flush()
    providers = {one.code: one for one in db.session.scalars(select(Provider))}
    for code in ("aws", "azure"):
        db.session.add(
            ResellerProvider(
                reseller_id=reseller.id, provider=providers[code], in_solution_provider_program=code == "aws"
            )
        )
    for role in (RoleName.OWNER, RoleName.OPS, RoleName.SALES):
        word = role.value.split()[-1].lower()
        create_user(
            name=f"{word.title()} {canary}",
            email=f"{word}@{canary}.example",
            role=role,
            reseller_id=reseller.id,
            password=PASSWORD,
        )
    with reseller_scope(reseller.id, actor=Actor(name="Setup")):
        _build_records(reseller, canary, providers)


def _build_records(reseller: Reseller, canary: str, providers: dict[str, Provider]) -> None:
    book = Pricebook(
        name=f"Book {canary}", provider=providers["aws"], adjustment_percent=Decimal(-6), currency="EUR"
    )
    plan = ChargePlan(
        name=f"Support {canary}",
        provider=providers["aws"],
        kind=PlanKind.CHARGE,
        type=PlanType.PERCENT,
        percent=Decimal(10),
        currency="EUR",
        is_support_plan=True,
    )
    rate = TaxRate(name=f"VAT {canary}", country="DE", percent=Decimal(19))
    definition = CustomFieldDefinition(
        name=f"field_{canary}",
        label=f"Field {canary}",
        type=FieldType.TEXT,
        target=FieldTarget.CUSTOMER,
        choices=[],
    )
    exchange = ExchangeRate(
        month=datetime.date(2026, 1, 1), from_currency="USD", to_currency="EUR", rate=Decimal("0.92")
    )
    db.session.add_all([book, plan, rate, definition, exchange])
    db.session.flush()
    for which in ("customer", "other"):
        customer = services.create_customer(
            {
                "organization": f"{which.title()} {canary} GmbH",
                "contact_name": f"Contact {which} {canary}",
                "email": f"{which}@{canary}.example",
                "country": "DE",
                "language": "en",
            },
            now=EPOCH,
        )
        _build_customer(reseller, customer, which, canary, providers, book, plan, rate, definition)


def _build_customer(
    reseller: Reseller,
    customer: Customer,
    which: str,
    canary: str,
    providers: dict[str, Provider],
    book: Pricebook,
    plan: ChargePlan,
    rate: TaxRate,
    definition: CustomFieldDefinition,
) -> None:
    customer.custom_values = {definition.name: f"value {which} {canary}"}
    account = CloudAccount(
        customer=customer,
        provider=providers["aws"],
        account_id=f"{reseller.id:06d}{customer.id:06d}",
        name=f"account {which} {canary}",
        external_id=f"CA{reseller.id:016x}{customer.id:016x}",
        created_at=EPOCH,
    )
    db.session.add_all(
        [
            account,
            AccountPeriod(customer_id=customer.id, account=account),
            ProviderEnablement(
                customer_id=customer.id,
                provider=providers["aws"],
                pricebook=book,
                is_authorised=True,
                in_portal=True,
                currency="EUR",
                services=None,
            ),
            ChargeAssignment(customer_id=customer.id, provider=providers["aws"], plan=plan),
            GlobalAdjustment(customer_id=customer.id, percent=Decimal(-2)),
            CustomerTaxRate(customer_id=customer.id, tax_rate=rate),
            TaxProfile(customer_id=customer.id, is_taxable=True, tax_rate_ids=[rate.id]),
        ]
    )
    db.session.flush()
    refresh_search(customer)
    create_user(
        name=f"User {which} {canary}",
        email=f"user.{which}@{canary}.example",
        role=RoleName.CUSTOMER,
        reseller_id=reseller.id,
        customer_id=customer.id,
        password=PASSWORD,
    )


def _person(user: Any) -> Person:
    door = f"/portal/{user.reseller.nickname}/login/" if user.customer_id else "/login/"
    return Person(user.id, user.name, user.email, user.role_name, user.session_version, door)


def find_world(app: Any) -> World:
    """Read names and ids of the world from the database."""
    with app.app_context(), system_scope("tests look at their world"):
        sides = {side.nickname: _find_side(side) for side in db.session.scalars(select(Reseller))}
        admin = db.session.scalars(select(User).where(User.email == "ada@platform.example")).one()
        return World(north=sides["north"], south=sides["south"], admin=_person(admin))


def _find_side(reseller: Reseller) -> Side:
    found = Side(reseller.id, reseller.name, reseller.nickname)
    for user in db.session.scalars(select(User).where(User.reseller_id == reseller.id)):
        word = user.email.partition("@")[0]
        names = {"user.customer": "customer_user", "user.other": "other_user"}
        found.people[names.get(word, word)] = _person(user)
    customers = db.session.scalars(
        select(Customer).where(Customer.reseller_id == reseller.id).order_by(Customer.id)
    ).all()
    for key, customer in zip(("customer", "other_customer"), customers, strict=True):
        found.rows[key] = Row(customer.id, customer.organization)
    for key, model in (
        ("pricebook", Pricebook),
        ("plan", ChargePlan),
        ("tax_rate", TaxRate),
        ("exchange_rate", ExchangeRate),
        ("field", CustomFieldDefinition),
    ):
        row: Any = db.session.scalars(select(model).where(model.reseller_id == reseller.id)).first()
        found.rows[key] = Row(row.id, str(row))
    accounts = db.session.scalars(
        select(CloudAccount)
        .where(CloudAccount.reseller_id == reseller.id, CloudAccount.customer_id.is_not(None))
        .order_by(CloudAccount.id)
    ).all()
    for key, account in zip(("account", "other_account"), accounts, strict=True):
        found.rows[key] = Row(account.id, account.name)
    return found
