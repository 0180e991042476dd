"""Console users: who may do what to whom, and the Owner who is always left."""

from __future__ import annotations

import re
import threading
from typing import Any

import pytest
from sqlalchemy import select

from app.audit.models import AuditEntry
from app.errors import WrongState
from app.extensions import db
from app.kernel.unit_of_work import unit_of_work
from app.security.models import User, UserStatus
from app.security.roles import CONSOLE_ROLES, RoleName
from app.settings import console_users
from app.tenancy.scope import Actor, Scope, ScopeKind, use_scope
from tests.conftest import ENGINE
from tests.worlds import PASSWORD

LIST = "/settings/users/"
NEW = {
    "name": "Nora New",
    "email": "Nora@north.example",
    "role": "Reseller Ops",
    "access": "invite",
    "password": "",
}
SECRET = "four quiet grey geese"


def scope(side: Any, actor_id: int | None = None) -> Any:
    return use_scope(Scope(ScopeKind.RESELLER, side.id, None, Actor(actor_id, "Test")))


def user(app: Any, side: Any, email: str) -> Any:
    with app.app_context(), scope(side):
        found = db.session.scalars(select(User).where(User.email == email)).unique().one_or_none()
        _ = found and found.roles
        return found


def make_owner(app: Any, side: Any, email: str = "second@north.example") -> int:
    with app.app_context(), scope(side), unit_of_work(db.session):
        made, _secret = console_users.add_user(
            name="Second Owner",
            email=email,
            role=RoleName.OWNER.value,
            password=SECRET,
            grantable=CONSOLE_ROLES,
            now=None,
        )
        made.has_temporary_password = False  # an own one was chosen since
        return int(made.id)


def opened(client: Any, url: str) -> str:
    return re.search(r'name="opened"[^>]*value="([^"]*)"', client.get(url).text)[1]


def url_of(person: Any, verb: str = "") -> str:
    return f"{LIST}{person.id if hasattr(person, 'id') else person}/{verb}"


def test_the_list_counts_and_shows_console_users_only(world: Any, client_for: Any) -> None:
    page = client_for(world.north.owner).get(LIST).text

    for person in (world.north.owner, world.north.ops, world.north.sales):
        assert person.email in page
    assert world.north.customer_user.email not in page
    assert "southcanary" not in page
    assert re.search(r'Users</span> <span class="ct-count">3<', page)
    assert re.search(r"Reseller Sales <b>1</b>", page)
    assert re.search(r'Active<span class="badge">3<', page)


@pytest.mark.parametrize(
    ("query", "found"),
    [("q=OPS", {"ops"}), ("role=Reseller+Sales", {"sales"}), ("status=suspended", set()), ("q=zzz", set())],
)
def test_search_and_filters(world: Any, client_for: Any, query: str, found: set[str]) -> None:
    page = client_for(world.north.owner).get(f"{LIST}?{query}").text

    table = page.partition("<tbody>")[2]
    assert {word for word in ("owner", "ops", "sales") if f"{word}@northcanary" in table} == found
    assert ("No user matches" in page) is (not found)


@pytest.mark.parametrize("query", ["page=abc", "page=-1", "per_page=7", "page=99999999"])
def test_pages_that_no_link_asks_for_are_refused(world: Any, client_for: Any, query: str) -> None:
    assert client_for(world.north.owner).get(f"{LIST}?{query}").status_code == 400


def test_an_invited_user_gets_a_link_that_is_shown_once_and_works(
    flask_app: Any, world: Any, client_for: Any
) -> None:
    client = client_for(world.north.owner)

    answer = client.post(LIST + "add", NEW)
    first = client.get(answer.location).text
    second = client.get(answer.location).text

    link = re.search(r'http://localhost(/invitation/[^/"<]+/)', first)
    assert link is not None
    assert "/invitation/" not in second
    assert "Invited" in client.get(LIST).text
    assert user(flask_app, world.north, "nora@north.example").password is None
    guest = client_for()
    taken = guest.post(link[1], {"password": SECRET, "repeated": SECRET})
    assert taken.status_code == 302
    assert guest.get("/customers/list/").status_code == 200


def test_the_link_uses_the_public_address(
    flask_app: Any, world: Any, client_for: Any, monkeypatch: Any
) -> None:
    monkeypatch.setitem(flask_app.config, "CLOUDTALLY_PUBLIC_URL", "https://console.north.example")
    client = client_for(world.north.owner)

    page = client.get(client.post(LIST + "add", NEW).location).text

    assert "https://console.north.example/invitation/" in page


