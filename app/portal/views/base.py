"""The base of pages for signed-in customers."""

from __future__ import annotations

from typing import Any

from app.customers.models import Customer
from app.portal.access import openings, own_reseller
from app.portal.queries.company import own_customer
from app.portal.storefront import StorefrontPage


class CustomerPage(StorefrontPage):
    """A page for the customer's people; each of its methods says ``@has_access``.

    Templates get plain values (``app.portal.queries``), whom the customer buys from, and what is open to the person.
    """

    @staticmethod
    def customer() -> Customer:
        """Return the own company's record: for services, never for a template."""
        return own_customer()

    def page(self, template: str, title: object, **context: Any) -> str:
        """Render a page of the portal."""
        rendered: str = self.render_template(
            template, title=title, reseller=own_reseller(), opened=openings(), **context
        )
        return rendered
