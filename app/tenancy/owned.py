"""What a model author writes: who owns the rows of a table.

``TenantOwned``, ``ShownToCustomers``, ``CustomerOwned``, ``ShownOnceIssued``, ``HandedOver``, ``PersonOwned``,
``LoginOwned``, ``PlatformOwned`` and ``GrantedToReseller`` are the whole vocabulary. Each carries a ``Rule`` that says
the same thing twice: as an SQL criterion for reads, and as a predicate for objects and writes.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Integer, and_, false, or_
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from app.tenancy.scope import Scope, ScopeKind


def _is(column: Any, value: int | None) -> ColumnElement[bool]:
    """``column`` holds ``value``; the type is said once, because mapped classes come in as Any."""
    condition: ColumnElement[bool] = column.is_(None) if value is None else column == value
    return condition


def of_reseller(cls: Any, reseller_id: int | None) -> ColumnElement[bool]:
    """The WHERE part that limits ``cls`` to one reseller's rows: each table's own, and the one that stands for all."""
    return _is(cls.reseller_id, reseller_id)


class Rule:
    """Rows that everybody with a scope may read and only the platform may write (``PlatformOwned``)."""

    #: True where a statement that shows this table must raise when no scope fits.
    needs_scope = False

    #: True where a row belongs to one person rather than to all of a reseller's people.
    is_personal = False

    def fits(self, scope: Scope) -> bool:
        """Can ``scope`` see any row of such a table at all?"""
        return True

    def criterion(self, cls: Any, scope: Scope) -> ColumnElement[bool] | None:
        """The WHERE part that limits ``cls`` to what ``scope`` sees; None for no limit."""
        return None

    def admits(self, row: Any, scope: Scope) -> bool:
        """May ``scope`` see this row?"""
        return True

    def may_read_again(self, row: Any, scope: Scope) -> bool:
        """May ``scope`` have this row's columns loaded once more, when an object of it is in its hands?"""
        return self.admits(row, scope)

    def may_write(self, row: Any, scope: Scope) -> bool:
        """May ``scope`` create, change or delete this row?"""
        return self.can_write_in(scope)

    def can_write_in(self, scope: Scope) -> bool:
        """Can ``scope`` write any row of such a table? Bulk writes ask this; the criterion limits them further."""
        return scope.kind is ScopeKind.PLATFORM


class TenantRule(Rule):
    """Rows of one reseller. Its customers do not see them."""

    needs_scope = True

    def fits(self, scope: Scope) -> bool:
        return scope.kind in (ScopeKind.RESELLER, ScopeKind.CUSTOMER)

    def criterion(self, cls: Any, scope: Scope) -> ColumnElement[bool] | None:
        return of_reseller(cls, scope.reseller_id) if scope.kind is ScopeKind.RESELLER else false()

    def admits(self, row: Any, scope: Scope) -> bool:
        return scope.kind is ScopeKind.RESELLER and row.reseller_id == scope.reseller_id

    def may_write(self, row: Any, scope: Scope) -> bool:
        return self.admits(row, scope)

    def can_write_in(self, scope: Scope) -> bool:
        return scope.kind is ScopeKind.RESELLER


class CustomerRule(TenantRule):
    """Rows of one customer of one reseller; ``key`` is the column that holds the customer."""

    def __init__(self, key: str = "customer_id") -> None:
        self.key = key

    def criterion(self, cls: Any, scope: Scope) -> ColumnElement[bool] | None:
        own = of_reseller(cls, scope.reseller_id)
        if scope.kind is ScopeKind.RESELLER:
            return own
        if scope.kind is ScopeKind.CUSTOMER:
            return and_(own, getattr(cls, self.key) == scope.customer_id)
        return false()

    def admits(self, row: Any, scope: Scope) -> bool:
        if row.reseller_id != scope.reseller_id or scope.reseller_id is None:
            return False
        if scope.kind is ScopeKind.CUSTOMER:
            return scope.customer_id is not None and getattr(row, self.key) == scope.customer_id
        return scope.kind is ScopeKind.RESELLER

    def can_write_in(self, scope: Scope) -> bool:
        return scope.kind in (ScopeKind.RESELLER, ScopeKind.CUSTOMER)


