"""Keep the traces of changes that prices may depend on, so that reports know which priced months still count."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0097"
down_revision = "0096"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "price_marks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.Column("token", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_price_marks_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price_marks")),
    )
    op.create_index(op.f("ix_price_marks_reseller_id"), "price_marks", ["reseller_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_price_marks_reseller_id"), table_name="price_marks")
    op.drop_table("price_marks")
