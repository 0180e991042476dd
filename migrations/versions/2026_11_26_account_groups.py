"""Keep account groups, and which account is in which from when on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0062"
down_revision = "0061a"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "account_groups",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["providers.id"], name=op.f("fk_account_groups_provider_id_providers")
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id", "customer_id"],
            ["customers.reseller_id", "customers.id"],
            name=op.f("fk_account_groups_reseller_id_customer_id_customers"),
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_account_groups_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_groups")),
        sa.UniqueConstraint("reseller_id", "id", name=op.f("uq_account_groups_reseller_id_id")),
        sa.UniqueConstraint(
            "reseller_id",
            "customer_id",
            "provider_id",
            "name",
            name=op.f("uq_account_groups_reseller_id_customer_id_provider_id_name"),
        ),
    )
    op.create_index(op.f("ix_account_groups_reseller_id"), "account_groups", ["reseller_id"])
    op.create_table(
        "account_group_members",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=True),
        sa.Column("counts_from", sa.Date(), nullable=True),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reseller_id", "account_id"],
            ["cloud_accounts.reseller_id", "cloud_accounts.id"],
            name=op.f("fk_account_group_members_reseller_id_account_id_cloud_accounts"),
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id", "customer_id"],
            ["customers.reseller_id", "customers.id"],
            name=op.f("fk_account_group_members_reseller_id_customer_id_customers"),
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id", "group_id"],
            ["account_groups.reseller_id", "account_groups.id"],
            name=op.f("fk_account_group_members_reseller_id_group_id_account_groups"),
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_account_group_members_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_group_members")),
        sa.UniqueConstraint(
            "reseller_id", "account_id", name=op.f("uq_account_group_members_reseller_id_account_id")
        ),
    )
    op.create_index(op.f("ix_account_group_members_reseller_id"), "account_group_members", ["reseller_id"])
    op.create_index(
        "ix_account_group_members_reseller_id_customer_id",
        "account_group_members",
        ["reseller_id", "customer_id"],
    )
    op.create_index(
        "ix_account_group_members_reseller_id_group_id", "account_group_members", ["reseller_id", "group_id"]
    )


def downgrade() -> None:
    op.drop_table("account_group_members")
    op.drop_table("account_groups")