class ShownRule(TenantRule):
    """Rows of one reseller that its customers and the visitors of its storefront may read."""

    _READERS = (ScopeKind.RESELLER, ScopeKind.CUSTOMER, ScopeKind.STOREFRONT)

    def fits(self, scope: Scope) -> bool:
        return scope.kind in self._READERS

    def criterion(self, cls: Any, scope: Scope) -> ColumnElement[bool] | None:
        return of_reseller(cls, scope.reseller_id) if self.fits(scope) else false()

    def admits(self, row: Any, scope: Scope) -> bool:
        return self.fits(scope) and scope.reseller_id is not None and row.reseller_id == scope.reseller_id

    def may_write(self, row: Any, scope: Scope) -> bool:
        return self.can_write_in(scope) and self.admits(row, scope)


class HandedOverRule(CustomerRule):
    """Rows of one customer that the platform sees and works on once they are forwarded to it (``forwarded_at``)."""

    def fits(self, scope: Scope) -> bool:
        return scope.kind is ScopeKind.PLATFORM or super().fits(scope)

    def criterion(self, cls: Any, scope: Scope) -> ColumnElement[bool] | None:
        if scope.kind is ScopeKind.PLATFORM:
            forwarded: ColumnElement[bool] = cls.forwarded_at.is_not(None)
            return forwarded
        return super().criterion(cls, scope)

    def admits(self, row: Any, scope: Scope) -> bool:
        if scope.kind is ScopeKind.PLATFORM:
            return row.forwarded_at is not None
        return super().admits(row, scope)

    def can_write_in(self, scope: Scope) -> bool:
        return scope.kind is ScopeKind.PLATFORM or super().can_write_in(scope)


class PersonRule(Rule):
    """Rows of one of a reseller's people. Colleagues do not see them, nor does a Platform Admin who has entered."""

    needs_scope = True
    is_personal = True

    def fits(self, scope: Scope) -> bool:
        return scope.person_id is not None

    def criterion(self, cls: Any, scope: Scope) -> ColumnElement[bool] | None:
        if not self.fits(scope):
            return false()
        return and_(of_reseller(cls, scope.reseller_id), _is(cls.user_id, scope.person_id))

    def admits(self, row: Any, scope: Scope) -> bool:
        return self.fits(scope) and (row.reseller_id, row.user_id) == (scope.reseller_id, scope.person_id)

    def may_write(self, row: Any, scope: Scope) -> bool:
        return self.admits(row, scope)

    def can_write_in(self, scope: Scope) -> bool:
        return self.fits(scope)


class IssuedRule(CustomerRule):
    """Rows of one customer that it sees once they are issued (``issued_at``), and never writes."""

    def criterion(self, cls: Any, scope: Scope) -> ColumnElement[bool] | None:
        found = super().criterion(cls, scope)
        if scope.kind is not ScopeKind.CUSTOMER or found is None:
            return found
        return and_(found, cls.issued_at.is_not(None))

    def admits(self, row: Any, scope: Scope) -> bool:
        is_shown = scope.kind is not ScopeKind.CUSTOMER or row.issued_at is not None
        return is_shown and super().admits(row, scope)

    def may_write(self, row: Any, scope: Scope) -> bool:
        return self.can_write_in(scope) and self.admits(row, scope)

    def can_write_in(self, scope: Scope) -> bool:
        return scope.kind is ScopeKind.RESELLER


