"""What reports and dashboards cost, however many customers there are: the same pages of a small and a large reseller.

    python -m bench.reports [--customers 10 1000] [--lines 300] [--rounds 5] [--only PART]

Each world is a reseller with that many customers of two accounts, invented usage of three months at three providers in
two currencies, and fifteen pricebooks of 200 rules. It is made once and kept in the system's temporary folder. The
pages of both are asked for inside this process, in turns; what counts is CPU time, user and system, and the ratio is
the median of the ratios of the rounds. ``SQL`` is the number of statements of a page; ``first`` is the large reseller's
page that comes after something was changed that prices depend on, so that all it shows is priced anew.
"""

from __future__ import annotations

import argparse
import datetime
import hashlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from app.kernel.clock import utc_now
from bench import data
from tests.counting import counting

SEED, MONTHS, KEYS, RULES, BOOKS = 20262, 3, 30, 200, 5
#: The reseller that the pages are of, and one of its customers in the portal.
RESELLER, BUYER_EMAIL, NICKNAME = 1, "buyer@bench.example", "bench"
LOGINS = {"console": ("/login/", data.EMAIL), "portal": (f"/portal/{NICKNAME}/login/", BUYER_EMAIL)}
_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


def month_before(number: int) -> datetime.date:
    """Return the first day of a month: 0 the running one, 1 the one before."""
    found = utc_now().date().replace(day=1)
    for _ in range(number):
        found = (found - datetime.timedelta(days=1)).replace(day=1)
    return found


@dataclass(frozen=True, slots=True)
class Case:
    """A page, and at which door whoever asks for it came in."""

    name: str
    path: str
    door: str = "console"


def cases() -> list[Case]:
    """Return the pages that are asked for."""
    last = month_before(1)
    inside = f"period=custom&from={last:%Y-%m}-05&to={last:%Y-%m}-19"
    billing, portal = "/reports/billing/", f"/portal/{NICKNAME}"
    return [
        Case("billing by customer", billing),
        Case("billing by account, service", f"{billing}?group=account&group=service&sort=account&dir=asc"),
        Case("billing by day", f"{billing}?group=day"),
        Case("billing, some days", f"{billing}?{inside}&group=customer&group=service"),
        Case("billing, year to date", f"{billing}?period=year_to_date"),
        Case("margin", "/reports/margin/"),
        Case("what changed", f"/reports/changes/?month={last:%Y-%m}"),
        Case("what changed, lines", f"/reports/changes/?month={last:%Y-%m}&by=line"),
        Case("dashboard, month to date", "/dashboard/?period=month_to_date"),
        Case("dashboard, last month", "/dashboard/?period=last_month"),
        Case("dashboard, year to date", "/dashboard/?period=year_to_date"),
        Case("reconciliation", f"/billing/reconciliation/?month={last:%Y-%m}"),
        Case("home", "/home/"),
        Case("portal dashboard", f"{portal}/dashboard/?period=last_month", "portal"),
        Case("portal dashboard, year", f"{portal}/dashboard/?period=year_to_date", "portal"),
        Case("portal report", f"{portal}/reports/?period=last_month&group=service", "portal"),
    ]


@dataclass
class Measured:
    """What a page took: CPU seconds of the first time, and by round, and its statements."""

    first: list[float] = field(default_factory=list)
    later: list[float] = field(default_factory=list)
    statements: int = 0


