"""The seam holds on every way to a row, and fails closed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask_appbuilder import Model
from sqlalchemy import (
    alias,
    collate,
    column,
    delete,
    exists,
    extract,
    func,
    insert,
    join,
    literal,
    literal_column,
    orm,
    select,
    table,
    tablesample,
    text,
    true,
    union_all,
    update,
    values,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased, selectinload, with_loader_criteria
from sqlalchemy.schema import DropTable
from sqlalchemy.sql.elements import UnaryExpression, quoted_name
from sqlalchemy.sql.operators import custom_op

from app.audit.models import AuditEntry
from app.customers.models import Customer, ProviderEnablement
from app.extensions import db
from app.pricebooks.models import Pricebook
from app.providers.models import Provider, ResellerProvider
from app.security.models import Role, User
from app.taxes.models import TaxRate
from app.tenancy.guard import GuardedSession
from app.tenancy.guarded import ScopeMissing, TenantViolation, guarded_tables
from app.tenancy.models import Reseller
from app.tenancy.scope import NOBODY, Actor, Scope, ScopeKind, reseller_scope, system_scope, use_scope
from app.tenancy.strays import trust
from tests.worlds import World

Statement = Any


@pytest.fixture
def session(flask_app: Any) -> Iterator[Any]:
    with flask_app.app_context():
        yield db.session
        db.session.rollback()


def customer_scope(world: World) -> Scope:
    return Scope(ScopeKind.CUSTOMER, world.north.id, world.north.customer.id)


READS: dict[str, Any] = {
    "select": lambda: select(Customer.organization),
    "count": lambda: select(func.count(Customer.id)),
    "count star": lambda: select(func.count()).select_from(Customer),
    "aliased": lambda: select(aliased(Customer).organization),
    "in subquery": lambda: select(Provider.id).where(
        Provider.id.in_(
            select(ProviderEnablement.provider_id).where(ProviderEnablement.pricebook_id.is_not(None))
        )
    ),
    "exists": lambda: select(Reseller.id).where(exists().where(Customer.reseller_id == Reseller.id)),
    "union": lambda: union_all(select(Customer.id), select(Customer.id)),
    "entity of a subquery": lambda: select(aliased(Customer, select(Customer).subquery()).organization),
    "correlated": lambda: select(
        Reseller.id,
        select(func.count())
        .where(func.lower(Customer.organization) != "", Customer.reseller_id == Reseller.id)
        .scalar_subquery(),
    ),
    "join of entities": lambda: select(Customer.organization, ProviderEnablement.id).select_from(
        orm.join(Customer, ProviderEnablement, ProviderEnablement.customer_id == Customer.id)
    ),
    "join over a relationship": lambda: (
        select(ProviderEnablement.id)
        .join(ProviderEnablement.customer)
        .where(func.lower(Customer.organization) != "")
    ),
    "outer join": lambda: select(Customer.organization, ProviderEnablement.id).outerjoin(
        ProviderEnablement, ProviderEnablement.customer_id == Customer.id
    ),
    "roles": lambda: select(User.email, Role.name).join(User.roles),
    "bundle": lambda: select(orm.Bundle("names", Customer.organization)),
    "common table of entities": lambda: select(select(Customer.organization).cte("named").c.organization),
    "window": lambda: select(Customer.organization, func.row_number().over(order_by=Customer.id) > 0),
    "hint of an index": lambda: select(Customer.organization).with_hint(Customer, "NOT INDEXED", "sqlite"),
    "trusted text": lambda: select(Customer.organization).suffix_with(trust(text("/* ours */"))),
    "from subquery": lambda: select(func.count()).select_from(select(Customer.id).subquery()),
    "join from an open table": lambda: (
        select(ProviderEnablement.id)
        .select_from(Provider)
        .join(ProviderEnablement, ProviderEnablement.provider_id == Provider.id)
    ),
    "users": lambda: select(User.email),
    "grants": lambda: select(ResellerProvider.id),
    "audit": lambda: select(AuditEntry.id).where(AuditEntry.reseller_id.is_not(None)),
}


def _rows(session: Any, statement: Statement) -> list[Any]:
    return sorted(tuple(row) for row in session.execute(statement))


@pytest.mark.parametrize("name", READS)
def test_a_reseller_reads_only_its_own_rows(name: str, session: Any, world: World) -> None:
    with system_scope("test"):
        everything = _rows(session, READS[name]())

    with reseller_scope(world.north.id):
        north = _rows(session, READS[name]())
    with reseller_scope(world.south.id):
        south = _rows(session, READS[name]())

    if name.startswith(("count", "from")):
        assert north[0][0] + south[0][0] == everything[0][0]
        assert north[0][0] == (4 if name == "union" else 2)
    elif name == "in subquery":
        assert north == south == everything
    elif name in ("users", "roles"):
        assert len(north) == len(south) == 5
        assert not set(north) & set(south)
    else:
        assert north
        assert south
        assert sorted(north + south) == everything


@pytest.mark.parametrize("name", READS)
def test_without_a_scope_a_read_raises_or_finds_nothing(name: str, session: Any) -> None:
    with use_scope(NOBODY):
        try:
            rows = _rows(session, READS[name]())
        except ScopeMissing:
            rows = []

    assert rows in ([], [(0,)])


def test_without_a_scope_a_plain_read_raises(session: Any) -> None:
    with use_scope(NOBODY), pytest.raises(ScopeMissing):
        session.scalars(select(Customer)).all()


def test_the_platform_sees_no_rows_of_a_reseller(session: Any) -> None:
    with use_scope(Scope(ScopeKind.PLATFORM)):
        with pytest.raises(ScopeMissing):
            session.scalars(select(Customer)).all()
        assert session.scalars(select(Reseller)).all()
        assert [user.email for user in session.scalars(select(User))] == ["ada@platform.example"]


def test_a_customer_sees_only_its_own_rows(session: Any, world: World) -> None:
    with use_scope(customer_scope(world)):
        assert [one.id for one in session.scalars(select(Customer))] == [world.north.customer.id]
        assert [one.email for one in session.scalars(select(User))] == [world.north.customer_user.email]
        assert len(session.scalars(select(ProviderEnablement)).all()) == 1
        assert {one.reseller_id for one in session.scalars(select(ResellerProvider))} == {world.north.id}
        for hidden in (Pricebook, TaxRate, AuditEntry):
            assert session.scalars(select(hidden)).all() == []


def test_a_key_look_up_does_not_trust_the_identity_map(session: Any, world: World) -> None:
    with system_scope("test"):
        loaded = session.get(Customer, world.south.customer.id)
    assert loaded is not None

    with reseller_scope(world.north.id):
        assert session.get(Customer, world.south.customer.id) is None
        assert session.get(Customer, world.north.customer.id) is not None
    with use_scope(customer_scope(world)):
        assert session.get(Customer, world.north.other_customer.id) is None


def test_a_reference_does_not_trust_the_identity_map(session: Any, world: World) -> None:
    """The book is in the session, but it is not for a customer's eyes; the customer itself is."""
    with system_scope("test"):
        books = session.scalars(select(Pricebook)).all()
        people = session.scalars(select(Customer)).all()
    assert books
    assert people

    with use_scope(customer_scope(world)):
        row = session.scalars(select(ProviderEnablement)).one()
        assert row.pricebook is None
        assert row.customer.id == world.north.customer.id
    with reseller_scope(world.north.id):
        session.refresh(row)
        assert row.pricebook.id == world.north.pricebook.id


