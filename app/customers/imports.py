"""Importing customers from a CSV file: a dry run that creates nothing, then the application, all or nothing.

``read_file`` judges a file without the database and may take its time; ``keep`` and ``apply`` are short and run in a
unit of work. Whoever creates customers waits for ``take_numbers``, so what ``apply`` checks after it stays true.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from app.audit.log import because, record
from app.custom_fields.values import BadValue
from app.customers.import_cells import Column, cell_reader, columns_of, normal_title, sentence
from app.customers.import_models import CustomerImport, ImportStatus
from app.customers.models import LONGEST_KEY, Customer, CustomerStatus
from app.customers.queries import customer_fields
from app.customers.search import own_words
from app.customers.services import reseller_currency, take_numbers
from app.errors import Invalid, NotVisible, WrongState
from app.extensions import db
from app.kernel.csv_safe import CsvFile, CsvProblem, CsvRow, read_csv
from app.kernel.folding import fold
from app.shell.formats import integer_text
from app.tenancy.scope import current_scope

LARGEST_FILE = 10 * 1024 * 1024
MOST_ROWS = 50_000
#: How many errors are kept with an import; all of them are counted.
KEPT_ERRORS = 10_000
_PREVIEW_ROWS = 5
_SHOWN_OF_CELL = 80
#: Files that nobody applied are forgotten after this time.
KEPT_FOR = datetime.timedelta(days=7)
_SPREADSHEETS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


@dataclass(frozen=True, slots=True)
class Finding:
    """One error: where, the code of its sentence, the cell."""

    line: int
    column: str
    code: str
    value: str = ""
    parameters: dict[str, str | int] = field(default_factory=dict)

    def __str__(self) -> str:
        return sentence(self.code, self.parameters)

    def as_list(self) -> list[Any]:
        """Return what is kept in ``CustomerImport.report``."""
        return [self.line, self.column, self.code, self.value, self.parameters]


@dataclass(frozen=True, slots=True)
class Draft:
    """A row without errors."""

    line: int
    key: str
    values: dict[str, Any]
    custom: dict[str, str]


@dataclass(slots=True)
class Checked:
    """What a dry run found. ``names`` has every organization of the file: key -> (line, as written)."""

    row_count: int = 0
    drafts: list[Draft] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    names: dict[str, tuple[int, str]] = field(default_factory=dict)

    def report(self) -> dict[str, Any]:
        """Return what the report page needs, as it is stored."""
        preview = [
            [
                one.line,
                one.values["organization"],
                one.values["contact_name"],
                one.values["email"],
                one.values["country"],
            ]
            for one in self.drafts[:_PREVIEW_ROWS]
        ]
        return {
            "fitting": len(self.drafts),
            "ignored": self.ignored,
            "preview": preview,
            "errors": [one.as_list() for one in self.findings[:KEPT_ERRORS]],
        }


class NoLongerFits(WrongState):
    """The file was fine when it was checked and is not any more; ``checked`` says why."""

    def __init__(self, checked: Checked) -> None:
        super().__init__(
            _(
                "Since this file was checked, something changed that it does not fit any more. Nothing was created."
            )
        )
        self.checked = checked


def file_columns() -> list[Column]:
    """Return the columns that a file of the reseller in scope may have."""
    return columns_of(customer_fields())


def read_file(content: bytes, columns: Sequence[Column]) -> Checked:
    """Judge a file row by row, without looking at the customers there are.

    Raises ``Invalid`` for a file that cannot be read as a table of customers at all.
    """
    try:
        table = _open(content)
        present, ignored = _match_columns(table.header, columns)
        return _read_rows(table.rows(), present, Checked(ignored=ignored))
    except CsvProblem as problem:
        raise Invalid(str(problem), field="file") from None


def _open(content: bytes) -> CsvFile:
    if len(content) > LARGEST_FILE:
        megabytes = LARGEST_FILE // 1024 // 1024
        raise Invalid(
            _("The file is larger than %(n)s MB. Split it into several files.", n=megabytes), field="file"
        )
    if content.startswith(_SPREADSHEETS):
        raise Invalid(
            _("This is a spreadsheet file, not CSV. Save it as CSV UTF-8 and choose that file."), field="file"
        )
    return read_csv(content)


def _match_columns(header: Sequence[str], columns: Sequence[Column]) -> tuple[dict[str, Column], list[str]]:
    """Return the file's titles with the columns they stand for, and the titles that stand for none."""
    known = {normal_title(column.title): column for column in columns}
    present: dict[str, Column] = {}
    first_titles: dict[str, str] = {}
    ignored: list[str] = []
    for title in header:
        key = normal_title(title)
        if key in first_titles:
            raise Invalid(
                _(
                    "The columns %(first)s and %(second)s mean the same. Remove one of them.",
                    first=first_titles[key],
                    second=title,
                ),
                field="file",
            )
        first_titles[key] = title
        if key in known:
            present[title] = known[key]
        else:
            ignored.append(title[:100])
    found = {column.title for column in present.values()}
    missing = [column.title for column in columns if column.is_required and column.title not in found]
    if missing:
        raise Invalid(
            _(
                "The first line has no column %(names)s. Add it; the template has all columns.",
                names=", ".join(missing),
            ),
            field="file",
        )
    return present, ignored


