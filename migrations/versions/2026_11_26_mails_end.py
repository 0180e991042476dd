"""Say until when a mail is worth sending."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True).with_variant(sa.DateTime(), "sqlite")
    op.add_column("outgoing_mails", sa.Column("useful_until", moment, nullable=True))


def downgrade() -> None:
    op.drop_column("outgoing_mails", "useful_until")