READ_AGAIN: dict[str, Any] = {
    "expired row": lambda session, row: (session.expire(row), row.organization),
    "expired column": lambda session, row: (session.expire(row, ["organization"]), row.organization),
    "expired column and owner": lambda session, row: (
        session.expire(row, ["reseller_id"]),
        session.expire(row, ["organization"]),
        row.organization,
    ),
    "after a rollback": lambda session, row: (session.rollback(), row.organization),
    "refresh": lambda session, row: (session.refresh(row), row.organization),
    "refresh of a column": lambda session, row: (session.refresh(row, ["organization"]), row.organization),
}


@pytest.mark.parametrize("name", READ_AGAIN)
def test_a_row_is_not_read_again_in_a_scope_that_may_not_see_it(
    name: str, session: Any, world: World
) -> None:
    with system_scope("test"):
        mine = session.get(Customer, world.north.customer.id)
        theirs = session.get(Customer, world.south.customer.id)

    with reseller_scope(world.north.id):
        assert READ_AGAIN[name](session, mine)[-1] == world.north.customer.name
        with pytest.raises(TenantViolation):
            READ_AGAIN[name](session, theirs)
        with pytest.raises(TenantViolation):
            _ = theirs.organization  # the refused load has left nothing behind
    with system_scope("test"):
        assert theirs.organization == world.south.customer.name


