"""The base of every generated screen. It closes, once, what Flask-AppBuilder 5.3 leaves open.

| what the framework does | what this class does |
| --- | --- |
| one filter object is shared by all threads (FAB #2366) | ``_filters`` lives in the request |
| actions and ``/download`` look past the base filters | not routed unless a view asks for actions; rows are checked |
| flashes ``str(exception)``, SQL and parameters included | only a ``DomainError`` has text for people |
| answers 200 to an invalid form | 422, 409, with the refusal beside its field |
| deletes on GET when CSRF is off, shows raw errors | POST only, refusals in words |
| ``/show/abc`` reaches the database | keys are small positive integers, anything else is 404 |
| unknown order column or filter number is an error 500 | 400 |
| a related tab ignores the person's rights (FAB #2376) | there are no related tabs; sections check their own right |
| the last of two who edit wins silently | a ``RecordForm`` knows the state it was opened in; the second is told |

A slice declares columns and forms as with any ModelView, and gives ``create``, ``change`` and ``remove`` services to
call.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

import wtforms
from flask import abort, flash, g, has_app_context, redirect, request, url_for
from flask_appbuilder import ModelView, expose, has_access
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import inspect
from sqlalchemy.exc import IntegrityError, InvalidRequestError
from werkzeug.exceptions import HTTPException

from app.errors import DomainError, EditConflict, NotVisible, WrongState
from app.extensions import db
from app.kernel.unit_of_work import unit_of_work
from app.shell.errors import refusal_page
from app.shell.fields import OpenedForm
from app.shell.pages import attempt
from app.tenancy.guard import is_visible

LARGEST_ID = 2**31 - 1


class Interface(SQLAInterface):
    """FAB's data model for our tables: keys are checked before the database sees them; options load eagerly."""

    eager: ClassVar[tuple[Any, ...]] = ()

    def get(self, id: Any, filters: Any = None, select_columns: Any = None) -> Any:
        key = str(id)
        if not key.isascii() or not key.isdigit() or not 0 < int(key) <= LARGEST_ID:
            return None
        row = super().get(int(key), filters, select_columns)
        return row if row is not None and is_visible(row) else None

    def apply_all(self, query: Any, *args: Any, **kwargs: Any) -> Any:
        return super().apply_all(query, *args, **kwargs).options(*self.eager)


def digest_of(values: Mapping[str, object]) -> str:
    """Return a short word for ``values``."""
    text = "\n".join(f"{name}={values[name]!r}" for name in sorted(values))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def state_digest(row: Any, names: Iterable[str] | None = None) -> str:
    """Return a short word for the values that ``row`` has now, in all its columns or in those of ``names``."""
    state = inspect(row)
    wanted = names or [one.key for one in state.mapper.column_attrs if not one.deferred]
    return digest_of({name: getattr(row, name) for name in wanted})


def lock_row(row: Any) -> None:
    """Read ``row`` anew and hold it until the transaction ends, so that whoever saves it next waits.

    Rows that refer to it can be added meanwhile: whoever adds one may hold what this transaction asks for next. Raises
    ``NotVisible`` when somebody else removed it.
    """
    try:
        db.session.refresh(row, with_for_update={"of": type(row), "key_share": True})
    except InvalidRequestError:
        raise NotVisible from None


class RecordForm(OpenedForm):
    """A form that knows in which state it was opened, for tables without a version column.

    ``watched`` names the columns whose change by somebody else refuses a save; without names all of them.
    """

    state_field = "opened"
    watched: ClassVar[tuple[str, ...]] = ()

    opened = wtforms.HiddenField()

    def state_of(self, row: Any) -> str:
        return state_digest(row, self.watched)

    def remember(self, row: Any) -> None:
        """Keep the state of ``row`` in the form that is being opened."""
        self["opened"].data = self.state_of(row)

    def check_unchanged(self, row: Any) -> None:
        """Lock ``row``; raise ``EditConflict`` when somebody saved it since this form was opened."""
        lock_row(row)
        self.check_opened_in(self.state_of(row))

    def check_opened_in(self, digest: str) -> None:
        """Raise ``EditConflict`` when this form was opened in another state than the one with ``digest``."""
        if self["opened"].data != digest:
            raise EditConflict

    def populate_obj(self, obj: Any) -> None:
        for name, field in self._fields.items():
            if name not in ("opened", "opened_at", "csrf_token"):
                field.populate_obj(obj, name)


