"""Keep a reseller's brand, its portal's host name, and what its storefront and portal offer."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_SWITCHES = (
    "is_signup_open",
    "requires_email_validation",
    "requires_address",
    "requires_terms",
    "approves_automatically",
)
_PORTAL = (
    "shows_catalog",
    "shows_dashboard",
    "shows_reports",
    "allows_purchasing",
    "shows_statements",
    "shows_accounts",
    "shows_company",
    "requires_terms_for_accounts",
)


def upgrade() -> None:
    # Not in a batch, and a unique index instead of a constraint: SQLite would copy a table that all others refer to.
    op.add_column(
        "resellers", sa.Column("portal_name", sa.String(length=100), nullable=False, server_default="")
    )
    op.add_column(
        "resellers", sa.Column("brand_color", sa.String(length=7), nullable=False, server_default="")
    )
    op.add_column("resellers", sa.Column("portal_host", sa.String(length=253), nullable=True))
    op.create_index("ix_resellers_portal_host", "resellers", ["portal_host"], unique=True)
    op.create_table(
        "storefront_settings",
        sa.Column("id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Boolean(), nullable=False) for name in _SWITCHES),
        sa.Column("green_domains", sa.Text(), nullable=False),
        sa.Column("red_domains", sa.Text(), nullable=False),
        sa.Column("signup_text", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Boolean(), nullable=False) for name in _PORTAL),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_storefront_settings_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_storefront_settings")),
        sa.UniqueConstraint("reseller_id", name=op.f("uq_storefront_settings_reseller_id")),
    )
    op.create_index(op.f("ix_storefront_settings_reseller_id"), "storefront_settings", ["reseller_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_storefront_settings_reseller_id"), table_name="storefront_settings")
    op.drop_table("storefront_settings")
    op.drop_index("ix_resellers_portal_host", table_name="resellers")
    for name in ("portal_host", "brand_color", "portal_name"):
        op.drop_column("resellers", name)
