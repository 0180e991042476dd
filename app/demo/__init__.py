"""The demo world of the first start: two invented resellers, so that a stranger has something to click.

Names, addresses and figures are made up; mail addresses end in ``.example``, a domain that delivers nowhere. The
passwords below are public: run.py loads this world into an empty local installation only, never in production.
"""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

from flask import Flask
from sqlalchemy import select

from app.charges import assignments
from app.charges.models import ChargePlan, PlanType
from app.charges.ready_made import ready_made
from app.charges.services import create_plan
from app.cloud_accounts import services as accounts_services
from app.custom_fields.models import CustomFieldDefinition, FieldTarget, FieldType
from app.customers import services
from app.customers.models import Customer
from app.customers.tax_profile import place_of, save_tax_profile
from app.demo import accounts as demo_accounts
from app.demo import portal
from app.demo.budgets import load_budgets, load_exchange_rates
from app.demo.companies import HARBOURLINE, SUMMIT, Company
from app.demo.credits import load_credits
from app.demo.price_rules import add_price_rules
from app.demo.requests import load_requests
from app.demo.statements import bill_earlier_months, draft_last_month
from app.demo.storefront import load_storefront
from app.demo.usage import load_usage
from app.extensions import db
from app.kernel.clock import utc_now
from app.kernel.unit_of_work import unit_of_work
from app.pricebooks.models import Pricebook
from app.providers.models import Provider, ResellerProvider
from app.security.accounts import create_user
from app.security.models import UserStatus
from app.security.passwords import stored_alike
from app.security.roles import RoleName
from app.taxes.models import TaxRate
from app.taxes.suggestions import suggested
from app.tenancy.models import Reseller
from app.tenancy.scope import Actor, reseller_scope, system_scope

PASSWORD = "harbour lights at dawn"

#: What the start prints: role, email, password, and the path of the sign-in page.
LOGINS: list[tuple[str, str, str, str]] = [
    ("Reseller Owner", "owner@harbourline.example", PASSWORD, "/login/"),
    ("Reseller Ops", "ops@harbourline.example", PASSWORD, "/login/"),
    ("Reseller Sales", "sales@harbourline.example", PASSWORD, "/login/"),
    ("Customer User", "annika.feldt@tessera.example", PASSWORD, "/portal/harbourline/login/"),
    ("Platform Admin", "admin@cloudtally.example", PASSWORD, "/login/"),
]


def load(app: Flask) -> None:
    """Fill an empty, up-to-date installation."""
    with app.app_context(), system_scope("the demo world"), unit_of_work(db.session), stored_alike():
        create_user(
            name="Robin Castell",
            email="admin@cloudtally.example",
            role=RoleName.PLATFORM_ADMIN,
            reseller_id=None,
            password=PASSWORD,
        )
        providers = {one.code: one for one in db.session.scalars(select(Provider))}
        harbourline = _reseller(
            "Harbourline Cloud", "harbourline", "EUR", "Europe/Berlin", "DE", "Hamburg", providers
        )
        summit = _reseller("Summit Ridge Cloud", "summit", "USD", "America/Denver", "US", "Denver", providers)
        _staff(
            harbourline,
            {"owner": "Maren Aldous", "ops": "Idris Vance", "sales": "Lotte Brandt"},
            "harbourline",
        )
        _staff(summit, {"owner": "Dana Whitcomb", "ops": "Theo Marsh"}, "summit")
        for reseller, companies in ((harbourline, HARBOURLINE), (summit, SUMMIT)):
            actor = Actor(None, "Demo data")
            with reseller_scope(reseller.id, actor=actor):
                world = _settings(reseller, providers)
                for company in companies:
                    _customer(reseller, company, world, providers)
                if reseller is harbourline:
                    load_storefront(reseller)
                    demo_accounts.fill(providers, now=utc_now())
                    load_exchange_rates(now=utc_now())
                load_usage(reseller, now=utc_now())
                bill_earlier_months(now=utc_now())
                load_credits(now=utc_now())
                draft_last_month(now=utc_now())
                if reseller is harbourline:
                    load_budgets(providers, now=utc_now())
        load_requests(
            harbourline,
            providers,
            decides="Idris Vance",
            works_on="Robin Castell",
            password=PASSWORD,
            now=utc_now(),
        )
        with reseller_scope(harbourline.id, actor=actor):
            portal.fill(harbourline, providers, password=PASSWORD)


