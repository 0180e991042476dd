"""Keep a trigram index for searching customers.

SQLite: an FTS5 table with the trigram tokenizer, filled by triggers; its column ``reseller`` holds the reseller as one
trigram of private-use characters. PostgreSQL: a GIN index over an array of reseller-prefixed trigrams.
"""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_RESELLER = (
    "char(57344 + ((new.reseller_id >> 20) % 1024), 57344 + ((new.reseller_id >> 10) % 1024), "
    "57344 + (new.reseller_id % 1024))"
)
_ADD = (
    "INSERT INTO customers_fts(rowid, reseller, body) "
    f"VALUES (new.id, {_RESELLER}, new.search_own || char(10) || new.search_accounts);"
)
_DROP = "DELETE FROM customers_fts WHERE rowid = old.id;"


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE VIRTUAL TABLE customers_fts USING fts5(reseller, body, tokenize='trigram case_sensitive 1')"
        )
        op.execute(f"CREATE TRIGGER customers_fts_insert AFTER INSERT ON customers BEGIN {_ADD} END")
        op.execute(
            "CREATE TRIGGER customers_fts_update AFTER UPDATE OF search_own, search_accounts, reseller_id ON customers "
            f"BEGIN {_DROP} {_ADD} END"
        )
        op.execute(f"CREATE TRIGGER customers_fts_delete AFTER DELETE ON customers BEGIN {_DROP} END")
        return
    op.execute(
        """
        CREATE FUNCTION cloudtally_trigrams(reseller integer, body text) RETURNS text[]
        LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 5000 AS $$
            SELECT coalesce(array_agg(DISTINCT reseller::text || ':' || substr(body, i, 3)), '{}'::text[])
            FROM generate_series(1, greatest(length(body) - 2, 0)) AS i
        $$
        """
    )
    op.execute(
        "CREATE INDEX ix_customers_trigrams ON customers USING gin "
        "(cloudtally_trigrams(reseller_id, (search_own || E'\\n') || search_accounts))"
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name in ("insert", "update", "delete"):
            op.execute(f"DROP TRIGGER customers_fts_{name}")
        op.execute("DROP TABLE customers_fts")
        return
    op.execute("DROP INDEX ix_customers_trigrams")
    op.execute("DROP FUNCTION cloudtally_trigrams(integer, text)")
