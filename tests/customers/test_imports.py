"""The customer import: a dry run that creates nothing, then all rows or none."""

from __future__ import annotations

import re
import threading
from typing import Any

import pytest
from sqlalchemy import select

from app.audit.models import AuditEntry
from app.customers import imports, services
from app.customers.import_models import CustomerImport, ImportStatus
from app.extensions import db
from app.kernel.clock import utc_now
from app.kernel.unit_of_work import unit_of_work
from app.tenancy.models import Reseller
from app.tenancy.scope import reseller_scope, system_scope
from tests.customers.uploads import GOOD, HEAD, PAGE, apply, checked, customers, text_of, upload


@pytest.fixture
def ops(client_for: Any, world: Any) -> Any:
    return client_for(world.north.ops)


def test_the_buttons_stand_on_the_card_of_their_field(ops: Any) -> None:
    card = re.search(r'<form[^>]* class="panel".*?</form>', ops.get(PAGE).text, re.DOTALL)

    assert card and 'type="file"' in card[0] and "ct-formfoot" in card[0]


# -- who may -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "status"), [("owner", 200), ("ops", 200), ("sales", 403), ("customer_user", 403)]
)
def test_owner_and_ops_import_and_nobody_else(client_for: Any, world: Any, role: str, status: int) -> None:
    client = client_for(getattr(world.north, role))

    assert client.get(PAGE).status_code == status
    assert client.get(f"{PAGE}template.csv").status_code == status
    assert upload(client, GOOD).status_code == (302 if status == 200 else 403)


def test_strangers_are_sent_to_sign_in(client_for: Any) -> None:
    assert client_for().get(PAGE).status_code == 302
    assert "/login" in client_for().get(PAGE).location


def test_sales_cannot_apply_what_ops_checked(client_for: Any, world: Any, flask_app: Any, ops: Any) -> None:
    report = checked(ops, GOOD)

    answer = apply(client_for(world.north.sales), report)

    assert answer.status_code == 403
    assert "Acme" not in customers(flask_app, world.north.id)


@pytest.mark.parametrize("page", ["", "errors.csv", "apply/"])
def test_files_of_another_reseller_do_not_exist(
    client_for: Any, world: Any, flask_app: Any, ops: Any, page: str
) -> None:
    report = checked(ops, GOOD)
    stranger = client_for(world.south.owner)

    answer = stranger.post(report + page) if page == "apply/" else stranger.get(report + page)

    assert answer.status_code == 404
    assert "Acme" not in customers(flask_app, world.south.id)
    assert "Acme" not in customers(flask_app, world.north.id)


def test_the_list_of_recent_files_is_the_own_one(client_for: Any, world: Any, ops: Any) -> None:
    assert upload(ops, GOOD, "northern.csv").status_code == 302

    assert "northern.csv" in ops.get(PAGE).text
    assert "northern.csv" not in client_for(world.south.ops).get(PAGE).text


@pytest.mark.parametrize("number", ["0", "4000000000", "99999999999999999999", "abc", "-1"])
def test_numbers_that_no_import_has_are_404(ops: Any, number: str) -> None:
    assert ops.get(f"{PAGE}{number}/").status_code == 404


def test_a_form_without_token_is_refused(ops: Any) -> None:
    report = checked(ops, GOOD)

    assert ops.post_without_token(f"{report}apply/").status_code == 400


# -- the dry run and the application ------------------------------------------------------------------------------


def test_a_dry_run_creates_nothing(flask_app: Any, world: Any, ops: Any) -> None:
    before = customers(flask_app, world.north.id)

    report = checked(ops, GOOD)

    page = text_of(ops.get(report))
    assert "Add 2 customers" in page
    assert "Acme" in page
    assert customers(flask_app, world.north.id) == before


def test_applying_creates_every_row_with_numbers_in_file_order(flask_app: Any, world: Any, ops: Any) -> None:
    highest = max(one.number for one in customers(flask_app, world.north.id).values())
    report = checked(ops, GOOD)

    answer = apply(ops, report)

    found = customers(flask_app, world.north.id)
    assert answer.status_code == 302
    assert (found["Acme"].number, found["Bolt"].number) == (highest + 1, highest + 2)
    assert (found["Acme"].country, found["Bolt"].country) == ("DE", "FR")
    page = text_of(ops.get(report))
    assert "2 customers were added" in page
    assert "All rows of this file were added" in page


def test_the_next_customer_gets_the_next_number_and_search_finds_them(
    flask_app: Any, world: Any, ops: Any
) -> None:
    apply(ops, checked(ops, GOOD))

    with flask_app.app_context(), reseller_scope(world.north.id):
        from app.customers.queries import CustomerFilter, customers_query

        assert [
            one.organization for one in db.session.scalars(customers_query(CustomerFilter(text="bolt")))
        ] == ["Bolt"]
        with unit_of_work(db.session):
            values = {"organization": "Next", "contact_name": "N", "email": "n@n.example", "country": "DE"}
            services.create_customer(values, now=utc_now())
    found = customers(flask_app, world.north.id)
    assert found["Next"].number == found["Bolt"].number + 1


