"""Keep what statements say, how they are numbered, and exchange rates by month."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0075"
down_revision = "0071"
branch_labels = None
depends_on = None

_SUBJECTS = "subject IN ('customer', 'pricebook', 'charge_plan', 'tax_rate')"
_SUBJECTS_WITH_RATES = "subject IN ('customer', 'pricebook', 'charge_plan', 'tax_rate', 'exchange_rate')"

_MODES = sa.Enum(
    "amortised",
    "fee_in_statement",
    "fee_separate",
    "not_billed",
    name="purchase_mode",
    native_enum=False,
    create_constraint=True,
    length=40,
)
_TERMS = sa.Enum(
    "on_receipt",
    "after_issue",
    "after_month",
    name="payment_term",
    native_enum=False,
    create_constraint=True,
    length=40,
)
_SIZES = sa.Enum("A4", "Letter", name="page_size", native_enum=False, create_constraint=True, length=40)

#: Column, type, and what the reseller's row gets that is there already.
_NEW = (
    ("purchase_mode", _MODES, "amortised"),
    ("includes_marketplace", sa.Boolean(), sa.true()),
    ("billed_cost_providers", sa.JSON(), "[]"),
    ("payment_term", _TERMS, "after_issue"),
    ("payment_days", sa.Integer(), "30"),
    ("number_format", sa.String(length=40), "{year}-{number:5}"),
    ("next_number", sa.Integer(), "1"),
    ("notes", sa.Text(), ""),
    ("groups_by_account", sa.Boolean(), sa.true()),
    ("shows_custom_fields", sa.Boolean(), sa.false()),
    ("page_size", _SIZES, "A4"),
)


def _allow(subjects: str) -> None:
    """Say again which words the subject of a lock may be."""
    with op.batch_alter_table("month_locks") as batch:
        batch.drop_constraint(op.f("ck_month_locks_subject"), type_="check")
        batch.create_check_constraint(op.f("ck_month_locks_subject"), subjects)


def upgrade() -> None:
    _allow(_SUBJECTS_WITH_RATES)
    with op.batch_alter_table("invoice_options") as batch:
        for name, kind, given in _NEW:
            batch.add_column(sa.Column(name, kind, nullable=False, server_default=given))
    with op.batch_alter_table("invoice_options") as batch:
        for name, kind, _given in _NEW:
            batch.alter_column(name, existing_type=kind, existing_nullable=False, server_default=None)
    op.create_table(
        "exchange_rates",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("from_currency", sa.String(length=3), nullable=False),
        sa.Column("to_currency", sa.String(length=3), nullable=False),
        sa.Column("rate", sa.Numeric(18, 10).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_exchange_rates_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange_rates")),
        sa.UniqueConstraint(
            "reseller_id",
            "month",
            "from_currency",
            "to_currency",
            name=op.f("uq_exchange_rates_reseller_id_month_from_currency_to_currency"),
        ),
    )
    op.create_index(op.f("ix_exchange_rates_reseller_id"), "exchange_rates", ["reseller_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_exchange_rates_reseller_id"), table_name="exchange_rates")
    op.drop_table("exchange_rates")
    op.execute("DELETE FROM month_locks WHERE subject = 'exchange_rate'")
    _allow(_SUBJECTS)
    with op.batch_alter_table("invoice_options") as batch:
        for constraint in ("purchase_mode", "payment_term", "page_size"):
            batch.drop_constraint(op.f(f"ck_invoice_options_{constraint}"), type_="check")
        for name, _kind, _given in reversed(_NEW):
            batch.drop_column(name)
