"""The rows of the bench: 100,000 customers and 200,000 cloud accounts over 50 resellers, the same in every run.

``customers`` and ``accounts`` yield plain dictionaries; ``load_ours`` puts them through the real schema (triggers of
the search index included), ``bench.stock_app`` puts the same ones into its own tables. Databases are kept in a folder
of the system's temporary directory, named by what they were made from, so that the next run finds them.
"""

from __future__ import annotations

import datetime
import hashlib
import itertools
import random
import tempfile
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

RESELLERS = 50
CUSTOMERS = 100_000
ACCOUNTS = 200_000
PER_RESELLER = CUSTOMERS // RESELLERS
#: The reseller whose person is signed in.
MINE = 7
EMAIL = "ops@bench.example"
PASSWORD = "correct horse battery staple"
EPOCH = datetime.datetime(2026, 1, 1, 8, 0, tzinfo=datetime.UTC)
ROOT = Path(__file__).resolve().parent.parent

_FIRST = (
    "Nordlicht",
    "Alpen",
    "Hafen",
    "Ünal",
    "Čapek",
    "Zürich",
    "Lindgren",
    "Moreau",
    "Okafor",
    "Silva",
    "東京",
)
_SECOND = (
    "Logistik",
    "Software",
    "Analytics",
    "Medizin",
    "Energie",
    "Foods",
    "Robotics",
    "Media",
    "Textil",
    "Bau",
)
_FORM = ("GmbH", "AG", "Ltd", "SARL", "Inc.", "Oy", "株式会社")
_PEOPLE = ("Jürgen Meyer", "Ada Nwosu", "Chloé Martin", "Li Wei", "Sofía Núñez", "Tom Becker", "Yuki Tanaka")
_COUNTRIES = ("DE", "AT", "CH", "FR", "GB", "US", "JP")
_PROVIDERS = ("aws", "azure")


def customers() -> Iterator[dict[str, Any]]:
    """Yield the customers in the order of their ids; the first reseller's come first."""
    chance = random.Random(2026)
    for number in range(CUSTOMERS):
        name = f"{chance.choice(_FIRST)} {chance.choice(_SECOND)} {number} {chance.choice(_FORM)}"
        kind = chance.random()
        yield {
            "id": number + 1,
            "reseller_id": number // PER_RESELLER + 1,
            "number": 1001 + number % PER_RESELLER,
            "organization": name,
            "external_id": f"ERP-{number:06d}" if kind < 0.5 else "",
            "contact_name": chance.choice(_PEOPLE),
            "contact_title": "",
            "email": f"billing{number}@kunde-{number}.example",
            "phone": f"+49 40 {number:07d}",
            "street": f"Hafenstraße {number % 300}",
            "city": "Hamburg",
            "state": "",
            "postal_code": f"{number % 90000 + 10000}",
            "country": chance.choice(_COUNTRIES),
            "language": "de" if kind < 0.6 else "en",
            "spend_threshold_amount": Decimal(number % 5000) if kind < 0.3 else None,
            "status": "archived" if kind > 0.97 else "active",
            "is_taxable": kind < 0.8,
            "created_at": EPOCH + datetime.timedelta(minutes=number),
            # what a list shows beside the customer's own columns
            "providers": _PROVIDERS if kind < 0.6 else _PROVIDERS[:1],
            "has_pricebook": chance.random() < 0.6,
            "has_support_plan": chance.random() < 0.7,
        }


def accounts() -> Iterator[dict[str, Any]]:
    """Yield two cloud accounts for every customer."""
    for number in range(ACCOUNTS):
        customer = number // 2
        yield {
            "id": number + 1,
            "reseller_id": customer // PER_RESELLER + 1,
            "customer_id": customer + 1,
            "account_id": f"{100_000_000_000 + number * 7}",
            "name": f"workload {number}",
            "created_at": EPOCH,
        }


def batches(rows: Iterator[dict[str, Any]], size: int = 5000) -> Iterator[list[dict[str, Any]]]:
    """Cut ``rows`` into lists that one INSERT takes."""
    while batch := list(itertools.islice(rows, size)):
        yield batch


def folder() -> Path:
    """Return where the databases are kept; another one as soon as schema or rows change."""
    made_from = hashlib.sha256()
    for path in sorted([*ROOT.glob("migrations/versions/*.py"), *ROOT.glob("app/kernel/folding.py")]):
        made_from.update(path.read_bytes())
    for name in ("data.py", "stock_app.py"):
        made_from.update((ROOT / "bench" / name).read_bytes())
    path = Path(tempfile.gettempdir()) / f"cloudtally-bench-{made_from.hexdigest()[:12]}"
    path.mkdir(mode=0o700, exist_ok=True)
    return path


def make_settings(url: str) -> dict[str, Any]:
    """Return the settings under which both the loading process and the server run."""
    import config

    settings = dict(
        config.load({"SECRET_KEY": "bench-" + "b" * 40, "CLOUDTALLY_LOGIN_RATE_LIMIT": "999 per minute"})
    )
    return settings | {"SQLALCHEMY_DATABASE_URI": url}


