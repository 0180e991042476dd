"""Let a reseller say what each of a customer's people may do in the portal."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_RIGHTS = ("sees_statements", "may_request_accounts", "may_invite")


def upgrade() -> None:
    for name in _RIGHTS:  # not in a batch: SQLite would copy the table of all logins
        op.add_column("ab_user", sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.true()))


def downgrade() -> None:
    for name in reversed(_RIGHTS):
        op.drop_column("ab_user", name)
