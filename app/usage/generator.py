"""Invented bills that look like real ones: the same for the same seed, made by DuckDB, millions of lines in seconds.

What a reseller has to deal with is in every month of enough accounts: reserved instances and savings plans of the
account itself, of somebody else's and of the payer's, with unused parts and purchases; spot; marketplace; credits,
taxes, adjustments and corrections; lines without a list price; two currencies. docs/usage-store.md#generator.
For millions of lines, take a connection that need not keep rows in order.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from duckdb import DuckDBPyConnection

from app.usage.catalogue import ITEMS, MARKETPLACE, REGIONS
from app.usage.columns import AMOUNT, LINE_COLUMNS, TEXT
from app.usage.store import copy_to, literal

#: So many accounts share a commitment.
_SHARING = 8
#: The first keys of an account are not plain usage.
_RESERVED, _PLAN, _SPOT, _MARKETPLACE, _WITHOUT_LIST = range(5)


@dataclass(frozen=True, slots=True)
class BilledAccount:
    """An account on a bill. ``size`` is how much it uses, in percent of a usual one."""

    provider: str
    account: str
    name: str
    payer: str
    currency: str = "USD"
    size: int = 100


@dataclass(frozen=True, slots=True)
class Bill:
    """What is to be invented: a month of some accounts.

    ``lines`` is how many metered lines there are, over all providers, by their number of accounts; fees, taxes, credits
    and the like come on top. ``keys`` is how many things each account uses, so that there are about accounts x keys
    different ones to price. With ``until`` the month has only begun: nothing is used from that day on.
    """

    seed: int
    month: date
    accounts: tuple[BilledAccount, ...]
    lines: int
    keys: int = 40
    until: date | None = None

    @property
    def providers(self) -> list[str]:
        """The providers of its accounts."""
        return sorted({account.provider for account in self.accounts})


def invent_accounts(
    seed: int, customers: int, *, per_customer: int = 2, payers: int = 3
) -> list[BilledAccount]:
    """Return accounts of that many customers: most at AWS, some at Azure, in euro too, and some at Google."""
    accounts = []
    for number in range(customers * per_customer):
        digest = hashlib.sha256(f"{seed}/{number}".encode()).hexdigest()
        payer = number * payers // (customers * per_customer)
        size = 20 + int(digest[:4], 16) % 300
        match number % 10:
            case 3 | 7:
                guid = f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-a{digest[17:20]}-{digest[20:32]}"
                currency = "EUR" if payer % 2 else "USD"
                name = f"Subscription {number}"
                accounts.append(BilledAccount("azure", guid, name, f"{86115370 + payer}", currency, size))
            case 9:
                project = f"workload-{digest[:6]}"
                biller = f"01A{payer}F5-7C42D9-B83E0{payer}"
                accounts.append(BilledAccount("google", project, f"Workload {number}", biller, "USD", size))
            case _:
                twelve = f"{10**11 + int(digest[:12], 16) % (9 * 10**11)}"
                accounts.append(
                    BilledAccount("aws", twelve, f"aws-{number}", f"{700000000000 + payer}", "USD", size)
                )
    return accounts


def customer_of(number: int, *, per_customer: int = 2) -> int:
    """Return which invented customer the account at a place of ``invent_accounts`` belongs to."""
    return number // per_customer


def write_lines(connection: DuckDBPyConnection, bill: Bill, path: Path, *, provider: str = "") -> int:
    """Write a month as normalised lines, of one provider or of all; return how many."""
    return copy_to(connection, lines_of(connection, bill, provider=provider), path)


def write_focus_csv(connection: DuckDBPyConnection, bill: Bill, path: Path) -> int:
    """Write a month as a FOCUS 1.2 file, as providers deliver it; return how many rows."""
    return _write_csv(connection, _focus(lines_of(connection, bill)), path)


def write_cur_csv(connection: DuckDBPyConnection, bill: Bill, path: Path) -> int:
    """Write the AWS accounts of a month as a Cost and Usage Report 1.0; return how many rows."""
    return _write_csv(connection, _cur(lines_of(connection, bill, provider="aws"), bill.month), path)


def lines_of(connection: DuckDBPyConnection, bill: Bill, *, provider: str = "") -> str:
    """Return the SELECT of a month's normalised lines; its small tables are made in the connection."""
    return " UNION ALL ".join(
        select
        for name in ([provider] if provider else bill.providers)
        for select in _Provider(connection, bill, name).lines()
    )


