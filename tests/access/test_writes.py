"""What a write leaves behind: an entry in the change log, and nothing that its form does not own."""

from __future__ import annotations

import re
from typing import Any

import pytest

from app.extensions import db
from tests.access import tables
from tests.access.actors import ADMIN, ANONYMOUS, ENTERED_ADMIN, person_of
from tests.access.samples import SAMPLES, SECRET, WRITING
from tests.access.stage import Stage
from tests.worlds import PASSWORD

#: Columns that differ from one run to the next: times and random secrets.
VOLATILE = re.compile(
    r"_at$|_on$|_until$|^at$|last_login|^password$|invitation_hash|reset_hash|token_hash|browser_hash|code_hash"
    r"|^submission$|^request_id$|^totp_"
)

#: What stands in a mail differs with the link that it brings.
RANDOM = {
    "cloud_accounts": ("external_id",),
    "usage_imports": ("kept_name",),
    "outgoing_mails": {"text", "html", "key", "message_id"},
    "price_marks": {"token"},
    "login_sessions": {"version"},  # each client is another of the person's browsers
}

#: Names that fields of other forms have, beside every column of every table.
MORE_NAMES = (
    "reseller",
    "customer",
    "roles",
    "role",
    "role_name",
    "is_admin",
    "is_platform",
    "is_superuser",
    "permissions",
    "user_id",
    "account",
    "tax_rate_ids",
    "plan_id",
    "pricebook_id",
    "next_status",
    "owner_email",
    "csrf",
    "_method",
)

#: What a form without a page takes: its own, not somebody else's.
OWN_NAMES = {
    "/customers/archive": {"rowid"},
    "/customers/restore": {"rowid"},
    "/language/": {"locale", "next"},
}

#: Writes to what is one person's own and no business record, or to the browser's session alone: they leave no entry.
PERSONAL = (
    "/views/",
    "/dashboard/default/",
    "/portal/<string:nickname>/dashboard/default/",
    "/profile/second-factor/begin/",
    "/billing/imports/<int:import_id>/piece/",
    # What a change would mean: nothing is changed.
    "/customers/<int:customer_id>/what-if/",
    "/pricebooks/<int:pk>/what-if/",
)

#: What scripts send is answered in data, not by leading to another page.
ANSWERED = {
    "/billing/imports/begin/": 201,
    "/billing/imports/<int:import_id>/piece/": 200,
    "/customers/<int:customer_id>/what-if/adjustment/": 200,
    "/customers/<int:customer_id>/what-if/provider/<string:code>/": 200,
    "/customers/<int:customer_id>/what-if/plan/": 200,
    "/pricebooks/<int:pk>/what-if/": 200,
}

#: Where the platform itself is changed, or somebody of it comes in.
OF_THE_PLATFORM = (
    "/platform/users",
    "/platform/providers",
    "/platform/mails",
    "/platform/password-requirements",
    "/invitation/",
)

#: Where people act who have no login yet, or whose login is not all that they touch.
APPLICANTS = ("/portal/<string:nickname>/signup/", "/portal/<string:nickname>/validate/")

#: What entries tell of besides changed fields.
EVENTS = {
    "dismissed",
    "restarted",
    "signed_up",
    "address_proven",
    "link_asked",
    "signed_in",
    "signed_out",
    "invited",
    "invitation_accepted",
    "password_set",
    "unlocked",
    "second_factor_on",
    "second_factor_off",
    "second_factor_reset",
    "recovery_codes_made",
    "sessions_ended",
    "reset_asked",
    "entered",
    "left",
    "anonymised",
    "imported",
}


def _entries(stage: Stage) -> list[dict[str, Any]]:
    return sorted(tables.rows_of(stage.app, "audit_entries"), key=lambda one: one["id"])


