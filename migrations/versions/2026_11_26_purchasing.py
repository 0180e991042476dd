"""Let customers go on asking for providers: the switch that decides about it was kept, off, and meant nothing."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0096"
down_revision = "0094"
branch_labels = None
depends_on = None

_SETTINGS = sa.table("storefront_settings", sa.column("allows_purchasing", sa.Boolean))


def upgrade() -> None:
    op.execute(_SETTINGS.update().values(allows_purchasing=sa.true()))


def downgrade() -> None:
    op.execute(_SETTINGS.update().values(allows_purchasing=sa.false()))
