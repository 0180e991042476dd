"""Date what a customer pays at a provider: book and what is passed on, provider credits among it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0061a"
down_revision = "0061"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("provider_enablements") as batch:
        batch.add_column(sa.Column("counts_from", sa.Date(), nullable=True))
        batch.add_column(
            sa.Column("pass_provider_credits", sa.Boolean(), nullable=False, server_default=sa.false())
        )
    with op.batch_alter_table("provider_enablements") as batch:
        batch.alter_column("pass_provider_credits", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("provider_enablements") as batch:
        batch.drop_column("pass_provider_credits")
        batch.drop_column("counts_from")
