"""Commands: ``flask --app app init``, ``create-admin``, ``demo``."""

from __future__ import annotations

import click
from flask import Flask, current_app

from app.errors import DomainError


def init_app(app: Flask) -> None:
    """Register the commands on ``app``."""
    for command in (init, create_admin, demo):
        app.cli.add_command(command)


@click.command("init")
def init() -> None:
    """Bring the database up to date: migrations, roles, provider catalogue."""
    from app.installation import bring_up_to_date

    bring_up_to_date(current_app._get_current_object())  # type: ignore[attr-defined]
    click.echo("The installation is up to date.")


@click.command("create-admin")
@click.option("--name", required=True, help="The person's name.")
@click.option("--email", required=True, help="The address to sign in with.")
@click.password_option(help="At least 12 characters.")
def create_admin(name: str, email: str, password: str) -> None:
    """Create a Platform Admin."""
    from app.extensions import db
    from app.kernel.unit_of_work import unit_of_work
    from app.security.accounts import create_user
    from app.security.roles import RoleName
    from app.shell.fields import normal_email
    from app.tenancy.scope import system_scope

    try:
        with system_scope("the first Platform Admin is made from the command line"), unit_of_work(db.session):
            create_user(
                name=name,
                email=normal_email(email),
                role=RoleName.PLATFORM_ADMIN,
                reseller_id=None,
                password=password,
            )
    except (DomainError, ValueError) as refusal:
        raise click.ClickException(str(refusal)) from None
    click.echo(f"{email} can sign in now.")


@click.command("demo")
def demo() -> None:
    """Load the demo world into an empty installation."""
    from app import demo as world
    from app.installation import is_empty

    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    if not is_empty(app):
        raise click.ClickException(
            "There are logins already; the demo world goes into an empty installation only."
        )
    world.load(app)
    for role, email, password in world.LOGINS:
        click.echo(f"{role:18} {email:34} {password}")