class World:
    """A reseller of some size: its database, its usage, and its people signed in."""

    def __init__(self, customers: int, lines: int) -> None:
        self.customers, self.lines = customers, lines
        self.folder = _folder() / f"reports-{customers}-{lines}-{month_before(0):%Y-%m}"
        self.measured: dict[str, Measured] = {}

    @property
    def settings(self) -> dict[str, Any]:
        return data.make_settings(f"sqlite:///{self.folder / 'records.db'}") | {
            "CLOUDTALLY_USAGE_FOLDER": str(self.folder / "usage")
        }

    def make(self) -> None:
        """Make it where it is missing, in a process of its own, which closes the database as it ends."""
        if self.folder.exists():
            return
        print(f"Making a reseller with {self.customers:,} customers ...", flush=True)
        made = self.folder.with_name(f"{self.folder.name}.unfinished")
        shutil.rmtree(made, ignore_errors=True)
        code = "import sys; from bench import reports; reports.fill(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))"
        arguments = [str(made), str(self.customers), str(self.lines)]
        subprocess.run([sys.executable, "-c", code, *arguments], cwd=data.ROOT, check=True)
        made.rename(self.folder)

    def open(self) -> None:
        """Start the application and sign both people in."""
        from app import create_app

        self.app = create_app(self.settings)
        self.people = {}
        for door, (path, email) in LOGINS.items():
            http = self.people[door] = self.app.test_client()
            page = http.get(path).text
            found = _TOKEN.search(page)
            name = "email" if 'name="email"' in page else "username"
            form = {name: email, "password": data.PASSWORD, "csrf_token": found[1] if found else ""}
            status = http.post(path, data=form).status_code
            if status != 302:
                raise RuntimeError(f"signing in at {path} answered {status}")

    def get(self, case: Case) -> float:
        """Ask for a page; return the CPU seconds that it took."""
        began = time.process_time()
        answer = self.people[case.door].get(case.path, buffered=True)
        took = time.process_time() - began
        if answer.status_code != 200:
            raise RuntimeError(f"{case.name} answered {answer.status_code}")
        return took

    def measure(self, case: Case) -> None:
        """Ask for a page some times; the first time of all after a change of prices."""
        found = self.measured.setdefault(case.name, Measured())
        if not found.first:
            self.change_a_price()
            found.first.append(self.get(case))
        self.get(case)
        found.later.append(min(self.get(case) for _ in range(3)))
        with counting() as seen:
            self.get(case)
        found.statements = len(seen)

    def change_a_price(self) -> None:
        """Change a rule of a pricebook, as saving its grid does."""
        from sqlalchemy import select

        from app.extensions import db
        from app.pricebooks.models import PriceRule
        from app.tenancy.scope import reseller_scope

        with self.app.app_context(), reseller_scope(RESELLER):
            rule = db.session.scalars(select(PriceRule).order_by(PriceRule.id).limit(1)).one()
            rule.value = (rule.value or Decimal(0)) + Decimal("0.01")
            db.session.commit()


def _folder() -> Path:
    """Return where worlds are kept; another one as soon as schema, generator or this file's worlds change."""
    made_from = hashlib.sha256()
    root = data.ROOT
    for path in sorted([*root.glob("migrations/versions/*.py"), *root.glob("app/usage/*.py")]):
        made_from.update(path.read_bytes())
    made_from.update(f"{SEED} {MONTHS} {KEYS} {RULES} {BOOKS}".encode())
    return Path(tempfile.gettempdir()) / "cloudtally-bench" / made_from.hexdigest()[:12]


# -- making a world ------------------------------------------------------------------------------------------------


def fill(folder: str, customers: int, lines: int) -> None:
    """Make a world's database and usage in an empty folder; ``lines``: of each customer and month."""
    from app import create_app
    from app.extensions import db
    from app.installation import bring_up_to_date
    from app.tenancy.scope import reseller_scope, system_scope
    from app.usage import generator

    Path(folder).mkdir(parents=True)
    world = World(customers, lines)
    world.folder = Path(folder)
    app = create_app(world.settings)
    bring_up_to_date(app)
    accounts = generator.invent_accounts(SEED, customers)
    with app.app_context():
        with system_scope("the bench makes its reseller"):
            _make_frame()
        with reseller_scope(RESELLER):
            _make_customers(customers, accounts)
            for number in range(MONTHS):
                month = month_before(number)
                until = utc_now().date() if number == 0 else None
                bill = generator.Bill(SEED, month, tuple(accounts), lines * customers, keys=KEYS, until=until)
                _make_month(bill)
            db.session.commit()


