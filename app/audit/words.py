"""How entries read: verb, noun and field names in the reader's language."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from types import SimpleNamespace
from typing import Any

from flask import current_app, g
from flask_appbuilder import Model
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import Boolean, Date, Enum

from app.audit.log import HIDDEN
from app.audit.places import addresses_of
from app.kernel.places import currency_codes, currency_digits
from app.kernel.types import ExactDecimal, MonthDate
from app.shell.browsers import browser_words
from app.shell.formats import (
    amount_text,
    date_text,
    datetime_text,
    money_text,
    month_text,
    number_text,
    words_list,
)
from app.tenancy.scope import ScopeKind, current_scope

VERBS: dict[str, object] = {
    "created": _l("added"),
    "changed": _l("changed"),
    "deleted": _l("removed"),
    "archived": _l("archived"),
    "restored": _l("restored"),
    "suspended": _l("suspended"),
    "activated": _l("activated"),
    "invited": _l("invited"),
    "invitation_closed": _l("closed the invitation of"),
    "invitation_accepted": _l("accepted the invitation of"),
    "password_set": _l("set the password of"),
    "signed_in": _l("logged in as"),
    "signed_out": _l("logged out as"),
    "sign_in_refused": _l("was refused logging in as"),
    "reset_asked": _l("asked for a link to a new password of"),
    "entered": _l("entered the console of"),
    "left": _l("left the console of"),
    "exported": _l("exported"),
    "imported": _l("imported"),
    "granted": _l("granted"),
    "withdrawn": _l("withdrew"),
    "assigned": _l("assigned"),
    "unassigned": _l("took away"),
    "reversed": _l("reversed"),
    "used": _l("used"),
    "released": _l("released"),
    "generation_started": _l("started generating"),
    "issue_started": _l("started issuing"),
    "drafted": _l("drafted"),
    "rated": _l("computed again"),
    "discarded": _l("discarded"),
    "issued": _l("issued"),
    "paid": _l("marked as paid"),
    "reopened": _l("reopened"),
    "voided": _l("took back"),
    "moved": _l("moved"),
    "retired": _l("retired"),
    "sent_again": _l("sent again"),
    "requested": _l("asked for"),
    "approved": _l("approved"),
    "declined": _l("declined"),
    "taken": _l("took on"),
    "completed": _l("completed"),
    "rejected": _l("rejected"),
    "restored_default": _l("restored the default of"),
    "tested": _l("tested"),
    "published": _l("published"),
    "accepted": _l("accepted"),
    "dismissed": _l("dismissed"),
    "restarted": _l("started again"),
    "closed": _l("closed"),
    "opened": _l("opened again"),
    "signed_up": _l("signed up"),
    "signup_refused": _l("was refused a sign-up"),
    "signup_forgotten": _l("removed a sign-up"),
    "address_proven": _l("confirmed the address"),
    "anonymised": _l("anonymised"),
    "link_asked": _l("asked for a new link"),
    "locked": _l("locked after failures"),
    "unlocked": _l("unlocked"),
    "second_factor_on": _l("set up the second factor of"),
    "second_factor_off": _l("switched off the second factor of"),
    "second_factor_reset": _l("took away the second factor of"),
    "recovery_codes_made": _l("made recovery codes for"),
    "session_ended": _l("logged out one browser of"),
    "sessions_ended": _l("logged out everywhere"),
}

# What an entry says as a whole: languages put the verb in different places.
PHRASES: dict[str, object] = {
    "created": _l("added %(what)s"),
    "changed": _l("changed %(what)s"),
    "deleted": _l("removed %(what)s"),
    "archived": _l("archived %(what)s"),
    "restored": _l("restored %(what)s"),
    "suspended": _l("suspended %(what)s"),
    "activated": _l("activated %(what)s"),
    "invited": _l("invited %(what)s"),
    "invitation_closed": _l("closed the invitation of %(what)s"),
    "invitation_accepted": _l("accepted the invitation of %(what)s"),
    "password_set": _l("set the password of %(what)s"),
    "signed_in": _l("logged in as %(what)s"),
    "signed_out": _l("logged out as %(what)s"),
    "sign_in_refused": _l("was refused logging in as %(what)s"),
    "reset_asked": _l("asked for a link to a new password of %(what)s"),
    "entered": _l("entered the console of %(what)s"),
    "left": _l("left the console of %(what)s"),
    "exported": _l("exported %(what)s"),
    "imported": _l("imported %(what)s"),
    "granted": _l("granted %(what)s"),
    "withdrawn": _l("withdrew %(what)s"),
    "assigned": _l("assigned %(what)s"),
    "unassigned": _l("took away %(what)s"),
    "reversed": _l("reversed %(what)s"),
    "used": _l("used %(what)s"),
    "released": _l("released %(what)s"),
    "moved": _l("moved %(what)s"),
    "retired": _l("retired %(what)s"),
    "sent_again": _l("sent %(what)s again"),
    "requested": _l("made %(what)s"),
    "approved": _l("approved %(what)s"),
    "declined": _l("declined %(what)s"),
    "taken": _l("took on %(what)s"),
    "completed": _l("completed %(what)s"),
    "rejected": _l("rejected %(what)s"),
    "restored_default": _l("restored the default of %(what)s"),
    "tested": _l("tested %(what)s"),
    "published": _l("published %(what)s"),
    "accepted": _l("accepted %(what)s"),
    "dismissed": _l("dismissed %(what)s"),
    "restarted": _l("started %(what)s again"),
    "closed": _l("closed %(what)s"),
    "drafted": _l("drafted %(what)s"),
    "rated": _l("computed %(what)s"),
    "discarded": _l("discarded %(what)s"),
    "issued": _l("issued %(what)s"),
    "paid": _l("noted the payment of %(what)s"),
    "reopened": _l("opened %(what)s again"),
    "voided": _l("voided %(what)s"),
    "generation_started": _l("started generating %(what)s"),
    "issue_started": _l("started issuing %(what)s"),
    "opened": _l("opened %(what)s again"),
    "signed_up": _l("signed up: %(what)s"),
    "signup_refused": _l("was refused a %(what)s"),
    "signup_forgotten": _l("removed after a sign-up that nobody confirmed: %(what)s"),
    "address_proven": _l("confirmed the address of a sign-up: %(what)s"),
    "anonymised": _l("anonymised %(what)s"),
    "link_asked": _l("asked for a new link to confirm a %(what)s"),
    "locked": _l("locked %(what)s after too many failures"),
    "unlocked": _l("unlocked %(what)s"),
    "second_factor_on": _l("set up the second factor of %(what)s"),
    "second_factor_off": _l("switched off the second factor of %(what)s"),
    "second_factor_reset": _l("took away the second factor of %(what)s"),
    "recovery_codes_made": _l("made recovery codes for %(what)s"),
    "session_ended": _l("logged out one browser of %(what)s"),
    "sessions_ended": _l("logged out %(what)s everywhere"),
}

NOUNS: dict[str, object] = {
    "customer": _l("customer"),
    "customer_provider": _l("provider"),
    "customer_tax_rate": _l("tax rate"),
    "user": _l("user"),
    "reseller": _l("reseller"),
    "reseller_provider": _l("resold provider"),
    "provider": _l("provider"),
    "custom_field": _l("custom field"),
    "tax_rate": _l("tax rate"),
    "exchange_rate": _l("exchange rate"),
    "tax_profile": _l("tax profile"),
    "invoice_options": _l("invoice options"),
    "credit": _l("credit"),
    "statement": _l("statement"),
    "statement_run": _l("the statements of"),
    "pricebook": _l("pricebook"),
    "cloud_account": _l("cloud account"),
    "account_period": _l("use of cloud account"),
    "account_export": _l("list of cloud accounts"),
    "statement_export": _l("list of statements"),
    "charge_plan": _l("charge plan"),
    "charge_assignment": _l("charge plan"),
    "account_group": _l("account group"),
    "account_group_member": _l("account in a group:"),
    "global_adjustment": _l("global discount or uplift"),
    "customer_import": _l("customer file"),
    "usage_import": _l("import of a bill"),
    "provider_month": _l("month"),
    "customer_export": _l("customer list"),
    "report": _l("report"),
    "budget": _l("budget"),
    "change_log": _l("change log"),
    "mail": _l("mail"),
    "approval_request": _l("request"),
    "storefront_settings": _l("storefront settings"),
    "email_template": _l("email template"),
    "email_text": _l("text of a mail"),
    "unknown_login": _l("unknown login"),
    "terms_version": _l("terms version"),
    "terms_acceptance": _l("terms"),
    "signup": _l("sign-up"),
    "login_policy": _l("password requirements"),
    "session": "",
}

# What a filter calls the kinds whose nouns are clear only beside a name.
KINDS: dict[str, object] = NOUNS | {
    "terms_acceptance": _l("acceptance of terms"),
    "customer_provider": _l("customer's provider"),
    "customer_tax_rate": _l("customer's tax rate"),
    "charge_assignment": _l("customer's charge plan"),
    "account_group_member": _l("account in a group"),
}

#: What a field is called where another kind of record has one of the same name.
FIELDS_OF: dict[tuple[str, str], object] = {("statement", "number"): _l("Number")}

FIELDS: dict[str, object] = {
    "organization": _l("Organization"),
    "number": _l("Account number"),
    "external_id": _l("External ID"),
    "contact_name": _l("Contact name"),
    "contact_title": _l("Title"),
    "email": _l("Email"),
    "phone": _l("Phone"),
    "street": _l("Street"),
    "city": _l("City"),
    "state": _l("State or region"),
    "postal_code": _l("Postal code"),
    "country": _l("Country"),
    "language": _l("Language"),
    "locale": _l("Language"),
    "spend_threshold": _l("Spend threshold"),
    "status": _l("Status"),
    "is_taxable": _l("Is taxable"),
    "custom_values": _l("Custom fields"),
    "is_authorised": _l("Authorised"),
    "services": _l("Services"),
    "pricebook": _l("Pricebook"),
    "provider": _l("Provider"),
    "in_portal": _l("In the portal"),
    "may_request_accounts": _l("May request accounts"),
    "sees_statements": _l("Sees statements"),
    "may_invite": _l("May invite colleagues"),
    "currency": _l("Currency"),
    "pass_reserved_instances": _l("Pass RI optimization"),
    "pass_savings_plans": _l("Pass savings plans"),
    "tax_rate": _l("Tax rate"),
    "counts_from": _l("Counts from"),
    "credits_lower_tax_base": _l("Credits lower the tax base"),
    "purchase_mode": _l("Fees of reserved instances and savings plans"),
    "billed_cost_providers": _l("Seller cost as billed"),
    "payment_term": _l("Due"),
    "payment_days": _l("Days"),
    "number_format": _l("Number format"),
    "next_number": _l("Next number"),
    "notes": _l("Notes"),
    "groups_by_account": _l("Group lines by cloud account"),
    "shows_custom_fields": _l("Custom fields in the header"),
    "page_size": _l("Paper"),
    "month": _l("Month"),
    "thresholds": _l("Notify at"),
    "recipients": _l("Whom to notify"),
    "period": _l("Period"),
    "first_on": _l("First day"),
    "last_on": _l("Last day"),
    "from_currency": _l("From currency"),
    "to_currency": _l("To currency"),
    "rate": _l("Rate"),
    "comment": _l("Comment"),
    "first_month": _l("First month"),
    "left": _l("Left"),
    "statement": _l("Statement"),
    "corrects": _l("Corrects"),
    "is_estimated": _l("Estimated"),
    "paid_on": _l("Paid on"),
    "due_on": _l("To be paid by"),
    "total": _l("Total"),
    "name": _l("Name"),
    "label": _l("Label"),
    "type": _l("Type"),
    "choices": _l("Choices"),
    "position": _l("Order"),
    "is_required": _l("Required"),
    "in_billing_reports": _l("In billing reports"),
    "is_retired": _l("Retired"),
    "percent": _l("Percent"),
    "amount": _l("Amount"),
    "adjustment_percent": _l("Adjustment"),
    "match_mode": _l("Which rule wins"),
    "rules": _l("Rules"),
    "rule_order": _l("Rules moved"),
    "pass_provider_credits": _l("Pass provider credits"),
    "roles": _l("Role"),
    "first_name": _l("First name"),
    "last_name": _l("Last name"),
    "password": _l("Password"),
    "has_temporary_password": _l("Temporary password"),
    "account_id": _l("Account ID"),
    "support_type": _l("Support type"),
    "account_type": _l("Account type"),
    "root_email": _l("Root email"),
    "cost_centre": _l("Cost centre"),
    "role_arn": _l("Role ARN"),
    "customer": _l("Customer"),
    "first_day": _l("Belongs to it from"),
    "last_day": _l("Belongs to it until"),
    "billing_starts_on": _l("Billing starts on"),
    "plan": _l("Plan"),
    "account": _l("Account"),
    "group": _l("Account group"),
    "level": _l("Applies to"),
    "last_month": _l("Last month"),
    "bands": _l("Bands"),
    "base": _l("Computed on"),
    "scope": _l("Computed for"),
    "frequency": _l("Charged"),
    "minimum": _l("Minimum"),
    "maximum": _l("Maximum"),
    "excluded_services": _l("Excluded services"),
    "is_prorated": _l("Pro-rated"),
    "includes_fixed": _l("With fixed charges"),
    "includes_marketplace": _l("With marketplace"),
    "valid_from": _l("Valid from"),
    "valid_to": _l("Valid to"),
    "kind": _l("Kind"),
    "line_text": _l("Line text"),
    "is_support_plan": _l("Support plan"),
    "in_solution_provider_program": _l("AWS Solution Provider program"),
    "region": _l("Region"),
    "target": _l("Describes"),
    "nickname": _l("Nickname"),
    "time_zone": _l("Time zone"),
    "languages": _l("Languages"),
    "operations_email": _l("Operations address"),
    "legal_name": _l("Legal name"),
    "tax_number": _l("Tax number"),
    "website": _l("Website"),
    "support_email": _l("Support email"),
    "logo": _l("Logo"),
    "portal_name": _l("Name in the portal"),
    "brand_color": _l("Brand colour"),
    "portal_host": _l("Portal host name"),
    "is_signup_open": _l("Offer sign-up"),
    "requires_email_validation": _l("Require email validation"),
    "requires_address": _l("Require address fields"),
    "requires_terms": _l("Require acceptance of the terms"),
    "approves_automatically": _l("Approve automatically"),
    "green_domains": _l("Green list"),
    "red_domains": _l("Red list"),
    "signup_text": _l("Text above the sign-up form"),
    "shows_catalog": _l("Catalog"),
    "shows_dashboard": _l("Dashboard"),
    "shows_reports": _l("Reports"),
    "shows_statements": _l("Statements"),
    "shows_accounts": _l("Cloud Accounts"),
    "shows_company": _l("Company Information"),
    "allows_purchasing": _l("Purchasing"),
    "requires_terms_for_accounts": _l("Require acceptance of the terms for accounts"),
    "published_at": _l("Published"),
    "person_name": _l("Name"),
    "person_email": _l("Email"),
    "terms": _l("Version"),
    "invitation_hash": _l("Invitation link"),
    "code": _l("Code"),
    "account_label": _l("Name of the account id"),
    "account_pattern": _l("Account id format"),
    "account_example": _l("Example"),
    "support_types": _l("Support types"),
    "has_reserved_instances": _l("Has reserved instances"),
    "is_active": _l("Active"),
    "logo_type": _l("Logo type"),
    "row_count": _l("Rows"),
    "file_name": _l("File"),
    "accepted": _l("Accepted"),
    "is_closed": _l("Closed"),
    "error_count": _l("Errors"),
    "filter": _l("Filter"),
    "from_name": _l("From"),
    "event": _l("Event"),
    "is_on": _l("Is sent"),
    "from_address": _l("From address"),
    "reply_to_name": _l("Answers go to: name"),
    "reply_to_address": _l("Answers go to: address"),
    "bcc": _l("Copies (BCC)"),
    "send_to": _l("Send to"),
    "subject": _l("Subject"),
    "body": _l("Text"),
    "way": _l("Way in"),
    "why": _l("Why"),
    "browser": _l("Browser"),
    "locked_until": _l("Locked until"),
    "minimum_length": _l("Minimum length"),
    "needs_upper": _l("Needs an upper-case letter"),
    "needs_lower": _l("Needs a lower-case letter"),
    "needs_digit": _l("Needs a digit"),
    "needs_symbol": _l("Needs a symbol"),
    "expires_days": _l("Passwords expire after (days)"),
    "remembered": _l("Passwords that cannot be used again"),
    "lock_after": _l("Locked after (failures)"),
    "lock_minutes": _l("Locked for (minutes)"),
    "second_factor": _l("Second factor required"),
}


# How somebody came in or tried to (several words, the first step first), and why nobody did.
WAYS: dict[str, object] = {
    "password": _l("Password"),
    "current_password": _l("Current password, when logged in already"),
    "invitation": _l("Invitation link"),
    "reset_link": _l("Link to a new password"),
    "code": _l("Code of the app"),
    "recovery_code": _l("Recovery code"),
}
WHYS: dict[str, object] = {
    "wrong": _l("Not right"),
    "locked": _l("Locked"),
    "not_active": _l("Login not active"),
}

#: What begins the name of a line that tells of one rule of a pricebook, and the first word of what that rule says.
RULE = "rule:"
RULE_KINDS: dict[str, object] = {
    "default": _l("Book's percent"),
    "percent": _l("Percent"),
    "delta": _l("Difference"),
    "fixed": _l("Fixed price"),
}

YES_NO: dict[str, object] = {"yes": _l("yes"), "no": _l("no")}

# Stored words of closed lists, in place of which their meaning is shown.
CODES: dict[str, object] = {
    "pending": _l("Pending"),
    "pending_email_validation": _l("Pending email validation"),
    "pending_approval": _l("Pending approval"),
    "active": _l("Active"),
    "suspended": _l("Suspended"),
    "archived": _l("Archived"),
    "most_specific": _l("The most specific"),
    "first_by_position": _l("The first by position"),
    "checked": _l("Checked"),
    "applied": _l("Applied"),
    "resale": _l("Resale"),
    "subscription": _l("Subscription"),
    "usage": _l("Usage"),
    "fees": _l("Commitment fees"),
    "credit_note": _l("Credit note"),
    "charge": _l("Charge"),
    "discount": _l("Discount"),
    "percent": _l("Percentage"),
    "fixed": _l("Fixed amount"),
    "tiered": _l("Tiered"),
    "list_cost": _l("List cost"),
    "seller_cost": _l("Seller cost"),
    "customer_cost": _l("Customer cost"),
    "per_account": _l("Each account by itself"),
    "sum": _l("The sum of all its accounts"),
    "monthly": _l("Every month"),
    "one_time": _l("Once"),
    "account": _l("Account"),
    "group": _l("Account group"),
    "reseller": _l("All customers"),
    "text": _l("Text"),
    "number": _l("Number"),
    "date": _l("Date"),
    "choice": _l("Choice"),
    "yes_no": _l("Yes or no"),
    "nobody": _l("Nobody"),
    "console": _l("Console users"),
    "everybody": _l("Everybody"),
    "customer": _l("Customer"),
    "cloud_account": _l("Cloud account"),
    "signup": _l("Customer sign-up"),
    "account_provision": _l("New cloud account"),
    "account_link": _l("Link cloud account"),
    "account_delete": _l("Remove cloud account"),
    "provider_enablement": _l("New provider"),
    "forwarded": _l("Approved and forwarded"),
    "in_progress": _l("In progress"),
    "completed": _l("Completed"),
    "declined": _l("Declined"),
    "rejected": _l("Rejected"),
}


def options(words: dict[str, object]) -> list[tuple[str, str]]:
    """Return ``VERBS`` or ``KINDS`` for a select, each with a capital at its beginning."""
    texts = ((key, str(word)) for key, word in words.items())
    return [(key, text[0].upper() + text[1:]) for key, text in texts if text]


def sentence(entry: Any) -> str:
    """Return ``changed customer Tessera Health AG``: what stands beside the actor's name."""
    noun = str(NOUNS.get(entry.record_type, entry.record_type))
    what = " ".join(part for part in (noun, entry.record_name) if part)
    phrase = str(PHRASES.get(entry.action, "")) or f"{entry.action} %(what)s"
    text = (phrase % {"what": what}).strip()
    return f"{text} ({entry.reason})" if entry.reason else text


