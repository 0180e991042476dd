"""Names that are unique per reseller, whatever their case, accents and spacing."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, scoped_session

from app.errors import Invalid
from app.kernel.folding import fold
from app.tenancy.models import Reseller
from app.tenancy.scope import current_scope


def check_name_is_free(
    session: Session | scoped_session[Any],
    column: Any,
    name: str,
    *among: ColumnElement[bool],
    besides: int | None = None,
    field: str = "name",
) -> None:
    """Raise ``Invalid`` when a record of the reseller in scope already has this name.

    ``among`` narrows the records that share one space of names, ``besides`` is the record being renamed. Two people
    who take the same name at once wait for each other at the reseller's row, which is held until the commit.
    """
    wanted = fold(name)
    if not wanted:
        raise Invalid(_("Enter a name with letters or digits."), field=field)
    held = select(Reseller.id).where(Reseller.id == current_scope().reseller_id)
    session.execute(held.with_for_update(key_share=True))  # which lets others add rows that refer to it
    for key, taken in session.execute(select(column.class_.id, column).where(*among)):
        if key != besides and fold(taken) == wanted:
            raise Invalid(_("“%(name)s” exists already. Choose another name.", name=taken), field=field)