def _make_frame() -> None:
    from sqlalchemy import select

    from app.exchange_rates.models import ExchangeRate
    from app.extensions import db
    from app.pricebooks.models import Pricebook, PriceRule
    from app.providers.models import Provider, ResellerProvider
    from app.rating.pricebook import RuleKind
    from app.security.accounts import create_user
    from app.security.roles import RoleName
    from app.tenancy.models import Reseller
    from app.usage.catalogue import ITEMS

    db.session.add(
        Reseller(
            id=RESELLER,
            name="Bench Cloud",
            nickname=NICKNAME,
            currency="EUR",
            time_zone="Europe/Berlin",
            country="DE",
            created_at=data.EPOCH,
        )
    )
    db.session.flush()
    create_user(
        name="Olga Ops", email=data.EMAIL, role=RoleName.OPS, reseller_id=RESELLER, password=data.PASSWORD
    )
    for number in range(MONTHS):
        db.session.add(
            ExchangeRate(
                reseller_id=RESELLER,
                month=month_before(number),
                from_currency="USD",
                to_currency="EUR",
                rate=Decimal("0.92") + number * Decimal("0.01"),
            )
        )
    for provider in db.session.scalars(select(Provider).where(Provider.code.in_(ITEMS))).all():
        db.session.add(ResellerProvider(reseller_id=RESELLER, provider=provider))
        items = ITEMS[provider.code]
        for number in range(BOOKS):
            book = Pricebook(
                reseller_id=RESELLER,
                provider=provider,
                name=f"Book {number}",
                adjustment_percent=Decimal(-number),
                currency="EUR",
            )
            db.session.add(book)
            db.session.flush()
            for place in range(RULES):
                item = items[place % len(items)]
                db.session.add(
                    PriceRule(
                        reseller_id=RESELLER,
                        pricebook_id=book.id,
                        position=place + 1,
                        kind=RuleKind.PERCENT,
                        value=Decimal(place % 40 - 20),
                        service=item.service,
                        sku="",
                        region="",
                        usage_type=item.usage_type[: -1 - place % 3] + "*" if place >= len(items) else "",
                    )
                )
    db.session.commit()


def _make_customers(customers: int, accounts: list[Any]) -> None:
    from sqlalchemy import select

    from app.cloud_accounts.models import AccountPeriod, CloudAccount
    from app.customers.models import Customer, ProviderEnablement
    from app.extensions import db
    from app.kernel.folding import fold
    from app.pricebooks.models import Pricebook
    from app.providers.models import Provider
    from app.security.accounts import create_user
    from app.security.roles import RoleName
    from app.settings.storefront import hold_settings

    providers = {one.code: one for one in db.session.scalars(select(Provider))}
    books: dict[int, list[int]] = {}
    for book in db.session.scalars(select(Pricebook).order_by(Pricebook.id)):
        books.setdefault(book.provider_id, []).append(book.id)
    for number in range(customers):
        name = f"Kunde {hashlib.sha256(str(number).encode()).hexdigest()[:6]} {number} GmbH"
        customer = Customer(
            number=1001 + number,
            organization=name,
            organization_key=fold(name),
            contact_name="Ada Nwosu",
            email=f"billing{number}@kunde.example",
            country="DE",
            created_at=data.EPOCH,
            updated_at=data.EPOCH,
        )
        db.session.add(customer)
        db.session.flush()
        own = accounts[number * 2 : number * 2 + 2]
        for code in dict.fromkeys(one.provider for one in own):
            db.session.add(
                ProviderEnablement(
                    customer_id=customer.id,
                    provider=providers[code],
                    pricebook_id=books[providers[code].id][number % BOOKS],
                    is_authorised=True,
                    in_portal=True,
                    currency="EUR",
                    pass_reserved_instances=number % 2 == 0,
                )
            )
        for one in own:
            account = CloudAccount(
                customer_id=customer.id,
                provider=providers[one.provider],
                account_id=one.account,
                name=one.name,
                created_at=data.EPOCH,
            )
            db.session.add(account)
            db.session.flush()
            # One in twenty came in the middle of last month, and before that nobody had it.
            came = month_before(1).replace(day=11) if number % 20 == 7 else None
            db.session.add(
                AccountPeriod(customer_id=customer.id, cloud_account_id=account.id, first_day=came)
            )
    first = db.session.scalars(select(Customer).order_by(Customer.id).limit(1)).one()
    create_user(
        name="Bea Buyer",
        email=BUYER_EMAIL,
        role=RoleName.CUSTOMER,
        reseller_id=RESELLER,
        customer_id=first.id,
        password=data.PASSWORD,
    )
    settings = hold_settings()
    settings.shows_dashboard = settings.shows_reports = True
    db.session.commit()


