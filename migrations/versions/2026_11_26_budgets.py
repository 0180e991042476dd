"""Keep budgets and which thresholds of spending were crossed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0090"
down_revision = "0081"
branch_labels = None
depends_on = None


def _moment() -> sa.types.TypeEngine:
    return sa.DateTime(timezone=True).with_variant(sa.DateTime(), "sqlite")


def _amount() -> sa.types.TypeEngine:
    return sa.Numeric(16, 2).with_variant(sa.BigInteger(), "sqlite")


def _words(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    op.create_table(
        "budgets",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount", _amount(), nullable=False),
        sa.Column("base", _words("budget_base", "customer", "seller"), nullable=False),
        sa.Column(
            "period",
            _words("budget_period", "weekly", "monthly", "quarterly", "annual", "custom"),
            nullable=False,
        ),
        sa.Column("first_on", sa.Date(), nullable=True),
        sa.Column("last_on", sa.Date(), nullable=True),
        sa.Column("provider_id", sa.Integer(), nullable=True),
        sa.Column("whose_id", sa.Integer(), nullable=True),
        sa.Column("account", sa.String(length=200), nullable=False),
        sa.Column("thresholds", sa.JSON(), nullable=False),
        sa.Column("recipients", sa.JSON(), nullable=False),
        sa.Column("created_on", sa.Date(), nullable=False),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_budgets_amount_positive")),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["providers.id"], name=op.f("fk_budgets_provider_id_providers")
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id", "whose_id"],
            ["customers.reseller_id", "customers.id"],
            name=op.f("fk_budgets_reseller_id_whose_id_customers"),
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_budgets_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budgets")),
        sa.UniqueConstraint("reseller_id", "id", name=op.f("uq_budgets_reseller_id_id")),
    )
    op.create_index(op.f("ix_budgets_reseller_id"), "budgets", ["reseller_id"])
    op.create_table(
        "budget_crossings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("budget_id", sa.Integer(), nullable=True),
        sa.Column("whose_id", sa.Integer(), nullable=True),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("threshold", sa.String(length=40), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("spent", _amount(), nullable=False),
        sa.Column("crossed_at", _moment(), nullable=False),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(budget_id IS NULL) <> (whose_id IS NULL)", name=op.f("ck_budget_crossings_of_one")
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id", "budget_id"],
            ["budgets.reseller_id", "budgets.id"],
            name=op.f("fk_budget_crossings_reseller_id_budget_id_budgets"),
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id", "whose_id"],
            ["customers.reseller_id", "customers.id"],
            name=op.f("fk_budget_crossings_reseller_id_whose_id_customers"),
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_budget_crossings_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budget_crossings")),
        sa.UniqueConstraint(
            "reseller_id",
            "budget_id",
            "first_on",
            "threshold",
            name=op.f("uq_budget_crossings_reseller_id_budget_id_first_on_threshold"),
        ),
        sa.UniqueConstraint(
            "reseller_id",
            "whose_id",
            "first_on",
            "threshold",
            name=op.f("uq_budget_crossings_reseller_id_whose_id_first_on_threshold"),
        ),
    )
    op.create_index(op.f("ix_budget_crossings_reseller_id"), "budget_crossings", ["reseller_id"])


def downgrade() -> None:
    op.drop_table("budget_crossings")
    op.drop_table("budgets")
