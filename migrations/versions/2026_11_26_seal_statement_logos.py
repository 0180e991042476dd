"""Let the database refuse to change or delete an image that stands on statements."""

from __future__ import annotations

from alembic import op

revision = "0094"
down_revision = "0093"
branch_labels = None
depends_on = None

_MESSAGE = "images of statements are never changed or deleted"


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER statement_logos_no_{verb.lower()} BEFORE {verb} ON statement_logos "
                f"BEGIN SELECT RAISE(ABORT, '{_MESSAGE}'); END"
            )
        return
    op.execute(
        f"""
        CREATE FUNCTION cloudtally_keep_statement_logo() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '{_MESSAGE}';
        END
        $$
        """
    )
    op.execute(
        "CREATE TRIGGER statement_logos_sealed BEFORE UPDATE OR DELETE ON statement_logos "
        "FOR EACH ROW EXECUTE FUNCTION cloudtally_keep_statement_logo()"
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("update", "delete"):
            op.execute(f"DROP TRIGGER statement_logos_no_{verb}")
        return
    op.execute("DROP TRIGGER statement_logos_sealed ON statement_logos")
    op.execute("DROP FUNCTION cloudtally_keep_statement_logo()")
