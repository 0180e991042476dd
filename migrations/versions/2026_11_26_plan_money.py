"""Keep amounts of charge plans with four decimals: the finest currency there is has so many, KWD three."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0065"
down_revision = "0062b"
branch_labels = None
depends_on = None

_NAMES = ("amount", "minimum", "maximum")


def upgrade() -> None:
    _rescale(sa.Numeric(16, 2), sa.Numeric(18, 4), "{name} * 100")


def downgrade() -> None:
    # What the older product cannot keep is rounded to hundredths.
    _rescale(sa.Numeric(18, 4), sa.Numeric(16, 2), "({name} + 50) / 100")


def _rescale(old: sa.Numeric[object], new: sa.Numeric[object], scaled: str) -> None:
    if op.get_bind().dialect.name == "sqlite":  # whole numbers, of the scale that the product knows
        for name in _NAMES:
            op.execute(f"UPDATE charge_plans SET {name} = {scaled.format(name=name)}")
        return
    with op.batch_alter_table("charge_plans") as batch:
        for name in _NAMES:
            batch.alter_column(name, existing_type=old, type_=new, existing_nullable=True)