def load_ours(url: str) -> None:
    """Fill an empty database at ``url`` through the real schema, in the system's scope."""
    from app import create_app
    from app.extensions import db
    from app.installation import bring_up_to_date
    from app.tenancy.scope import system_scope

    app = create_app(make_settings(url))
    bring_up_to_date(app)
    with app.app_context(), system_scope("the bench loads its rows"):
        providers = _load_frame()
        _load_customers(providers)
        db.session.commit()
        if (
            db.engine.dialect.name == "postgresql"
        ):  # where the server would do it by itself; SQLite never does
            with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("ANALYZE")


def _load_frame() -> dict[str, int]:
    """Make resellers, grants, pricebooks and plans; return the providers' ids by code."""
    from sqlalchemy import insert, select

    from app.charges.models import ChargePlan, PlanKind, PlanType
    from app.extensions import db
    from app.pricebooks.models import Pricebook
    from app.providers.models import Provider, ResellerProvider
    from app.security.accounts import create_user
    from app.security.roles import RoleName
    from app.tenancy.models import Reseller

    providers = {one.code: one.id for one in db.session.scalars(select(Provider))}
    ids = range(1, RESELLERS + 1)
    for one in ids:
        db.session.add(
            Reseller(
                id=one,
                name=f"Reseller {one}",
                nickname=f"reseller-{one}",
                time_zone="Europe/Berlin",
                country="DE",
                last_customer_number=1000 + PER_RESELLER,
                created_at=EPOCH,
            )
        )
    db.session.flush()
    create_user(name="Olga Ops", email=EMAIL, role=RoleName.OPS, reseller_id=MINE, password=PASSWORD)
    run = db.session.connection().execute
    both = [(one, position, code) for one in ids for position, code in enumerate(_PROVIDERS)]
    grants = [
        {"reseller_id": one, "provider_id": providers[code], "in_solution_provider_program": code == "aws"}
        for one, _position, code in both
    ]
    run(insert(ResellerProvider.__table__), grants)
    books = [
        {
            "id": _key(one, position),
            "reseller_id": one,
            "provider_id": providers[code],
            "name": f"Standard {code}",
        }
        | {"adjustment_percent": Decimal("-6.5"), "currency": "EUR", "is_retired": False}
        for one, position, code in both
    ]
    run(insert(Pricebook.__table__), books)
    plans = [
        {
            "id": one,
            "reseller_id": one,
            "provider_id": providers["aws"],
            "name": "Business support",
            "currency": "EUR",
        }
        | {"kind": PlanKind.CHARGE, "type": PlanType.PERCENT, "percent": Decimal(10), "is_support_plan": True}
        | {"is_retired": False, "line_text": ""}
        for one in ids
    ]
    run(insert(ChargePlan.__table__), plans)
    return providers


def _key(reseller_id: int, position: int) -> int:
    return reseller_id * len(_PROVIDERS) + position


def _load_customers(providers: dict[str, int]) -> None:
    from types import SimpleNamespace

    from sqlalchemy import func, insert, select

    from app.charges.models import ChargeAssignment, ChargePlan
    from app.cloud_accounts.models import CloudAccount, CloudAccountStatus
    from app.customers.models import Customer, CustomerStatus, ProviderEnablement
    from app.customers.search import own_words
    from app.extensions import db
    from app.kernel.folding import fold
    from app.pricebooks.models import Pricebook
    from app.tenancy.models import Reseller

    run = db.session.connection().execute
    own = {column.key for column in Customer.__table__.columns}
    words: dict[int, list[str]] = {}
    for row in accounts():
        words.setdefault(row["customer_id"], []).extend((row["account_id"], row["name"]))
    for batch in batches(customers()):
        rows = [
            {key: value for key, value in row.items() if key in own}
            | {"status": CustomerStatus(row["status"]), "organization_key": fold(row["organization"])}
            | {
                "search_own": own_words(SimpleNamespace(**row)),
                "search_accounts": "\n".join(words[row["id"]]),
            }
            | {"custom_values": {}, "submission": None, "version": 1, "updated_at": row["created_at"]}
            for row in batch
        ]
        run(insert(Customer.__table__), rows)
        enablements = [
            {"reseller_id": row["reseller_id"], "customer_id": row["id"], "provider_id": providers[code]}
            | {"pricebook_id": _key(row["reseller_id"], position) if row["has_pricebook"] else None}
            | {"is_authorised": True, "services": None, "in_portal": True, "may_request_accounts": False}
            | {"currency": "EUR", "pass_reserved_instances": False, "pass_savings_plans": False, "version": 1}
            for row in batch
            for position, code in enumerate(row["providers"])
        ]
        run(insert(ProviderEnablement.__table__), enablements)
        assignments = [
            {"reseller_id": row["reseller_id"], "customer_id": row["id"], "plan_id": row["reseller_id"]}
            | {"provider_id": providers["aws"]}
            for row in batch
            if row["has_support_plan"]
        ]
        run(insert(ChargeAssignment.__table__), assignments)
    for batch in batches(accounts()):
        rows = [
            row
            | {
                "provider_id": providers["aws"],
                "status": CloudAccountStatus.ACTIVE,
                "support_type": "",
                "version": 1,
            }
            for row in batch
        ]
        run(insert(CloudAccount.__table__), rows)
    if db.engine.dialect.name == "postgresql":  # keys were given, so their counters must catch up
        for table in (Customer, CloudAccount, Reseller, Pricebook, ChargePlan):
            largest = select(func.max(table.id)).scalar_subquery()
            run(select(func.setval(func.pg_get_serial_sequence(table.__tablename__, "id"), largest)))