@dataclass(frozen=True, slots=True)
class OwnField:
    """A field that a reseller defined: what it is called, and what its stored words mean."""

    label: str
    words: Mapping[str, object]


OwnFields = Mapping[tuple[str, str], OwnField]

#: Who knows the fields that a reseller defined, by kind of record and name in the log; that slice announces itself.
_OWN_FIELDS: list[Callable[[], OwnFields]] = []


def name_own_fields_with(teller: Callable[[], OwnFields]) -> None:
    """Announce who knows the fields that the reseller in scope defined."""
    _OWN_FIELDS[:] = [teller]


def _own_field(record_type: str, name: str) -> OwnField | None:
    """Return the reseller's own field that an entry names; one look-up serves the whole page."""
    scope = current_scope()
    if "." not in name or scope.kind is not ScopeKind.RESELLER:
        return None
    known: dict[int | None, OwnFields] = g.setdefault("own_fields_in_words", {})
    if scope.reseller_id not in known:
        known[scope.reseller_id] = {key: field for teller in _OWN_FIELDS for key, field in teller().items()}
    return known[scope.reseller_id].get((record_type, name))


@cache
def _column_types() -> dict[tuple[str, str], Any]:
    """Return (kind of record, field) -> type of its column; ``HIDDEN`` stands for that of a secret one."""
    found: dict[tuple[str, str], Any] = {}
    for mapper in Model.registry.mappers:
        noun = getattr(mapper.class_, "__audit_name__", None)
        if noun is not None:
            types = {one.key: one.columns[0].type for one in mapper.column_attrs}
            merged = getattr(mapper.class_, "__audit_merged__", {})
            types |= {name: types[parts[0]] for name, parts in merged.items()}
            types |= dict.fromkeys(getattr(mapper.class_, "__audit_secret__", ()), HIDDEN)
            found |= {(noun, name): kind for name, kind in types.items()}
    return found


