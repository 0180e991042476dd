"""The left navigation. Slices announce their items; what a person sees is what the person may open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask import Flask, current_app, g, url_for
from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, select

from app.extensions import db

#: Groups in order; the first stands without a heading.
GROUPS: dict[str, object] = {
    "main": None,
    "platform": _l("Platform"),
    "account": _l("Account"),
    "storefront": _l("Customer Storefront"),
    "reports": _l("Reports"),
    "billing": _l("Billing"),
    "cost": _l("Cost Management"),
    "manage": _l("Manage"),
}


@dataclass(frozen=True, slots=True)
class NavItem:
    """One entry. ``right`` is (verb, subject) as in ``security.roles``.

    ``counts``: what its badge counts, asked of all entries at once; ``badge``: a number that is there anyway.
    ``is_shown``: asked in each request of whoever has the right, where more than the right decides.
    """

    key: str
    label: object
    icon: str
    endpoint: str
    right: tuple[str, str]
    group: str = "main"
    badge: Callable[[], int | None] | None = None
    counts: Select[int] | None = None
    area: str = "console"  # console: modules; settings: the Settings area; platform; portal
    is_shown: Callable[[], bool] | None = None


@dataclass
class Navigation:
    """The entries of one application, in the order in which the slices announced them."""

    items: dict[str, NavItem] = field(default_factory=dict)


def add_item(app: Flask, item: NavItem) -> None:
    """Announce an entry."""
    app.extensions.setdefault("navigation", Navigation()).items[item.key] = item


def visible_items(area: str) -> list[NavItem]:
    """Return the entries of ``area`` that the signed-in person may open."""
    manager = current_app.extensions["appbuilder"].sm
    navigation: Navigation = current_app.extensions.get("navigation", Navigation())
    return [
        item
        for item in navigation.items.values()
        if item.area == area
        and manager.has_access(f"can_{item.right[0]}", item.right[1])
        and (item.is_shown is None or item.is_shown())
    ]


def note_count(counts: Select[int], number: int) -> None:
    """Tell what a badge's statement would count, where a page knows it before the navigation is drawn."""
    _known_counts()[id(counts)] = number


def _known_counts() -> dict[int, int]:
    known: dict[int, int] = g.setdefault("navigation_counts", {})
    return known


def _badges(items: list[NavItem]) -> dict[str, int | None]:
    known = _known_counts()
    asked = {
        id(one.counts): one.counts for one in items if one.counts is not None and id(one.counts) not in known
    }
    if asked:
        row: Any = db.session.execute(select(*(one.scalar_subquery() for one in asked.values()))).one()
        known |= dict(zip(asked, row, strict=True))
    return {
        one.key: known[id(one.counts)] if one.counts is not None else one.badge() if one.badge else None
        for one in items
    }


def grouped(items: list[NavItem], active_path: str) -> list[dict[str, object]]:
    """Return the entries as the template wants them: groups with labels, the longest matching address active."""
    urls = {item.key: url_for(item.endpoint) for item in items}
    matching = [
        key
        for key, url in urls.items()
        if active_path == url or (url != "/" and active_path.startswith(_stem(url)))
    ]
    active = max(matching, key=lambda key: len(urls[key]), default=None)
    badges = _badges(items)
    groups: list[dict[str, object]] = []
    for group, label in GROUPS.items():
        entries = [
            {
                "label": item.label,
                "url": urls[item.key],
                "icon": item.icon,
                "active": item.key == active,
                "badge": badges[item.key],
                "badge_label": None,
            }
            for item in items
            if item.group == group
        ]
        if entries:
            groups.append({"label": label, "items": entries})
    return groups


def _stem(url: str) -> str:
    """The address below which a module's pages live: FAB's lists end in ``/list/``."""
    return url.removesuffix("list/")
