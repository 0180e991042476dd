"""Keep how a reseller's statements are made."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0064a"
down_revision = "0064"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "invoice_options",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("credits_lower_tax_base", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("counts_from", sa.Date(), nullable=True),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_invoice_options_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_options")),
        sa.UniqueConstraint("reseller_id", name=op.f("uq_invoice_options_reseller_id")),
    )
    op.create_index(op.f("ix_invoice_options_reseller_id"), "invoice_options", ["reseller_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_invoice_options_reseller_id"), table_name="invoice_options")
    op.drop_table("invoice_options")