@dataclass
class _Provider:
    """The bill of one provider. Whatever looks like chance is a hash of the seed and of what it is about."""

    connection: DuckDBPyConnection
    bill: Bill
    name: str

    def lines(self) -> list[str]:
        """The SELECTs of its lines."""
        self._make_tables()
        return [
            self._row(source, columns)
            for source, columns in (self._metered(), self._unused(), self._purchases(), *self._once_a_month())
        ]

    @property
    def _accounts(self) -> list[BilledAccount]:
        return [account for account in self.bill.accounts if account.provider == self.name]

    @property
    def _last_day(self) -> date:
        following = (self.bill.month + timedelta(days=32)).replace(day=1)
        return min(following, self.bill.until or following)

    def _chance(self, *about: str) -> str:
        return f"hash({self.bill.seed}, '{self.bill.month}', {', '.join(about)})"

    def _make_tables(self) -> None:
        """Accounts, commitments and keys: all that repeats on many lines."""
        name, accounts = (
            self.name,
            sorted(self._accounts, key=lambda account: (account.payer, account.account)),
        )
        rows = ", ".join(
            f"({number}, {literal(a.account)}, {literal(a.name)}, {literal(a.payer)}, {literal(a.currency)}, {a.size})"
            for number, a in enumerate(accounts)
        )
        items = ", ".join(
            "(" + ", ".join([str(number), *map(literal, (
                i.service, i.category, i.sku, i.usage_type, i.operation, i.unit, i.price, i.hourly, i.description
            ))]) + ")"
            for number, i in enumerate(ITEMS[name])
        )  # fmt: skip
        regions = ", ".join(map(literal, REGIONS[name]))
        combinations = len(ITEMS[name]) * len(REGIONS[name])
        run = self.connection.execute
        run(
            f"CREATE OR REPLACE TEMP TABLE accounts_{name} AS FROM (VALUES {rows}) "
            "AS t(number, account, account_name, payer, currency, size)"
        ).fetchall()
        run(
            f"CREATE OR REPLACE TEMP TABLE commitments_{name} AS "
            "SELECT number // 8 AS commitment, payer, currency, number, "
            "CASE WHEN number // 8 % 4 = 3 THEN payer ELSE account END AS owner, "
            "CASE WHEN number // 8 % 4 = 3 THEN payer || ' (payer)' ELSE account_name END AS owner_name, "
            f"{self._commitment('reserved')} AS reserved_id, {self._commitment('plan')} AS plan_id "
            f"FROM accounts_{name} WHERE number % {_SHARING} = 0"
        ).fetchall()
        own = ", ".join(f"{sql} AS key_{column}" for column, sql in self._key_columns().items())
        # The first keys of an account are what can be committed to; the others walk through all that is sold.
        run(
            f"CREATE OR REPLACE TEMP TABLE keys_{name} AS SELECT *, key IN ({_RESERVED}, {_PLAN}) AS is_covered, "
            f"CASE key WHEN {_RESERVED} THEN 0.62 WHEN {_PLAN} THEN 0.71 WHEN {_SPOT} THEN 0.34 ELSE 0.97 "
            f"END::DECIMAL(3,2) AS share, {own} FROM (SELECT used.* EXCLUDE (place), reserved_id, plan_id, "
            f"item.* EXCLUDE (n), [{regions}][1 + place % {len(REGIONS[name])}] AS region "
            f"FROM (SELECT *, number * {self.bill.keys} + key AS ordinal, CASE WHEN key < 3 THEN 0 "
            f"ELSE 1 + (key + number * 7) % {combinations - 1} END AS place "
            f"FROM accounts_{name}, range({self.bill.keys}) AS k(key)) AS used "
            f"JOIN (VALUES {items}) AS item(n, service, service_category, sku, usage_type, operation, unit, price, "
            f"hourly, description) ON item.n = place // {len(REGIONS[name])} "
            f"JOIN commitments_{name} AS c ON c.commitment = used.number // {_SHARING})"
        ).fetchall()

    def _commitment(self, kind: str) -> str:
        """An id as the provider writes it: at AWS it names its owner."""
        owner = "CASE WHEN number // 8 % 4 = 3 THEN payer ELSE account END"
        digest = f"md5('{self.bill.seed}{kind}' || account)"
        bounds = ("[1:8]", "[9:12]", "[13:16]", "[17:20]", "[21:32]")
        guid = " || '-' || ".join(f"{digest}{bound}" for bound in bounds)
        if self.name == "aws" and kind == "reserved":
            return f"'arn:aws:ec2:eu-central-1:' || {owner} || ':reserved-instances/' || {guid}"
        if self.name == "aws":
            return f"'arn:aws:savingsplans::' || {owner} || ':savingsplan/' || {guid}"
        if self.name == "azure":
            kinds = {
                "reserved": "Microsoft.Capacity/reservationOrders",
                "plan": "Microsoft.BillingBenefits/savingsPlanOrders",
            }
            return f"'/providers/{kinds[kind]}/' || {guid}"
        return f"'projects/' || {owner} || '/regions/europe-west3/commitments/' || {digest}[1:12]"

    def _metered(self) -> tuple[str, dict[str, str]]:
        """What is used day by day."""
        accounts = len(self._accounts)
        lines = max(accounts, self.bill.lines * accounts // max(len(self.bill.accounts), 1))
        keys = accounts * self.bill.keys
        days = (self._last_day - self.bill.month).days
        times = -(-lines // keys)
        # Few lines stand for whole days, many for hours, so that a month costs about the same.
        hours = 24 if times <= days else max(1, 24 * days // times)
        rows = (
            "(SELECT *, "
            f"(DATE '{self.bill.month}' + (CASE WHEN {times} < {days} THEN (chance % {days})::INTEGER "
            f"ELSE (turn % {days})::INTEGER END))::DATE AS day, (chance // 64 % {25 - hours})::INTEGER AS hour, "
            "round(hourly::DECIMAL(12,4) * (500 + (chance // 4096 % 1000))::DECIMAL(4,0) * size::DECIMAL(5,0) "
            f"* {hours}::DECIMAL(2,0) * 0.00001::DECIMAL(5,5), 4)::DECIMAL(14,4) AS used FROM (SELECT *, "
            f"{self._chance('ordinal', 'turn')} AS chance FROM keys_{self.name}, range({times}) AS t(turn) "
            f"WHERE turn * {keys} + ordinal < {lines}))"
        )
        listed = "(used * price::DECIMAL(14,10))"
        effective = f"{listed} * share"
        return rows, {
            **{name: name for name in ("service_category", "sku", "region", "operation", "unit")},
            **{name: f"key_{name}" for name in self._key_columns()},
            "usage_date": "day",
            "starts_at": "day + to_hours(hour)",
            "ends_at": f"day + to_hours(hour + {hours})",
            "quantity": "used",
            "list_cost": f"CASE WHEN key_is_list_missing THEN {effective} ELSE {listed} END",
            "contracted_cost": f"CASE WHEN is_covered THEN {listed} ELSE {effective} END",
            "effective_cost": effective,
            "billed_cost": f"CASE WHEN is_covered THEN 0 ELSE {effective} END",
        }

    def _key_columns(self) -> dict[str, str]:
        """What is the same on all lines of a key."""
        publisher, service = MARKETPLACE[self.name]
        is_reserved, is_plan = f"key = {_RESERVED}", f"key = {_PLAN}"
        is_covered = f"key IN ({_RESERVED}, {_PLAN})"
        is_spot, is_third = f"key = {_SPOT}", f"key = {_MARKETPLACE}"
        digest = "md5(account || key::VARCHAR)"
        return {
            "service": f"CASE WHEN {is_third} THEN {literal(service)} ELSE service END",
            "resource_id": f"CASE WHEN {is_third} THEN '' ELSE {self._resource(f'{digest}[1:17]')} END",
            "resource_name": f"CASE WHEN key % 3 = 0 THEN 'host-' || {digest}[1:6] ELSE '' END",
            "usage_type": f"CASE WHEN {is_spot} THEN {self._spot_type()} ELSE usage_type END",
            "description": f"CASE WHEN {is_third} THEN {literal(publisher)} ELSE description END",
            "pricing_category": f"CASE WHEN {is_covered} THEN 'committed' WHEN {is_spot} THEN 'dynamic' "
            "ELSE 'standard' END",
            "commitment_id": f"CASE WHEN {is_reserved} THEN reserved_id WHEN {is_plan} THEN plan_id ELSE '' END",
            "commitment_kind": f"CASE WHEN {is_reserved} THEN 'reserved' WHEN {is_plan} THEN 'savings_plan' "
            "ELSE '' END",
            "commitment_status": f"CASE WHEN {is_covered} THEN 'used' ELSE 'none' END",
            "is_marketplace": is_third,
            "is_list_missing": f"key = {_WITHOUT_LIST} AND number % 7 = 3",
            "tags": """CASE WHEN number % 3 <> 0 THEN '' WHEN number % 2 = 0 THEN '{"environment": "production"}' """
            """ELSE '{"environment": "test"}' END""",
        }

    def _resource(self, digest: str) -> str:
        if self.name == "aws":
            return f"'arn:aws:ec2:' || region || ':' || account || ':instance/i-' || {digest}"
        if self.name == "azure":
            return f"'/subscriptions/' || account || '/resourceGroups/main/providers/Microsoft.Compute/' || {digest}"
        return f"'//compute.googleapis.com/projects/' || account || '/' || {digest}"

    def _spot_type(self) -> str:
        return (
            "replace(usage_type, 'BoxUsage', 'SpotUsage')" if self.name == "aws" else "usage_type || ' Spot'"
        )

    def _commitment_columns(self, kind: str) -> dict[str, str]:
        column = {"reserved": "reserved_id", "savings_plan": "plan_id"}[kind]
        first = ITEMS[self.name][0]
        return {
            "account": "owner",
            "account_name": "owner_name",
            "usage_date": f"DATE '{self.bill.month}'",
            "starts_at": f"TIMESTAMP '{self.bill.month}'",
            "ends_at": f"TIMESTAMP '{self._last_day}'",
            "service": literal(first.service),
            "service_category": literal(first.category),
            "region": literal(REGIONS[self.name][0]),
            "commitment_id": column,
            "commitment_kind": literal(kind),
            "unit": literal(first.unit),
        }

    def _unused(self) -> tuple[str, dict[str, str]]:
        """What nobody used of every third reservation."""
        chance = self._chance("reserved_id")
        cost = f"({chance} % 90000)::DECIMAL(8,0) * 0.001::DECIMAL(4,3)"
        return f"(SELECT * FROM commitments_{self.name} WHERE commitment % 3 = 0)", {
            **self._commitment_columns("reserved"),
            "usage_type": literal("Unused commitment"),
            "description": literal("Unused part of the commitment"),
            "resource_id": "reserved_id",
            "pricing_category": literal("committed"),
            "commitment_status": literal("unused"),
            "quantity": f"({chance} % 300)::DECIMAL(4,0)",
            "effective_cost": cost,
        }

    def _purchases(self) -> tuple[str, dict[str, str]]:
        """What is paid for each savings plan this month, and for a reservation now and then."""
        fee = f"(100000 + {self._chance('plan_id')} % 900000)::DECIMAL(8,0) * 0.001::DECIMAL(4,3)"
        return f"commitments_{self.name}", {
            **self._commitment_columns("savings_plan"),
            "commitment_id": "CASE WHEN commitment % 2 = 0 THEN reserved_id ELSE plan_id END",
            "commitment_kind": "CASE WHEN commitment % 2 = 0 THEN 'reserved' ELSE 'savings_plan' END",
            "usage_type": literal("Commitment fee"),
            "description": literal("Fee of the commitment"),
            "category": literal("purchase"),
            "quantity": "1",
            "list_cost": fee,
            "contracted_cost": fee,
            "billed_cost": fee,
        }

    def _once_a_month(self) -> list[tuple[str, dict[str, str]]]:
        """Taxes, credits, adjustments and corrections of the month before."""
        month = self.bill.month
        before = month - timedelta(days=3)
        kinds = (
            ("tax", "true", "(5000 + {0} % 90000)::DECIMAL(8,0) * 0.001::DECIMAL(4,3)", "Tax", False),
            ("credit", "number % 5 = 2", "-(1000 + {0} % 40000)::DECIMAL(8,0) * 0.001::DECIMAL(4,3)", "Promotional credit", False),
            ("adjustment", "number % 11 = 4", "(1000 + {0} % 4000)::DECIMAL(8,0) * 0.001::DECIMAL(4,3)", "Adjustment", False),
            ("purchase", "number % 9 = 5", "(12000 + {0} % 3000)::DECIMAL(8,0) * 0.001::DECIMAL(4,3)", "Domain registration", False),
            ("usage", "number % 6 = 1", "-(500 + {0} % 6000)::DECIMAL(8,0) * 0.001::DECIMAL(4,3)", "Correction", True),
        )  # fmt: skip
        first = ITEMS[self.name][0]
        found = []
        for category, which, amount, text, is_correction in kinds:
            cost = amount.format(self._chance("account", literal(text)))
            day = before if is_correction else month
            columns = {
                "usage_date": f"DATE '{day}'",
                "starts_at": f"TIMESTAMP '{day}'",
                "ends_at": f"TIMESTAMP '{day}' + INTERVAL 1 DAY",
                "service": literal(first.service),
                "service_category": literal(first.category),
                "region": literal(REGIONS[self.name][0]),
                "usage_type": literal(first.usage_type if is_correction else text),
                "sku": literal(first.sku if is_correction else ""),
                "description": literal(text),
                "category": literal(category),
                "is_correction": "true" if is_correction else "false",
                "pricing_category": literal("standard" if category in ("usage", "purchase") else ""),
                "unit": literal(first.unit if is_correction else ""),
                "quantity": "-1" if is_correction else "1",
                "list_cost": cost,
                "contracted_cost": cost,
                "effective_cost": cost,
                "billed_cost": cost,
            }
            found.append((f"(SELECT * FROM accounts_{self.name} WHERE {which})", columns))
        return found

    def _row(self, source: str, columns: dict[str, str]) -> str:
        """A SELECT of whole lines; what a kind of line does not speak of is as on most."""
        usual = {
            "provider": literal(self.name),
            "month": f"DATE '{self.bill.month}'",
            "category": literal("usage"),
            "is_correction": "false",
            "commitment_status": literal("none"),
            "invoice_id": literal(f"{self.name.upper()}-{self.bill.month:%Y%m}"),
            **{name: name for name in ("payer", "account", "account_name", "currency")},
        }
        nothing = {TEXT: "''", AMOUNT: "0", "BOOLEAN": "false"}
        chosen = []
        for column in LINE_COLUMNS:
            if column.name == "source":
                continue
            given = columns.get(column.name) or usual.get(column.name)
            chosen.append(f"({given or nothing.get(column.type, 'NULL')})::{column.type} AS {column.name}")
        return f"SELECT {', '.join(chosen)} FROM {source}"


def _write_csv(connection: DuckDBPyConnection, select: str, path: Path) -> int:
    copied = connection.execute(f"COPY ({select}) TO {literal(str(path))} (FORMAT csv, HEADER true)")
    return int(copied.fetchall()[0][0])


_FOCUS_PROVIDERS = {
    "aws": ("AWS", "Amazon Web Services, Inc."),
    "azure": ("Microsoft", "Microsoft"),
    "google": ("Google Cloud", "Google Cloud"),
}


def _focus(lines: str) -> str:
    """FOCUS 1.2 of normalised lines: what is read of it is the same line again."""
    names = " ".join(f"WHEN '{code}' THEN '{names[0]}'" for code, names in _FOCUS_PROVIDERS.items())
    sellers = " ".join(f"WHEN '{code}' THEN '{names[1]}'" for code, names in _FOCUS_PROVIDERS.items())
    columns = {
        "BilledCost": "billed_cost",
        "BillingAccountId": "payer",
        "BillingAccountName": "payer",
        "BillingCurrency": "currency",
        "BillingPeriodEnd": _z("month + INTERVAL 1 MONTH"),
        "BillingPeriodStart": _z("month::TIMESTAMP"),
        "ChargeCategory": "upper(category[1]) || category[2:]",
        "ChargeClass": "CASE WHEN is_correction THEN 'Correction' END",
        "ChargeDescription": "description",
        "ChargeFrequency": "CASE category WHEN 'usage' THEN 'Usage-Based' ELSE 'One-Time' END",
        "ChargePeriodEnd": _z("ends_at"),
        "ChargePeriodStart": _z("starts_at"),
        "CommitmentDiscountCategory": "CASE commitment_kind WHEN 'reserved' THEN 'Usage' WHEN 'savings_plan' THEN 'Spend' END",
        "CommitmentDiscountId": "commitment_id",
        "CommitmentDiscountStatus": "CASE commitment_status WHEN 'used' THEN 'Used' WHEN 'unused' THEN 'Unused' END",
        "CommitmentDiscountType": "CASE commitment_kind WHEN 'reserved' THEN 'Reserved' WHEN 'savings_plan' THEN 'Savings Plan' END",
        "ContractedCost": "contracted_cost",
        "EffectiveCost": "effective_cost",
        "InvoiceId": "invoice_id",
        "InvoiceIssuerName": f"CASE provider {sellers} END",
        "ListCost": "CASE WHEN NOT is_list_missing THEN list_cost END",
        "PricingCategory": "upper(pricing_category[1]) || pricing_category[2:]",
        "PricingQuantity": "quantity",
        "PricingUnit": "unit",
        "ProviderName": f"CASE provider {names} END",
        "PublisherName": f"CASE WHEN is_marketplace THEN description ELSE CASE provider {sellers} END END",
        "RegionId": "region",
        "ResourceId": "resource_id",
        "ResourceName": "resource_name",
        "ServiceCategory": "service_category",
        "ServiceName": "service",
        "SkuId": "sku",
        "SkuMeter": "usage_type",
        "SubAccountId": "account",
        "SubAccountName": "account_name",
        "Tags": "tags",
        "x_Operation": "operation",
    }
    chosen = ", ".join(f'{_filled(sql)} AS "{name}"' for name, sql in columns.items())
    return f"SELECT {chosen} FROM ({lines})"


def _z(time: str) -> str:
    return f"strftime({time}, '%Y-%m-%dT%H:%M:%SZ')"


def _filled(sql: str) -> str:
    """Costs as they are, texts without the empty ones."""
    return sql if sql.endswith(("_cost", "quantity", "_cost END")) else f"nullif({sql}, '')"


def _cur(lines: str, month: date) -> str:
    """A Cost and Usage Report of normalised lines: commitments the way AWS writes them, in pairs and with unused parts."""
    is_reserved, is_plan = "commitment_kind = 'reserved'", "commitment_kind = 'savings_plan'"
    is_used, is_unused = "commitment_status = 'used'", "commitment_status = 'unused'"
    line_type = (
        f"CASE WHEN is_negation THEN 'SavingsPlanNegation' WHEN {is_used} AND {is_reserved} THEN 'DiscountedUsage' "
        f"WHEN {is_used} THEN 'SavingsPlanCoveredUsage' WHEN {is_unused} THEN 'RIFee' "
        f"WHEN category = 'purchase' AND {is_plan} THEN 'SavingsPlanRecurringFee' WHEN category = 'purchase' THEN 'Fee' "
        "WHEN category = 'adjustment' THEN 'Refund' ELSE upper(category[1]) || category[2:] END"
    )
    unblended = (
        "CASE WHEN is_negation THEN -list_cost WHEN line_type = 'SavingsPlanCoveredUsage' THEN list_cost "
        "ELSE billed_cost END"
    )
    columns = {
        "identity/LineItemId": "md5(account || starts_at::VARCHAR || resource_id || quantity::VARCHAR || line_type) || 'lineitemid'",
        "identity/TimeInterval": f"{_z('starts_at')} || '/' || {_z('ends_at')}",
        "bill/InvoiceId": "invoice_id",
        "bill/InvoicingEntity": "'Amazon Web Services, Inc.'",
        "bill/BillingEntity": "CASE WHEN is_marketplace THEN 'AWS Marketplace' ELSE 'AWS' END",
        "bill/BillType": "'Anniversary'",
        "bill/PayerAccountId": "payer",
        "bill/BillingPeriodStartDate": f"'{month}T00:00:00.000Z'",
        "bill/BillingPeriodEndDate": f"'{(month + timedelta(days=32)).replace(day=1)}T00:00:00.000Z'",
        "lineItem/UsageAccountId": "account",
        "lineItem/LineItemType": "line_type",
        "lineItem/UsageStartDate": _z("starts_at"),
        "lineItem/UsageEndDate": _z("ends_at"),
        "lineItem/ProductCode": "replace(service, ' ', '')",
        "lineItem/UsageType": "usage_type",
        "lineItem/Operation": "operation",
        "lineItem/AvailabilityZone": "CASE WHEN resource_id <> '' THEN region || 'a' END",
        "lineItem/ResourceId": "resource_id",
        "lineItem/UsageAmount": "quantity",
        "lineItem/NormalizationFactor": "CASE WHEN line_type = 'DiscountedUsage' THEN 4 END",
        "lineItem/CurrencyCode": "currency",
        "lineItem/UnblendedRate": "''",
        "lineItem/UnblendedCost": unblended,
        "lineItem/BlendedCost": unblended,
        "lineItem/LineItemDescription": "description",
        "lineItem/TaxType": "CASE WHEN category = 'tax' THEN 'VAT' END",
        "lineItem/LegalEntity": "'Amazon Web Services, Inc.'",
        "product/ProductName": "service",
        "product/instanceType": "CASE WHEN contains(usage_type, ':') THEN split_part(usage_type, ':', 2) END",
        "product/location": "'EU (' || region || ')'",
        "product/operatingSystem": "CASE WHEN operation = 'RunInstances' THEN 'Linux' END",
        "product/productFamily": "service_category",
        "product/regionCode": "region",
        "product/servicecode": "replace(service, ' ', '')",
        "product/sku": "sku",
        "product/tenancy": "CASE WHEN operation = 'RunInstances' THEN 'Shared' END",
        "product/usagetype": "usage_type",
        "pricing/RateCode": "sku || '.JRTCKXETXF.6YS6EN2CT7'",
        "pricing/RateId": "'4981658079'",
        "pricing/currency": "currency",
        "pricing/publicOnDemandCost": "CASE WHEN NOT is_list_missing AND category = 'usage' AND NOT is_negation "
        f"AND NOT ({is_unused}) THEN list_cost END",
        "pricing/publicOnDemandRate": "''",
        "pricing/term": "CASE WHEN category = 'usage' THEN 'OnDemand' END",
        "pricing/unit": "unit",
        "reservation/AmortizedUpfrontCostForUsage": "CASE WHEN line_type = 'DiscountedUsage' THEN 0 END",
        "reservation/EffectiveCost": "CASE WHEN line_type = 'DiscountedUsage' THEN effective_cost END",
        "reservation/RecurringFeeForUsage": "CASE WHEN line_type = 'DiscountedUsage' THEN effective_cost END",
        "reservation/ReservationARN": f"CASE WHEN {is_reserved} THEN commitment_id END",
        "reservation/UnusedAmortizedUpfrontFeeForBillingPeriod": "CASE WHEN line_type = 'RIFee' THEN 0 END",
        "reservation/UnusedQuantity": "CASE WHEN line_type = 'RIFee' THEN quantity END",
        "reservation/UnusedRecurringFee": "CASE WHEN line_type = 'RIFee' THEN effective_cost END",
        "savingsPlan/SavingsPlanARN": f"CASE WHEN {is_plan} THEN commitment_id END",
        "savingsPlan/PaymentOption": f"CASE WHEN {is_plan} THEN 'No Upfront' END",
        "savingsPlan/SavingsPlanEffectiveCost": "CASE WHEN line_type = 'SavingsPlanCoveredUsage' THEN effective_cost END",
        "savingsPlan/TotalCommitmentToDate": "CASE WHEN line_type = 'SavingsPlanRecurringFee' THEN billed_cost END",
        "savingsPlan/UsedCommitment": "CASE WHEN line_type = 'SavingsPlanRecurringFee' THEN billed_cost END",
        "resourceTags/user:environment": "CASE WHEN tags <> '' THEN json_extract_string(tags, '$.environment') END",
    }
    chosen = ", ".join(f'{sql} AS "{name}"' for name, sql in columns.items())
    pairs = f"unnest(CASE WHEN {is_used} AND {is_plan} THEN [false, true] ELSE [false] END) AS is_negation"
    return (
        f"SELECT {chosen} FROM (SELECT *, {line_type} AS line_type FROM "
        f"(SELECT * EXCLUDE (line_type), {pairs} FROM ({lines})))"
    )
