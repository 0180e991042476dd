"""What customers ask for, and what became of it: one queue for all kinds (domain, 0.5 and 14)."""

from __future__ import annotations

import datetime
import enum
from typing import Any

from flask_appbuilder import Model
from sqlalchemy import JSON, ForeignKey, ForeignKeyConstraint, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.cloud_accounts.models import CloudAccount
from app.customers.models import Customer
from app.kernel.types import StrEnumType, UtcDateTime
from app.providers.models import Provider
from app.tenancy.models import Reseller
from app.tenancy.owned import HandedOver


class RequestType(enum.StrEnum):
    """What is asked for."""

    SIGNUP = "signup"
    ACCOUNT_PROVISION = "account_provision"
    ACCOUNT_LINK = "account_link"
    ACCOUNT_DELETE = "account_delete"
    PROVIDER_ENABLEMENT = "provider_enablement"


class RequestStatus(enum.StrEnum):
    """Where a request stands: the reseller decides first, Cloud Ops follows up."""

    PENDING = "pending"
    DECLINED = "declined"
    FORWARDED = "forwarded"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    REJECTED = "rejected"


#: Nobody has to do anything about these any more.
ENDED = (RequestStatus.DECLINED, RequestStatus.COMPLETED, RequestStatus.REJECTED)
#: Somebody has to do something about these.
STILL_OPEN = tuple(one for one in RequestStatus if one not in ENDED)
#: Cloud Ops can still do something about these.
WITH_OPS = (RequestStatus.FORWARDED, RequestStatus.IN_PROGRESS)
#: The key in a sign-up's details that says that its address was proven; that is when the request was made.
ADDRESS_PROVEN = "address_proven"


class ApprovalRequest(HandedOver, Model):
    """One thing that somebody asked for.

    ``from_name`` is the organization that asks, as it was called then; ``details`` what was entered, by field name, as
    text. A declined sign-up loses both its customer and its details: they are personal data of somebody who is none of
    the reseller's customers. ``version`` lets one of two people decide.
    """

    __tablename__ = "approval_requests"
    __audit_name__ = "approval_request"
    __audit_ignored__ = frozenset(
        {
            "details",
            "decided_by",
            "decided_at",
            "forwarded_at",
            "taken_by",
            "taken_at",
            "ended_by",
            "ended_at",
            "requester_id",
            "cloud_account_id",
            "reason",  # the entry says it beside the verb
        }
    )
    __audit_links__ = ("provider",)
    __table_args__ = (
        ForeignKeyConstraint(["reseller_id", "customer_id"], ["customers.reseller_id", "customers.id"]),
        ForeignKeyConstraint(
            ["reseller_id", "cloud_account_id"], ["cloud_accounts.reseller_id", "cloud_accounts.id"]
        ),
        Index("ix_approval_requests_reseller_id_status_created_at", "reseller_id", "status", "created_at"),
        Index("ix_approval_requests_reseller_id_customer_id", "reseller_id", "customer_id"),
        Index("ix_approval_requests_status_forwarded_at", "status", "forwarded_at"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    type: Mapped[RequestType] = mapped_column(StrEnumType(RequestType))
    status: Mapped[RequestStatus] = mapped_column(StrEnumType(RequestStatus), default=RequestStatus.PENDING)
    customer_id: Mapped[int | None] = mapped_column(Integer)
    provider_id: Mapped[int | None] = mapped_column(ForeignKey("providers.id"))
    cloud_account_id: Mapped[int | None] = mapped_column(Integer)
    requester_id: Mapped[int | None] = mapped_column(
        ForeignKey("ab_user.id", ondelete="SET NULL"), index=True
    )
    from_name: Mapped[str] = mapped_column(String(200))
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime.datetime] = mapped_column(UtcDateTime)
    decided_by: Mapped[str] = mapped_column(String(130), default="")
    decided_at: Mapped[datetime.datetime | None] = mapped_column(UtcDateTime)
    forwarded_at: Mapped[datetime.datetime | None] = mapped_column(UtcDateTime)
    taken_by: Mapped[str] = mapped_column(String(130), default="")
    taken_at: Mapped[datetime.datetime | None] = mapped_column(UtcDateTime)
    ended_by: Mapped[str] = mapped_column(String(130), default="")
    ended_at: Mapped[datetime.datetime | None] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(Text, default="")  # why it was declined or rejected
    version: Mapped[int] = mapped_column(Integer, default=1)

    provider: Mapped[Provider | None] = relationship(Provider, lazy="joined")
    reseller: Mapped[Reseller] = relationship(Reseller)
    customer: Mapped[Customer | None] = relationship(
        Customer, foreign_keys=[customer_id], primaryjoin="ApprovalRequest.customer_id == Customer.id"
    )
    cloud_account: Mapped[CloudAccount | None] = relationship(
        CloudAccount,
        foreign_keys=[cloud_account_id],
        primaryjoin="ApprovalRequest.cloud_account_id == CloudAccount.id",
    )

    __mapper_args__ = {"version_id_col": version}

    def __str__(self) -> str:
        return f"{self.number} {self.from_name}"

    @property
    def number(self) -> str:
        """The number by which reseller and Cloud Ops speak of it."""
        return f"R-{self.id}"

    @property
    def is_pending(self) -> bool:
        return self.status is RequestStatus.PENDING

    @property
    def is_with_ops(self) -> bool:
        return self.status in WITH_OPS

    @property
    def is_resellers_own(self) -> bool:
        """Did the reseller ask itself? Such a request is with Cloud Ops from the beginning."""
        return self.type is not RequestType.SIGNUP and self.decided_at == self.created_at
