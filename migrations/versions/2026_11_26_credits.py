"""Keep credits of customers and the ledger of what happened to each."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0064b"
down_revision = "0064a"
branch_labels = None
depends_on = None


def _amount() -> sa.types.TypeEngine:
    return sa.Numeric(18, 4).with_variant(sa.BigInteger(), "sqlite")


def _moment() -> sa.types.TypeEngine:
    return sa.DateTime(timezone=True).with_variant(sa.DateTime(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "credits",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("amount", _amount(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("comment", sa.String(length=500), nullable=False),
        sa.Column("first_month", sa.Date(), nullable=True),
        sa.Column("submission", sa.String(length=64), nullable=True),
        sa.Column("granted_at", _moment(), nullable=False),
        sa.Column("granted_by", sa.String(length=200), nullable=False),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_credits_amount_positive")),
        sa.ForeignKeyConstraint(
            ["reseller_id", "customer_id"],
            ["customers.reseller_id", "customers.id"],
            name=op.f("fk_credits_reseller_id_customer_id_customers"),
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_credits_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credits")),
        sa.UniqueConstraint(
            "reseller_id", "customer_id", "id", name=op.f("uq_credits_reseller_id_customer_id_id")
        ),
        sa.UniqueConstraint("reseller_id", "submission", name=op.f("uq_credits_reseller_id_submission")),
    )
    op.create_index(op.f("ix_credits_reseller_id"), "credits", ["reseller_id"])
    op.create_table(
        "credit_entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("credit_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "granted",
                "used",
                "released",
                "reversed",
                name="entry_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("change", _amount(), nullable=False),
        sa.Column("statement", sa.String(length=100), nullable=False),
        sa.Column("month", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("at", _moment(), nullable=False),
        sa.Column("by", sa.String(length=200), nullable=False),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(kind IN ('granted', 'released') AND change > 0) OR (kind IN ('used', 'reversed') AND change < 0)",
            name=op.f("ck_credit_entries_change_by_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id", "customer_id"],
            ["customers.reseller_id", "customers.id"],
            name=op.f("fk_credit_entries_reseller_id_customer_id_customers"),
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id", "customer_id", "credit_id"],
            ["credits.reseller_id", "credits.customer_id", "credits.id"],
            name=op.f("fk_credit_entries_reseller_id_customer_id_credit_id_credits"),
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_credit_entries_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_entries")),
    )
    op.create_index(op.f("ix_credit_entries_reseller_id"), "credit_entries", ["reseller_id"])
    op.create_index(
        "ix_credit_entries_reseller_id_customer_id", "credit_entries", ["reseller_id", "customer_id"]
    )
    op.create_index("ix_credit_entries_reseller_id_statement", "credit_entries", ["reseller_id", "statement"])
    op.create_index(
        "ix_credit_entries_once",
        "credit_entries",
        ["reseller_id", "credit_id", "kind", "statement"],
        unique=True,
        sqlite_where=sa.text("kind <> 'reversed'"),
        postgresql_where=sa.text("kind <> 'reversed'"),
    )


def downgrade() -> None:
    op.drop_table("credit_entries")
    op.drop_table("credits")
