"""Find the platform's audit entries, and those of a request, without reading all of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_audit_entries_platform_at",
        "audit_entries",
        ["at"],
        postgresql_where=sa.text("reseller_id IS NULL OR is_platform_actor IS true"),
        sqlite_where=sa.text("reseller_id IS NULL OR is_platform_actor IS 1"),
    )
    op.create_index(
        "ix_audit_entries_reseller_id_request_id_at", "audit_entries", ["reseller_id", "request_id", "at"]
    )


def downgrade() -> None:
    op.drop_index("ix_audit_entries_reseller_id_request_id_at", table_name="audit_entries")
    op.drop_index("ix_audit_entries_platform_at", table_name="audit_entries")
