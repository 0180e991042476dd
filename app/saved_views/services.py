"""What happens to saved views. Each person has only the own ones: the seam knows no others."""

from __future__ import annotations

from flask_babel import gettext as _

from app.errors import Invalid, NotAllowed, NotVisible, WrongState
from app.extensions import db
from app.kernel.numbers import LARGEST_ID
from app.saved_views.models import LONGEST_NAME, SavedView
from app.saved_views.queries import can_keep_views, views_of
from app.tenancy.names import check_name_is_free

MOST_VIEWS = 20
LONGEST_ARGUMENTS = 4000


def check_can_keep() -> None:
    """Raise ``NotAllowed`` where nobody is there whose view it would be."""
    if not can_keep_views():
        raise NotAllowed(
            _("Views belong to the people of a reseller. You have entered its console for support only.")
        )


def find_view(view_id: int) -> SavedView:
    """Return an own view; raises ``NotVisible`` for anybody else's."""
    check_can_keep()
    view = db.session.get(SavedView, view_id) if 0 < view_id <= LARGEST_ID else None
    if view is None:
        raise NotVisible
    return view


def save_view(*, list_key: str, name: str, arguments: str) -> SavedView:
    """Keep what a list shows now under a name; refuses a name twice and more than ``MOST_VIEWS`` of one person."""
    check_can_keep()
    _check_name(name, list_key=list_key)  # holds the reseller: two saves at once count one after the other
    mine = views_of(list_key)
    if len(mine) >= MOST_VIEWS:
        raise WrongState(_("You have %(n)s views of this list. Remove one of them first.", n=MOST_VIEWS))
    if len(arguments) > LONGEST_ARGUMENTS:
        raise Invalid(_("This view has too many filters to be kept. Take some of them away."))
    position = max((one.position for one in mine), default=0) + 1
    view = SavedView(list_key=list_key, name=name, arguments=arguments, position=position)
    db.session.add(view)
    db.session.flush()
    return view


def rename_view(view: SavedView, name: str) -> SavedView:
    """Give an own view another name."""
    _check_name(name, list_key=view.list_key, besides=view.id)
    view.name = name
    db.session.flush()
    return view


def remove_view(view: SavedView) -> None:
    """Remove an own view. The list itself, and what it shows, stays."""
    db.session.delete(view)
    db.session.flush()


def _check_name(name: str, *, list_key: str, besides: int | None = None) -> None:
    if len(name) > LONGEST_NAME:
        raise Invalid(_("Use at most %(max)d characters.", max=LONGEST_NAME), field="name")
    check_name_is_free(db.session, SavedView.name, name, SavedView.list_key == list_key, besides=besides)
