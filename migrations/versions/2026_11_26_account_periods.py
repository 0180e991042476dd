"""Keep on which days a cloud account was whose."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0063a"
down_revision = "0063"
branch_labels = None
depends_on = None

_IS_OPEN = sa.text("last_day IS NULL")


def upgrade() -> None:
    op.create_table(
        "account_periods",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("cloud_account_id", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=True),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("pricebook_id", sa.Integer(), nullable=True),
        sa.Column("billing_starts_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("counts_from", sa.Date(), nullable=True),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_account_periods_reseller_id_resellers")
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id", "customer_id"],
            ["customers.reseller_id", "customers.id"],
            name=op.f("fk_account_periods_reseller_id_customer_id_customers"),
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id", "cloud_account_id"],
            ["cloud_accounts.reseller_id", "cloud_accounts.id"],
            name=op.f("fk_account_periods_reseller_id_cloud_account_id_cloud_accounts"),
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id", "pricebook_id"],
            ["pricebooks.reseller_id", "pricebooks.id"],
            name=op.f("fk_account_periods_reseller_id_pricebook_id_pricebooks"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_periods")),
    )
    op.create_index("ix_account_periods_reseller_id", "account_periods", ["reseller_id"])
    op.create_index(
        "ix_account_periods_reseller_id_customer_id", "account_periods", ["reseller_id", "customer_id"]
    )
    op.create_index("ix_account_periods_cloud_account_id", "account_periods", ["cloud_account_id"])
    op.create_index(
        "ux_account_periods_open",
        "account_periods",
        ["cloud_account_id"],
        unique=True,
        sqlite_where=_IS_OPEN,
        postgresql_where=_IS_OPEN,
    )
    op.execute(  # what was linked was the customer's from the beginning
        "INSERT INTO account_periods (reseller_id, customer_id, cloud_account_id, reason) "
        "SELECT reseller_id, customer_id, id, '' FROM cloud_accounts WHERE customer_id IS NOT NULL"
    )


def downgrade() -> None:
    op.execute("DELETE FROM earlier_terms WHERE record_type = 'account_periods'")
    op.drop_table("account_periods")
