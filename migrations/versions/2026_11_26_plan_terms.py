"""Let charge plans have bands, limits, a base and days, and let their terms count from a month."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0062a"
down_revision = "0062"
branch_labels = None
depends_on = None

_MONEY = sa.Numeric(16, 2).with_variant(sa.BigInteger(), "sqlite")
_TYPES = "type IN ('percent', 'fixed')"
_TYPES_WITH_BANDS = "type IN ('percent', 'fixed', 'tiered')"


def _words(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    with op.batch_alter_table("charge_plans") as batch:
        batch.drop_constraint(op.f("ck_charge_plans_plan_type"), type_="check")
        batch.create_check_constraint(op.f("ck_charge_plans_plan_type"), _TYPES_WITH_BANDS)
        batch.add_column(sa.Column("bands", sa.JSON(), nullable=False, server_default="[]"))
        batch.add_column(
            sa.Column(
                "base",
                _words("plan_base", "list_cost", "seller_cost", "customer_cost"),
                nullable=False,
                server_default="list_cost",
            )
        )
        batch.add_column(
            sa.Column(
                "scope",
                _words("plan_scope", "per_account", "sum"),
                nullable=False,
                server_default="per_account",
            )
        )
        batch.add_column(
            sa.Column(
                "frequency",
                _words("frequency", "monthly", "one_time"),
                nullable=False,
                server_default="monthly",
            )
        )
        batch.add_column(sa.Column("minimum", _MONEY, nullable=True))
        batch.add_column(sa.Column("maximum", _MONEY, nullable=True))
        batch.add_column(sa.Column("excluded_services", sa.JSON(), nullable=False, server_default="[]"))
        for name in ("is_prorated", "includes_fixed", "includes_marketplace"):
            batch.add_column(sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false()))
        batch.add_column(sa.Column("valid_from", sa.Date(), nullable=True))
        batch.add_column(sa.Column("valid_to", sa.Date(), nullable=True))
        batch.add_column(sa.Column("counts_from", sa.Date(), nullable=True))
    with op.batch_alter_table("charge_plans") as batch:
        for name in (
            "bands",
            "base",
            "scope",
            "frequency",
            "excluded_services",
            "is_prorated",
            "includes_fixed",
            "includes_marketplace",
        ):
            batch.alter_column(name, server_default=None)


def downgrade() -> None:
    # What the older product cannot say becomes what comes nearest to it: a fixed amount of nothing, retired.
    op.execute("UPDATE charge_plans SET type = 'fixed', amount = 0, is_retired = true WHERE type = 'tiered'")
    with op.batch_alter_table("charge_plans") as batch:
        batch.drop_constraint(op.f("ck_charge_plans_plan_type"), type_="check")
        batch.create_check_constraint(op.f("ck_charge_plans_plan_type"), _TYPES)
        for name in ("plan_base", "plan_scope", "frequency"):
            batch.drop_constraint(op.f(f"ck_charge_plans_{name}"), type_="check")
        for name in (
            "counts_from",
            "valid_to",
            "valid_from",
            "includes_marketplace",
            "includes_fixed",
            "is_prorated",
            "excluded_services",
            "maximum",
            "minimum",
            "frequency",
            "scope",
            "base",
            "bands",
        ):
            batch.drop_column(name)