def _reseller(
    name: str,
    nickname: str,
    currency: str,
    zone: str,
    country: str,
    city: str,
    providers: dict[str, Provider],
) -> Reseller:
    reseller = Reseller(
        name=name,
        legal_name=f"{name} GmbH" if country == "DE" else f"{name} Inc.",
        nickname=nickname,
        currency=currency,
        time_zone=zone,
        languages="en,de",
        operations_email=f"operations@{nickname}.example",
        support_email=f"support@{nickname}.example",
        website=f"https://www.{nickname}.example",
        street="Am Sandtorkai 41" if country == "DE" else "1550 Larimer Street",
        city=city,
        postal_code="20457" if country == "DE" else "80202",
        country=country,
        created_at=utc_now(),
    )
    db.session.add(reseller)
    db.session.flush()
    for code in ("aws", "azure", "google"):
        db.session.add(
            ResellerProvider(
                reseller_id=reseller.id,
                provider=providers[code],
                in_solution_provider_program=code == "aws",
            )
        )
    return reseller


def _staff(reseller: Reseller, people: dict[str, str], domain: str) -> None:
    roles = {"owner": RoleName.OWNER, "ops": RoleName.OPS, "sales": RoleName.SALES}
    for word, name in people.items():
        create_user(
            name=name,
            email=f"{word}@{domain}.example",
            role=roles[word],
            reseller_id=reseller.id,
            password=PASSWORD,
        )


def _settings(reseller: Reseller, providers: dict[str, Provider]) -> dict[str, Any]:
    books = {
        "aws": [
            Pricebook(
                name="AWS Standard −6 %",
                provider=providers["aws"],
                adjustment_percent=Decimal(-6),
                currency=reseller.currency,
            )
        ],
        "azure": [
            Pricebook(
                name="Azure CSP −3 %",
                provider=providers["azure"],
                adjustment_percent=Decimal(-3),
                currency=reseller.currency,
            )
        ],
        "google": [],
    }
    books["aws"].append(
        Pricebook(
            name="AWS Public sector −9 %",
            provider=providers["aws"],
            adjustment_percent=Decimal(-9),
            currency=reseller.currency,
        )
    )

    plans = {
        "aws": _plan("AWS Business Support", providers["aws"], reseller, template="aws-business"),
        "aws_enterprise": _plan(
            "AWS Enterprise Support", providers["aws"], reseller, template="aws-enterprise"
        ),
        "azure": _plan("Azure Select", providers["azure"], reseller, amount="350.00"),
        "google": _plan("Google Enhanced", providers["google"], reseller, template="google-standard"),
        "managed": _plan(
            "Managed operations", providers["azure"], reseller, amount="490.00", is_support_plan=False
        ),
    }
    rates = (
        [
            ("VAT standard rate", "DE", "", "19"),
            ("VAT reduced rate", "DE", "", "7"),
            ("VAT Austria", "AT", "", "20"),
            ("VAT Switzerland", "CH", "", "8.1"),
            ("VAT Netherlands", "NL", "", "21"),
        ]
        if reseller.country == "DE"
        else [
            ("Colorado sales tax", "US", "Colorado", "2.9"),
            ("Denver city tax", "US", "Colorado", "5.15"),
            ("Utah sales tax", "US", "Utah", "4.85"),
        ]
    )
    taxes = [
        TaxRate(name=name, country=country, region=region, percent=Decimal(percent))
        for name, country, region, percent in rates
    ]
    fields = [
        CustomFieldDefinition(
            name="territory",
            label="Territory",
            type=FieldType.CHOICE,
            target=FieldTarget.CUSTOMER,
            choices=["North", "South", "East", "West"],
            position=10,
        ),
        CustomFieldDefinition(
            name="sales_representative",
            label="Sales representative",
            type=FieldType.TEXT,
            target=FieldTarget.CUSTOMER,
            choices=[],
            position=20,
        ),
        CustomFieldDefinition(
            name="customer_account_number",
            label="Customer account number",
            type=FieldType.TEXT,
            target=FieldTarget.CUSTOMER,
            choices=[],
            position=30,
        ),
        CustomFieldDefinition(
            name="contract_until",
            label="Contract until",
            type=FieldType.DATE,
            target=FieldTarget.CUSTOMER,
            choices=[],
            position=40,
        ),
    ]
    fields += demo_accounts.account_fields()
    db.session.add_all([*books["aws"], *books["azure"], *taxes, *fields])
    db.session.flush()
    add_price_rules(books)
    return {"books": books, "plans": plans, "taxes": taxes}


