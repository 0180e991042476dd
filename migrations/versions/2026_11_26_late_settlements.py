"""Keep what of a late change was billed or given back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0092"
down_revision = "0090"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "late_settlements",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("statement_id", sa.Integer(), nullable=False),
        sa.Column(
            "settled_by",
            sa.Enum(
                "charge",
                "credit_note",
                "credit",
                name="settled_by",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("amount", sa.Numeric(18, 4).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column(
            "settled_at", sa.DateTime(timezone=True).with_variant(sa.DateTime(), "sqlite"), nullable=False
        ),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_late_settlements_reseller_id_resellers")
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id", "statement_id"],
            ["statements.reseller_id", "statements.id"],
            name=op.f("fk_late_settlements_reseller_id_statements"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_late_settlements")),
    )
    op.create_index(op.f("ix_late_settlements_reseller_id"), "late_settlements", ["reseller_id"])
    op.create_index(
        "ix_late_settlements_reseller_id_statement_id", "late_settlements", ["reseller_id", "statement_id"]
    )


def downgrade() -> None:
    op.drop_table("late_settlements")
