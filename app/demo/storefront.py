"""The demo reseller's storefront: its colour, what it shows, and terms that its customers' people have accepted."""

from __future__ import annotations

from sqlalchemy import select

from app.customers.models import Customer
from app.extensions import db
from app.kernel.clock import utc_now
from app.security.models import User, UserStatus
from app.settings import storefront
from app.tenancy.models import Reseller
from app.terms import services as terms

BRAND_COLOR = "#7a2c4b"

_SIGNUP_TEXT = "<p>We check every sign-up by hand and answer within one working day.</p>"
_TERMS = {
    "en": """<h2>1. What this is about</h2>
<p>These terms hold for cloud services that you buy through Harbourline Cloud GmbH. What a provider offers, and under which terms of its own, is the provider's matter; we pass it on unchanged.</p>
<h2>2. Orders and accounts</h2>
<ul><li>An order becomes binding when we confirm it.</li><li>Whoever has a login of yours orders in your name.</li>
<li>An account can be given back at the end of any month.</li></ul>
<h2>3. Invoices</h2>
<p>You get one invoice a month for all providers. It is due after 14 days.</p>""",
    "de": """<h2>1. Worum es geht</h2>
<p>Diese Bedingungen gelten für Cloud-Dienste, die Sie über die Harbourline Cloud GmbH beziehen. Was ein Anbieter leistet und unter welchen eigenen Bedingungen, ist seine Sache; wir geben es unverändert weiter.</p>
<h2>2. Bestellungen und Konten</h2>
<ul><li>Eine Bestellung wird verbindlich, wenn wir sie bestätigen.</li><li>Wer einen Login Ihres Unternehmens hat, bestellt in Ihrem Namen.</li><li>Ein Konto kann zum Ende jedes Monats zurückgegeben werden.</li></ul>
<h2>3. Rechnungen</h2>
<p>Sie erhalten jeden Monat eine Rechnung für alle Anbieter. Sie ist nach 14 Tagen fällig.</p>""",
}


def load_storefront(reseller: Reseller) -> None:
    """Dress the storefront of the reseller in scope. Its customers and their people are there already."""
    now = utc_now()
    reseller.brand_color = BRAND_COLOR
    settings = storefront.hold_settings()
    settings.shows_catalog, settings.signup_text = True, _SIGNUP_TEXT
    draft = terms.save_draft(_TERMS, version=0, now=now)
    published = terms.publish(draft, default_language="en", now=now)
    people = select(User, Customer).join(Customer, Customer.id == User.customer_id)
    for user, customer in db.session.execute(people.where(User.status == UserStatus.ACTIVE)):
        terms.accept(user, published, organization=customer.organization, address="", now=now)
