"""The left navigation. Slices announce their items; what a person sees is what the person may open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from flask import Flask, current_app, url_for
from flask_babel import lazy_gettext as _l

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
    """One entry. ``right`` is (verb, subject) as in ``security.roles``; ``badge`` returns a count or None.

    ``is_shown``: asked in each request of whoever has the right, where more than the right decides.
    """

    key: str
    label: object
    icon: str
    endpoint: str
    right: tuple[str, str]
    group: str = "main"
    badge: Callable[[], int | None] | None = None
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


def grouped(items: list[NavItem], active_path: str) -> list[dict[str, object]]:
    """Return the entries as the template wants them: groups with labels, the longest matching address active."""
    urls = {item.key: url_for(item.endpoint) for item in items}
    matching = [
        key
        for key, url in urls.items()
        if active_path == url or (url != "/" and active_path.startswith(_stem(url)))
    ]
    active = max(matching, key=lambda key: len(urls[key]), default=None)
    groups: list[dict[str, object]] = []
    for group, label in GROUPS.items():
        entries = [
            {
                "label": item.label,
                "url": urls[item.key],
                "icon": item.icon,
                "active": item.key == active,
                "badge": item.badge() if item.badge else None,
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