#: Who puts into words what an entry keeps as an address says it, by kind of record and name; slices above announce it.
_TOLD_BY: dict[tuple[str, str], Callable[[str], str]] = {}


def tell_with(record_type: str, name: str, teller: Callable[[str], str]) -> None:
    """Announce who reads a value that only its own slice understands."""
    _TOLD_BY[record_type, name] = teller


#: Fields that are amounts of money; their currency stands in the same text, or in the same entry.
_MONEY = frozenset({("statement", "total"), ("credit", "amount"), ("credit", "left"), ("budget", "amount")})
#: Fields that hold codes of languages, several with commas between them.
_LANGUAGES = frozenset({"language", "locale", "languages"})


def value_word(record_type: str, name: str, value: str | None, *, currency: str = "") -> str:
    """Return what a value means: only what the product itself stored is translated, never a person's own text.

    ``currency``: what the entry says of it beside an amount.
    """
    text = value or ""
    if name.startswith(RULE):
        return _rule_text(text)
    if teller := _TOLD_BY.get((record_type, name)):
        return teller(text)
    if (record_type, name) in _MONEY and text:
        return _money(text, currency)
    if name in _LANGUAGES and text:
        return _languages(text)
    kind = _column_types().get((record_type, name))
    if isinstance(kind, ExactDecimal) and text:
        return _number(text)
    if isinstance(kind, MonthDate) and text:
        return month_text(datetime.date.fromisoformat(text))
    if isinstance(kind, Date) and text:
        return date_text(datetime.date.fromisoformat(text))
    if record_type == "user" and name in _TOLD_OF_SIGN_INS:
        return _TOLD_OF_SIGN_INS[name](text)
    words: Mapping[str, object] = {}
    if own := _own_field(record_type, name):
        words = own.words
    elif kind == HIDDEN:
        words = {HIDDEN: _("not shown")}
    elif isinstance(kind, Boolean):
        words = YES_NO
    elif isinstance(kind, Enum):
        words = CODES
    return str(words.get(text, text))


