"""Where the slices announce the lists of which views can be saved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import url_for


@dataclass(frozen=True, slots=True)
class SavedList:
    """A list. ``right`` is (verb, subject). ``written`` reads the running request's arguments and returns what of them
    a view keeps, always in the same order and without what goes without saying; it answers 400 to nonsense.
    ``can_show``: can a view with these arguments be shown still?
    """

    key: str
    label: object
    endpoint: str
    right: tuple[str, str]
    written: Callable[[], str]
    can_show: Callable[[str], bool]

    def address(self, arguments: str = "") -> str:
        """Return where the list is shown with these arguments."""
        return url_for(self.endpoint) + (f"?{arguments}" if arguments else "")


LISTS: dict[str, SavedList] = {}


def add_list(saved_list: SavedList) -> None:
    """Announce a list."""
    LISTS[saved_list.key] = saved_list
