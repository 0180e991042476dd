"""Usage: how providers' bills come in, and what they say, as lines and sums in Parquet files that DuckDB reads."""

from __future__ import annotations

from typing import Any

from flask import current_app
from flask_babel import lazy_gettext as _l


def register(appbuilder: Any) -> None:
    """Announce imports and months, what works on an import, and what each sweep looks after."""
    from app.audit.places import add_record_page
    from app.customers import registry
    from app.shell.navigation import NavItem, add_item, note_count
    from app.usage import month_views, queries, sweeping, views
    from app.usage.models import UsageImport

    add_record_page(
        "usage_import", UsageImport, ("show", "UsageImports"), "UsageImportsView.show", "import_id"
    )
    registry.add_errand(
        "undecided",
        queries.UNDECIDED_COUNT.scalar_subquery(),
        lambda number: note_count(queries.UNDECIDED_COUNT, number),
    )
    sweeping.register(current_app)
    appbuilder.add_view_no_menu(views.UsageImportsView)
    appbuilder.add_view_no_menu(month_views.ProviderMonthsView)
    for item in (
        NavItem(
            "usage_imports",
            _l("Imports"),
            "file-import",
            "UsageImportsView.list",
            ("list", "UsageImports"),
            group="billing",
            counts=queries.UNDECIDED_COUNT,
        ),
        NavItem(
            "provider_months",
            _l("Months"),
            "calendar-check",
            "ProviderMonthsView.list",
            ("list", "ProviderMonths"),
            group="billing",
        ),
    ):
        add_item(current_app, item)
