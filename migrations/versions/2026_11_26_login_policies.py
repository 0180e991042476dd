"""What resellers, and the platform, require of passwords and of signing in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0052"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "login_policies",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("reseller_id", sa.Integer(), nullable=True),
        sa.Column("minimum_length", sa.Integer(), nullable=False),
        sa.Column("needs_upper", sa.Boolean(), nullable=False),
        sa.Column("needs_lower", sa.Boolean(), nullable=False),
        sa.Column("needs_digit", sa.Boolean(), nullable=False),
        sa.Column("needs_symbol", sa.Boolean(), nullable=False),
        sa.Column("expires_days", sa.Integer(), nullable=False),
        sa.Column("remembered", sa.Integer(), nullable=False),
        sa.Column("lock_after", sa.Integer(), nullable=False),
        sa.Column("lock_minutes", sa.Integer(), nullable=False),
        sa.Column(
            "second_factor",
            sa.Enum(
                "nobody",
                "console",
                "everybody",
                name="second_factor_for",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("id = coalesce(reseller_id, 0)", name=op.f("ck_login_policies_is_its_owners")),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_login_policies_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_policies")),
    )
    op.create_index(op.f("ix_login_policies_reseller_id"), "login_policies", ["reseller_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_login_policies_reseller_id"), table_name="login_policies")
    op.drop_table("login_policies")
