"""What people read who may not open a page, and what forms say in WTForms' place."""

from __future__ import annotations

from typing import Any

import pytest

from app.custom_fields.models import CustomFieldDefinition, FieldTarget, FieldType
from app.extensions import db
from app.tenancy.models import Reseller
from app.tenancy.scope import reseller_scope, system_scope
from tests.worlds import World


@pytest.mark.parametrize(
    ("language", "sentence", "denied"),
    [
        ("en", "Log in to continue.", "Access is Denied"),
        ("de", "Melden Sie sich an", "Zugriff wurde verweigert"),
    ],
)
def test_a_deep_link_asks_to_sign_in(
    world: World, client_for: Any, language: str, sentence: str, denied: str
) -> None:
    client, headers = client_for(), {"Accept-Language": language}
    for _ in range(2):
        client.get("/customers/list/", headers=headers)

    page = client.get("/login/", headers=headers).text

    assert page.count(sentence) == 1
    assert denied not in page
    assert "alert-danger" not in page


def test_a_403_says_who_can_help(flask_app: Any, world: World, client_for: Any) -> None:
    with flask_app.app_context(), system_scope("test"):
        db.session.get(Reseller, world.north.id).support_email = "help@north.example"
        db.session.commit()

    def text(person: Any, url: str) -> str:
        answer = client_for(person).get(url)
        assert answer.status_code == 403
        return str(answer.text)

    assert "Enter the reseller&#39;s console first." in text(world.admin, "/customers/list/")
    assert "Write to help@north.example." in text(world.north.customer_user, "/customers/list/")
    assert "Ask an owner" in text(world.north.ops, "/settings/users/")
    assert "Ask an owner" not in text(world.north.owner, "/platform/")


def test_a_wrong_date_is_refused_in_own_words(flask_app: Any, world: World, client_for: Any) -> None:
    with flask_app.app_context(), reseller_scope(world.north.id):
        db.session.add(
            CustomFieldDefinition(
                target=FieldTarget.CUSTOMER, name="since", label="Since", type=FieldType.DATE, choices=[]
            )
        )
        db.session.commit()

    answer = client_for(world.north.ops).post(
        f"/customers/{world.north.customer.id}/custom-fields/", {"cf_since": "soon", "version": "1"}
    )

    assert answer.status_code == 422
    assert "Enter a date such as 2026-12-31." in answer.text
    assert "Not a valid" not in answer.text
