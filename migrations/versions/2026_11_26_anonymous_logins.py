"""Note when a login was made anonymous."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True).with_variant(sa.DateTime(), "sqlite")
    # Not in a batch: SQLite would copy the table of all logins.
    op.add_column("ab_user", sa.Column("anonymised_at", moment, nullable=True))


def downgrade() -> None:
    op.drop_column("ab_user", "anonymised_at")
