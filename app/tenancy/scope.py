"""Who is asking, and for whom: the scope of the running request, command or job.

A scope is never guessed. Without one, statements on guarded tables raise ``ScopeMissing``.
"""

from __future__ import annotations

import enum
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from flask import g, has_app_context

log = logging.getLogger(__name__)


class ScopeKind(enum.Enum):
    """How far a scope sees."""

    NOBODY = "nobody"  # no scope at all: guarded tables raise
    PLATFORM = "platform"  # platform tables and resellers, but no reseller's rows
    RESELLER = "reseller"  # the rows of one reseller
    CUSTOMER = "customer"  # the rows of one customer of one reseller
    STOREFRONT = "storefront"  # public pages of one reseller: its public settings, nothing else
    SYSTEM = "system"  # everything; always with a reason


@dataclass(frozen=True, slots=True)
class Actor:
    """The person or program behind a change, as the audit log names it."""

    user_id: int | None = None
    name: str = "System"
    address: str = ""
    is_platform: bool = False


SYSTEM_ACTOR = Actor()


@dataclass(frozen=True, slots=True)
class Scope:
    """What the running code may see and change."""

    kind: ScopeKind
    reseller_id: int | None = None
    customer_id: int | None = None
    actor: Actor = SYSTEM_ACTOR

    @property
    def is_system(self) -> bool:
        return self.kind is ScopeKind.SYSTEM

    @property
    def person_id(self) -> int | None:
        """The one of the reseller's people who works here; None for programs and for a Platform Admin who entered."""
        is_own = self.kind is ScopeKind.RESELLER and not self.actor.is_platform
        return self.actor.user_id if is_own else None

    @property
    def login_id(self) -> int | None:
        """The login whose own rows this scope sees: of whoever works here, customers and the platform's people too."""
        if self.kind in (ScopeKind.PLATFORM, ScopeKind.CUSTOMER):
            return self.actor.user_id
        return self.person_id


NOBODY = Scope(ScopeKind.NOBODY)

_override: ContextVar[Scope | None] = ContextVar("cloudtally_scope", default=None)


def current_scope() -> Scope:
    """Return the scope in force: an explicit one, else the request's, else ``NOBODY``."""
    scope = _override.get()
    if scope is None and has_app_context():
        scope = g.get("tenancy_scope")
    return scope or NOBODY


def adopt(scope: Scope) -> None:
    """Make ``scope`` the scope of the running request."""
    g.tenancy_scope = scope


@contextmanager
def use_scope(scope: Scope) -> Iterator[Scope]:
    """Run a block in ``scope``, whatever is in force outside."""
    token = _override.set(scope)
    try:
        yield scope
    finally:
        _override.reset(token)


@contextmanager
def system_scope(reason: str) -> Iterator[Scope]:
    """Run a block that sees everything. ``reason`` is logged, so that each use can be found and judged.

    The actor in force stays: what a person causes under the system's rights is still that person's change. So does
    the reseller, because a flush in the block may write rows that were made outside it.
    """
    log.debug("system scope: %s", reason)
    outer = current_scope()
    with use_scope(Scope(ScopeKind.SYSTEM, outer.reseller_id, outer.customer_id, outer.actor)) as scope:
        yield scope


@contextmanager
def reseller_scope(reseller_id: int, *, actor: Actor | None = None) -> Iterator[Scope]:
    """Run a block with the sight of one reseller."""
    with use_scope(Scope(ScopeKind.RESELLER, reseller_id, None, actor or current_scope().actor)) as scope:
        yield scope
