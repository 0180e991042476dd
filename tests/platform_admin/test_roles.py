"""The roles page shows what the code grants, and nothing can be changed there."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.extensions import db
from app.platform_admin.rights_table import SUBJECTS, VERB_WORDS, rights_of
from app.security.models import Role
from app.security.roles import RIGHTS, ROLE_RIGHTS, VERBS, RoleName


def test_every_subject_and_verb_has_a_name():
    assert {subject for subject, _verbs, _roles in RIGHTS} <= SUBJECTS.keys()
    assert set(VERBS) <= VERB_WORDS.keys()


@pytest.mark.parametrize("role", list(RoleName))
def test_the_table_shows_every_right(flask_app, role):
    with flask_app.test_request_context():
        shown = sum(len(verbs) for _subject, verbs in rights_of(role))

    assert shown == len(ROLE_RIGHTS[role.value])


def test_the_page_names_the_five_roles(world, client_for):
    page = client_for(world.admin).get("/platform/roles/list/").text

    assert all(role.value in page for role in RoleName)
    assert "alone manages console users" in page


def test_a_role_opens_and_cannot_be_changed(flask_app, world, client_for):
    client = client_for(world.admin)
    with flask_app.app_context():
        key = db.session.scalars(select(Role.id).where(Role.name == "Reseller Sales")).one()

    assert "Customers" in client.get(f"/platform/roles/show/{key}").text
    for path in (f"edit/{key}", "add", f"delete/{key}"):
        assert client.get(f"/platform/roles/{path}").status_code == 404
        assert client.post(f"/platform/roles/{path}").status_code == 404
    assert client.get("/platform/roles/show/999").status_code == 404