def _make_month(bill: Any) -> None:
    from sqlalchemy import select

    from app.extensions import db
    from app.providers.models import Provider
    from app.usage import generator
    from app.usage.models import ImportState, Origin, UsageImport, UsagePart
    from app.usage.places import store
    from app.usage.rollup import write_rollups
    from app.usage.store import PartFiles, new_version

    providers = {one.code: one for one in db.session.scalars(select(Provider))}
    came = UsageImport(
        file_name=f"{bill.month:%Y-%m}.csv",
        format="focus",
        origin=Origin.DEMO,
        state=ImportState.DONE,
        report={},
        created_at=data.EPOCH,
    )
    db.session.add(came)
    db.session.flush()
    kept = store()
    for code in bill.providers:
        digest = hashlib.sha256(f"{bill.seed} {bill.month} {code}".encode()).hexdigest()
        files = PartFiles(RESELLER, code, "all", bill.month, new_version(digest))
        with kept.connect(keeps_order=False) as connection, kept.work_folder() as work:
            (work / "part").mkdir()
            lines = work / "part" / "lines.parquet"
            rows = generator.write_lines(connection, bill, lines, provider=code)
            write_rollups(connection, work / "part")
            kept.take_in(work / "part", files)
            days = kept.open([files], "days", connection).aggregate("usage_date", "usage_date").fetchall()
            totals = kept.open([files], "months", connection).aggregate(
                "currency, sum(billed_cost)", "currency"
            )
            billed = {currency: {"billed": str(amount)} for currency, amount in totals.fetchall()}
        db.session.add(
            UsagePart(
                provider_id=providers[code].id,
                source="all",
                month=bill.month,
                version=files.version,
                row_count=rows,
                content_hash=digest,
                totals=billed,
                days=sorted(day.day for (day,) in days if day >= bill.month),
                import_id=came.id,
                imported_at=data.EPOCH,
            )
        )


# -- measuring -----------------------------------------------------------------------------------------------------


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(
        prog="python -m bench.reports",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    options.add_argument(
        "--customers", type=int, nargs=2, default=(10, 1000), help="small and large (10 1000)"
    )
    options.add_argument("--lines", type=int, default=300, help="of each customer and month (300)")
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--only", default="", help="cases whose name has this in it")
    chosen = options.parse_args()
    small, large = (World(number, chosen.lines) for number in chosen.customers)
    for world in (small, large):
        world.make()
        world.open()
    wanted = [one for one in cases() if chosen.only in one.name]
    for _round in range(chosen.rounds):
        for case in wanted:
            small.measure(case)
            large.measure(case)
    _report(small, large, wanted)


def _report(small: World, large: World, wanted: list[Case]) -> None:
    print(
        f"\n{'CPU per page':<29}{small.customers:>8,}{large.customers:>12,}{'ratio':>8}{'SQL':>10}{'first':>12}"
    )
    for case in wanted:
        one, other = small.measured[case.name], large.measured[case.name]
        ratio = statistics.median(b / a for a, b in zip(one.later, other.later, strict=True))
        print(
            f"{case.name:<29}{statistics.median(one.later) * 1000:>5.0f} ms"
            f"{statistics.median(other.later) * 1000:>9.0f} ms{ratio:>8.2f}"
            f"{one.statements:>5}{other.statements:>5}{statistics.median(other.first) * 1000:>9.0f} ms"
        )


if __name__ == "__main__":
    main()
