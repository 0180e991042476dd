"""Keep statements, their lines, what each used, and the runs that make them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0080"
down_revision = "0075"
branch_labels = None
depends_on = None


def _amount() -> sa.types.TypeEngine:
    return sa.Numeric(18, 4).with_variant(sa.BigInteger(), "sqlite")


def _moment() -> sa.types.TypeEngine:
    return sa.DateTime(timezone=True).with_variant(sa.DateTime(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "billing_runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("verb", sa.String(length=20), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=True),
        sa.Column("chosen", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("started_at", _moment(), nullable=False),
        sa.Column("started_by", sa.String(length=200), nullable=False),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["providers.id"], name=op.f("fk_billing_runs_provider_id_providers")
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_billing_runs_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_billing_runs")),
        sa.UniqueConstraint("reseller_id", "id", name=op.f("uq_billing_runs_reseller_id_id")),
    )
    op.create_index(op.f("ix_billing_runs_reseller_id"), "billing_runs", ["reseller_id"])
    op.create_table(
        "statements",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "usage",
                "fees",
                "credit_note",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("provider_id", sa.Integer(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "open",
                "paid",
                "void",
                "discarded",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("live_key", sa.String(length=80), nullable=True),
        sa.Column("number", sa.String(length=60), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("usage_amount", _amount(), nullable=False),
        sa.Column("charges_amount", _amount(), nullable=False),
        sa.Column("adjustment_amount", _amount(), nullable=False),
        sa.Column("credit_amount", _amount(), nullable=False),
        sa.Column("tax_amount", _amount(), nullable=False),
        sa.Column("total", _amount(), nullable=False),
        sa.Column("seller_cost", _amount(), nullable=False),
        sa.Column("is_estimated", sa.Boolean(), nullable=False),
        sa.Column("reviews", sa.Integer(), nullable=False),
        sa.Column("corrects_id", sa.Integer(), nullable=True),
        sa.Column("rated_at", _moment(), nullable=False),
        sa.Column("created_by", sa.String(length=200), nullable=False),
        sa.Column("issued_at", _moment(), nullable=True),
        sa.Column("issued_by", sa.String(length=200), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("paid_on", sa.Date(), nullable=True),
        sa.Column("void_reason", sa.String(length=500), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("frozen_hash", sa.String(length=64), nullable=False),
        sa.Column("paper", sa.JSON(), nullable=False),
        sa.Column("frozen", sa.JSON(), nullable=False),
        sa.Column("behind", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state IN ('draft', 'discarded')) = (number IS NULL) AND (number IS NULL) = (issued_at IS NULL)",
            name=op.f("ck_statements_number_when_issued"),
        ),
        sa.CheckConstraint(
            "(state IN ('void', 'discarded')) = (live_key IS NULL)",
            name=op.f("ck_statements_live_key_while_live"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["providers.id"], name=op.f("fk_statements_provider_id_providers")
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id", "customer_id", "corrects_id"],
            ["statements.reseller_id", "statements.customer_id", "statements.id"],
            name=op.f("fk_statements_reseller_id_customer_id_corrects_id_statements"),
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id", "customer_id"],
            ["customers.reseller_id", "customers.id"],
            name=op.f("fk_statements_reseller_id_customer_id_customers"),
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_statements_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statements")),
        sa.UniqueConstraint(
            "reseller_id", "customer_id", "id", name=op.f("uq_statements_reseller_id_customer_id_id")
        ),
        sa.UniqueConstraint(
            "reseller_id",
            "customer_id",
            "live_key",
            name=op.f("uq_statements_reseller_id_customer_id_live_key"),
        ),
        sa.UniqueConstraint("reseller_id", "id", name=op.f("uq_statements_reseller_id_id")),
        sa.UniqueConstraint("reseller_id", "number", name=op.f("uq_statements_reseller_id_number")),
    )
    op.create_index(op.f("ix_statements_reseller_id"), "statements", ["reseller_id"])
    op.create_index(
        "ix_statements_reseller_id_customer_id_month", "statements", ["reseller_id", "customer_id", "month"]
    )
    op.create_index("ix_statements_reseller_id_month_state", "statements", ["reseller_id", "month", "state"])
    op.create_table(
        "statement_lines",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("statement_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "usage",
                "purchase",
                "commitment_fee",
                "provider_adjustment",
                "provider_credit",
                "marketplace",
                "charge",
                "discount",
                "global_adjustment",
                "credit",
                "tax",
                name="line_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("provider", sa.String(length=40), nullable=False),
        sa.Column("account", sa.String(length=200), nullable=False),
        sa.Column("service", sa.String(length=300), nullable=False),
        sa.Column("subject", sa.Integer(), nullable=True),
        sa.Column("text", sa.String(length=500), nullable=False),
        sa.Column("quantity", sa.String(length=60), nullable=False),
        sa.Column("unit", sa.String(length=100), nullable=False),
        sa.Column("basis", sa.String(length=80), nullable=False),
        sa.Column("rate", sa.String(length=40), nullable=False),
        sa.Column("amount", _amount(), nullable=False),
        sa.Column("seller_cost", _amount(), nullable=False),
        sa.Column("reason", sa.JSON(), nullable=False),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reseller_id", "statement_id"],
            ["statements.reseller_id", "statements.id"],
            name=op.f("fk_statement_lines_reseller_id_statement_id_statements"),
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_statement_lines_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statement_lines")),
        sa.UniqueConstraint(
            "reseller_id",
            "statement_id",
            "position",
            name=op.f("uq_statement_lines_reseller_id_statement_id_position"),
        ),
    )
    op.create_index(op.f("ix_statement_lines_reseller_id"), "statement_lines", ["reseller_id"])
    op.create_table(
        "statement_uses",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("statement_id", sa.Integer(), nullable=False),
        sa.Column(
            "subject",
            sa.Enum(
                "customer",
                "pricebook",
                "charge_plan",
                "tax_rate",
                "exchange_rate",
                name="subject",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reseller_id", "statement_id"],
            ["statements.reseller_id", "statements.id"],
            name=op.f("fk_statement_uses_reseller_id_statement_id_statements"),
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_statement_uses_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statement_uses")),
        sa.UniqueConstraint(
            "reseller_id",
            "statement_id",
            "subject",
            "subject_id",
            name=op.f("uq_statement_uses_reseller_id_statement_id_subject_subject_id"),
        ),
    )
    op.create_index(op.f("ix_statement_uses_reseller_id"), "statement_uses", ["reseller_id"])
    op.create_index(
        "ix_statement_uses_reseller_id_subject", "statement_uses", ["reseller_id", "subject", "subject_id"]
    )
    op.create_table(
        "statement_parts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("statement_id", sa.Integer(), nullable=False),
        sa.Column("part_id", sa.Integer(), nullable=False),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reseller_id", "part_id"],
            ["usage_parts.reseller_id", "usage_parts.id"],
            name=op.f("fk_statement_parts_reseller_id_part_id_usage_parts"),
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id", "statement_id"],
            ["statements.reseller_id", "statements.id"],
            name=op.f("fk_statement_parts_reseller_id_statement_id_statements"),
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_statement_parts_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statement_parts")),
        sa.UniqueConstraint(
            "reseller_id",
            "statement_id",
            "part_id",
            name=op.f("uq_statement_parts_reseller_id_statement_id_part_id"),
        ),
    )
    op.create_index(op.f("ix_statement_parts_reseller_id"), "statement_parts", ["reseller_id"])
    op.create_index("ix_statement_parts_reseller_id_part_id", "statement_parts", ["reseller_id", "part_id"])

    op.create_table(
        "billing_outcomes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=250), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "done",
                "nothing",
                "failed",
                name="outcome",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("text", sa.String(length=1000), nullable=False),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reseller_id", "run_id"],
            ["billing_runs.reseller_id", "billing_runs.id"],
            name=op.f("fk_billing_outcomes_reseller_id_run_id_billing_runs"),
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_billing_outcomes_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_billing_outcomes")),
        sa.UniqueConstraint(
            "reseller_id",
            "run_id",
            "subject_id",
            name=op.f("uq_billing_outcomes_reseller_id_run_id_subject_id"),
        ),
    )
    op.create_index(op.f("ix_billing_outcomes_reseller_id"), "billing_outcomes", ["reseller_id"])
    op.create_table(
        "statement_logos",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("media_type", sa.String(length=40), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_statement_logos_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statement_logos")),
        sa.UniqueConstraint("reseller_id", "sha256", name=op.f("uq_statement_logos_reseller_id_sha256")),
    )
    op.create_index(op.f("ix_statement_logos_reseller_id"), "statement_logos", ["reseller_id"])


def downgrade() -> None:
    op.drop_table("statement_logos")
    op.drop_table("billing_outcomes")
    op.drop_table("statement_parts")
    op.drop_table("statement_uses")
    op.drop_table("statement_lines")
    op.drop_table("statements")
    op.drop_table("billing_runs")
