"""Let the database refuse to change or delete terms that were published."""

from __future__ import annotations

from alembic import op

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None

_MESSAGE = "published terms are never changed or deleted"


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER terms_versions_no_{verb.lower()} BEFORE {verb} ON terms_versions "
                f"WHEN OLD.published_at IS NOT NULL BEGIN SELECT RAISE(ABORT, '{_MESSAGE}'); END"
            )
        return
    op.execute(
        f"""
        CREATE FUNCTION cloudtally_refuse_terms_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF OLD.published_at IS NOT NULL THEN RAISE EXCEPTION '{_MESSAGE}'; END IF;
            IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
            RETURN NEW;
        END
        $$
        """
    )
    op.execute(
        "CREATE TRIGGER terms_versions_sealed BEFORE UPDATE OR DELETE ON terms_versions "
        "FOR EACH ROW EXECUTE FUNCTION cloudtally_refuse_terms_change()"
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("update", "delete"):
            op.execute(f"DROP TRIGGER terms_versions_no_{verb}")
        return
    op.execute("DROP TRIGGER terms_versions_sealed ON terms_versions")
    op.execute("DROP FUNCTION cloudtally_refuse_terms_change()")