def _way(text: str) -> str:
    return " + ".join(str(WAYS.get(word, word)) for word in text.split(", "))


def _moment(text: str) -> str:
    return datetime_text(datetime.datetime.fromisoformat(text)) if text else text


#: What entries tell of sign-ins beside changed columns, by the words that it is kept in.
_TOLD_OF_SIGN_INS: Mapping[str, Callable[[str], str]] = {
    "way": _way,
    "why": lambda text: str(WHYS.get(text, text)),
    "browser": lambda text: browser_words(text) if text else text,
    "locked_until": _moment,
}


def _rule_text(text: str) -> str:
    """Return ``Percent −10, Nov 2026 – Dec 2026`` of what the log keeps of a rule."""
    kind, *rest = text.split(" ")
    shown = str(RULE_KINDS.get(kind, kind))
    for part in rest:
        first, is_span, last = part.partition("/")
        shown += f", {_month(first)} – {_month(last)}" if is_span else f" {number_text(Decimal(part))}"
    return shown


def _month(text: str) -> str:
    return month_text(datetime.date.fromisoformat(f"{text}-01")) if text else "…"


def _number(text: str) -> str:
    """Return ``1,234.5``, or ``EUR 1,234.50`` of a text that names the currency too."""
    return _money(text, "") if " " in text else number_text(Decimal(text))


