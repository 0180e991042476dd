"""Give pricebooks rules, a currency, a match mode and a version; date their percent."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0061"
down_revision = "0063a"
branch_labels = None
depends_on = None

_MATCH_MODE = sa.Enum(
    "most_specific",
    "first_by_position",
    name="match_mode",
    native_enum=False,
    create_constraint=True,
    length=40,
)
_MOMENT = sa.DateTime(timezone=True).with_variant(sa.DateTime(), "sqlite")
_NEW = ("currency", "match_mode", "left_out", "version", "updated_at")


def upgrade() -> None:
    with op.batch_alter_table("pricebooks") as batch:
        batch.add_column(sa.Column("counts_from", sa.Date(), nullable=True))
        batch.add_column(sa.Column("currency", sa.String(length=3), nullable=False, server_default=""))
        batch.add_column(sa.Column("match_mode", _MATCH_MODE, nullable=False, server_default="most_specific"))
        batch.add_column(sa.Column("left_out", sa.JSON(), nullable=False, server_default="[]"))
        batch.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
        batch.add_column(
            sa.Column("updated_at", _MOMENT, nullable=False, server_default="2026-11-26 00:00:00")
        )
    op.execute(
        "UPDATE pricebooks SET currency = (SELECT currency FROM resellers WHERE resellers.id = reseller_id)"
    )
    with op.batch_alter_table("pricebooks") as batch:
        for name in _NEW:
            batch.alter_column(name, server_default=None)
    op.create_table(
        "price_rules",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pricebook_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("service", sa.String(length=200), nullable=False),
        sa.Column("sku", sa.String(length=200), nullable=False),
        sa.Column("region", sa.String(length=200), nullable=False),
        sa.Column("usage_type", sa.String(length=200), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "default",
                "percent",
                "delta",
                "fixed",
                name="rule_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("value", sa.Numeric(18, 10).with_variant(sa.BigInteger(), "sqlite"), nullable=True),
        sa.Column("first_month", sa.Date(), nullable=True),
        sa.Column("last_month", sa.Date(), nullable=True),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_price_rules_reseller_id_resellers")
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id", "pricebook_id"],
            ["pricebooks.reseller_id", "pricebooks.id"],
            name=op.f("fk_price_rules_reseller_id_pricebook_id_pricebooks"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price_rules")),
    )
    op.create_index(op.f("ix_price_rules_reseller_id"), "price_rules", ["reseller_id"])
    op.create_index(
        "ix_price_rules_reseller_id_pricebook_id",
        "price_rules",
        ["reseller_id", "pricebook_id", "position"],
    )


def downgrade() -> None:
    op.drop_index("ix_price_rules_reseller_id_pricebook_id", table_name="price_rules")
    op.drop_index(op.f("ix_price_rules_reseller_id"), table_name="price_rules")
    op.drop_table("price_rules")
    with op.batch_alter_table("pricebooks") as batch:
        batch.drop_constraint(op.f("ck_pricebooks_match_mode"), type_="check")
        for name in (*reversed(_NEW), "counts_from"):
            batch.drop_column(name)
