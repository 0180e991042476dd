"""When passwords were set, and which ones people had before."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True).with_variant(sa.DateTime(), "sqlite")


def upgrade() -> None:
    # Not in a batch: SQLite would copy the table of all logins.
    op.add_column("ab_user", sa.Column("password_changed_at", MOMENT, nullable=True))
    # Nobody knows how old the passwords are: their age counts from now. SQLite's own clock is UTC.
    op.execute(
        sa.text("UPDATE ab_user SET password_changed_at = CURRENT_TIMESTAMP WHERE password IS NOT NULL")
    )
    op.create_table(
        "earlier_passwords",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("password", sa.String(length=256), nullable=False),
        sa.Column("replaced_at", MOMENT, nullable=False),
        sa.Column("reseller_id", sa.Integer(), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_earlier_passwords_reseller_id_resellers")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["ab_user.id"],
            name=op.f("fk_earlier_passwords_user_id_ab_user"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_earlier_passwords")),
    )
    op.create_index(op.f("ix_earlier_passwords_reseller_id"), "earlier_passwords", ["reseller_id"])
    op.create_index(op.f("ix_earlier_passwords_user_id"), "earlier_passwords", ["user_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_earlier_passwords_user_id"), table_name="earlier_passwords")
    op.drop_index(op.f("ix_earlier_passwords_reseller_id"), table_name="earlier_passwords")
    op.drop_table("earlier_passwords")
    op.drop_column("ab_user", "password_changed_at")
