"""What people do with a file of customers, for the tests of the import."""

from __future__ import annotations

import io
import re
from types import SimpleNamespace
from typing import Any

from sqlalchemy import select

from app.custom_fields.models import CustomFieldDefinition, FieldTarget, FieldType
from app.customers.models import Customer
from app.extensions import db
from app.kernel.unit_of_work import unit_of_work
from app.tenancy.scope import reseller_scope, system_scope

HEAD = "organization,contact_name,email,country"
GOOD = f"{HEAD}\nAcme,Ann,ann@acme.example,DE\nBolt,Bob,bob@bolt.example,France\n"
PAGE = "/customers/import/"


def upload(client: Any, content: str | bytes, name: str = "customers.csv") -> Any:
    body = content.encode() if isinstance(content, str) else content
    return client.post(PAGE, {"file": (io.BytesIO(body), name)}, content_type="multipart/form-data")


def checked(client: Any, content: str | bytes) -> str:
    """Upload a file that can be read and return the address of its report."""
    answer = upload(client, content)
    assert answer.status_code == 302, answer.text
    return str(answer.location)


def apply(client: Any, report: str) -> Any:
    return client.post(f"{report}apply/")


def customers(app: Any, reseller_id: int) -> dict[str, SimpleNamespace]:
    """Return the reseller's customers by organization."""
    names = (
        "organization",
        "number",
        "country",
        "email",
        "language",
        "spend_threshold_amount",
        "custom_values",
    )
    with app.app_context(), system_scope("tests look"):
        rows = db.session.scalars(select(Customer).where(Customer.reseller_id == reseller_id))
        return {
            row.organization: SimpleNamespace(**{name: getattr(row, name) for name in names}) for row in rows
        }


def add_field(app: Any, reseller_id: int, name: str, kind: FieldType, **more: Any) -> None:
    with app.app_context(), reseller_scope(reseller_id), unit_of_work(db.session):
        values = {"label": name, "choices": []} | more
        db.session.add(CustomFieldDefinition(name=name, type=kind, target=FieldTarget.CUSTOMER, **values))


def text_of(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))
