"""PostgreSQL's way back to a template without a new database: only the tables that were written to are filled anew.

A database made from a template costs several times as much, and every connection to it learns the catalogue anew.
What is kept here are the rows of every table as the server itself writes them, and where its sequences stood.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, LiteralString, cast

import psycopg


@dataclass(frozen=True)
class Rows:
    """What is in every table, how many rows that are, and where every sequence stands."""

    tables: dict[str, bytes]
    sizes: dict[str, int]
    sequences: dict[str, tuple[int, bool]]


class Filler:
    """A connection of its own to one database. Between tests nobody else is at work in it."""

    def __init__(self, url: str) -> None:
        self._connection = psycopg.connect(url, autocommit=True)
        # Neither foreign keys nor triggers look: what comes back has been there before, in this very structure.
        self._run("SET session_replication_role = replica")
        self._run("SET lock_timeout = '20s'")
        self._tables = self._names("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        self._sequences = self._names(
            "SELECT sequencename FROM pg_sequences WHERE schemaname = 'public' ORDER BY 1"
        )
        # Newer than a transaction are the rows that were added or changed after it; those taken away are missed.
        self._counting = " UNION ALL ".join(
            f"SELECT '{name}', count(*), count(*) FILTER (WHERE xmin::text::bigint > %(since)s) FROM {name}"  # noqa: S608
            for name in self._tables
        )
        self._held = self.read()

    def read(self) -> Rows:
        """Return what is in the database; ``fill`` sees what is written to it from now on."""
        self._since = self._run("SELECT pg_current_xact_id()::text::bigint").fetchone()[0]
        tables = {}
        for name in self._tables:
            with self._connection.cursor().copy(f"COPY {name} TO STDOUT (FORMAT binary)") as copy:
                tables[name] = b"".join(bytes(part) for part in copy)
        sizes = {name: size for name, size, _new in self._count()}
        sequences = {
            name: self._run(f"SELECT last_value, is_called FROM {name}").fetchone()  # noqa: S608
            for name in self._sequences
        }
        self._held = Rows(tables, sizes, sequences)
        return self._held

    def fill(self, wanted: Rows) -> None:
        """Make the tables hold ``wanted``: the rows, their order on the page, and the numbers that come next."""
        self._end_others()
        others = [
            name
            for name, size, new in self._count()
            if new or size != self._held.sizes[name] or self._held.tables[name] != wanted.tables[name]
        ]
        if others:
            self._run("; ".join(f"DELETE FROM {name}" for name in others))  # noqa: S608
            self._run(f"VACUUM {', '.join(others)}")  # so that the same rows come to lie in the same order
            with self._connection.transaction():
                for name in others:
                    with self._connection.cursor().copy(f"COPY {name} FROM STDIN (FORMAT binary)") as copy:
                        copy.write(wanted.tables[name])
        steps = [f"setval('{name}', {last}, {called})" for name, (last, called) in wanted.sequences.items()]
        query = f"SELECT {', '.join(['pg_current_xact_id()::text::bigint', *steps])}"
        self._since = self._run(query).fetchone()[0]
        self._held = wanted

    def close(self) -> None:
        self._connection.close()

    def _run(self, statement: str, values: Any = None) -> Any:
        return self._connection.execute(cast(LiteralString, statement), values)

    def _names(self, query: str) -> list[str]:
        return [name for (name,) in self._run(query)]

    def _count(self) -> Any:
        return self._run(self._counting, {"since": self._since})

    def _end_others(self) -> None:
        """End what a test left in the middle of something: it would hold what is to be taken away."""
        self._run(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND backend_type = 'client backend' AND state <> 'idle'"
        )
