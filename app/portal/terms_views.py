"""The terms as customers and visitors read them, and as customers accept them."""

from __future__ import annotations

from typing import Any

import wtforms
from flask import abort, flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import no_cache
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_login import current_user

from app.errors import WrongState
from app.kernel.clock import utc_now
from app.kernel.rich_text import as_markup
from app.portal.public_views import VisitorPage
from app.portal.queries.company import own_company
from app.portal.storefront import storefront
from app.portal.terms_first import has_to_accept
from app.shell.fields import BaseForm
from app.shell.links import wanted_place
from app.shell.pages import submit
from app.terms.models import TermsVersion
from app.terms.queries import current_terms
from app.terms.services import accept, has_accepted


class AcceptForm(BaseForm):
    """The button below the terms, which knows what stood above it."""

    terms_id = wtforms.HiddenField()


class PortalTermsView(VisitorPage):
    """The reseller's terms in force."""

    class_permission_name = "PortalTerms"

    @expose("/terms/", methods=["GET", "POST"])
    @no_cache
    def show(self) -> Any:
        terms, is_customer = current_terms(), current_user.is_authenticated
        if request.method == "POST" and not is_customer:
            return self.appbuilder.sm.lm.unauthorized()
        if terms is None:
            abort(404)
        form = AcceptForm()
        read, form.terms_id.data = form.terms_id.data, str(terms.id)
        done, status = submit(form, lambda: self._accept(terms, read))
        if done is not None:
            flash(
                _("Thank you. You accepted version %(number)s of the terms.", number=terms.number), "success"
            )
            return redirect(self._next_url())
        languages = (str(get_locale() or ""), *storefront().language_codes)
        page = self.show_public(
            "portal/terms.html",
            title=_("Terms"),
            form=form,
            terms=terms,
            text=as_markup(terms.text_in(*languages)),
            may_accept=is_customer and not has_accepted(current_user),
            must_accept=has_to_accept(),
        )
        return page, status

    @staticmethod
    def _accept(terms: TermsVersion, read: str | None) -> bool:
        if read != str(terms.id):
            raise WrongState(_("There is a newer version of the terms. Read and accept that one."))
        accept(
            current_user._get_current_object(),
            terms,
            organization=own_company().organization,
            address=request.remote_addr or "",
            now=utc_now(),
        )
        return True

    @staticmethod
    def _next_url() -> str:
        """Where the person wanted to go, as long as that is a page of this portal or of the own login."""
        home = url_for("PortalView.show")
        host, path = wanted_place()
        is_ours = not host and path.startswith((home, "/profile/"))
        return path if is_ours and path != request.path else home