def test_applying_twice_is_refused_and_adds_nothing(flask_app: Any, world: Any, ops: Any) -> None:
    report = checked(ops, GOOD)
    apply(ops, report)
    before = customers(flask_app, world.north.id)

    answer = apply(ops, report)

    assert answer.status_code == 409
    assert "applied already" in text_of(answer)
    assert customers(flask_app, world.north.id) == before


def test_a_file_with_errors_is_not_applied_at_all(flask_app: Any, world: Any, ops: Any) -> None:
    before = customers(flask_app, world.north.id)
    report = checked(ops, GOOD + "Cast,,nobody,Atlantis\n")

    page, answer = text_of(ops.get(report)), apply(ops, report)

    assert "Add 2 customers" not in page
    assert "1 rows" not in page
    assert answer.status_code == 409
    assert customers(flask_app, world.north.id) == before


def test_the_change_log_has_each_customer_and_the_import(flask_app: Any, world: Any, ops: Any) -> None:
    apply(ops, checked(ops, GOOD))

    with flask_app.app_context(), system_scope("tests look"):
        entries = db.session.scalars(
            select(AuditEntry).where(AuditEntry.actor_id == world.north.ops.id)
        ).all()
        told = [(one.action, one.record_type, one.record_name) for one in entries]
        imported = next(
            one for one in entries if one.record_type == "customer_import" and one.action == "imported"
        )
        assert imported.changes == {"row_count": [None, "2"]}
        assert imported.reseller_id == world.north.id
    assert ("imported", "customer", "Acme") in told
    assert ("imported", "customer", "Bolt") in told
    assert told.count(("imported", "customer_import", "customers.csv")) == 1


def test_the_file_is_not_kept_once_it_is_applied(flask_app: Any, world: Any, ops: Any) -> None:
    apply(ops, checked(ops, GOOD))

    with flask_app.app_context(), reseller_scope(world.north.id):
        kept = db.session.scalars(select(CustomerImport)).one()
        assert kept.status is ImportStatus.APPLIED
        assert kept.content == b""


# -- what changes in between --------------------------------------------------------------------------------------


def test_an_organization_that_appeared_since_the_dry_run_stops_everything(
    flask_app: Any, world: Any, ops: Any
) -> None:
    report = checked(ops, GOOD)
    with flask_app.app_context(), reseller_scope(world.north.id), unit_of_work(db.session):
        values = {"organization": "BÖLT", "contact_name": "B", "email": "b@b.example", "country": "DE"}
        services.create_customer(values, now=utc_now())
    before = customers(flask_app, world.north.id)

    answer = apply(ops, report)

    assert answer.status_code == 409
    assert "Nothing was created" in text_of(answer)
    assert "BÖLT is a customer already" in text_of(answer)
    assert customers(flask_app, world.north.id) == before
    assert apply(ops, report).status_code == 409


def test_a_failure_in_the_last_row_undoes_all_of_them(flask_app: Any, world: Any, monkeypatch: Any) -> None:
    content = HEAD + "\n" + "".join(f"Firm {n},C,c{n}@firm.example,DE\n" for n in range(50))
    before = customers(flask_app, world.north.id)
    with flask_app.app_context(), reseller_scope(world.north.id):
        first = db.session.scalar(select(Reseller.last_customer_number))
        found = imports.read_file(content.encode(), imports.file_columns())
        with unit_of_work(db.session):
            upload_id = imports.keep("x.csv", content.encode(), found, now=utc_now()).id

        def refuse(*_args: Any, **_more: Any) -> None:
            raise RuntimeError("the disk is full")

        monkeypatch.setattr(imports, "record", refuse)
        with pytest.raises(RuntimeError), unit_of_work(db.session):
            imports.apply(imports.find_import(upload_id), found, now=utc_now())

        assert imports.find_import(upload_id).status is ImportStatus.CHECKED
        assert db.session.scalar(select(Reseller.last_customer_number)) == first
    assert customers(flask_app, world.north.id) == before


def test_two_people_applying_at_once_add_the_rows_once(
    flask_app: Any, world: Any, client_for: Any, ops: Any
) -> None:
    report = checked(ops, GOOD)
    gate = threading.Barrier(2)
    answers: list[int] = []

    def press(person: Any) -> None:
        client = client_for(person)
        gate.wait()
        answers.append(apply(client, report).status_code)

    threads = [threading.Thread(target=press, args=(one,)) for one in (world.north.ops, world.north.owner)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answers) == [302, 409]
    assert len([name for name in customers(flask_app, world.north.id) if name in ("Acme", "Bolt")]) == 2
