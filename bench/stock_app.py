"""What a newcomer would have after following Flask-AppBuilder's documentation: the yardstick of the bench.

Default templates and settings, one ``ModelView`` for each table, the user class extended by the reseller, base filters
that limit a person to the own reseller. It shows the columns that our list shows; providers, support plan and number
of accounts are plain columns of the customer here, which is cheaper for it than relations would be. Its search columns
are plain columns too, so that no select of relations makes it slow, and its foreign keys have indexes.

    python -m bench.stock_app load FOLDER        fill its database
    gunicorn "bench.stock_app:serve('FOLDER')"   serve it
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from flask import Flask, g
from flask_appbuilder import AppBuilder, Model, ModelView
from flask_appbuilder.models.sqla.base import SQLA
from flask_appbuilder.models.sqla.filters import FilterEqualFunction
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_appbuilder.security.sqla.manager import SecurityManager
from flask_appbuilder.security.sqla.models import User
from flask_appbuilder.security.views import UserDBModelView
from sqlalchemy import Boolean, Column, DateTime, ForeignKey, Integer, Numeric, String, insert
from sqlalchemy.orm import relationship

from bench import data

db = SQLA(metadata=Model.metadata)
DATABASE = "stock.db"


class Reseller(Model):
    __tablename__ = "reseller"
    id = Column(Integer, primary_key=True)
    name = Column(String(200), unique=True, nullable=False)

    def __repr__(self) -> str:
        return str(self.name)


class StockUser(User):
    __tablename__ = "ab_user"
    reseller_id = Column(Integer, ForeignKey("reseller.id"))
    reseller = relationship("Reseller")


class Customer(Model):
    __tablename__ = "customer"
    id = Column(Integer, primary_key=True)
    reseller_id = Column(Integer, ForeignKey("reseller.id"), nullable=False, index=True)
    reseller = relationship("Reseller")
    number = Column(Integer)
    organization = Column(String(200), nullable=False)
    external_id = Column(String(100))
    contact_name = Column(String(120), nullable=False)
    contact_title = Column(String(120))
    email = Column(String(320), nullable=False)
    phone = Column(String(60))
    street = Column(String(200))
    city = Column(String(100))
    state = Column(String(100))
    postal_code = Column(String(20))
    country = Column(String(2), nullable=False)
    language = Column(String(10))
    spend_threshold_amount = Column(Numeric(16, 2))
    status = Column(String(40))
    is_taxable = Column(Boolean)
    providers = Column(String(100))
    support_plan = Column(String(100))
    account_count = Column(Integer)
    created_at = Column(DateTime)

    def __repr__(self) -> str:
        return str(self.organization)


class CloudAccount(Model):
    __tablename__ = "cloud_account"
    id = Column(Integer, primary_key=True)
    reseller_id = Column(Integer, ForeignKey("reseller.id"), nullable=False, index=True)
    customer_id = Column(Integer, ForeignKey("customer.id"), nullable=False, index=True)
    customer = relationship("Customer", backref="cloud_accounts")
    account_id = Column(String(128), nullable=False)
    name = Column(String(120))
    created_at = Column(DateTime)

    def __repr__(self) -> str:
        return str(self.account_id)


class StockUserView(UserDBModelView):
    """The user screen of the documentation's example."""


class StockSecurityManager(SecurityManager):
    user_model = StockUser
    userdbmodelview = StockUserView


def own_reseller() -> Any:
    return g.user.reseller_id


FORM_COLUMNS = [
    "reseller",
    "organization",
    "external_id",
    "contact_name",
    "contact_title",
    "email",
    "phone",
    "street",
    "postal_code",
    "city",
    "state",
    "country",
    "language",
    "spend_threshold_amount",
]


class CloudAccountModelView(ModelView):
    datamodel = SQLAInterface(CloudAccount)
    base_filters = [["reseller_id", FilterEqualFunction, own_reseller]]
    list_columns = ["account_id", "name", "created_at"]
    search_columns = ["account_id", "name"]
    add_columns = edit_columns = ["account_id", "name"]


class CustomerModelView(ModelView):
    datamodel = SQLAInterface(Customer)
    base_filters = [["reseller_id", FilterEqualFunction, own_reseller]]
    base_order = ("organization", "asc")
    related_views = [CloudAccountModelView]
    page_size = 25
    list_columns = [
        "organization",
        "number",
        "contact_name",
        "status",
        "providers",
        "support_plan",
        "account_count",
        "email",
        "created_at",
    ]
    search_columns = ["organization", "contact_name", "email", "number", "external_id"]
    show_columns = [*FORM_COLUMNS, "number", "status", "is_taxable", "created_at"]
    add_columns = edit_columns = FORM_COLUMNS


def make_app(folder: str) -> Flask:
    """Return the application on the database in ``folder``."""
    app = Flask("stock")
    app.config.update(
        SECRET_KEY="stock-" + "s" * 40,
        SQLALCHEMY_DATABASE_URI=f"sqlite:///{Path(folder) / DATABASE}",
        WTF_CSRF_ENABLED=True,
        AUTH_TYPE=1,
        APP_NAME="Stock",
        RATELIMIT_ENABLED=False,
    )
    db.init_app(app)
    with app.app_context():
        appbuilder = AppBuilder(app, db.session, security_manager_class=StockSecurityManager)
        appbuilder.add_view(CustomerModelView, "Customers", icon="fa-users", category="Billing")
        appbuilder.add_view(CloudAccountModelView, "Cloud accounts", icon="fa-cloud", category="Billing")
    return app


def serve(folder: str) -> Flask:
    """What gunicorn calls."""
    return make_app(folder)


def load(folder: str) -> None:
    """Fill the database in ``folder`` with the bench's rows and one person of one reseller."""
    app = make_app(folder)
    with app.app_context():
        manager = app.appbuilder.sm  # type: ignore[attr-defined]
        run = db.session.connection().execute
        run(
            insert(Reseller.__table__),
            [{"id": n, "name": f"Reseller {n}"} for n in range(1, data.RESELLERS + 1)],
        )
        for batch in data.batches(data.customers()):
            own = Customer.__table__.columns.keys()
            rows = [
                {key: row[key] for key in own if key in row}
                | {"providers": ", ".join(row["providers"]), "account_count": 2}
                | {"support_plan": "Business support" if row["has_support_plan"] else None}
                for row in batch
            ]
            run(insert(Customer.__table__), rows)
        for batch in data.batches(data.accounts()):
            run(insert(CloudAccount.__table__), batch)
        db.session.commit()
        role = manager.add_role("Ops")
        for view in ("CustomerModelView", "CloudAccountModelView"):
            for verb in ("can_list", "can_show", "can_add", "can_edit", "can_delete"):
                manager.add_permission_role(role, manager.find_permission_view_menu(verb, view))
        for menu in ("Billing", "Customers", "Cloud accounts"):
            manager.add_permission_role(role, manager.find_permission_view_menu("menu_access", menu))
        user = manager.add_user(data.EMAIL, "Olga", "Ops", data.EMAIL, role, data.PASSWORD)
        user.reseller_id = data.MINE
        db.session.commit()


if __name__ == "__main__":
    load(sys.argv[2])