def test_a_deferred_column_is_not_read_in_a_scope_that_may_not_see_its_row(
    session: Any, world: World
) -> None:
    with system_scope("test"):
        north, south = session.get(Reseller, world.north.id), session.get(Reseller, world.south.id)

    with reseller_scope(world.north.id):
        assert north.logo is None
        with pytest.raises(TenantViolation):
            _ = south.logo


def test_an_expired_row_of_somebody_else_is_found_neither_by_key_nor_over_a_reference(
    session: Any, world: World
) -> None:
    with system_scope("test"):
        book = session.get(Pricebook, world.north.pricebook.id)
        session.expire(book)

    with use_scope(customer_scope(world)):
        assert session.get(Pricebook, world.north.pricebook.id) is None
        assert session.scalars(select(ProviderEnablement)).one().pricebook is None
    with reseller_scope(world.north.id):
        assert session.get(Pricebook, world.north.pricebook.id) is book


def test_a_platform_admin_inside_a_reseller_keeps_the_own_login(session: Any, world: World) -> None:
    with system_scope("test"):
        admin, other = session.get(User, world.admin.id), session.get(User, world.south.owner.id)
    inside = Scope(ScopeKind.RESELLER, world.north.id, None, Actor(world.admin.id, is_platform=True))

    with use_scope(inside):
        session.refresh(admin)
        with pytest.raises(TenantViolation):
            session.refresh(other)
        with pytest.raises(TenantViolation):  # read, but not written
            admin.email = "other@platform.example"
            session.flush()


@pytest.mark.filterwarnings("ignore:The Query.get")
def test_the_legacy_look_up_is_guarded_too(session: Any, world: World) -> None:
    with system_scope("test"):
        session.get(Customer, world.south.customer.id)

    with reseller_scope(world.north.id):
        assert session.query(Customer).get(world.south.customer.id) is None


def test_relationship_loads_are_limited(session: Any, world: World) -> None:
    with use_scope(customer_scope(world)):
        row = session.scalars(
            select(ProviderEnablement).options(selectinload(ProviderEnablement.customer))
        ).one()
        assert row.customer.id == world.north.customer.id
        assert row.pricebook is None  # the book exists, but not for a customer's eyes


CUSTOMERS = Customer.__table__
NAMES = CUSTOMERS.c.organization
ROLE_LINK = User.roles.property.secondary

