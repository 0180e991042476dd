"""Know more of a cloud account, and let it be nobody's yet."""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0063"
down_revision = "0064c"
branch_labels = None
depends_on = None

_AT = sa.DateTime(timezone=True).with_variant(sa.DateTime(), "sqlite")
_TYPES = sa.Enum(
    "resale", "subscription", name="account_type", native_enum=False, create_constraint=True, length=40
)


def upgrade() -> None:
    with op.batch_alter_table("cloud_accounts") as batch:
        batch.alter_column("customer_id", existing_type=sa.Integer(), nullable=True)
        batch.add_column(sa.Column("account_type", _TYPES, nullable=False, server_default="resale"))
        for name, length in (("root_email", 320), ("cost_centre", 100), ("role_arn", 600)):
            batch.add_column(sa.Column(name, sa.String(length), nullable=False, server_default=""))
        batch.add_column(sa.Column("external_id", sa.String(40), nullable=True))
        batch.add_column(sa.Column("custom_values", sa.JSON(), nullable=False, server_default="{}"))
        batch.add_column(sa.Column("archived_on", sa.Date(), nullable=True))
        batch.add_column(sa.Column("updated_at", _AT, nullable=True))
        batch.create_unique_constraint(batch.f("uq_cloud_accounts_external_id"), ["external_id"])
    with op.batch_alter_table("cloud_accounts") as batch:
        for name in ("account_type", "root_email", "cost_centre", "role_arn", "custom_values"):
            batch.alter_column(name, server_default=None)
    _draw_external_ids()


def _draw_external_ids() -> None:
    """Give the accounts that are there the id that new ones are drawn."""
    accounts = sa.table("cloud_accounts", sa.column("id"), sa.column("provider_id"), sa.column("external_id"))
    providers = sa.table("providers", sa.column("id"), sa.column("code"))
    aws = sa.select(providers.c.id).where(providers.c.code == "aws")
    connection = op.get_bind()
    ids = connection.scalars(sa.select(accounts.c.id).where(accounts.c.provider_id.in_(aws))).all()
    if ids:
        connection.execute(
            sa.update(accounts)
            .where(accounts.c.id == sa.bindparam("account"))
            .values(external_id=sa.bindparam("drawn")),
            [{"account": one, "drawn": f"CA{secrets.token_hex(16)}"} for one in ids],
        )


def downgrade() -> None:
    nobodys = "SELECT id FROM cloud_accounts WHERE customer_id IS NULL"
    op.execute(f"UPDATE approval_requests SET cloud_account_id = NULL WHERE cloud_account_id IN ({nobodys})")
    op.execute("DELETE FROM cloud_accounts WHERE customer_id IS NULL")
    with op.batch_alter_table("cloud_accounts") as batch:
        batch.drop_constraint(batch.f("uq_cloud_accounts_external_id"), type_="unique")
        if op.get_bind().dialect.name == "sqlite":
            batch.drop_constraint(batch.f("ck_cloud_accounts_account_type"), type_="check")
        for name in (
            "updated_at",
            "archived_on",
            "custom_values",
            "external_id",
            "role_arn",
            "cost_centre",
            "root_email",
            "account_type",
        ):
            batch.drop_column(name)
        batch.alter_column("customer_id", existing_type=sa.Integer(), nullable=False)
