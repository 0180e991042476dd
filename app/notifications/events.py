"""What is mailed: every event, who gets its mail, and which variables its text may have.

The words are files, ``templates/email/<event>/`` or, for those that are alike, one folder for several events; a
reseller writes its own over them (``wording``). ``docs/mails.md`` prints this list.
"""

from __future__ import annotations

import datetime
import enum
from dataclasses import dataclass, replace

from flask_babel import lazy_gettext as _l


class Audience(enum.StrEnum):
    """Who gets a mail."""

    #: One person: a login, an applicant, whoever asked for something.
    PERSON = "person"
    #: The reseller, at the addresses that stand in the template.
    RESELLER = "reseller"
    #: The operations desk behind the platform.
    CLOUD_OPS = "cloud_ops"


AUDIENCE_WORDS: dict[Audience, object] = {
    Audience.PERSON: _l("Person"),
    Audience.RESELLER: _l("You"),
    Audience.CLOUD_OPS: _l("Cloud Ops"),
}


class Kind(enum.Enum):
    """How a variable's value is written."""

    TEXT = "text"
    #: Several lines.
    LINES = "lines"
    #: An address of ours.
    LINK = "link"
    #: A point in time, in the reseller's zone.
    MOMENT = "moment"


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable: what people are told of it, and what a preview shows in its place."""

    name: str
    description: object
    sample: object
    kind: Kind = Kind.TEXT

    @property
    def sign(self) -> str:
        """The variable as it is written in a text."""
        return f"*|{self.name}|*"


@dataclass(frozen=True, slots=True)
class Event:
    """Something that is mailed.

    ``folder`` holds the default words, which are told ``kind`` where several events share them. ``lets_in`` names the
    variable whose link lets somebody in: it must be in the text, and the mail goes to its recipient alone. ``is_fixed``
    mails cannot be switched off. ``is_unproven``: anybody can have it mailed to any address. ``not_yet`` says why it is
    not sent so far. ``may_name_recipients``: what it is about can say who gets it, in place of the reseller's choice.
    """

    key: str
    group: str
    name: object
    sentence: object
    audience: Audience
    variables: tuple[Variable, ...]
    folder: str = ""
    kind: str = ""
    lets_in: str = ""
    is_fixed: bool = False
    is_on: bool = True
    is_unproven: bool = False
    not_yet: object = ""
    may_name_recipients: bool = False

    @property
    def words_in(self) -> str:
        """The folder of the default words."""
        return self.folder or self.key

    @property
    def takes_copies(self) -> bool:
        """May others get copies? Not of a link that lets its recipient in."""
        return not self.lets_in

    @property
    def takes_addresses(self) -> bool:
        """Does the reseller say who gets the mail?"""
        return self.audience is Audience.RESELLER

    @property
    def may_name_sender(self) -> bool:
        """May the reseller choose the name that the mail is from? Cloud Ops knows each by its own."""
        return self.audience is not Audience.CLOUD_OPS

    @property
    def names(self) -> frozenset[str]:
        """The names of the allowed variables."""
        return frozenset(one.name for one in self.variables)

    @property
    def links(self) -> frozenset[str]:
        """The names of the variables that hold an address."""
        return frozenset(one.name for one in self.variables if one.kind is Kind.LINK)

    def variable(self, name: str) -> Variable | None:
        """Return the variable of this name."""
        return next((one for one in self.variables if one.name == name), None)


#: The groups of the list, in order.
GROUPS: dict[str, object] = {
    "signup": _l("Sign-up"),
    "users": _l("Logins"),
    "account_provision": _l("New cloud account"),
    "account_link": _l("Linking a cloud account"),
    "account_delete": _l("Removing a cloud account"),
    "provider_enablement": _l("Enabling a provider"),
    "billing": _l("Billing"),
}

_A_MOMENT = datetime.datetime(2027, 3, 1, 9, 30, tzinfo=datetime.UTC)
_PAGE = "https://console.example.com/"

BRAND = Variable("BRAND", _l("your company's name"), "")  # the preview shows the reseller's own
SUPPORT_EMAIL = Variable("SUPPORT_EMAIL", _l("your support address, if there is one"), "support@example.com")
OF_EVERY_MAIL = (BRAND, SUPPORT_EMAIL)

NAME = Variable("NAME", _l("the recipient's name"), "Ada Lindqvist")
EMAIL = Variable("EMAIL", _l("the recipient's address"), "ada@tessera.example")
ORGANIZATION = Variable("ORGANIZATION", _l("the customer's organization"), "Tessera Health AG")
APPLICANT = Variable("APPLICANT", _l("the name of the person who signed up"), "Ada Lindqvist")
APPLICANT_EMAIL = Variable("APPLICANT_EMAIL", _l("the address of that person"), "ada@tessera.example")
PROVIDERS = Variable("PROVIDERS", _l("the providers that the customer is interested in"), "AWS, Azure")
REQUESTER = Variable("REQUESTER", _l("the name of the person who asks"), "Ada Lindqvist")
REQUESTER_EMAIL = Variable("REQUESTER_EMAIL", _l("the address of that person"), "ada@tessera.example")
PROVIDER = Variable("PROVIDER", _l("the cloud provider"), "Amazon Web Services")
ACCOUNT = Variable(
    "ACCOUNT", _l("the cloud account: its name, its id, or both"), "tessera-prod (417730370037)"
)
DETAILS = Variable(
    "DETAILS",
    _l("what was entered, one line each"),
    _l("Name: tessera-prod\nSupport: Business\nRemark: needed by Monday"),
    Kind.LINES,
)
SIGN_UP_DETAILS = replace(
    DETAILS, sample=_l("Country: Germany\nPhone: +49 40 123456\nInterested in: AWS, Azure")
)
REASON = Variable(
    "REASON", _l("the reason that was given"), _l("The contract is not signed yet."), Kind.LINES
)
EXPIRES = Variable("EXPIRES", _l("when the link ends"), _A_MOMENT, Kind.MOMENT)


def _link(description: object, path: str) -> Variable:
    return Variable("LINK", description, _PAGE + path, Kind.LINK)


_SIGN_UP = (
    Event(
        "signup_validate_email",
        "signup",
        _l("Confirm the address"),
        _l("Somebody signs up, or asks for the link again."),
        Audience.PERSON,
        (NAME, EMAIL, ORGANIZATION, _link(_l("the link that confirms the address"), "sign-up/…"), EXPIRES),
        lets_in="LINK",
        is_fixed=True,
        is_unproven=True,
    ),
    Event(
        "signup_known_address",
        "signup",
        _l("Sign-up with a known address"),
        _l("Somebody signs up with the address of a login; the visitor learns nothing of it."),
        Audience.PERSON,
        (NAME, EMAIL, _link(_l("where the person logs in"), "portal/…")),
        is_fixed=True,
    ),
    Event(
        "signup_received",
        "signup",
        _l("Sign-up received"),
        _l("A sign-up waits for your approval; its address is confirmed where you require that."),
        Audience.PERSON,
        (NAME, EMAIL, ORGANIZATION),
    ),
    Event(
        "signup_needs_approval",
        "signup",
        _l("Sign-up needs your approval"),
        _l("The same moment: you find it under Approval Requests."),
        Audience.RESELLER,
        (
            ORGANIZATION,
            APPLICANT,
            APPLICANT_EMAIL,
            PROVIDERS,
            SIGN_UP_DETAILS,
            _link(_l("the request in the console"), "…"),
        ),
    ),
    Event(
        "signup_approved",
        "signup",
        _l("Sign-up approved"),
        _l("You approve a sign-up, or it is approved automatically."),
        Audience.PERSON,
        (NAME, EMAIL, ORGANIZATION, _link(_l("where the person logs in"), "portal/…")),
    ),
    Event(
        "signup_declined",
        "signup",
        _l("Sign-up declined"),
        _l("You decline a sign-up."),
        Audience.PERSON,
        (NAME, EMAIL, ORGANIZATION, REASON),
    ),
    Event(
        "signup_forwarded",
        "signup",
        _l("Sign-up forwarded"),
        _l("An approved sign-up is handed to Cloud Ops."),
        Audience.CLOUD_OPS,
        (
            ORGANIZATION,
            APPLICANT,
            APPLICANT_EMAIL,
            PROVIDERS,
            SIGN_UP_DETAILS,
            _link(_l("the request in the queue of Cloud Ops"), "…"),
        ),
    ),
    Event(
        "signup_completed",
        "signup",
        _l("Sign-up completed"),
        _l("Cloud Ops has set up the provider's side."),
        Audience.PERSON,
        (NAME, EMAIL, ORGANIZATION, _link(_l("where the person logs in"), "portal/…")),
    ),
    Event(
        "signup_completed_reseller",
        "signup",
        _l("Sign-up completed by Cloud Ops"),
        _l("Cloud Ops has set up the provider's side."),
        Audience.RESELLER,
        (ORGANIZATION, APPLICANT, APPLICANT_EMAIL, _link(_l("the request in the console"), "…")),
    ),
    Event(
        "signup_rejected",
        "signup",
        _l("Sign-up rejected by Cloud Ops"),
        _l("Cloud Ops cannot set up the provider's side. The customer stays active."),
        Audience.RESELLER,
        (
            ORGANIZATION,
            APPLICANT,
            APPLICANT_EMAIL,
            REASON,
            _link(_l("the request in the console"), "…"),
        ),
    ),
)

_LOGINS = (
    Event(
        "user_invited",
        "users",
        _l("Invitation"),
        _l("An invitation link is made. Switched off, the link is only shown, and you pass it on."),
        Audience.PERSON,
        (NAME, EMAIL, _link(_l("the link that sets a first password"), "invitation/…"), EXPIRES),
        lets_in="LINK",
    ),
    Event(
        "password_reset",
        "users",
        _l("Forgotten password"),
        _l("Somebody asks for a new password."),
        Audience.PERSON,
        (NAME, EMAIL, _link(_l("the link that sets a new password"), "password/reset/…"), EXPIRES),
        lets_in="LINK",
        is_fixed=True,
    ),
    Event(
        "user_suspended",
        "users",
        _l("Login suspended"),
        _l("You suspend a login."),
        Audience.PERSON,
        (NAME, EMAIL),
        is_on=False,
    ),
    Event(
        "login_locked",
        "users",
        _l("Login locked"),
        _l("A login is locked for a while, after too many failures to log in."),
        Audience.PERSON,
        (NAME, EMAIL, Variable("UNTIL", _l("when the lock ends"), _A_MOMENT, Kind.MOMENT)),
    ),
    Event(
        "second_factor_reset",
        "users",
        _l("Second factor reset"),
        _l("Somebody else takes a person's second factor away."),
        Audience.PERSON,
        (NAME, EMAIL),
        is_fixed=True,
    ),
)

#: What customers ask for, in the portal or through the console.
REQUEST_KINDS = ("account_provision", "account_link", "account_delete", "provider_enablement")

# What is mailed about each of them: the end of the key, name, sentence, and to whom.
_STAGES: tuple[tuple[str, object, object, Audience], ...] = (
    (
        "requested",
        _l("Needs your approval"),
        _l("A customer asks for it in the portal, and you have to decide."),
        Audience.RESELLER,
    ),
    (
        "received",
        _l("Request received"),
        _l("A customer asks for it in the portal."),
        Audience.PERSON,
    ),
    ("approved", _l("Request approved"), _l("You approve and forward the request."), Audience.PERSON),
    (
        "forwarded",
        _l("Request forwarded"),
        _l("An approved request, or one of your own, is handed to Cloud Ops."),
        Audience.CLOUD_OPS,
    ),
    ("completed", _l("Request completed"), _l("Cloud Ops has done it."), Audience.PERSON),
    (
        "completed_reseller",
        _l("Request completed by Cloud Ops"),
        _l("Cloud Ops has done what a customer, or you, asked for."),
        Audience.RESELLER,
    ),
    ("declined", _l("Request declined"), _l("You decline the request."), Audience.PERSON),
    ("rejected", _l("Request rejected"), _l("Cloud Ops cannot do it."), Audience.PERSON),
    (
        "rejected_reseller",
        _l("Request rejected by Cloud Ops"),
        _l("Cloud Ops cannot do what a customer asks for."),
        Audience.RESELLER,
    ),
)


def _variables_of(kind: str, stage: str, audience: Audience) -> tuple[Variable, ...]:
    is_provider = kind == "provider_enablement"
    asked = (PROVIDER,) if is_provider else (PROVIDER, ACCOUNT)
    entered = replace(DETAILS, sample=_l("Remark: needed by Monday")) if is_provider else DETAILS
    if audience is Audience.PERSON:
        who: tuple[Variable, ...] = (NAME, EMAIL, ORGANIZATION)
        link = (
            _link(_l("the customer's cloud accounts in the portal"), "portal/…")
            if stage == "completed"
            else _link(_l("the request in the portal"), "portal/…")
        )
    else:
        who = (ORGANIZATION, REQUESTER, REQUESTER_EMAIL)
        in_queue = audience is Audience.CLOUD_OPS
        link = _link(
            _l("the request in the queue of Cloud Ops") if in_queue else _l("the request in the console"), "…"
        )
    why = (REASON,) if stage in ("declined", "rejected", "rejected_reseller") else ()
    return (*who, *asked, entered, *why, link)


def _about_requests() -> tuple[Event, ...]:
    return tuple(
        Event(
            f"{kind}_{stage}",
            kind,
            name,
            sentence,
            audience,
            _variables_of(kind, stage, audience),
            folder=f"request_{stage}",
            kind=kind,
        )
        for kind in REQUEST_KINDS
        for stage, name, sentence, audience in _STAGES
    )


_BILLING = (
    Event(
        "statement_published",
        "billing",
        _l("Statement published"),
        _l("A statement is opened for the customer."),
        Audience.PERSON,
        (
            NAME,
            EMAIL,
            ORGANIZATION,
            Variable("DOCUMENT", _l("what it is: a statement, fees or a credit note"), _l("Statement")),
            Variable("STATEMENT", _l("the statement's number"), "2027-0042"),
            Variable("MONTH", _l("the month it is about"), _l("February 2027")),
            Variable("AMOUNT", _l("its total, with the currency"), "EUR 1,204.16"),
            _link(_l("the statement in the portal"), "portal/…"),
        ),
    ),
    Event(
        "budget_exceeded",
        "billing",
        _l("Budget exceeded"),
        _l("Spending crosses a threshold of a budget, or a customer's spend threshold."),
        Audience.RESELLER,
        (
            Variable("BUDGET", _l("the budget's name"), _l("Production 2027")),
            ORGANIZATION,
            Variable("PERIOD", _l("the days that it is for"), _l("February 2027")),
            Variable("SPENT", _l("what was spent, with the currency"), "EUR 8,140.00"),
            Variable("THRESHOLD", _l("the threshold that was crossed"), "EUR 8,000.00"),
            _link(_l("the budget or the customer in the console"), "…"),
        ),
        may_name_recipients=True,
    ),
)

#: Every event by its key, in the order of the list.
EVENTS: dict[str, Event] = {
    one.key: replace(one, variables=(*one.variables, *OF_EVERY_MAIL))
    for one in (*_SIGN_UP, *_LOGINS, *_about_requests(), *_BILLING)
}
