"""Addresses as they stand in a mail's head, and which ones a reseller may send from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from flask_babel import gettext as _

from app.errors import Invalid
from app.shell.fields import normal_email

#: A claim on a mail outlives a conversation with a server about this many recipients.
MOST_COPIES = 5
MOST_RECIPIENTS = 10


def one_line(text: str) -> str:
    """Return ``text`` without line breaks: what stands in a header of a mail must not begin another one."""
    return " ".join(text.split())


def named(name: str, address: str) -> str:
    """Return ``"North Cloud" <hello@north.example>``; only the address where there is no name."""
    if not address or not one_line(name):
        return one_line(address)
    quoted = one_line(name).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{quoted}" <{one_line(address)}>'


def read_addresses(text: str, *, field: str, most: int) -> tuple[str, ...]:
    """Return the addresses that were typed, one a line or with commas between; ``Invalid`` names what is none."""
    found: list[str] = []
    for typed in text.replace(",", "\n").replace(";", "\n").split("\n"):
        if typed.strip():
            found.append(_address(typed.strip(), field))
    found = list(dict.fromkeys(found))
    if len(found) > most:
        raise Invalid(
            _("Enter at most %(most)s addresses; these are %(n)s.", most=most, n=len(found)), field=field
        )
    return tuple(found)


def _address(typed: str, field: str) -> str:
    try:
        return normal_email(typed)
    except ValueError:
        raise Invalid(
            _(
                "%(typed)s is no email address. Write one a line, in the form name@example.com.",
                typed=typed[:100],
            ),
            field=field,
        ) from None


def domains_for(domains: Iterable[tuple[str, str]], nickname: str) -> Sequence[str]:
    """Return the domains that a reseller may send from: those for everybody, and its own."""
    return [domain for owner, domain in domains if owner in ("", nickname)]


def may_send_from(address: str, domains: Sequence[str]) -> bool:
    """May mails come from this address?"""
    return address.rpartition("@")[2].lower() in domains


def check_from(address: str, domains: Sequence[str], *, sender: str) -> None:
    """Raise ``Invalid`` for an address whose domain the operator has not released, saying why."""
    if not address or may_send_from(address, domains):
        return
    domain = address.rpartition("@")[2]
    raise Invalid(
        _(
            "Mails cannot come from %(domain)s: receivers would take them for forged, because our mail server is "
            "not named in that domain's SPF and DKIM records. Leave this empty and use “Answers go to”, or have the "
            "operator release the domain. Mails then come from %(sender)s.",
            domain=domain,
            sender=sender,
        )
        if not domains
        else _(
            "Mails can come from these domains only: %(domains)s. Receivers would take others for forged.",
            domains=", ".join(domains),
        ),
        field="from_address",
    )