def _plan(
    name: str,
    provider: Provider,
    reseller: Reseller,
    *,
    template: str = "",
    amount: str = "",
    is_support_plan: bool = True,
) -> ChargePlan:
    """A plan as the reseller would make it: from a template, or a fixed amount; in its own currency."""
    start = ready_made(template)
    terms = start.values() if start else {"type": PlanType.FIXED, "amount": Decimal(amount)}
    own = {
        "name": name,
        "line_text": name,
        "currency": reseller.currency,
        "is_support_plan": is_support_plan,
    }
    return create_plan(provider_id=provider.id, values=terms | own)


def _customer(
    reseller: Reseller, company: Company, world: dict[str, Any], providers: dict[str, Provider]
) -> None:
    customer = services.create_customer(
        {
            "organization": company.name,
            "contact_name": company.contact,
            "contact_title": company.title,
            "email": company.email,
            "phone": company.phone,
            "street": company.street,
            "postal_code": company.postal_code,
            "city": company.city,
            "country": company.country,
            "external_id": company.external_id,
            "language": "de" if company.country in ("DE", "AT", "CH") else "en",
        },
        now=utc_now() - datetime.timedelta(days=company.age),
    )
    for code in company.providers:
        books = world["books"][code]
        book = books[customer.number % len(books)] if books and code not in company.on_master else None
        services.save_enablement(
            customer,
            providers[code],
            {
                "is_authorised": True,
                "services": None,
                "pricebook_id": book.id if book else None,
                "in_portal": True,
                "may_request_accounts": True,
                "currency": reseller.currency,
                "pass_reserved_instances": False,
                "pass_savings_plans": False,
            },
            version=0,
            currency=reseller.currency,
        )
        accounts_services.link_account(
            customer,
            providers[code],
            account_id=_account_id(code, customer),
            name=f"{company.short}-prod",
            support_type="Business" if code == "aws" else "",
            now=utc_now(),
        )
    db.session.expire(customer, ["enablements"])
    for code in company.plans:
        assignments.assign_plan(customer, world["plans"][code].id)
    if company.is_taxed:
        fitting = suggested(world["taxes"], place_of(customer)) or world["taxes"][:1]
        rates = [one.id for one in fitting]
        save_tax_profile(customer, is_taxable=True, tax_rate_ids=rates, version=0)
    if company.territory:
        values = {"territory": company.territory, "sales_representative": company.representative}
        services.save_custom_values(customer, values, version=customer.version)
    create_user(
        name=company.contact,
        email=company.email,
        role=RoleName.CUSTOMER,
        reseller_id=reseller.id,
        customer_id=customer.id,
        status=UserStatus.SUSPENDED if company.is_suspended else UserStatus.ACTIVE,
        password=PASSWORD,
    )


def _account_id(code: str, customer: Customer) -> str:
    number = customer.reseller_id * 10_000 + customer.number
    if code == "aws":
        return f"{417_730_000_000 + number * 37:012d}"
    if code == "azure":
        return f"{number * 2654435761 % 2**32:08x}-5b6a-4788-90a1-{number * 40503:012x}"
    return f"project-{number}"
