"""Keep what customers ask for and what became of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_cloud_accounts_reseller_id_id", "cloud_accounts", ["reseller_id", "id"], unique=True)
    op.create_table(
        "approval_requests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "type",
            sa.Enum(
                "signup",
                "account_provision",
                "account_link",
                "account_delete",
                "provider_enablement",
                name="request_type",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "pending",
                "declined",
                "forwarded",
                "in_progress",
                "completed",
                "rejected",
                name="request_status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("customer_id", sa.Integer(), nullable=True),
        sa.Column("provider_id", sa.Integer(), nullable=True),
        sa.Column("cloud_account_id", sa.Integer(), nullable=True),
        sa.Column("requester_id", sa.Integer(), nullable=True),
        sa.Column("from_name", sa.String(length=200), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True).with_variant(sa.DateTime(), "sqlite"), nullable=False
        ),
        sa.Column("decided_by", sa.String(length=130), nullable=False),
        sa.Column(
            "decided_at", sa.DateTime(timezone=True).with_variant(sa.DateTime(), "sqlite"), nullable=True
        ),
        sa.Column(
            "forwarded_at", sa.DateTime(timezone=True).with_variant(sa.DateTime(), "sqlite"), nullable=True
        ),
        sa.Column("taken_by", sa.String(length=130), nullable=False),
        sa.Column(
            "taken_at", sa.DateTime(timezone=True).with_variant(sa.DateTime(), "sqlite"), nullable=True
        ),
        sa.Column("ended_by", sa.String(length=130), nullable=False),
        sa.Column(
            "ended_at", sa.DateTime(timezone=True).with_variant(sa.DateTime(), "sqlite"), nullable=True
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reseller_id", "cloud_account_id"],
            ["cloud_accounts.reseller_id", "cloud_accounts.id"],
            name=op.f("fk_approval_requests_reseller_id_cloud_account_id_cloud_accounts"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["providers.id"], name=op.f("fk_approval_requests_provider_id_providers")
        ),
        sa.ForeignKeyConstraint(
            ["requester_id"],
            ["ab_user.id"],
            name=op.f("fk_approval_requests_requester_id_ab_user"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id", "customer_id"],
            ["customers.reseller_id", "customers.id"],
            name=op.f("fk_approval_requests_reseller_id_customer_id_customers"),
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_approval_requests_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval_requests")),
    )
    op.create_index("ix_approval_requests_requester_id", "approval_requests", ["requester_id"])
    op.create_index("ix_approval_requests_reseller_id", "approval_requests", ["reseller_id"])
    op.create_index(
        "ix_approval_requests_reseller_id_customer_id", "approval_requests", ["reseller_id", "customer_id"]
    )
    op.create_index(
        "ix_approval_requests_reseller_id_status_created_at",
        "approval_requests",
        ["reseller_id", "status", "created_at"],
    )
    op.create_index(
        "ix_approval_requests_status_forwarded_at", "approval_requests", ["status", "forwarded_at"]
    )


def downgrade() -> None:
    op.drop_index("ix_approval_requests_status_forwarded_at", table_name="approval_requests")
    op.drop_index("ix_approval_requests_reseller_id_status_created_at", table_name="approval_requests")
    op.drop_index("ix_approval_requests_reseller_id_customer_id", table_name="approval_requests")
    op.drop_index("ix_approval_requests_reseller_id", table_name="approval_requests")
    op.drop_index("ix_approval_requests_requester_id", table_name="approval_requests")
    op.drop_table("approval_requests")
    op.drop_index("ix_cloud_accounts_reseller_id_id", table_name="cloud_accounts")
