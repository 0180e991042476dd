"""Keep how resellers send their mails, and in which words."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "email_templates",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event", sa.String(length=60), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("from_name", sa.String(length=120), nullable=False),
        sa.Column("from_address", sa.String(length=320), nullable=False),
        sa.Column("reply_to_name", sa.String(length=120), nullable=False),
        sa.Column("reply_to_address", sa.String(length=320), nullable=False),
        sa.Column("bcc", sa.Text(), nullable=False),
        sa.Column("send_to", sa.Text(), nullable=False),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_email_templates_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_email_templates")),
        sa.UniqueConstraint("reseller_id", "event", name=op.f("uq_email_templates_reseller_id_event")),
    )
    op.create_index(op.f("ix_email_templates_reseller_id"), "email_templates", ["reseller_id"])
    op.create_table(
        "email_texts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event", sa.String(length=60), nullable=False),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_email_texts_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_email_texts")),
        sa.UniqueConstraint(
            "reseller_id", "event", "language", name=op.f("uq_email_texts_reseller_id_event_language")
        ),
    )
    op.create_index(op.f("ix_email_texts_reseller_id"), "email_texts", ["reseller_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_email_texts_reseller_id"), table_name="email_texts")
    op.drop_table("email_texts")
    op.drop_index(op.f("ix_email_templates_reseller_id"), table_name="email_templates")
    op.drop_table("email_templates")
