"""Assign charge plans to accounts, groups, customers or all of them, from month to month."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0062b"
down_revision = "0062a"
branch_labels = None
depends_on = None

_CHECKS = {
    "names_a_customer": "(level = 'reseller') = (customer_id IS NULL)",
    "names_an_account": "(level = 'account') = (account_id IS NOT NULL)",
    "names_a_group": "(level = 'group') = (group_id IS NOT NULL)",
    "ends_after_it_starts": "last_month >= first_month",
}
_KEYS = {
    "account": ("account_id", "cloud_accounts"),
    "group": ("group_id", "account_groups"),
}
_INDEXES = {
    "ix_charge_assignments_reseller_id_customer_id_provider_id": ["customer_id", "provider_id"],
    "ix_charge_assignments_reseller_id_plan_id": ["plan_id"],
    "ix_charge_assignments_reseller_id_account_id": ["account_id"],
    "ix_charge_assignments_reseller_id_group_id": ["group_id"],
}


def upgrade() -> None:
    with op.batch_alter_table("charge_assignments") as batch:
        batch.drop_index("ix_charge_assignments_reseller_id_provider_id")
        batch.drop_constraint(op.f("uq_charge_assignments_reseller_id_customer_id_plan_id"), type_="unique")
        batch.alter_column("customer_id", existing_type=sa.Integer(), nullable=True)
        batch.add_column(
            sa.Column(
                "level",
                sa.Enum(
                    "account",
                    "group",
                    "customer",
                    "reseller",
                    name="level",
                    native_enum=False,
                    create_constraint=True,
                    length=40,
                ),
                nullable=False,
                server_default="customer",
            )
        )
        batch.add_column(sa.Column("account_id", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("group_id", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("first_month", sa.Date(), nullable=True))
        batch.add_column(sa.Column("last_month", sa.Date(), nullable=True))
        for column, table in _KEYS.values():
            batch.create_foreign_key(
                op.f(f"fk_charge_assignments_reseller_id_{column}_{table}"),
                table,
                ["reseller_id", column],
                ["reseller_id", "id"],
            )
        for name, text in _CHECKS.items():
            batch.create_check_constraint(op.f(f"ck_charge_assignments_{name}"), text)
        for name, columns in _INDEXES.items():
            batch.create_index(name, ["reseller_id", *columns])
    with op.batch_alter_table("charge_assignments") as batch:
        batch.alter_column("level", server_default=None)


def downgrade() -> None:
    # The older product knows the customer's default alone, and a plan once.
    op.execute("DELETE FROM charge_assignments WHERE level <> 'customer'")
    op.execute(
        "DELETE FROM charge_assignments WHERE id NOT IN (SELECT max(id) FROM charge_assignments "
        "GROUP BY reseller_id, customer_id, plan_id)"
    )
    with op.batch_alter_table("charge_assignments") as batch:
        for name in _INDEXES:
            batch.drop_index(name)
        for name in _CHECKS:
            batch.drop_constraint(op.f(f"ck_charge_assignments_{name}"), type_="check")
        for column, table in _KEYS.values():
            batch.drop_constraint(
                op.f(f"fk_charge_assignments_reseller_id_{column}_{table}"), type_="foreignkey"
            )
        batch.drop_constraint(op.f("ck_charge_assignments_level"), type_="check")
        for name in ("last_month", "first_month", "group_id", "account_id", "level"):
            batch.drop_column(name)
        batch.alter_column("customer_id", existing_type=sa.Integer(), nullable=False)
        batch.create_unique_constraint(
            op.f("uq_charge_assignments_reseller_id_customer_id_plan_id"),
            ["reseller_id", "customer_id", "plan_id"],
        )
        batch.create_index("ix_charge_assignments_reseller_id_provider_id", ["reseller_id", "provider_id"])