class OwnLoginRule(Rule):
    """Rows of one login, whoever has it: the platform's people and customers' users too. Nobody else sees them."""

    needs_scope = True
    is_personal = True

    def fits(self, scope: Scope) -> bool:
        return scope.login_id is not None

    def criterion(self, cls: Any, scope: Scope) -> ColumnElement[bool] | None:
        if not self.fits(scope):
            return false()
        return and_(of_reseller(cls, scope.reseller_id), _is(cls.user_id, scope.login_id))

    def admits(self, row: Any, scope: Scope) -> bool:
        return self.fits(scope) and (row.reseller_id, row.user_id) == (scope.reseller_id, scope.login_id)

    def may_write(self, row: Any, scope: Scope) -> bool:
        return self.admits(row, scope)

    def can_write_in(self, scope: Scope) -> bool:
        return self.fits(scope)


class GrantRule(Rule):
    """Rows that the platform writes about one reseller, and that this reseller, its customers and visitors may read."""

    needs_scope = True

    def fits(self, scope: Scope) -> bool:
        return scope.kind is not ScopeKind.NOBODY

    def criterion(self, cls: Any, scope: Scope) -> ColumnElement[bool] | None:
        return None if scope.kind is ScopeKind.PLATFORM else of_reseller(cls, scope.reseller_id)

    def admits(self, row: Any, scope: Scope) -> bool:
        if scope.kind is ScopeKind.PLATFORM:
            return True
        return scope.reseller_id is not None and row.reseller_id == scope.reseller_id


class ResellerRule(Rule):
    """The reseller itself: the platform sees all, everybody else the one they belong to."""

    needs_scope = True

    def fits(self, scope: Scope) -> bool:
        return scope.kind is not ScopeKind.NOBODY

    def criterion(self, cls: Any, scope: Scope) -> ColumnElement[bool] | None:
        return None if scope.kind is ScopeKind.PLATFORM else _is(cls.id, scope.reseller_id)

    def admits(self, row: Any, scope: Scope) -> bool:
        return scope.kind is ScopeKind.PLATFORM or (row.id is not None and row.id == scope.reseller_id)

    def may_write(self, row: Any, scope: Scope) -> bool:
        return self.can_write_in(scope) and self.admits(row, scope)

    def can_write_in(self, scope: Scope) -> bool:
        return scope.kind in (ScopeKind.PLATFORM, ScopeKind.RESELLER)


class PlatformOrTenantRule(Rule):
    """Rows of one reseller, or of the platform itself where ``reseller_id`` is empty (users, audit entries).

    The platform sees its own; a reseller sees its own; ``customer_key`` names what limits a customer, if anything.
    """

    needs_scope = True

    def __init__(self, customer_key: str | None = None) -> None:
        self.customer_key = customer_key

    def fits(self, scope: Scope) -> bool:
        return scope.kind in (ScopeKind.PLATFORM, ScopeKind.RESELLER, ScopeKind.CUSTOMER)

    def criterion(self, cls: Any, scope: Scope) -> ColumnElement[bool] | None:
        if scope.kind is ScopeKind.PLATFORM:
            return _is(cls.reseller_id, None)
        own = of_reseller(cls, scope.reseller_id)
        if scope.kind is ScopeKind.RESELLER:
            return own
        if scope.kind is ScopeKind.CUSTOMER and self.customer_key:
            return and_(own, getattr(cls, self.customer_key) == scope.customer_id)
        return false()

    def admits(self, row: Any, scope: Scope) -> bool:
        if scope.kind is ScopeKind.PLATFORM:
            return row.reseller_id is None
        if scope.reseller_id is None or row.reseller_id != scope.reseller_id:
            return False
        if scope.kind is ScopeKind.CUSTOMER:
            return self.customer_key is not None and getattr(row, self.customer_key) == scope.customer_id
        return scope.kind is ScopeKind.RESELLER

    def may_write(self, row: Any, scope: Scope) -> bool:
        return self.admits(row, scope)

    def can_write_in(self, scope: Scope) -> bool:
        return self.fits(scope)


