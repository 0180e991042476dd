"""Saving, renaming and removing a view. The forms stand above the list; these pages are for what has to be mended."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.errors import NotAllowed
from app.extensions import db
from app.kernel.unit_of_work import unit_of_work
from app.saved_views import services
from app.saved_views.forms import ViewForm
from app.saved_views.registry import LISTS, SavedList
from app.shell.context import may
from app.shell.pages import PageView, submit


def _list_of(key: str) -> SavedList:
    """Return a list that the signed-in person may open."""
    saved_list = LISTS.get(key) or abort(404)
    if not may(*saved_list.right):
        raise NotAllowed(_("You may not open this list."))
    return saved_list


class SavedViewsView(PageView):
    """The own views of the lists that keep some."""

    route_base = "/views"
    class_permission_name = "SavedViews"
    default_view = "add"

    @expose("/<string:list_key>/add", methods=["GET", "POST"])
    @has_access
    @permission_name("add")
    def add(self, list_key: str) -> Any:
        """Save what the address's arguments show."""
        saved_list = _list_of(list_key)
        services.check_can_keep()
        arguments = saved_list.written()
        form = ViewForm()
        view, status = submit(
            form,
            lambda: services.save_view(list_key=list_key, name=form.name.data, arguments=arguments),
        )
        if view is not None:
            flash(_("The view %(name)s was saved.", name=view.name), "success")
            return redirect(saved_list.address(arguments))
        title = _("Save this view")
        page = self.render_template(
            "saved_views/form.html",
            title=title,
            form=form,
            saved_list=saved_list,
            back=saved_list.address(arguments),
        )
        return page, status

    @expose("/<int:view_id>/", methods=["GET", "POST"])
    @has_access
    @permission_name("edit")
    def edit(self, view_id: int) -> Any:
        """Rename a view."""
        view = services.find_view(view_id)
        saved_list, name = _list_of(view.list_key), view.name
        can_show = saved_list.can_show(view.arguments)
        back = saved_list.address(view.arguments if can_show else "")
        form = ViewForm(obj=view)
        saved, status = submit(form, lambda: services.rename_view(view, form.name.data))
        if saved is not None:
            flash(_("The view is called %(name)s now.", name=saved.name), "success")
            return redirect(back)
        page = self.render_template(
            "saved_views/form.html",
            title=_("View %(name)s", name=name),
            form=form,
            saved_list=saved_list,
            back=back,
            view_id=view_id,
            is_broken=not can_show,
        )
        return page, status

    @expose("/<int:view_id>/remove/", methods=["POST"])
    @has_access
    @permission_name("delete")
    def remove(self, view_id: int) -> Response:
        view = services.find_view(view_id)
        saved_list, name = _list_of(view.list_key), view.name
        with unit_of_work(db.session):
            services.remove_view(view)
        flash(_("The view %(name)s was removed. No record was changed.", name=name), "success")
        return redirect(saved_list.address())