def _written(stage: Stage) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of the tables that were written to, without what differs from one time to the next."""
    return _steady(tables.dump(stage.app, stage.database.written))


def _steady(rows_by_table: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    return {
        name: [
            {
                column: value
                for column, value in row.items()
                if not VOLATILE.search(column) and column not in RANDOM.get(name, ())
            }
            for row in rows
        ]
        for name, rows in rows_by_table.items()
    }


def _foreign_values(stage: Stage, rule: str, form_fields: set[str]) -> dict[str, str]:
    """Return a value for every column there is that the form does not show."""
    with stage.app.app_context():
        columns = {column.name for table in db.metadata.sorted_tables for column in table.columns}
    south = stage.world.south
    values = {
        "reseller_id": south.id,
        "customer_id": south.customer.id,
        "status": "archived",
        "role": "Platform Admin",
        "roles": "1",
        "number": "1",
        "version": "77",
        "id": "4711",
        "session_version": "9",
        "password": "x" * 20,
        "email": "taken.over@example.com",
    }
    own = form_fields | OWN_NAMES.get(rule, set()) | {"csrf_token"}
    return {name: str(values.get(name, "1")) for name in columns | set(MORE_NAMES) if name not in own}


def test_every_writing_address_has_a_sample() -> None:
    assert sorted(set(WRITING) ^ set(SAMPLES)) == []


@pytest.mark.once
@pytest.mark.parametrize("rule", WRITING[1::2])
def test_a_write_leaves_an_entry(rule: str, stage: Stage) -> None:
    _write(stage, rule, (True,))


@pytest.mark.once
@pytest.mark.parametrize(
    "rule", [*WRITING[::2], *(pytest.param(one, marks=pytest.mark.slow) for one in WRITING[1::2])]
)
def test_a_write_leaves_an_entry_and_takes_no_field_it_does_not_own(rule: str, stage: Stage) -> None:
    """What is sent beside the form's own fields makes no difference to what the same form does without."""
    left = _write(stage, rule, (True, False))

    untouched = _steady({name: stage.rows[name] for name in left[0].keys() ^ left[1].keys()})
    assert tables.changed(untouched | left[0], untouched | left[1]) == []


def _write(stage: Stage, rule: str, honest: tuple[bool, ...]) -> list[dict[str, list[dict[str, Any]]]]:
    left = []
    for is_honest in honest:
        stage.restore()
        sample = SAMPLES[rule]
        sample.prepare(stage)
        client = stage.client(sample.actor)
        url = sample.url(stage)
        form, values = sample.filled_in(stage, client)
        more = {} if is_honest else _foreign_values(stage, rule, set(form.fields) if form else set())
        assert is_honest or len(more) > 60
        before = len(_entries(stage))

        answer = client.post(url, more | values)

        assert answer.status_code == ANSWERED.get(rule, 302), (
            f"{rule}: {answer.status_code} {_refusal(answer)}"
        )
        if is_honest:
            new = _entries(stage)[before:]
            _check_entries(stage, rule, new)
            assert {entry["request_id"] for entry in new} <= {answer.headers["X-Request-ID"]}, rule
        left.append(_written(stage))
    return left


def _refusal(answer: Any) -> str:
    return " ".join(re.findall(r"ct-fielderror.*?</p>|ct-errsum.*?</ul>", answer.text, re.S))[:500]


def _check_entries(stage: Stage, rule: str, new: list[dict[str, Any]]) -> None:
    sample = SAMPLES[rule]
    assert bool(new) is not rule.startswith(PERSONAL), f"{rule} left {len(new)} entries"
    person, logins = person_of(stage.world, sample.actor), tables.rows_of(stage.app, "ab_user")
    for entry in new:
        assert entry["address"] or sample.actor == ANONYMOUS, f"{rule}: no address in {entry}"
        if person is not None:
            assert (entry["actor_id"], entry["actor_name"]) == (person.id, person.name), rule
            assert entry["is_platform_actor"] == (sample.actor in (ADMIN, ENTERED_ADMIN)), rule
        elif not rule.startswith(APPLICANTS):
            is_known = entry["action"] != "reset_asked"  # that can be anybody
            assert entry["actor_id"] == (entry["record_id"] if is_known else None), f"{rule}: {entry}"
        if not rule.startswith(OF_THE_PLATFORM):
            assert entry["reseller_id"], f"{rule}: whose change is {entry}?"
        assert entry["changes"] or entry["action"] in EVENTS, f"{rule}: nothing before and after in {entry}"
        told = repr(entry)
        for secret in (SECRET, PASSWORD, "pbkdf2:", "scrypt:", stage.token, stage.reset_token):
            assert secret not in told, f"{rule}: a secret in {entry['action']}"
        for row in logins:
            for name in ("invitation_hash", "reset_hash"):
                assert not row[name] or row[name] not in told
    assert {entry["reseller_id"] for entry in new} <= {None, *_touched(stage, rule)}


def _touched(stage: Stage, rule: str) -> set[int]:
    """Return the resellers that an entry may belong to: north, and the one that the sample makes."""
    made = {row["id"] for row in tables.rows_of(stage.app, "resellers")} - {stage.world.south.id}
    return made if rule.startswith("/platform/") else {stage.world.north.id}
