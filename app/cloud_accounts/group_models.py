"""Account groups: accounts of one customer at one provider that are charged together."""

from __future__ import annotations

from flask_appbuilder import Model
from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.cloud_accounts.models import CloudAccount
from app.customers.models import Customer
from app.months.terms import Dated
from app.providers.models import Provider
from app.tenancy.owned import CustomerOwned


class AccountGroup(CustomerOwned, Model):
    """A name for some of a customer's accounts at one provider; who is in it is ``AccountGroupMember``."""

    __tablename__ = "account_groups"
    __audit_name__ = "account_group"
    __audit_links__ = ("provider",)
    __table_args__ = (
        UniqueConstraint("reseller_id", "customer_id", "provider_id", "name"),
        UniqueConstraint("reseller_id", "id"),
        ForeignKeyConstraint(["reseller_id", "customer_id"], ["customers.reseller_id", "customers.id"]),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    customer_id: Mapped[int] = mapped_column(Integer)
    provider_id: Mapped[int] = mapped_column(ForeignKey("providers.id"))
    name: Mapped[str] = mapped_column(String(100))
    version: Mapped[int] = mapped_column(Integer, default=1)

    customer: Mapped[Customer] = relationship(
        Customer, foreign_keys=[customer_id], primaryjoin="AccountGroup.customer_id == Customer.id"
    )
    provider: Mapped[Provider] = relationship(Provider, lazy="joined")

    __mapper_args__ = {"version_id_col": version}

    def __str__(self) -> str:
        return self.name


class AccountGroupMember(Dated, CustomerOwned, Model):
    """Which group an account is in, from a month on: one at most, because an account has one such row.

    ``group_id`` is empty for an account that has left its group; the row then still knows the months before.
    """

    __tablename__ = "account_group_members"
    __audit_name__ = "account_group_member"
    __audit_links__ = ("account", "group")
    __terms__ = ("group_id",)
    __table_args__ = (
        UniqueConstraint("reseller_id", "account_id"),
        ForeignKeyConstraint(["reseller_id", "customer_id"], ["customers.reseller_id", "customers.id"]),
        ForeignKeyConstraint(
            ["reseller_id", "account_id"], ["cloud_accounts.reseller_id", "cloud_accounts.id"]
        ),
        ForeignKeyConstraint(
            ["reseller_id", "group_id"], ["account_groups.reseller_id", "account_groups.id"]
        ),
        Index("ix_account_group_members_reseller_id_customer_id", "reseller_id", "customer_id"),
        Index("ix_account_group_members_reseller_id_group_id", "reseller_id", "group_id"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    customer_id: Mapped[int] = mapped_column(Integer)
    account_id: Mapped[int] = mapped_column(Integer)
    group_id: Mapped[int | None] = mapped_column(Integer)

    customer: Mapped[Customer] = relationship(
        Customer, foreign_keys=[customer_id], primaryjoin="AccountGroupMember.customer_id == Customer.id"
    )
    account: Mapped[CloudAccount] = relationship(
        CloudAccount,
        foreign_keys=[account_id],
        primaryjoin="AccountGroupMember.account_id == CloudAccount.id",
    )
    group: Mapped[AccountGroup | None] = relationship(
        AccountGroup,
        foreign_keys=[group_id],
        primaryjoin="AccountGroupMember.group_id == AccountGroup.id",
        active_history=True,  # the change log names the group that was there before
    )

    def __str__(self) -> str:
        return str(self.account)
