"""Let tax rates and customers' tax profiles count from a month; whether a customer is taxable moves to its profile."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0064"
down_revision = "0060"
branch_labels = None
depends_on = None

_profiles = sa.table(
    "tax_profiles",
    sa.column("reseller_id", sa.Integer),
    sa.column("customer_id", sa.Integer),
    sa.column("is_taxable", sa.Boolean),
    sa.column("tax_rate_ids", sa.JSON),
    sa.column("version", sa.Integer),
)
_customers = sa.table(
    "customers",
    sa.column("id", sa.Integer),
    sa.column("reseller_id", sa.Integer),
    sa.column("is_taxable", sa.Boolean),
)
_links = sa.table(
    "customer_tax_rates", sa.column("customer_id", sa.Integer), sa.column("tax_rate_id", sa.Integer)
)


def upgrade() -> None:
    with op.batch_alter_table("tax_rates") as batch:
        batch.add_column(sa.Column("counts_from", sa.Date(), nullable=True))
    op.create_table(
        "tax_profiles",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("is_taxable", sa.Boolean(), nullable=False),
        sa.Column("tax_rate_ids", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("counts_from", sa.Date(), nullable=True),
        sa.Column("reseller_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reseller_id", "customer_id"],
            ["customers.reseller_id", "customers.id"],
            name=op.f("fk_tax_profiles_reseller_id_customer_id_customers"),
        ),
        sa.ForeignKeyConstraint(
            ["reseller_id"], ["resellers.id"], name=op.f("fk_tax_profiles_reseller_id_resellers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tax_profiles")),
        sa.UniqueConstraint("customer_id", name=op.f("uq_tax_profiles_customer_id")),
    )
    op.create_index(op.f("ix_tax_profiles_reseller_id"), "tax_profiles", ["reseller_id"])
    _fill_profiles()
    # Natively on every engine: made anew, the table would lose its triggers on SQLite.
    op.drop_column("customers", "is_taxable")


def downgrade() -> None:
    op.add_column(
        "customers", sa.Column("is_taxable", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    taxable = sa.select(_profiles.c.customer_id).where(_profiles.c.is_taxable)
    op.get_bind().execute(_customers.update().where(_customers.c.id.in_(taxable)).values(is_taxable=True))
    op.drop_index(op.f("ix_tax_profiles_reseller_id"), table_name="tax_profiles")
    op.drop_table("tax_profiles")
    with op.batch_alter_table("tax_rates") as batch:
        batch.drop_column("counts_from")


def _fill_profiles() -> None:
    """Give a profile to every customer that is taxable or has a rate."""
    connection = op.get_bind()
    rates: dict[int, list[int]] = {}
    for customer_id, rate_id in connection.execute(sa.select(_links.c.customer_id, _links.c.tax_rate_id)):
        rates.setdefault(customer_id, []).append(rate_id)
    query = sa.select(_customers.c.id, _customers.c.reseller_id, _customers.c.is_taxable)
    rows = [
        {
            "reseller_id": reseller_id,
            "customer_id": customer_id,
            "is_taxable": is_taxable,
            "tax_rate_ids": sorted(rates.get(customer_id, [])),
            "version": 1,
        }
        for customer_id, reseller_id, is_taxable in connection.execute(query)
        if is_taxable or customer_id in rates
    ]
    if rows:
        connection.execute(_profiles.insert(), rows)