class LoginRule(PlatformOrTenantRule):
    """Users: as above, and the own login stays readable to a Platform Admin who has entered a reseller."""

    def may_read_again(self, row: Any, scope: Scope) -> bool:
        return super().may_read_again(row, scope) or (row.id is not None and row.id == scope.actor.user_id)


class AuditRule(PlatformOrTenantRule):
    """Audit entries: as above, and the platform also sees what its own people did inside a reseller."""

    def criterion(self, cls: Any, scope: Scope) -> ColumnElement[bool] | None:
        if scope.kind is ScopeKind.PLATFORM:
            return or_(cls.reseller_id.is_(None), cls.is_platform_actor.is_(True))
        return super().criterion(cls, scope)

    def admits(self, row: Any, scope: Scope) -> bool:
        if scope.kind is ScopeKind.PLATFORM:
            return row.reseller_id is None or bool(row.is_platform_actor)
        return super().admits(row, scope)

    def may_write(self, row: Any, scope: Scope) -> bool:
        return False  # entries are added by the log only, and never change

    def can_write_in(self, scope: Scope) -> bool:
        return False


class PlatformOwned:
    """Rows of the platform: readable in every scope, written by Platform Admins only."""

    __guard__: Rule = Rule()


class TenantOwned:
    """Rows of one reseller. ``reseller_id`` is filled in from the scope."""

    __guard__: Rule = TenantRule()

    @declared_attr
    def reseller_id(cls) -> Mapped[int]:
        return mapped_column(Integer, ForeignKey("resellers.id"), nullable=False, index=True)


class CustomerOwned(TenantOwned):
    """Rows of one customer of one reseller.

    The model adds ``customer_id`` with a composite foreign key to ``customers(reseller_id, id)``, so that the
    database itself refuses a row that names another reseller's customer.
    """

    __guard__: Rule = CustomerRule()


class ShownToCustomers(TenantOwned):
    """Rows of one reseller that its customers and the visitors of its storefront may read: public settings, terms."""

    __guard__: Rule = ShownRule()


class ShownOnceIssued(CustomerOwned):
    """Rows of one customer that the reseller writes, and that the customer sees once ``issued_at`` is set."""

    __guard__: Rule = IssuedRule()


class HandedOver(CustomerOwned):
    """Rows of one customer that are also the platform's to work on once ``forwarded_at`` is set.

    ``customer_id`` may be empty: such a row is the reseller's alone.
    """

    __guard__: Rule = HandedOverRule()


class PersonOwned:
    """Rows of one person of one reseller. Both are filled in from the scope; the rows go when the login goes."""

    __guard__: Rule = PersonRule()

    @declared_attr
    def reseller_id(cls) -> Mapped[int]:
        return mapped_column(Integer, ForeignKey("resellers.id"), nullable=False)

    @declared_attr
    def user_id(cls) -> Mapped[int]:
        key = ForeignKey("ab_user.id", ondelete="CASCADE")
        return mapped_column(Integer, key, nullable=False, index=True)


class LoginOwned:
    """Rows of one login: what it signs in with, and where it is signed in. They go when the login goes.

    ``reseller_id`` is that of the login, empty for the platform's own people.
    """

    __guard__: Rule = OwnLoginRule()

    @declared_attr
    def reseller_id(cls) -> Mapped[int | None]:
        return mapped_column(Integer, ForeignKey("resellers.id"), nullable=True, index=True)

    @declared_attr
    def user_id(cls) -> Mapped[int]:
        key = ForeignKey("ab_user.id", ondelete="CASCADE")
        return mapped_column(Integer, key, nullable=False, index=True)


class GrantedToReseller:
    """What the platform grants one reseller: written by the platform, read by that reseller."""

    __guard__: Rule = GrantRule()

    @declared_attr
    def reseller_id(cls) -> Mapped[int]:
        return mapped_column(Integer, ForeignKey("resellers.id"), nullable=False, index=True)
