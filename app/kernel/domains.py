"""Domain names as people type them and as they are compared."""

from collections.abc import Iterable

from email_validator import EmailNotValidError, validate_email

LONGEST_HOST = 253


def ascii_domain(text: str) -> str:
    """Return a domain as DNS knows it: lower case, IDNA, without a dot at its end; ValueError where it is none.

    ``@example.com``, ``*.example.com`` and ``.example.com`` stand for ``example.com``.
    """
    domain = _in_ascii(text.strip().lower().lstrip("@*.").rstrip("."))
    if "." not in domain or domain.rpartition(".")[2].isdigit():
        raise ValueError(f"{text!r} is no domain")
    return domain


def domain_of(address: str) -> str:
    """Return the domain of an email address, as ``ascii_domain`` writes it; mail servers may have numbers for names."""
    return _in_ascii(address.rpartition("@")[2].lower())


def _in_ascii(name: str) -> str:
    try:
        parts = validate_email(f"x@{name}", check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError as problem:
        raise ValueError(str(problem)) from None
    return parts.ascii_domain


def is_within(domain: str, listed: Iterable[str]) -> bool:
    """Is ``domain`` one of these domains, or below one of them?"""
    return any(domain == one or domain.endswith(f".{one}") for one in listed)


def without_tag(address: str) -> str:
    """Return ``ada@example.com`` for ``ada+shop@example.com``: the mailbox that both are delivered to."""
    name, _at, domain = address.rpartition("@")
    return f"{name.partition('+')[0] or name}@{domain}"
