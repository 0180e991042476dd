"""What this slice shows of a customer elsewhere."""

from __future__ import annotations

from sqlalchemy import select

from app.approvals.models import ApprovalRequest
from app.customers.registry import THIS_CUSTOMER, add_history

_ANY_REQUEST = select(ApprovalRequest.id).where(ApprovalRequest.customer_id == THIS_CUSTOMER).limit(1)


def announce() -> None:
    """Announce all of it."""
    add_history("requests", _ANY_REQUEST.scalar_subquery())
