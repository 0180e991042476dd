"""Make the database that the browser tests start from: ``python -m tests.browser.world FOLDER``.

It holds the two resellers of ``tests.worlds`` and, beside them, the demo world, whose lists look real. A process of its
own builds it, so that the test run's application and its database stay what they are.
"""

from __future__ import annotations

import sys
from pathlib import Path

import config
from tests.browser.serving import CHEAP


def build(folder: Path) -> None:
    """Fill ``folder`` with a database and the compiled translations' application behind it."""
    from app import create_app
    from app.demo import load
    from app.extensions import db
    from app.installation import bring_up_to_date
    from app.kernel.translations import compile_catalogs
    from app.tenancy.scope import system_scope
    from tests.worlds import build_world

    compile_catalogs(Path(config.ROOT) / "translations")
    settings = dict(config.load({"CLOUDTALLY_INSTANCE": str(folder), "SECRET_KEY": "browser-" + "b" * 40}))
    # Hundreds of sign-ins: what a password costs to check is not what these tests are about.
    settings["FAB_PASSWORD_HASH_METHOD"] = CHEAP
    app = create_app(settings)
    bring_up_to_date(app)
    with app.app_context():
        with system_scope("the browser tests build their world"):
            build_world()
        load(app)
        db.session.remove()
        with db.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        db.engine.dispose()


if __name__ == "__main__":
    build(Path(sys.argv[1]))
