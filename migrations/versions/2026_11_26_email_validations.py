"""Keep what a sign-up entered until its address is proven."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True).with_variant(sa.DateTime(), "sqlite")
    op.create_table(
        "email_validations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("browser_hash", sa.String(length=64), nullable=False),
        sa.Column("expires_at", moment, nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reseller_id", "customer_id"],
            ["customers.reseller_id", "customers.id"],
            name=op.f("fk_email_validations_reseller_id_customer_id_customers"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["ab_user.id"], name=op.f("fk_email_validations_user_id_ab_user"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_email_validations_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_email_validations")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_email_validations_token_hash")),
        sa.UniqueConstraint("user_id", name=op.f("uq_email_validations_user_id")),
    )
    op.create_index(op.f("ix_email_validations_reseller_id"), "email_validations", ["reseller_id"])
    op.create_index("ix_email_validations_expires_at", "email_validations", ["expires_at"])


def downgrade() -> None:
    op.drop_table("email_validations")
