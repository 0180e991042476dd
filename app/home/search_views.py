"""Searching the console: a number or id leads straight to its record, anything else to what it finds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import redirect, request, url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name

from app.kernel.folding import fold
from app.shell.finding import LONGEST, MOST, Hit, find, only_exact
from app.shell.navigation import visible_items
from app.shell.pages import PageView


class SearchView(PageView):
    """What a text finds: customers, cloud accounts, statements, requests, pages."""

    route_base = "/search"
    class_permission_name = "Home"

    @expose("/")
    @has_access
    @permission_name("show")
    def show(self) -> Any:
        text = request.args.get("q", "").strip()[:LONGEST]
        groups = find(text)
        hit = only_exact(groups)
        if hit is not None:
            return redirect(hit.url)
        return self.render_template("home/search.html", text=text, groups=groups, most=MOST)


def pages(text: str, most: int) -> Sequence[Hit]:
    """Return pages of the navigation and of Settings that a text names."""
    wanted = fold(text)
    items = [*visible_items("console"), *visible_items("settings")]
    found = {url_for(one.endpoint): str(one.label) for one in items if wanted in fold(str(one.label))}
    return [Hit(label, url) for url, label in found.items()][:most]
