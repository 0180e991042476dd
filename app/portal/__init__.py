"""The customer portal: its front and door, sign-up, terms, and what a signed-in customer sees of the own company."""

from __future__ import annotations

from typing import Any

from flask import current_app
from sqlalchemy import exists, select


def register(appbuilder: Any) -> None:
    """Show the portal's pages, in the reseller's name."""
    from app.customers.models import Customer, CustomerStatus
    from app.customers.registry import (
        THIS_CUSTOMER,
        add_archive_keeper,
        add_belongings,
        add_farewell,
        add_history,
    )
    from app.portal import branding, navigation, public_views, storefront
    from app.portal.signup import proof, tasks
    from app.portal.signup import views as signup_views
    from app.portal.signup.forgetting import forget_mails_of, keep_unproven, make_way
    from app.portal.signup.models import EmailValidation
    from app.portal.signup.personal import forget_signup, signup_of
    from app.portal.terms_first import terms_first
    from app.portal.terms_views import PortalTermsView
    from app.portal.views.accounts import PortalAccountsView
    from app.portal.views.billing import PortalDashboardView, PortalReportsView, PortalStatementsView
    from app.portal.views.company import PortalCompanyView
    from app.portal.views.home import PortalView
    from app.portal.views.people import PortalUsersView
    from app.portal.views.requests import PortalRequestsView
    from app.security.accounts import MAKES_WAY
    from app.security.personal_data import Part, add_part
    from app.security.signals import address_vouched
    from app.terms.models import TermsAcceptance

    views = (
        branding.BrandView,
        public_views.PortalSignInView,
        public_views.PortalPasswordView,
        public_views.PortalProviderLogoView,
        signup_views.SignupView,
        signup_views.ValidationView,
        PortalTermsView,
        PortalView,
        PortalDashboardView,
        PortalReportsView,
        PortalStatementsView,
        PortalAccountsView,
        PortalRequestsView,
        PortalUsersView,
        PortalCompanyView,
    )
    for view in views:
        appbuilder.add_view_no_menu(view)
    storefront.init_app(current_app, views)
    current_app.before_request(terms_first)
    tasks.register(current_app)
    # What was accepted at sign-up is part of it until the reseller decides, and goes when that is a no.
    is_decided = exists().where(Customer.id == THIS_CUSTOMER, Customer.status != CustomerStatus.PENDING)
    accepted = select(TermsAcceptance.id).where(TermsAcceptance.customer_id == THIS_CUSTOMER, is_decided)
    add_history("terms", accepted.limit(1).scalar_subquery())
    add_archive_keeper("signup", keep_unproven)
    add_farewell("signup", forget_mails_of)
    MAKES_WAY["signup"] = make_way
    address_vouched.connect(proof.take_word_for)
    for model in (EmailValidation, TermsAcceptance):
        add_belongings(model)
    add_part(Part("signup", signup_of, forget_signup))
    current_app.context_processor(branding.dress)
    navigation.announce(current_app)