def test_a_password_set_for_somebody_is_temporary_and_no_link_is_made(
    flask_app: Any, world: Any, client_for: Any
) -> None:
    client = client_for(world.north.owner)

    answer = client.post(LIST + "add", {**NEW, "access": "password", "password": SECRET})

    made = user(flask_app, world.north, "nora@north.example")
    assert made.has_temporary_password
    assert made.role_name == "Reseller Ops"
    assert "/invitation/" not in client.get(answer.location).text


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"email": "nobody"}, "email"),
        ({"email": "x" * 320 + "@a.example"}, "email"),
        ({"role": "Platform Admin"}, "role"),
        ({"role": "Customer User"}, "role"),
        ({"role": ""}, "role"),
        ({"access": "password", "password": ""}, "password"),
        ({"access": "password", "password": "short"}, "password"),
        ({"access": "password", "password": "qwertyuiop123"}, "password"),
        ({"access": "magic"}, "access"),
    ],
)
def test_bad_input_adds_nobody(flask_app: Any, world: Any, client_for: Any, changes: Any, field: str) -> None:
    answer = client_for(world.north.owner).post(LIST + "add", {**NEW, **changes})

    assert answer.status_code == 422
    assert f"{field}-err" in answer.text
    assert user(flask_app, world.north, "nora@north.example") is None


def test_an_address_that_is_taken_anywhere_is_refused_without_saying_where(
    world: Any, client_for: Any
) -> None:
    for taken in (world.south.owner, world.north.customer_user, world.admin):
        answer = client_for(world.north.owner).post(LIST + "add", {**NEW, "email": taken.email.upper()})

        assert answer.status_code == 422
        assert "This address cannot be used." in answer.text
        assert taken.name not in answer.text


def test_another_role_holds_at_the_next_request(flask_app: Any, world: Any, client_for: Any) -> None:
    owner, ops = client_for(world.north.owner), client_for(world.north.ops)
    assert ops.get("/settings/taxes/").status_code == 200
    url = url_of(world.north.ops)

    saved = owner.post(url, {"name": "Olga Ops", "role": "Reseller Sales", "opened": opened(owner, url)})

    assert saved.status_code == 302
    assert ops.get("/settings/taxes/").status_code == 302
    changed = user(flask_app, world.north, world.north.ops.email)
    assert (changed.name, changed.role_name, changed.session_version) == ("Olga Ops", "Reseller Sales", 2)


def test_the_second_of_two_editors_is_told(world: Any, client_for: Any) -> None:
    owner, url = client_for(world.north.owner), url_of(world.north.ops)
    state = opened(owner, url)

    first = owner.post(url, {"name": "First", "role": "Reseller Ops", "opened": state})
    second = owner.post(url, {"name": "Second", "role": "Reseller Ops", "opened": state})

    assert (first.status_code, second.status_code) == (302, 409)


def test_suspending_signs_out_and_activating_lets_in_again(
    flask_app: Any, world: Any, client_for: Any
) -> None:
    owner, ops = client_for(world.north.owner), client_for(world.north.ops)

    suspended = owner.post(url_of(world.north.ops, "suspend"))
    assert suspended.status_code == 302
    assert ops.get("/home/").status_code == 302
    assert owner.post(url_of(world.north.ops, "suspend")).status_code == 409
    assert owner.post(url_of(world.north.ops, "invite")).status_code == 409
    owner.post(url_of(world.north.ops, "activate"))

    assert user(flask_app, world.north, world.north.ops.email).status is UserStatus.ACTIVE


def test_a_removed_user_is_gone_and_the_change_log_stays(flask_app: Any, world: Any, client_for: Any) -> None:
    owner = client_for(world.north.owner)
    form = {"name": "T", "percent": "1", "country": "DE", "counts_from": "always"}
    client_for(world.north.ops).post("/settings/taxes/add", form)

    answer = owner.post(url_of(world.north.ops, "remove"))

    assert answer.status_code == 302
    assert user(flask_app, world.north, world.north.ops.email) is None
    with flask_app.app_context(), scope(world.north):
        entries = db.session.scalars(
            select(AuditEntry).where(AuditEntry.actor_id == world.north.ops.id)
        ).all()
        removal = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entries
    assert (removal.action, removal.record_type, removal.record_id) == ("deleted", "user", world.north.ops.id)


def test_somebody_who_made_other_users_can_be_removed(flask_app: Any, world: Any, client_for: Any) -> None:
    second = make_owner(flask_app, world.north)
    person = user(flask_app, world.north, "second@north.example")
    client_for(person).post(LIST + "add", NEW)

    answer = client_for(world.north.owner).post(url_of(second, "remove"))

    assert answer.status_code == 302
    assert user(flask_app, world.north, "nora@north.example") is not None


def test_a_set_password_signs_the_person_out(flask_app: Any, world: Any, client_for: Any) -> None:
    owner = client_for(world.north.owner)

    weak = owner.post(url_of(world.north.ops, "password"), {"password": "short"})
    done = owner.post(url_of(world.north.ops, "password"), {"password": SECRET})

    assert weak.status_code == 422
    assert "password-err" in weak.text
    assert done.status_code == 302
    changed = user(flask_app, world.north, world.north.ops.email)
    assert (changed.has_temporary_password, changed.session_version) == (True, 2)


