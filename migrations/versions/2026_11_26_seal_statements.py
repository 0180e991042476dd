"""Let the database refuse to change an issued statement, to delete one, and to touch its lines."""

from __future__ import annotations

from alembic import op

revision = "0081"
down_revision = "0080"
branch_labels = None
depends_on = None

_COLUMNS = (
    "id", "reseller_id", "customer_id", "month", "kind", "provider_id", "number", "currency",
    "usage_amount", "charges_amount", "adjustment_amount", "credit_amount", "tax_amount", "total", "seller_cost",
    "is_estimated", "reviews", "corrects_id", "rated_at", "created_by", "issued_at", "issued_by", "due_on",
    "fingerprint", "frozen_hash", "paper", "frozen", "behind",
)  # fmt: skip
#: JSON has no equality on PostgreSQL.
_JSON = frozenset({"paper", "frozen"})
_OF_A_STATEMENT = ("statement_lines", "statement_uses", "statement_parts")
_CHANGED = "issued statements are never changed"
_DELETED = "issued statements are never deleted"
_STATES = "an issued statement does not become a draft, and a void one stays void"


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _seal_sqlite()
    else:
        _seal_postgresql()


def _seal_sqlite() -> None:
    changed = " OR ".join(f"NEW.{one} IS NOT OLD.{one}" for one in _COLUMNS)
    op.execute(
        "CREATE TRIGGER statements_no_change BEFORE UPDATE ON statements "
        f"WHEN OLD.issued_at IS NOT NULL AND ({changed}) "
        f"BEGIN SELECT RAISE(ABORT, '{_CHANGED}'); END"
    )
    op.execute(
        "CREATE TRIGGER statements_no_way_back BEFORE UPDATE ON statements "
        "WHEN OLD.issued_at IS NOT NULL AND (OLD.state = 'void' OR NEW.state IN ('draft', 'discarded')) "
        f"BEGIN SELECT RAISE(ABORT, '{_STATES}'); END"
    )
    op.execute(
        "CREATE TRIGGER statements_no_delete BEFORE DELETE ON statements WHEN OLD.issued_at IS NOT NULL "
        f"BEGIN SELECT RAISE(ABORT, '{_DELETED}'); END"
    )
    for table in _OF_A_STATEMENT:
        for verb, row in (("INSERT", "NEW"), ("UPDATE", "OLD"), ("DELETE", "OLD")):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"WHEN (SELECT issued_at FROM statements WHERE id = {row}.statement_id) IS NOT NULL "
                f"BEGIN SELECT RAISE(ABORT, '{_CHANGED}'); END"
            )


def _seal_postgresql() -> None:
    changed = " OR ".join(
        f"NEW.{one}::text IS DISTINCT FROM OLD.{one}::text" if one in _JSON
        else f"NEW.{one} IS DISTINCT FROM OLD.{one}"
        for one in _COLUMNS
    )  # fmt: skip
    op.execute(
        f"""
        CREATE FUNCTION cloudtally_keep_statement() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF OLD.issued_at IS NULL THEN
                IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
                RETURN NEW;
            END IF;
            IF TG_OP = 'DELETE' THEN RAISE EXCEPTION '{_DELETED}'; END IF;
            IF {changed} THEN RAISE EXCEPTION '{_CHANGED}'; END IF;
            IF OLD.state = 'void' OR NEW.state IN ('draft', 'discarded') THEN RAISE EXCEPTION '{_STATES}'; END IF;
            RETURN NEW;
        END
        $$
        """
    )
    op.execute(
        "CREATE TRIGGER statements_sealed BEFORE UPDATE OR DELETE ON statements "
        "FOR EACH ROW EXECUTE FUNCTION cloudtally_keep_statement()"
    )
    op.execute(
        f"""
        CREATE FUNCTION cloudtally_keep_statement_part() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE of_statement integer;
        BEGIN
            IF TG_OP = 'INSERT' THEN of_statement := NEW.statement_id; ELSE of_statement := OLD.statement_id; END IF;
            IF (SELECT issued_at FROM statements WHERE id = of_statement) IS NOT NULL THEN
                RAISE EXCEPTION '{_CHANGED}';
            END IF;
            IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
            RETURN NEW;
        END
        $$
        """
    )
    for table in _OF_A_STATEMENT:
        op.execute(
            f"CREATE TRIGGER {table}_sealed BEFORE INSERT OR UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION cloudtally_keep_statement_part()"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name in ("statements_no_change", "statements_no_way_back", "statements_no_delete"):
            op.execute(f"DROP TRIGGER {name}")
        for table in _OF_A_STATEMENT:
            for verb in ("insert", "update", "delete"):
                op.execute(f"DROP TRIGGER {table}_no_{verb}")
        return
    for table in ("statements", *_OF_A_STATEMENT):
        op.execute(f"DROP TRIGGER {table}_sealed ON {table}")
    op.execute("DROP FUNCTION cloudtally_keep_statement()")
    op.execute("DROP FUNCTION cloudtally_keep_statement_part()")
