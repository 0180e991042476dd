"""Keep imports of usage, the parts they brought, and which months of a provider are closed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0071"
down_revision = "0070"
branch_labels = None
depends_on = None


def _moment() -> sa.types.TypeEngine:
    return sa.DateTime(timezone=True).with_variant(sa.DateTime(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "usage_imports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.String(length=250), nullable=False),
        sa.Column("kept_name", sa.String(length=80), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("file_hash", sa.String(length=64), nullable=False),
        sa.Column("format", sa.String(length=40), nullable=False),
        sa.Column(
            "origin",
            sa.Enum(
                "upload",
                "command",
                "folder",
                "demo",
                name="origin",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("origin_key", sa.String(length=500), nullable=True),
        sa.Column("asked_provider_id", sa.Integer(), nullable=True),
        sa.Column("asked_month", sa.Date(), nullable=True),
        sa.Column("asked_source", sa.String(length=128), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "uploading",
                "queued",
                "running",
                "needs_decision",
                "done",
                "refused",
                "failed",
                "dismissed",
                name="import_state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("accepted", sa.JSON(), nullable=False),
        sa.Column("row_count", sa.BigInteger(), nullable=False),
        sa.Column("rejected_count", sa.BigInteger(), nullable=False),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.Column("job_id", sa.Integer(), nullable=True),
        sa.Column("created_at", _moment(), nullable=False),
        sa.Column("created_by", sa.String(length=200), nullable=False),
        sa.Column("ended_at", _moment(), nullable=True),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["asked_provider_id"], ["providers.id"], name=op.f("fk_usage_imports_asked_provider_id_providers")
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id", "job_id"],
            ["jobs.reseller_id", "jobs.id"],
            name=op.f("fk_usage_imports_reseller_id_job_id_jobs"),
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_usage_imports_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_usage_imports")),
        sa.UniqueConstraint("reseller_id", "id", name=op.f("uq_usage_imports_reseller_id_id")),
        sa.UniqueConstraint(
            "reseller_id", "origin_key", name=op.f("uq_usage_imports_reseller_id_origin_key")
        ),
    )
    op.create_index(op.f("ix_usage_imports_reseller_id"), "usage_imports", ["reseller_id"])
    op.create_index("ix_usage_imports_reseller_id_state", "usage_imports", ["reseller_id", "state"])
    op.create_table(
        "usage_parts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=128), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("row_count", sa.BigInteger(), nullable=False),
        sa.Column("account_count", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("totals", sa.JSON(), nullable=False),
        sa.Column("days", sa.JSON(), nullable=False),
        sa.Column("is_incomplete", sa.Boolean(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("imported_at", _moment(), nullable=False),
        sa.Column("replaced_at", _moment(), nullable=True),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["providers.id"], name=op.f("fk_usage_parts_provider_id_providers")
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id", "import_id"],
            ["usage_imports.reseller_id", "usage_imports.id"],
            name=op.f("fk_usage_parts_reseller_id_import_id_usage_imports"),
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_usage_parts_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_usage_parts")),
        sa.UniqueConstraint("reseller_id", "id", name=op.f("uq_usage_parts_reseller_id_id")),
    )
    op.create_index(
        "ix_usage_parts_live",
        "usage_parts",
        ["reseller_id", "provider_id", "source", "month"],
        unique=True,
        sqlite_where=sa.text("replaced_at IS NULL"),
        postgresql_where=sa.text("replaced_at IS NULL"),
    )
    op.create_index(op.f("ix_usage_parts_reseller_id"), "usage_parts", ["reseller_id"])
    op.create_index("ix_usage_parts_reseller_id_month", "usage_parts", ["reseller_id", "month"])
    op.create_table(
        "provider_months",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("is_closed", sa.Boolean(), nullable=False),
        sa.Column("closed_at", _moment(), nullable=True),
        sa.Column("closed_by", sa.String(length=200), nullable=False),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["providers.id"], name=op.f("fk_provider_months_provider_id_providers")
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_provider_months_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider_months")),
        sa.UniqueConstraint(
            "reseller_id",
            "provider_id",
            "month",
            name=op.f("uq_provider_months_reseller_id_provider_id_month"),
        ),
    )
    op.create_index(op.f("ix_provider_months_reseller_id"), "provider_months", ["reseller_id"])


def downgrade() -> None:
    op.drop_table("provider_months")
    op.drop_table("usage_parts")
    op.drop_table("usage_imports")
