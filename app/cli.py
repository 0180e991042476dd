"""Commands: ``flask --app app init``, ``create-admin``, ``demo``, ``doctor``, ``import-usage``,
``generate-statements``.

Each says what it did, and each refusal is one line on standard error and exit status 1; 2 is click's own for a
command that was typed wrong.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from alembic.util import CommandError
from flask import Flask, current_app
from flask.cli import with_appcontext
from sqlalchemy import select
from sqlalchemy.exc import DatabaseError

from app.errors import DomainError

_LONGEST_NAME = 120
_EXITS = "Exit status: 0 when done, 1 when refused (one line says why), 2 when typed wrong."


def init_app(app: Flask) -> None:
    """Register the commands on ``app``."""
    for command in COMMANDS:
        app.cli.add_command(command)


@contextmanager
def _in_plain_words() -> Iterator[None]:
    """Say what is expected to go wrong in one line instead of a stack trace."""
    from app.doctor.schema import first_line

    try:
        yield
    except DatabaseError as problem:
        raise click.ClickException(f"The database cannot be used: {first_line(problem)}.") from None
    except CommandError as problem:
        raise click.ClickException(
            f"The database was made by another version of Cloudtally: {problem}."
        ) from None
    except DomainError as refusal:
        raise click.ClickException(str(refusal)) from None
    except OSError as problem:
        raise click.ClickException(f"{problem.filename}: {problem.strerror or problem}") from None


def _check_is_prepared() -> None:
    """Refuse to go on before ``init`` was run."""
    from app.doctor.logins import missing_roles
    from app.doctor.schema import pending
    from app.tenancy.scope import system_scope

    if not pending():
        with system_scope("are the roles there?"):
            if not missing_roles():
                return
    raise click.ClickException("The database is not up to date. Run first: flask --app app init")


@click.command("init", short_help="Bring the installation up to date.", epilog=_EXITS)
@with_appcontext
def init() -> None:
    """Bring the installation up to date: migrations, roles, provider catalogue, compiled translations.

    Adds what is missing, leaves alone what is there, and says what it did; running it again does no harm.
    Run it after every update, with a backup at hand.
    """
    from app.doctor.logins import missing_providers, missing_roles
    from app.doctor.schema import current_revision, is_sqlite, pending
    from app.extensions import db
    from app.installation import bring_up_to_date
    from app.providers.catalog import CATALOG
    from app.security.roles import RoleName
    from app.tenancy.scope import system_scope

    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    with _in_plain_words():
        if is_sqlite():
            Path(app.instance_path).mkdir(parents=True, exist_ok=True)
        steps = len(pending())
        roles, providers = [role.value for role in RoleName], [str(one["name"]) for one in CATALOG]
        if current_revision() is not None:
            with system_scope("what will init add?"):
                roles, providers = missing_roles(), missing_providers()
            db.session.rollback()
        bring_up_to_date(app)
        done = [f"Migrations run: {steps}."] if steps else []
        done += [f"Roles added: {', '.join(roles)}."] if roles else []
        done += [f"Providers added: {', '.join(providers)}."] if providers else []
        done += _compile_translations(Path(app.config["BABEL_TRANSLATION_DIRECTORIES"]))
    for line in done or ["Nothing was missing."]:
        click.echo(line)
    click.echo("The installation is up to date.")


def _compile_translations(folder: Path) -> list[str]:
    """Compile what was changed and say so. A folder that cannot be written keeps nobody from working in English."""
    from app.kernel.translations import compile_catalogs

    try:
        written = compile_catalogs(folder)
    except OSError as problem:
        return [f"Translations not compiled ({problem.strerror or problem}); the doctor names them."]
    languages = ", ".join(path.parent.parent.name for path in written)
    return [f"Translations compiled: {languages}."] if written else []


@click.command("create-admin", short_help="Create a Platform Admin.", epilog=_EXITS)
@click.option("--name", required=True, help="The person's name.")
@click.option("--email", required=True, help="The address to log in with.")
@click.option(
    "--password",
    help="12 characters, or what the platform's Password Requirements say. Better leave it out: then it is asked "
    "for, hidden, and stands in no shell history.",
)
@with_appcontext
def create_admin(name: str, email: str, password: str | None) -> None:
    """Create a Platform Admin, who runs the platform and can add others on the screen.

    Refuses weak passwords and addresses that a login has already. There is no default account.
    """
    from app.extensions import db
    from app.kernel.unit_of_work import unit_of_work
    from app.security.accounts import create_user
    from app.security.models import User
    from app.security.roles import RoleName
    from app.shell.fields import normal_email
    from app.tenancy.scope import system_scope

    name = " ".join(name.split())
    if not name or len(name) > _LONGEST_NAME:
        raise click.ClickException(f"The name has 1 to {_LONGEST_NAME} characters.")
    try:
        address = normal_email(email)
    except ValueError as problem:
        raise click.ClickException(f"{email} is not an email address: {problem}") from None
    with _in_plain_words():
        _check_is_prepared()
        with system_scope("the first Platform Admin is made from the command line"):
            if db.session.scalars(select(User.id).where(User.email == address)).first() is not None:
                raise click.ClickException(f"There is a login with the address {address} already.")
            db.session.rollback()
            if password is None:
                password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
            with unit_of_work(db.session):
                create_user(
                    name=name,
                    email=address,
                    role=RoleName.PLATFORM_ADMIN,
                    reseller_id=None,
                    password=password,
                )
    click.echo(f"{address} can log in now.")


@click.command("demo", short_help="Load the demo world.", epilog=_EXITS)
@with_appcontext
def demo() -> None:
    """Load the demo world into an empty installation and print its logins.

    Their passwords are public, so it is refused in production and where there are logins already.
    """
    from app import demo as world
    from app.installation import load_demo

    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    if app.config["CLOUDTALLY_ENV"] == "production":
        raise click.ClickException("The demo world's passwords are public; it is not for production.")
    with _in_plain_words():
        _check_is_prepared()
        if not load_demo(app):
            raise click.ClickException(
                "There are logins already; the demo world goes into an empty installation only."
            )
    for role, email, password, door in world.LOGINS:
        click.echo(f"{role:18} {email:34} {password}  {door}")


@click.command(
    "doctor",
    short_help="Examine the installation.",
    epilog="Exit status: 0 when sound (warnings may remain), 1 with errors, 2 when typed wrong.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object: sound, faults.")
@click.option("--fix", is_flag=True, help="Mend what needs no decision, then examine again.")
@with_appcontext
@click.pass_context
def doctor(context: click.Context, as_json: bool, fix: bool) -> None:
    """Examine the installation: settings, database, roles, logins, audit log, search.

    Names each fault in one sentence, with what to do. Changes nothing without --fix.
    """
    from app.doctor.examination import examine, mend
    from app.doctor.faults import is_sound

    with _in_plain_words():
        faults = examine()
        if fix:
            mended = mend(faults)
            for fault in mended:
                click.echo(f"Mending: {fault.sentence}", err=True)
            faults = examine() if mended else faults
    if as_json:
        found = {"sound": is_sound(faults), "faults": [fault.as_json() for fault in faults]}
        click.echo(json.dumps(found, indent=2, ensure_ascii=False))
    else:
        for fault in faults:
            click.echo(f"{fault.level}: {fault.sentence} ({fault.code})\n    {fault.advice}")
        click.echo("The installation is sound." if is_sound(faults) else "The installation has faults.")
    context.exit(0 if is_sound(faults) else 1)


_ANSWERS = ("rejected_rows", "less_than_half", "overlap", "closed_month", "newer_there")


@click.command(
    "import-usage",
    short_help="Import a provider's bill.",
    epilog="Exit status: 0 when imported (or the same as before), 1 when refused or when a decision is needed, 2 when "
    "typed wrong.",
)
@click.argument("file", type=click.Path(exists=True, path_type=Path))
@click.option("--reseller", required=True, help="The reseller's nickname.")
@click.option("--provider", default="", help="Take this provider's rows only, such as aws.")
@click.option("--month", "month_text", default="", help="Take this month only, such as 2026-10.")
@click.option(
    "--source", default="", help="A name for where the bill comes from; without it its billing account."
)
@click.option(
    "--accept",
    multiple=True,
    type=click.Choice(_ANSWERS),
    help="Answer a question of the import with yes beforehand; may be given several times.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@with_appcontext
@click.pass_context
def import_usage(
    context: click.Context,
    file: Path,
    reseller: str,
    provider: str,
    month_text: str,
    source: str,
    accept: tuple[str, ...],
    as_json: bool,
) -> None:
    """Import a provider's bill: FOCUS, AWS Cost and Usage Report, Azure cost details or Google Cloud billing export.

    FILE is CSV, gzip CSV, Parquet, a zip, or a folder of parts. It counts as a whole or not at all, and replaces what
    the same source delivered before for the same month.
    """
    from app.usage.by_command import import_file
    from app.usage.decisions import Question

    with _in_plain_words():
        _check_is_prepared()
        outcome = import_file(
            file.resolve(),
            nickname=reseller,
            provider=provider,
            month=_month_of(month_text),
            source=source,
            accepted=[Question(answer) for answer in accept],
        )
    if as_json:
        click.echo(json.dumps(outcome, indent=2, ensure_ascii=False))
    else:
        for line in _told(outcome):
            click.echo(line)
    context.exit(0 if outcome["state"] == "done" else 1)


def _month_of(text: str) -> datetime.date | None:
    if not text:
        return None
    try:
        return datetime.datetime.strptime(text, "%Y-%m").date()  # noqa: DTZ007 - a month has no time zone
    except ValueError:
        raise click.BadParameter("is a month such as 2026-10", param_hint="--month") from None


def _told(outcome: dict[str, Any]) -> Iterator[str]:
    """Say in lines what became of an import."""
    words = {
        "done": "Imported",
        "needs_decision": "Needs a decision",
        "refused": "Refused",
        "failed": "Failed",
        "dismissed": "Dismissed",
    }
    yield f"{words.get(outcome['state'], outcome['state'])}: {outcome['file']}"
    if outcome["message"]:
        yield f"  {outcome['message']}"
    if outcome["parts"]:
        yield f"  {outcome['rows']} rows read, {outcome['rejected']} rejected ({outcome['format']})."
    for part in outcome["parts"]:
        sums = ", ".join(f"{currency} {kinds['billed']}" for currency, kinds in part["totals"].items())
        yield (
            f"  {part['provider']} {part['month'][:7]} {part['source']}: {part['rows']} rows, "
            f"{part['outcome']}, billed {sums}"
        )
    for row in outcome["rejected_rows"][:20]:
        yield f"  line {row['line']}, {row['column']}: {row['value']!r}: {row['reason']}"
    for account in outcome["new_accounts"]:
        yield f"  new unassigned account: {account['provider']} {account['id']} {account['name']}".rstrip()
    for ask in outcome["questions"]:
        yield f"  {ask['text']} (--accept {ask['question']}, or under Billing > Imports)"


@click.command(
    "generate-statements",
    short_help="Generate the statements of a month as drafts.",
    epilog="Exit status: 0 when all were generated, 1 when refused or a customer failed, 2 when typed wrong.",
)
@click.option("--reseller", required=True, metavar="NICKNAME", help="Whose customers.")
@click.option("--month", "month_text", required=True, metavar="YYYY-MM", help="The month of usage.")
@click.option(
    "--customer", default="", metavar="NAME", help="This customer alone, by name or number such as C-1001."
)
@click.option(
    "--provider", default="", metavar="CODE", help="The usage of this provider alone, such as aws; none: all."
)
@click.option(
    "--format", "shape", type=click.Choice(["text", "json"]), default="text", help="How it is printed."
)
@with_appcontext
@click.pass_context
def generate_statements(
    context: click.Context, reseller: str, month_text: str, customer: str, provider: str, shape: str
) -> None:
    """Generate statements as drafts and print each with all its lines; the same draft again where there is one.

    A failure of one customer stops no other. Nothing is issued, and no customer sees a draft.
    """
    from app.statements import by_command

    failed, found = False, []
    month = _month_of(month_text)
    if month is None:
        raise click.BadParameter("is a month such as 2026-10", param_hint="--month")
    with _in_plain_words():
        _check_is_prepared()
        for one in by_command.generate_statements(
            nickname=reseller, month=month, customer=customer, provider=provider
        ):
            failed = failed or bool(one["error"])
            found.append(one)
            if shape == "text":
                for line in _billed(one):
                    click.echo(line)
    if shape == "json":
        click.echo(json.dumps(found, indent=2, ensure_ascii=False))
    elif not found:
        click.echo("No customer had an account in this month.")
    context.exit(1 if failed else 0)


def _billed(one: dict[str, Any]) -> Iterator[str]:
    """Say in lines what a customer pays."""
    yield f"{one['customer_number']} {one['customer']}"
    if one["error"]:
        yield f"  failed: {one['error']}"
    elif not one["statements"]:
        yield "  nothing to bill"
    for statement in one["statements"]:
        notes = ", estimated" if statement["is_estimated"] else ""
        yield f"  {statement['month']} {statement['kind']} ({statement['state']}{notes}), {statement['currency']}"
        for line in statement["lines"]:
            what = " ".join(
                text for text in (line["provider"], line["account"], line["service"] or line["text"]) if text
            )
            yield f"    {line['kind']:18} {what:60} {line['amount']:>16}"
        yield f"    {'total':18} {'':60} {statement['total']:>16}"


#: Every command of ours, as ``flask --app app`` lists them.
COMMANDS: tuple[click.Command, ...] = (init, create_admin, demo, doctor, import_usage, generate_statements)
