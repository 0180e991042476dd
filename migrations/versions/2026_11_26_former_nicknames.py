"""Keep the nicknames that resellers give up, so that nobody else gets them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0066"
down_revision = "0065"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "former_nicknames",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("nickname", sa.String(length=40), nullable=False),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_former_nicknames_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_former_nicknames")),
        sa.UniqueConstraint("nickname", name=op.f("uq_former_nicknames_nickname")),
    )
    op.create_index(op.f("ix_former_nicknames_reseller_id"), "former_nicknames", ["reseller_id"])


def downgrade() -> None:
    op.drop_table("former_nicknames")