@pytest.mark.parametrize("verb", ["suspend", "remove", "invite", "password"])
def test_nobody_does_it_to_oneself(flask_app: Any, world: Any, client_for: Any, verb: str) -> None:
    make_owner(flask_app, world.north)

    answer = client_for(world.north.owner).post(url_of(world.north.owner, verb), {"password": SECRET})

    assert answer.status_code == 409
    assert "There is a problem" in answer.text
    assert user(flask_app, world.north, world.north.owner.email).status is UserStatus.ACTIVE


def test_the_last_owner_keeps_the_role(flask_app: Any, world: Any, client_for: Any) -> None:
    owner, url = client_for(world.north.owner), url_of(world.north.owner)

    answer = owner.post(url, {"name": "O", "role": "Reseller Ops", "opened": opened(owner, url)})

    assert answer.status_code == 409
    assert "last active owner" in answer.text
    assert user(flask_app, world.north, world.north.owner.email).role_name == "Reseller Owner"


@pytest.mark.parametrize("act", [console_users.suspend_user, console_users.remove_user])
def test_the_last_owner_stays_even_for_the_platform(flask_app: Any, world: Any, act: Any) -> None:
    with (
        flask_app.app_context(),
        scope(world.north, world.admin.id),
        pytest.raises(WrongState, match="last active"),
    ):
        act(console_users.find_user(world.north.owner.id), grantable=CONSOLE_ROLES)


@pytest.mark.parametrize("missing", ["invited", "suspended"])
def test_an_owner_who_cannot_sign_in_does_not_count(flask_app: Any, world: Any, missing: str) -> None:
    second = make_owner(flask_app, world.north)
    with flask_app.app_context(), scope(world.north, world.admin.id):
        with unit_of_work(db.session):
            other = console_users.find_user(second)
            if missing == "invited":
                other.password = None
            else:
                other.status = UserStatus.SUSPENDED
        with pytest.raises(WrongState, match="last active"):
            console_users.suspend_user(console_users.find_user(world.north.owner.id), grantable=CONSOLE_ROLES)


@pytest.mark.skipif(
    ENGINE != "postgresql", reason="row locks are PostgreSQL's; SQLite has one writer at a time"
)
@pytest.mark.parametrize("first_act", ["suspend", "remove", "lower"])
@pytest.mark.parametrize("second_act", ["suspend", "lower"])
def test_two_owners_cannot_take_each_others_power(
    flask_app: Any, world: Any, first_act: str, second_act: str
) -> None:
    one, two = world.north.owner.id, make_owner(flask_app, world.north)
    barrier = threading.Barrier(2)
    outcomes: list[str] = []

    def act(actor: int, target: int, what: str) -> None:
        with flask_app.app_context(), scope(world.north, actor):
            person = console_users.find_user(target)
            barrier.wait(10)
            try:
                with unit_of_work(db.session):
                    if what == "suspend":
                        console_users.suspend_user(person, grantable=CONSOLE_ROLES)
                    elif what == "remove":
                        console_users.remove_user(person, grantable=CONSOLE_ROLES)
                    else:
                        console_users.change_user(
                            person, name=person.name, role=RoleName.OPS.value, grantable=CONSOLE_ROLES
                        )
                outcomes.append("done")
            except WrongState:
                outcomes.append("refused")

    threads = [
        threading.Thread(target=act, args=(one, two, first_act)),
        threading.Thread(target=act, args=(two, one, second_act)),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert sorted(outcomes) == ["done", "refused"]


def test_ops_sales_and_others_are_refused(world: Any, client_for: Any) -> None:
    for person in (world.north.ops, world.north.sales, world.north.customer_user, world.admin):
        client = client_for(person)
        assert client.get(LIST).status_code == 403
        assert client.post(LIST + "add", NEW).status_code == 403
        assert client.post(url_of(world.north.sales, "suspend")).status_code == 403


@pytest.mark.parametrize("verb", ["", "suspend", "activate", "remove", "invite", "password"])
def test_people_who_are_no_console_users_here_do_not_exist(
    flask_app: Any, world: Any, client_for: Any, verb: str
) -> None:
    owner = client_for(world.north.owner)

    for person in (world.south.ops, world.north.customer_user, world.admin):
        assert owner.post(url_of(person, verb), {"password": SECRET}).status_code == 404
        assert owner.get(url_of(person)).status_code == 404
    assert owner.post(f"{LIST}99999999999999/{verb}").status_code == 404
    assert user(flask_app, world.south, world.south.ops.email).status is UserStatus.ACTIVE


def test_a_post_without_token_changes_nothing(flask_app: Any, world: Any, client_for: Any) -> None:
    answer = client_for(world.north.owner).post_without_token(url_of(world.north.ops, "suspend"))

    assert answer.status_code == 400
    assert user(flask_app, world.north, world.north.ops.email).status is UserStatus.ACTIVE
    assert PASSWORD not in answer.text
