"""Terms: what customers accept before they are served, version by version, and who accepted which."""

from __future__ import annotations

from typing import Any

from flask import current_app
from flask_babel import lazy_gettext as _l


def register(appbuilder: Any) -> None:
    """Show the terms among the reseller's settings."""
    from app.audit.places import add_record_page
    from app.security.personal_data import Part, add_part
    from app.shell.navigation import NavItem, add_item
    from app.terms.models import TermsVersion
    from app.terms.personal import acceptances_of, forget_acceptances, harm_to_acceptances
    from app.terms.views import TermsView

    appbuilder.add_view_no_menu(TermsView)
    add_part(Part("terms", acceptances_of, forget_acceptances, harm_to_acceptances))
    add_record_page("terms_version", TermsVersion, ("show", "Terms"), "TermsView.version", "version_id")
    add_item(
        current_app,
        NavItem(
            "settings.terms",
            _l("Terms"),
            "file-signature",
            "TermsView.show",
            ("show", "Terms"),
            group="account",
            area="settings",
        ),
    )