def _read_rows(rows: Iterator[CsvRow], present: dict[str, Column], checked: Checked) -> Checked:
    readers = [(title, column, cell_reader(column)) for title, column in present.items()]
    for row in rows:
        checked.row_count += 1
        if checked.row_count > MOST_ROWS:
            raise Invalid(
                _(
                    "The file has more than %(n)s rows. Split it into several files.",
                    n=integer_text(MOST_ROWS),
                ),
                field="file",
            )
        values: dict[str, Any] = {}
        custom: dict[str, str] = {}
        errors_before = len(checked.findings)
        for title, column, read in readers:
            try:
                value = read(row.cells[title])
            except BadValue as problem:
                shown = row.cells[title].strip()[:_SHOWN_OF_CELL]
                checked.findings.append(
                    Finding(row.line, column.title, problem.code, shown, problem.parameters)
                )
                continue
            if value is None:
                continue
            (custom if column.custom_name else values)[column.custom_name or column.title] = value
        key = _check_name(row.line, values.get("organization"), checked)
        if len(checked.findings) == errors_before:
            checked.drafts.append(Draft(row.line, key, values, custom))
    if not checked.row_count:
        raise Invalid(
            _("The file has column titles and no rows. Add a line for each customer."), field="file"
        )
    return checked


def _check_name(line: int, name: str | None, checked: Checked) -> str:
    """Return the folded organization, after noting it or what is wrong with it."""
    if name is None:
        return ""
    key = fold(name)
    if not key:
        checked.findings.append(Finding(line, "organization", "no_name", name[:_SHOWN_OF_CELL]))
    elif len(key) > LONGEST_KEY:
        checked.findings.append(Finding(line, "organization", "long_name", name[:_SHOWN_OF_CELL]))
    elif key in checked.names:
        other = checked.names[key][0]
        checked.findings.append(
            Finding(line, "organization", "doubled", name[:_SHOWN_OF_CELL], {"other": other})
        )
    else:
        checked.names[key] = (line, name)
    return key


def mark_taken(checked: Checked) -> Checked:
    """Add an error for every organization of the file that is a customer already. One statement."""
    query = select(Customer.organization_key, Customer.number, Customer.organization)
    taken: set[str] = set()
    for key, number, organization in db.session.execute(query):
        found = checked.names.get(key)
        if found is not None:
            line, name = found
            parameters = {"number": f"C-{number}", "name": organization}
            checked.findings.append(Finding(line, "organization", "taken", name[:_SHOWN_OF_CELL], parameters))
            taken.add(key)
    if taken:
        checked.drafts = [draft for draft in checked.drafts if draft.key not in taken]
        checked.findings.sort(key=lambda finding: finding.line)
    return checked