STRAYS: dict[str, Any] = {
    "text": lambda: text("select organization from customers"),
    "core select": lambda: select(NAMES),
    "core count": lambda: select(func.count()).select_from(CUSTOMERS),
    "bare column beside an entity": lambda: select(Provider.id, NAMES),
    "literal column": lambda: select(literal_column("(select max(organization) from customers)")),
    "literal beside an entity": lambda: select(Provider.id, literal_column("(select 1 from customers)")),
    "table by name": lambda: select(column("organization")).select_from(
        table("customers", column("organization"))
    ),
    "search table": lambda: select(table("customers_fts", column("body")).c.body),
    "text as a condition": lambda: select(Customer.organization).where(text("1=1 or 1=1")),
    "prepared text": lambda: select(Customer).from_statement(text("select * from customers")),
    "prepared core": lambda: select(Customer).from_statement(select(CUSTOMERS)),
    "scalar subquery": lambda: select(Provider.id, select(func.max(NAMES)).scalar_subquery()),
    "join": lambda: select(Provider.id, NAMES).join(CUSTOMERS, true()),
    "exists": lambda: select(Provider.id).where(exists(select(CUSTOMERS.c.id))),
    "common table": lambda: select(Provider.id, select(NAMES).cte("x").c.organization).where(true()),
    "alias": lambda: select(Provider.id, CUSTOMERS.alias("q").c.organization),
    "union": lambda: union_all(select(NAMES), select(Customer.organization)),
    "lateral": lambda: select(Customer.organization, select(NAMES).lateral().c.organization),
    "order": lambda: select(Provider.id).order_by(select(NAMES).scalar_subquery()),
    "function": lambda: select(func.max(NAMES), Provider.id),
    "entity of a core subquery": lambda: select(aliased(Customer, select(CUSTOMERS).subquery()).organization),
    "alias of an entity": lambda: select(alias(Customer).c.organization),
    "alias beside its entity": lambda: select(Customer.id, alias(Customer).c.organization),
    "sample": lambda: select(tablesample(Customer, 100).c.organization),
    "entity over another table": lambda: select(aliased(Provider, CUSTOMERS.alias(), adapt_on_names=True).id),
    "entity over text": lambda: select(
        aliased(Provider, text("select 1 as id").columns(column("id")).subquery(), adapt_on_names=True).id
    ),
    "rows by value": lambda: select(values(column("x")).data([(select(NAMES).limit(1).scalar_subquery(),)])),
    "join by hand": lambda: select(column("organization")).select_from(
        orm.join(Customer, ProviderEnablement, true())
    ),
    "join by hand, counted": lambda: select(func.count()).select_from(
        orm.join(Customer, ProviderEnablement, true())
    ),
    "join by hand with a table": lambda: select(func.count()).select_from(
        orm.join(Reseller, CUSTOMERS, true())
    ),
    "join of a join": lambda: select(Provider.id).join(
        orm.join(Customer, ProviderEnablement, true()), true()
    ),
    "core join of entities": lambda: select(column("organization")).select_from(
        join(Provider, Customer, true())
    ),
    "only in a function": lambda: select(Provider.id).where(func.lower(Customer.organization) != ""),
    "only in a function, second": lambda: select(func.coalesce(Provider.name, Customer.organization)),
    "only in a window": lambda: select(func.row_number().over(order_by=Customer.id)),
    "only in a filter": lambda: select(func.count().filter(Customer.id > 0)),
    "only in an exists": lambda: select(literal("x")).where(exists().where(User.email.like("%"))),
    "read once more": lambda: select(Customer.id).where(
        exists().where(func.lower(Customer.organization) != "")
    ),
    "read once more, on purpose": lambda: select(
        Customer.id,
        select(func.count())
        .where(func.lower(Customer.organization) != "")
        .correlate(Provider)
        .scalar_subquery(),
    ),
    "suffix": lambda: select(Customer.organization).suffix_with(
        "union all select organization from customers"
    ),
    "prefix": lambda: select(Customer.organization).prefix_with("(select organization from customers),"),
    "prefix of a common table": lambda: select(select(Customer.id).cte("x").prefix_with("x").c.id),
    "hint": lambda: select(Customer.organization).with_hint(Customer, ", customers as others"),
    "hint of a statement": lambda: select(Customer.id).with_statement_hint(
        "union all select id from customers"
    ),
    "operator": lambda: select(column("organization").op("from")(column("customers"))),
    "operator before": lambda: select(UnaryExpression(literal(1), operator=custom_op("select"))),
    "operator with a comment": lambda: select(Customer.id).where(Customer.id.op(">--")(0)),
    "function that runs text": lambda: select(func.query_to_xml("select * from customers", True, False, "")),
    "function by itself": lambda: func.query_to_xml("select * from customers", True, False, ""),
    "function as a table": lambda: select(func.customers_fts("x").table_valued("body").c.body),
    "function of a package": lambda: select(func.other.lower("X")),
    "part of a date": lambda: select(extract("(select 1)", func.now())),
    "collation": lambda: select(collate(Customer.organization, quoted_name("BINARY or 1", False))),
    "column without quotes": lambda: select(column(quoted_name("organization from customers", False))),
    "label without quotes": lambda: select(literal(1).label(quoted_name("x from customers", False))),
    "alias without quotes": lambda: select(aliased(Provider, name=quoted_name("x, customers", False)).id),
    "name in capitals": lambda: select(func.count()).select_from(table("CUSTOMERS")),
    "name without quotes": lambda: select(func.count()).select_from(table(quoted_name("Customers", False))),
    "part of the search table": lambda: select(func.count()).select_from(table("customers_fts_content")),
    "table of the database": lambda: select(func.count()).select_from(table("sqlite_master")),
    "link of roles": lambda: select(func.count()).select_from(ROLE_LINK),
    "link by name": lambda: select(func.count()).select_from(table("ab_user_role")),
    "text in a relationship": lambda: select(ProviderEnablement).options(
        selectinload(ProviderEnablement.customer.and_(text("1=1) or (1=1")))
    ),
    "text in a join": lambda: select(ProviderEnablement.id).join(
        ProviderEnablement.customer.and_(text("1=1"))
    ),
    "criteria of their own": lambda: select(Customer.id).options(
        with_loader_criteria(Customer, Customer.id > 0)
    ),
    "write in a common table": lambda: select(func.count()).select_from(
        ROLE_LINK.delete().returning(ROLE_LINK.c.user_id).cte()
    ),
    "write beside a select": lambda: select(Provider.id).add_cte(delete(TaxRate).returning(TaxRate.id).cte()),
    "definition": lambda: DropTable(CUSTOMERS),
    "insert into an open table": lambda: insert(table("alembic_version", column("version_num"))).values(
        version_num="x"
    ),
    "update with another entity": lambda: (
        update(TaxRate).where(TaxRate.name != Customer.organization).values(name="x")
    ),
    "delete with another entity": lambda: delete(TaxRate).where(TaxRate.name != User.email),
    "hint of an update": lambda: update(Customer).values(phone="1").with_hint("as other"),
    "core insert": lambda: insert(CUSTOMERS).values(organization="x"),
    "core update": lambda: update(CUSTOMERS).values(organization="x"),
    "core delete": lambda: delete(CUSTOMERS),
    "update by name": lambda: update(table("customers", column("organization"))).values(organization="x"),
    "update of a platform table": lambda: update(Provider.__table__).values(name="x"),
    "link of a role": lambda: insert(User.roles.property.secondary).values(user_id=1, role_id=1),
    "bulk insert": lambda: insert(TaxRate),
    "update of grants": lambda: update(ResellerProvider).values(in_solution_provider_program=False),
    "update of roles": lambda: update(Role).values(name="x"),
}


