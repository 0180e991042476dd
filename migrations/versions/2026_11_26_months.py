"""Keep locked months, and what records said in earlier ones."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0060"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "month_locks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "subject",
            sa.Enum(
                "customer",
                "pricebook",
                "charge_plan",
                "tax_rate",
                name="subject",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("cause", sa.String(length=100), nullable=False),
        sa.Column(
            "locked_at", sa.DateTime(timezone=True).with_variant(sa.DateTime(), "sqlite"), nullable=False
        ),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_month_locks_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_month_locks")),
        sa.UniqueConstraint(
            "reseller_id",
            "subject",
            "subject_id",
            "month",
            name=op.f("uq_month_locks_reseller_id_subject_subject_id_month"),
        ),
    )
    op.create_table(
        "earlier_terms",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("record_type", sa.String(length=60), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("first_month", sa.Date(), nullable=True),
        sa.Column("last_month", sa.Date(), nullable=False),
        sa.Column("terms", sa.JSON(), nullable=False),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_earlier_terms_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_earlier_terms")),
        sa.UniqueConstraint(
            "reseller_id",
            "record_type",
            "record_id",
            "last_month",
            name=op.f("uq_earlier_terms_reseller_id_record_type_record_id_last_month"),
        ),
    )
    op.create_index(op.f("ix_month_locks_reseller_id"), "month_locks", ["reseller_id"])
    op.create_index(op.f("ix_earlier_terms_reseller_id"), "earlier_terms", ["reseller_id"])
    with op.batch_alter_table("global_adjustments") as batch:
        batch.add_column(sa.Column("counts_from", sa.Date(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("global_adjustments") as batch:
        batch.drop_column("counts_from")
    op.drop_index(op.f("ix_earlier_terms_reseller_id"), table_name="earlier_terms")
    op.drop_index(op.f("ix_month_locks_reseller_id"), table_name="month_locks")
    op.drop_table("earlier_terms")
    op.drop_table("month_locks")