def find_import(import_id: int) -> CustomerImport:
    """Return the import with this id; raises ``NotVisible`` when the scope in force does not see it."""
    found: CustomerImport | None = (
        db.session.get(CustomerImport, import_id) if 0 < import_id < 2**31 else None
    )
    if found is None:
        raise NotVisible
    return found


def recent_imports(limit: int = 10) -> Sequence[CustomerImport]:
    """Return the newest imports of the reseller in scope."""
    return db.session.scalars(select(CustomerImport).order_by(CustomerImport.id.desc()).limit(limit)).all()


def keep(file_name: str, content: bytes, checked: Checked, *, now: datetime.datetime) -> CustomerImport:
    """Store a file that was read, with what is wrong with it. Forgets old files that nobody applied."""
    mark_taken(checked)
    old = select(CustomerImport).where(
        CustomerImport.status == ImportStatus.CHECKED, CustomerImport.created_at < now - KEPT_FOR
    )
    for forgotten in db.session.scalars(old):
        db.session.delete(forgotten)
    upload = CustomerImport(
        file_name=_file_name(file_name),
        content=content,
        row_count=checked.row_count,
        error_count=len(checked.findings),
        report=checked.report(),
        status=ImportStatus.CHECKED,
        created_by_id=current_scope().actor.user_id,
        created_at=now,
    )
    db.session.add(upload)
    db.session.flush()
    return upload


def _file_name(name: str) -> str:
    """Return the last part of the name a browser sent, printable and bounded."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return (
        "".join(character for character in last if character.isprintable()).strip()[-200:] or "customers.csv"
    )


def keep_findings(upload: CustomerImport, checked: Checked) -> None:
    """Replace what the dry run said by what was found now."""
    upload.row_count, upload.error_count = checked.row_count, len(checked.findings)
    upload.report = checked.report()


def check_can_apply(upload: CustomerImport) -> None:
    """Raise ``WrongState`` for a file that was applied, or that has errors."""
    if upload.is_applied:
        raise WrongState(
            _("%(file)s was applied already. Its customers were not added again.", file=upload.file_name)
        )
    if upload.error_count:
        raise WrongState(
            _("This file has errors, so nothing was created. Correct them in the file and upload it again.")
        )


def apply(upload: CustomerImport, checked: Checked, *, now: datetime.datetime) -> CustomerImport:
    """Create a customer for every row, or none.

    ``checked`` is the file as ``read_file`` sees it now. Raises ``WrongState`` when the import was applied in the
    meantime, and ``NoLongerFits`` when the file has errors by now.
    """
    first = take_numbers(checked.row_count)
    db.session.refresh(upload)  # whoever applied it before us has committed: we waited for the numbers
    check_can_apply(upload)
    mark_taken(checked)
    if checked.findings:
        raise NoLongerFits(checked)
    currency = reseller_currency()
    with because("imported"):
        db.session.add_all(
            _new_customer(draft, number, currency, now)
            for number, draft in enumerate(checked.drafts, start=first)
        )
    upload.status, upload.applied_at = ImportStatus.APPLIED, now
    upload.content = b""
    db.session.flush()
    record("imported", upload, changes={"row_count": [None, str(checked.row_count)]})
    return upload


def _new_customer(draft: Draft, number: int, currency: str, now: datetime.datetime) -> Customer:
    customer = Customer(
        **draft.values,
        reseller_id=current_scope().reseller_id,
        number=number,
        organization_key=draft.key,
        status=CustomerStatus.ACTIVE,
        custom_values=draft.custom,
        spend_threshold_currency="" if draft.values.get("spend_threshold_amount") is None else currency,
        search_accounts="",
        created_at=now,
        updated_at=now,
    )
    customer.search_own = own_words(customer)
    return customer