@pytest.mark.parametrize("name", STRAYS)
def test_what_no_criterion_could_reach_is_refused(name: str, session: Any, world: World) -> None:
    with reseller_scope(world.north.id), pytest.raises(TenantViolation):
        session.execute(STRAYS[name]())


def test_values_that_a_statement_does_not_show_are_refused(session: Any, world: World) -> None:
    with reseller_scope(world.north.id):
        with pytest.raises(TenantViolation):
            session.execute(update(User), [{"id": world.south.owner.id, "reseller_id": world.north.id}])
        with pytest.raises(TenantViolation):
            session.execute(
                update(ProviderEnablement).where(ProviderEnablement.id > 0),
                {"customer_id": world.north.customer.id},
            )


def test_connections_are_for_the_system_only(session: Any, world: World) -> None:
    with reseller_scope(world.north.id), pytest.raises(TenantViolation):
        session.connection()
    with system_scope("test"):
        assert session.connection() is not None


def test_a_customer_writes_no_table_of_its_reseller(session: Any, world: World) -> None:
    with use_scope(customer_scope(world)):
        for statement in (update(Reseller).values(name="x"), update(TaxRate).values(name="x")):
            with pytest.raises(TenantViolation):
                session.execute(statement)


@pytest.mark.parametrize("role", ["Platform Admin", "Reseller Owner"])
def test_no_flush_gives_a_person_a_role_from_elsewhere(role: str, session: Any, world: World) -> None:
    with system_scope("test"):
        wanted = session.scalars(select(Role).where(Role.name == role)).one()
        person = session.get(User, world.north.customer_user.id)
        person.roles = [wanted]
        with pytest.raises(TenantViolation):
            session.flush()


