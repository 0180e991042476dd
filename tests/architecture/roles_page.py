"""Prints ``docs/roles.md`` from ``app/security/roles.py``.

``python -m tests.architecture.roles_page > docs/roles.md``
"""

from __future__ import annotations

import sys

from app.security.roles import RIGHTS, ROLE_PURPOSE, VERBS, RoleName

HEAD = """\
# Roles and rights

Printed from `app/security/roles.py`, which is the whole of it; a test compares the two. Rights are verbs on subjects.
Which subject a screen belongs to is its `class_permission_name`; which address it has, and who gets in, is one line
per address in `tests/access/expectations.py`.

## Roles
"""

TABLE = """
## Rights

An empty cell is a refusal: 403 for people who are logged in, the login page for everybody else. A right reaches the
rows of the own reseller only, for a Customer User those of the own customer only: everything else answers 404.
"""

NOTES = """
- A Platform Admin sees no reseller's rows. Whoever enters a reseller, with a reason that the reseller reads, works
  there with its Owner's rights until leaving.
- Console roles are granted downwards: an Owner grants Owner, Ops and Sales; nobody grants a role above the own one.
- The framework's own screens for users, roles and permissions are not routed.

## How it is held

"""

#: The tests: what they do, and how much of it at least.
TESTS = (
    (
        "tests/access/test_matrix.py",
        "every address, GET and POST apart, for eight kinds of people, and every form without its token",
        "1,500 combinations",
    ),
    (
        "tests/access/test_isolation.py",
        "foreign rows by address, bulk action, form choice, list argument and download",
        "2,000 attempts",
    ),
    (
        "tests/access/test_crawl.py",
        "every link, followed as each of the eight: nothing foreign is shown, nothing changes",
        "500 pages",
    ),
    (
        "tests/access/test_writes.py",
        "every address that writes: its entry in the change log, and fields that are not its own",
        "3,000 foreign fields",
    ),
    (
        "tests/access/test_bad_input.py",
        "every field of every form, arguments and keys",
        "2,000 requests",
    ),
    ("tests/security/test_headers.py", "headers and scripts of every answer", "1,000 answers"),
)


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |\n"


def roles_page() -> str:
    """Return the page."""
    roles = list(RoleName)
    subjects = list(dict.fromkeys(subject for subject, _verbs, _roles in RIGHTS))
    lines = [HEAD, "\n"]
    lines += [f"- **{role.value}**: {ROLE_PURPOSE[role]}\n" for role in roles]
    lines += [TABLE, "\n", _row(["Subject", *(role.value for role in roles)])]
    lines.append(_row(["---"] * (len(roles) + 1)))
    for subject in subjects:
        cells = []
        for role in roles:
            held = {
                verb for name, verbs, those in RIGHTS if name == subject and role in those for verb in verbs
            }
            cells.append(", ".join(verb for verb in VERBS if verb in held))
        lines.append(_row([subject, *cells]))
    lines += [NOTES, _row(["Tests", "What they try", "At least"]), _row(["---"] * 3)]
    lines += [_row([f"`{path}`", what, size]) for path, what, size in TESTS]
    return "".join(lines)


if __name__ == "__main__":
    sys.stdout.write(roles_page())