def _money(text: str, currency: str) -> str:
    """Return ``EUR 1,234.50`` of a number; its currency may stand before it, behind it, or be given."""
    parts = text.split(" ")
    currency = next((one for one in parts if one in currency_codes()), currency)
    numbers = [one for one in parts if one != currency]
    try:
        [amount] = [Decimal(one) for one in numbers]
    except (ArithmeticError, ValueError):
        return text
    if currency and round(amount, currency_digits(currency)) == amount:
        return money_text(amount, currency)
    return f"{currency} {amount_text(amount, is_exact=True)}".strip()


def _languages(text: str) -> str:
    known = current_app.config["LANGUAGES"]
    return words_list([known[one]["name"] if one in known else one for one in text.split(",")])


def field_word(record_type: str, name: str) -> str:
    """Return a field's word; an entry of a dictionary that nobody knows any more goes by its own key."""
    if name.startswith(RULE):
        return name.removeprefix(RULE) or _("All usage")
    if own := _own_field(record_type, name):
        return own.label
    return str(FIELDS_OF.get((record_type, name)) or FIELDS.get(name) or name.rpartition(".")[2])


def change_lines(entry: Any, *, limit: int = 30) -> list[tuple[str, str, str]]:
    """Return (field, before, after) of an entry in words."""
    noun, changes = entry.record_type, entry.changes or {}
    old, new = changes.get("currency", ("", ""))
    return [
        (
            field_word(noun, name),
            value_word(noun, name, before, currency=old or new or ""),
            value_word(noun, name, after, currency=new or old or ""),
        )
        for name, (before, after) in list(changes.items())[:limit]
    ]


def timeline_entries(entries: Sequence[Any]) -> list[SimpleNamespace]:
    """Return entries as the timeline macro draws them."""
    return [
        _timeline_entry(entry, address) for entry, address in zip(entries, addresses_of(entries), strict=True)
    ]


def _timeline_entry(entry: Any, address: str | None) -> SimpleNamespace:
    return SimpleNamespace(
        actor_name=entry.actor_name,
        actor_kind=entry.actor_kind,
        sentence=sentence(entry),
        changes=[]
        if entry.action in ("created", "assigned", "deleted", "unassigned", "requested")
        else change_lines(entry),
        at=entry.at,
        link=address,
    )