def test_bulk_methods_are_refused(session: Any, world: World) -> None:
    with reseller_scope(world.north.id):
        for call in (
            lambda: session().bulk_save_objects([]),
            lambda: session().bulk_insert_mappings(TaxRate, []),
            lambda: session().bulk_update_mappings(TaxRate, []),
        ):
            with pytest.raises(TenantViolation):
                call()
    assert isinstance(session(), GuardedSession)


def test_a_bulk_update_touches_own_rows_only_and_cannot_move_them(session: Any, world: World) -> None:
    with reseller_scope(world.north.id):
        touched = session.execute(update(Customer).values(phone="1"))
        assert touched.rowcount == 2
        with pytest.raises(TenantViolation):
            session.execute(update(Customer).values(reseller_id=world.south.id))
        with pytest.raises(TenantViolation):
            session.execute(update(Provider).values(name="mine"))
        assert session.execute(delete(ProviderEnablement)).rowcount == 2


def test_new_rows_get_the_owner_of_the_scope(session: Any, world: World) -> None:
    with reseller_scope(world.north.id):
        rate = TaxRate(name="filled in", country="DE", percent=1)
        session.add(rate)
        session.flush()

    assert rate.reseller_id == world.north.id


@pytest.mark.parametrize(
    "what", ["foreign owner", "moved away", "platform table", "deleted foreign", "no scope"]
)
def test_writes_outside_the_scope_are_refused(what: str, session: Any, world: World) -> None:
    with system_scope("test"):
        mine = session.scalars(select(TaxRate).where(TaxRate.reseller_id == world.north.id)).one()
        theirs = session.scalars(select(TaxRate).where(TaxRate.reseller_id == world.south.id)).one()
        provider = session.scalars(select(Provider)).first()
    scope = NOBODY if what == "no scope" else Scope(ScopeKind.RESELLER, world.north.id)

    with use_scope(scope):
        if what in ("foreign owner", "no scope"):
            session.add(TaxRate(name="x", country="DE", percent=1, reseller_id=world.south.id))
        elif what == "moved away":
            mine.reseller_id = world.south.id
        elif what == "platform table":
            provider.name = "changed"
        else:
            session.delete(theirs)
        with pytest.raises(TenantViolation):
            session.flush()


def test_the_database_refuses_a_foreign_customer_even_from_the_system(session: Any, world: World) -> None:
    with system_scope("test"):
        session.add(
            ProviderEnablement(
                reseller_id=world.north.id, customer_id=world.south.customer.id, provider_id=3, currency="EUR"
            )
        )
        with pytest.raises(IntegrityError):
            session.flush()


def test_audit_entries_cannot_be_changed_by_anybody(session: Any) -> None:
    from sqlalchemy.exc import DatabaseError

    for statement in (update(AuditEntry).values(actor_name="x"), delete(AuditEntry)):
        with system_scope("test"), pytest.raises(DatabaseError):
            session.execute(statement)
        session.rollback()


def test_every_reseller_table_is_guarded(flask_app: Any) -> None:
    with flask_app.app_context():
        guarded = {table.name for table in guarded_tables()}
        ours = [one for one in Model.registry.mappers if not one.class_.__module__.startswith("tests.")]
        owned = {one.local_table.name for one in ours if "reseller_id" in one.local_table.columns}

    assert owned <= guarded