class RequestFilters:
    """Keeps the filters that a list works with in the request instead of in the view, which threads share."""

    @property
    def _filters(self) -> Any:
        base = self.__dict__["_own_filters"]
        if not has_app_context():
            return base
        mine = g.setdefault("list_filters", {})
        if id(self) not in mine:
            copy = base.copy()
            copy._search_filters = base._search_filters
            copy._all_filters = base._all_filters
            copy.search_columns = base.search_columns
            mine[id(self)] = copy
        return mine[id(self)]

    @_filters.setter
    def _filters(self, value: Any) -> None:
        self.__dict__["_own_filters"] = value


class BaseModelView(RequestFilters, ModelView):
    """A generated list with its forms.

    ``form`` is the one form of adding and editing. ``quick_search`` names the text column that the search field
    above the list looks into. ``intro`` is a sentence about what the list is for; ``empty_*`` speak on an empty one.
    """

    exclude_route_methods: ClassVar[set[str]] = {"download", "action", "action_post"}
    page_size = 25
    form: Any = None
    quick_search: str | None = None
    intro: object = ""
    empty_icon = "table-list"
    empty_title: object = _l("Nothing here yet")
    empty_text: object = ""
    noun: object = ""
    add_label: object = _l("Add")
    save_label: object = _l("Save")
    crumbs: tuple[tuple[object, str], ...] = ()
    add_row_message = _l("Saved.")
    edit_row_message = _l("Saved.")
    delete_row_message = _l("Removed.")

    # -- what slices override --------------------------------------------------------------------------------------

    def prepare(self, form: Any, row: Any) -> None:
        """Fill choices and the like before the form is validated or shown; ``row`` is None when adding."""

    def create(self, form: Any) -> Any:
        """Make the new row from a valid form. The default copies the fields."""
        row = self.datamodel.obj()
        form.populate_obj(row)
        db.session.add(row)
        return row

    def change(self, row: Any, form: Any) -> Any:
        """Change ``row`` by a valid form."""
        form.populate_obj(row)
        return row

    def remove(self, row: Any) -> None:
        """Delete ``row``, or raise ``WrongState`` saying why not."""
        db.session.delete(row)

    def use_of(self, row: Any) -> str:
        """How many have ``row``, in a sentence above its form; nothing while nobody has it and it can be deleted."""
        return ""

    def list_url(self) -> str:
        """Where to go after saving."""
        return url_for(f"{self.endpoint}.list")

    def row_name(self, row: Any) -> str:
        """How messages call a row."""
        return str(row)

    def can(self, verb: str) -> bool:
        """May the signed-in person do ``verb`` here?"""
        return f"can_{verb}" in self.base_permissions and bool(
            self.appbuilder.sm.has_access(f"can_{verb}", self.class_permission_name)
        )

    # -- the flow --------------------------------------------------------------------------------------------------

    def _init_forms(self) -> None:
        if self.form is not None:
            self.add_form = self.edit_form = self.form
            names = [name for name in self.form.__dict__ if hasattr(getattr(self.form, name), "field_class")]
            names.sort(key=lambda name: getattr(self.form, name).creation_counter)
            self.add_columns = self.edit_columns = names
        super()._init_forms()

    def _row_or_404(self, pk: Any) -> Any:
        row = self.datamodel.get(pk, self._base_filters)
        if row is None:
            abort(404)
        return row

    @expose("/list/")
    @has_access
    def list(self) -> Any:
        try:
            widgets = self._list()
        except HTTPException:
            raise
        except (ValueError, LookupError, AttributeError):  # arguments that no link of ours carries
            abort(400)
        return self.render_template(
            self.list_template, title=self.list_title, widgets=widgets, modelview=self
        )

    def _get_list_widget(self, filters: Any, order_column: str = "", **kwargs: Any) -> Any:
        if order_column and order_column not in self.order_columns:
            abort(400)
        size = kwargs.get("page_size")
        if size and int(size) not in (25, 50, 100, 200):
            kwargs["page_size"] = self.page_size
        return super()._get_list_widget(filters=filters, order_column=order_column, **kwargs)

    @expose("/show/<pk>", methods=["GET"])
    @has_access
    def show(self, pk: Any) -> Any:
        row = self._row_or_404(pk)
        widgets = self._get_show_widget(pk, row)
        return self.render_template(
            self.show_template,
            pk=pk,
            title=self.row_name(row),
            widgets=widgets,
            related_views=[],
            modelview=self,
            item=row,
        )

    @expose("/add", methods=["GET", "POST"])
    @has_access
    def add(self) -> Any:
        form = self.add_form.refresh()
        self.prepare(form, None)
        status = 200
        if request.method == "POST":
            status = 422
            if form.validate():
                row, status = attempt(form, lambda: self.create(form))
                if row is not None:
                    flash(_("%(name)s was added.", name=self.row_name(row)), "success")
                    return redirect(self.list_url())
        widgets = self._get_add_widget(form=form)
        page = self.render_template(
            self.add_template, title=self.add_title, widgets=widgets, form=form, modelview=self, item=None
        )
        return page, status

    @expose("/edit/<pk>", methods=["GET", "POST"])
    @has_access
    def edit(self, pk: Any) -> Any:
        row = self._row_or_404(pk)
        if request.method == "POST":
            form = self.edit_form.refresh()
            self.prepare(form, row)
            status = 422
            if form.validate():
                saved, status = attempt(
                    form, lambda: self._change_unchanged(row, form), record=lambda: self._row_or_404(pk)
                )
                if saved is not None:
                    flash(_("%(name)s was saved.", name=self.row_name(saved)), "success")
                    return redirect(self.list_url())
            row = self._row_or_404(pk)
        else:
            form = self.edit_form.refresh(obj=row)
            self.prepare(form, row)
            if isinstance(form, RecordForm):
                form.remember(row)
            status = 200
        widgets = self._get_edit_widget(form=form)
        page = self.render_template(
            self.edit_template,
            title=self.edit_title,
            widgets=widgets,
            form=form,
            related_views=[],
            modelview=self,
            item=row,
        )
        return page, status

    def _change_unchanged(self, row: Any, form: Any) -> Any:
        if isinstance(form, RecordForm):
            form.check_unchanged(row)
        return self.change(row, form)

    @expose("/delete/<pk>", methods=["POST"])
    @has_access
    def delete(self, pk: Any) -> Any:
        row = self._row_or_404(pk)
        name = self.row_name(row)
        try:
            with unit_of_work(db.session):
                lock_row(row)  # before whatever ``remove`` holds, in the order of those who change it
                self.remove(row)
        except DomainError as refusal:
            return self._refused(refusal)
        except IntegrityError:
            return self._refused(WrongState(_("%(name)s is in use, so it cannot be removed.", name=name)))
        flash(_("%(name)s was removed.", name=name), "success")
        return redirect(self.list_url())

    def _refused(self, refusal: DomainError) -> Any:
        back = (_("Back to the list"), self.list_url())
        return refusal_page(refusal, back=back)


class ReadOnlyModelView(BaseModelView):
    """A generated list and record page without any way to change anything."""

    base_permissions: ClassVar[list[str]] = ["can_list", "can_show"]
    exclude_route_methods: ClassVar[set[str]] = {"download", "action", "action_post", "add", "edit", "delete"}
