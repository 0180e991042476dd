"""Keep the reseller's terms, version by version, and who accepted which."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0032"
branch_labels = None
depends_on = None


def _moment() -> sa.types.TypeEngine:
    return sa.DateTime(timezone=True).with_variant(sa.DateTime(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "terms_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("texts", sa.JSON(), nullable=False),
        sa.Column("published_at", _moment(), nullable=True),
        sa.Column("published_by", sa.String(length=130), nullable=False),
        sa.Column("created_at", _moment(), nullable=False),
        sa.Column("updated_at", _moment(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_terms_versions_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_terms_versions")),
        sa.UniqueConstraint("reseller_id", "id", name=op.f("uq_terms_versions_reseller_id_id")),
        sa.UniqueConstraint("reseller_id", "number", name=op.f("uq_terms_versions_reseller_id_number")),
    )
    op.create_index(op.f("ix_terms_versions_reseller_id"), "terms_versions", ["reseller_id"])
    op.create_index(
        "uq_terms_versions_reseller_id_draft",
        "terms_versions",
        ["reseller_id"],
        unique=True,
        sqlite_where=sa.text("number IS NULL"),
        postgresql_where=sa.text("number IS NULL"),
    )
    op.create_table(
        "terms_acceptances",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("terms_version_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("person_name", sa.String(length=130), nullable=False),
        sa.Column("person_email", sa.String(length=320), nullable=False),
        sa.Column("organization", sa.String(length=200), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("accepted_at", _moment(), nullable=False),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reseller_id", "customer_id"],
            ["customers.reseller_id", "customers.id"],
            name=op.f("fk_terms_acceptances_reseller_id_customer_id_customers"),
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id", "terms_version_id"],
            ["terms_versions.reseller_id", "terms_versions.id"],
            name=op.f("fk_terms_acceptances_reseller_id_terms_version_id_terms_versions"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["ab_user.id"],
            name=op.f("fk_terms_acceptances_user_id_ab_user"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_terms_acceptances_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_terms_acceptances")),
        sa.UniqueConstraint(
            "reseller_id",
            "terms_version_id",
            "user_id",
            name=op.f("uq_terms_acceptances_reseller_id_terms_version_id_user_id"),
        ),
    )
    op.create_index(op.f("ix_terms_acceptances_reseller_id"), "terms_acceptances", ["reseller_id"])
    op.create_index(op.f("ix_terms_acceptances_user_id"), "terms_acceptances", ["user_id"])
    op.create_index(
        "ix_terms_acceptances_reseller_id_accepted_at", "terms_acceptances", ["reseller_id", "accepted_at"]
    )
    op.create_index(
        "ix_terms_acceptances_reseller_id_customer_id", "terms_acceptances", ["reseller_id", "customer_id"]
    )


def downgrade() -> None:
    op.drop_table("terms_acceptances")
    op.drop_table("terms_versions")
