"""The form fields of the product: what they accept is decided here, once, with sentences that say what to do."""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, ClassVar

import wtforms
from email_validator import EmailNotValidError, validate_email
from flask import current_app, request
from flask_appbuilder.forms import DynamicForm
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from itsdangerous import BadData, URLSafeSerializer
from markupsafe import Markup
from wtforms import ValidationError
from wtforms.validators import InputRequired, Optional

from app.errors import DomainError
from app.kernel.clock import utc_now
from app.kernel.numbers import small_number
from app.kernel.plain_text import has_control_characters
from app.shell.conflicts import Conflict
from app.tenancy.scope import current_scope

# What WTForms says by itself, in our words: fields of its own kinds need no subclass for a sentence.
_SENTENCES: dict[str, object] = {
    "This field is required.": _l("Fill in this field."),
    "Not a valid date value.": _l("Enter a date such as 2026-12-31."),
    "Not a valid integer value.": _l("Enter a whole number."),
    "Not a valid decimal value.": _l("Enter a number such as 12.5."),
    "Not a valid choice.": _l("Choose one of the list."),
    "Invalid Choice: could not coerce.": _l("Choose one of the list."),
    "Invalid choice(s): one or more data inputs could not be coerced.": _l("Choose from the list."),
    "Field cannot be longer than %(max)d characters.": _l("Use at most %(max)d characters."),
}


class _Sentences:
    """WTForms' translations."""

    def gettext(self, text: str) -> str:
        return str(_SENTENCES.get(text, text))

    def ngettext(self, one: str, many: str, number: int) -> str:
        return self.gettext(many if many in _SENTENCES or number != 1 else one)


class BaseForm(DynamicForm):
    """A form of the product. ``attach`` shows a refusal of a service where it belongs.

    ``conflict``: what somebody else saved meanwhile, told beside the refusal.
    """

    conflict: Conflict | None = None

    class Meta(DynamicForm.Meta):
        """WTForms' sentences are ours."""

        def get_translations(self, form: Any) -> _Sentences:
            return _Sentences()

    def attach(self, refusal: DomainError) -> None:
        """Show ``refusal`` beside its field, or above the form when it belongs to no field of it."""
        name = refusal.field
        if name and name in self:
            self[name].errors = [*self[name].errors, str(refusal)]
        else:
            self.form_errors.append(str(refusal))


class OpenedForm(BaseForm):
    """A form of a record that somebody else can save while this one is open.

    The change log knows some of its fields by other names (``audit_fields``: log's name to field) and with other words
    for nothing (``audit_empty``); ``audit_parts`` are kinds of rows that the form saves with the record, and
    ``audit_owner`` is where the log notes the record they belong to.

    ``opened_at`` is sealed for the person and the record: an invented one would tell what the change log tells only
    those who may read it. So is ``over``, which the button sends that saves a form in spite of what others saved: it
    stands for the state that was shown beside the form, and no later one.
    """

    #: The hidden field that says which state of the record the form was filled from.
    state_field: ClassVar[str]

    audit_fields: ClassVar[Mapping[str, str]] = {}
    audit_empty: ClassVar[Mapping[str, object]] = {}
    audit_parts: ClassVar[tuple[str, ...]] = ()
    audit_owner: ClassVar[str] = "customer_id"

    opened_at = wtforms.HiddenField()

    def process(self, formdata: Any = None, *args: Any, **kwargs: Any) -> None:
        super().process(formdata, *args, **kwargs)
        sent = self.meta.wrap_formdata(self, formdata) or {}
        over = self._unsealed("over", sent.get("over"))
        if over is not None:
            self[self.state_field].data, moment = over
            self["opened_at"].data = self._seal("opened").dumps(moment)
        elif not self["opened_at"].data:
            self["opened_at"].data = self._seal("opened").dumps(utc_now().isoformat())

    @property
    def opened_moment(self) -> datetime.datetime | None:
        """When this person opened the form of this record; None for anything that does not say so."""
        moment = self._unsealed("opened", self["opened_at"].data)
        return None if moment is None else datetime.datetime.fromisoformat(moment)

    def state_of(self, row: Any) -> str:
        """Return which state ``row`` is in, as ``state_field`` says it."""
        raise NotImplementedError

    def over(self, row: Any) -> str:
        """Return what has to be sent to save this form over ``row`` as it is now."""
        return str(self._seal("over").dumps([self.state_of(row), utc_now().isoformat()]))

    def _seal(self, purpose: str) -> URLSafeSerializer:
        scope = current_scope()
        record = type(self).__name__, *map(str, (request.view_args or {}).values())
        salt = repr((purpose, record, scope.reseller_id, scope.actor.user_id))
        return URLSafeSerializer(current_app.config["SECRET_KEY"], salt=salt)

    def _unsealed(self, purpose: str, text: str | None) -> Any:
        try:
            return self._seal(purpose).loads(text or "")
        except BadData:
            return None

    def entered(self, name: str) -> Any:
        """Return what would be stored of a field."""
        return self[name].data


class VersionedForm(OpenedForm):
    """A form that knows the version of the record it was filled from."""

    state_field = "version"

    version = wtforms.HiddenField(default="0")

    @property
    def opened_version(self) -> int:
        """The version the form was opened with; -1, which fits no record, for anything that is no number."""
        version = small_number(self["version"].data)
        return -1 if version is None else version

    def state_of(self, row: Any) -> str:
        return str(row.version)


def _clean(value: str | None) -> str:
    return unicodedata.normalize("NFC", value).strip() if value else ""


def _no_control_characters(_form: Any, field: Any) -> None:
    if has_control_characters(field.data or "", may_have_lines=isinstance(field, wtforms.TextAreaField)):
        raise ValidationError(_("Remove the control characters: they cannot be stored or printed."))


def _at_most(longest: int) -> Any:
    def check(_form: Any, field: Any) -> None:
        length = len(field.data or "")
        if length > longest:
            raise ValidationError(
                _("Use at most %(longest)s characters; these are %(length)s.", longest=longest, length=length)
            )

    return check


def _presence(required: bool, sentence: object = None) -> Any:
    return InputRequired(sentence or _l("Fill in this field.")) if required else Optional()


def Text(  # noqa: N802 - reads like a field class
    label: object, *, required: bool = False, longest: int = 200, sentence: object = None, **kwargs: Any
) -> Any:
    """One line of text: trimmed, NFC, without control characters, at most ``longest`` characters."""
    keywords = {"maxlength": longest} | kwargs.pop("render_kw", {})
    return wtforms.StringField(
        label,
        filters=[_clean],
        validators=[
            _presence(required, sentence),
            _at_most(longest),
            _no_control_characters,
            *kwargs.pop("validators", ()),
        ],
        render_kw=keywords,
        **kwargs,
    )


def LongText(  # noqa: N802
    label: object, *, required: bool = False, longest: int = 2000, sentence: object = None, **kwargs: Any
) -> Any:
    """Several lines of text."""
    return wtforms.TextAreaField(
        label,
        filters=[_clean],
        validators=[
            _presence(required, sentence),
            _at_most(longest),
            _no_control_characters,
            *kwargs.pop("validators", ()),
        ],
        render_kw={"rows": 4} | kwargs.pop("render_kw", {}),
        **kwargs,
    )


#: What a column for an address holds.
LONGEST_EMAIL = 320


def normal_email(value: str) -> str:
    """Return the address in the form it is stored and compared in; ValueError when it is none."""
    if len(value) > LONGEST_EMAIL:  # a megabyte would keep the parser busy for half a second
        raise ValueError(f"the address is longer than {LONGEST_EMAIL} characters")
    try:
        address = validate_email(value, check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError as problem:
        raise ValueError(str(problem)) from None
    if "." not in address.domain:
        raise ValueError("the domain has no dot")
    return address.normalized.lower()


class EmailField(wtforms.StringField):
    """An email address, lower case."""

    data: Any
    widget = wtforms.widgets.EmailInput()

    def __init__(self, label: object, *, required: bool = False, **kwargs: Any) -> None:
        super().__init__(
            label,
            filters=[_clean],
            validators=[
                _presence(required, _l("Enter an email address in the form name@example.com.")),
                _at_most(LONGEST_EMAIL),
                _no_control_characters,
            ],
            render_kw={"maxlength": LONGEST_EMAIL, "autocomplete": "email"} | kwargs.pop("render_kw", {}),
            **kwargs,
        )

    def pre_validate(self, form: Any) -> None:
        typed: str | None = self.data
        if typed:
            try:
                self.data = normal_email(typed)
            except ValueError:
                raise ValidationError(_("Enter an email address in the form name@example.com.")) from None


def require(field: Any, sentence: object = None) -> None:
    """Make a field of one form required that its class leaves optional."""
    kept = [one for one in field.validators if not isinstance(one, Optional)]
    field.validators = [_presence(True, sentence), *kept]
    field.flags.optional, field.flags.required = False, True


class ExactField(wtforms.StringField):
    """A decimal number, exact: digits with a point or a comma before the decimals, no thousands separators.

    ``depends``: whether it is needed depends on another field, so it is marked neither as required nor as optional.
    """

    data: Decimal | None  # type: ignore[assignment]

    def __init__(
        self,
        label: object,
        *,
        digits: int,
        decimals: int,
        lowest: Decimal | None = None,
        highest: Decimal | None = None,
        required: bool = False,
        depends: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            label,
            validators=[_presence(required, _l("Enter a number."))],
            render_kw={"inputmode": "decimal", "maxlength": 40, "autocomplete": "off"}
            | kwargs.pop("render_kw", {}),
            **kwargs,
        )
        self.flags.depends = depends
        self.pattern = re.compile(rf"[+\-−]?\d{{1,{digits}}}(?:[.,]\d{{1,{decimals}}})?")
        self.decimals, self.lowest, self.highest = decimals, lowest, highest
        self.raw_text: str | None = None

    def process_formdata(self, valuelist: list[str]) -> None:
        if not valuelist:
            return
        self.raw_text = valuelist[0].strip()
        self.data = None
        if not self.raw_text:
            return
        if not self.pattern.fullmatch(self.raw_text):
            raise ValueError(
                _(
                    "Enter a number such as 12.5, without thousands separators and with at most %(n)s decimals.",
                    n=self.decimals,
                )
            )
        try:
            self.data = Decimal(self.raw_text.replace(",", ".").replace("−", "-"))
        except InvalidOperation:
            raise ValueError(_("Enter a number such as 12.5.")) from None

    def pre_validate(self, form: Any) -> None:
        number: Decimal | None = self.data
        if number is None:
            return
        if self.lowest is not None and number < self.lowest:
            raise ValidationError(
                _("Enter a number of at least %(n)s.", n=str(self.lowest).replace("-", "−"))
            )
        if self.highest is not None and number > self.highest:
            raise ValidationError(
                _("Enter a number of at most %(n)s.", n=str(self.highest).replace("-", "−"))
            )

    def _value(self) -> str:
        if self.raw_text is not None:
            return self.raw_text
        return (
            ""
            if self.data is None
            else format(self.data.normalize() if self.decimals > 2 else round(self.data, self.decimals), "f")
        )


class WholeNumberField(wtforms.IntegerField):
    """A whole number from ``lowest`` to ``highest``, in plain digits."""

    def __init__(self, label: object, *, lowest: int, highest: int, **kwargs: Any) -> None:
        self.sentence = _l("Enter a whole number from %(low)s to %(high)s.", low=lowest, high=highest)
        super().__init__(
            label,
            validators=[InputRequired(self.sentence)],
            render_kw={"inputmode": "numeric", "maxlength": len(str(highest)), "autocomplete": "off"},
            **kwargs,
        )
        self.lowest, self.highest = lowest, highest
        self.type = "IntegerField"  # templates draw fields by this word

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = None
        text = valuelist[0].strip() if valuelist else ""
        number = small_number(text, largest=self.highest)
        if text and (number is None or number < self.lowest):
            raise ValueError(str(self.sentence))
        self.data = number


class PercentField(ExactField):
    """A percentage as people say it: 12.5 means 12.5 %."""

    def __init__(
        self, label: object, *, lowest: Decimal = Decimal(-100), decimals: int = 4, **kwargs: Any
    ) -> None:
        highest = kwargs.pop("highest", Decimal(1000))
        super().__init__(label, digits=4, decimals=decimals, lowest=lowest, highest=highest, **kwargs)


class AmountField(ExactField):
    """An amount of money, not negative: two decimals, or ``decimals`` where the currency is chosen beside it."""

    def __init__(self, label: object, *, decimals: int = 2, **kwargs: Any) -> None:
        super().__init__(label, digits=12, decimals=decimals, lowest=Decimal(0), **kwargs)

    def _value(self) -> str:
        text = super()._value()
        if self.raw_text is not None or self.data is None:
            return text
        whole, _point, part = text.partition(".")
        return f"{whole}.{part:0<2}"


class ChoiceField(wtforms.SelectField):
    """One of a list. ``choices`` may be a callable; a required one starts with an empty entry."""

    def __init__(
        self,
        label: object,
        *,
        required: bool = False,
        empty: object = None,
        sentence: object = None,
        **kwargs: Any,
    ) -> None:
        self.empty = empty
        said = sentence or _l("Choose one of the list.")
        super().__init__(
            label,
            validators=[_presence(required, said), *kwargs.pop("validators", ())],
            validate_choice=True,
            **kwargs,
        )

    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata([one.strip() for one in valuelist])  # blanks alone choose nothing

    def pre_validate(self, form: Any) -> None:
        if not self.data and self.flags.optional:
            return
        if not self.data and self.flags.required:
            raise ValidationError(_("Choose one of the list."))
        if self.validate_choice and str(self.data) not in {str(choice[0]) for choice in self.choices or ()}:
            raise ValidationError(_("Choose one of the list."))

    def option_tags(self) -> Markup:
        """Return the ``<option>`` tags. Long lists (countries, currencies) are written once per language."""
        tags, marked = _option_tags(tuple((str(value), str(label)) for value, label in self.choices or ()))
        own = marked.get("" if self.data is None else str(self.data))
        return tags if own is None else tags.replace(own[0], own[1], 1)


@lru_cache(maxsize=64)
def _option_tags(choices: tuple[tuple[str, str], ...]) -> tuple[Markup, dict[str, tuple[Markup, Markup]]]:
    """Return the tags, and for each value its opening tag as it is and as it is when chosen.

    Values and labels are escaped, so the text of an opening tag occurs only where that tag is.
    """
    tags: list[Markup] = []
    marked: dict[str, tuple[Markup, Markup]] = {}
    for value, label in choices:
        opening = Markup('<option value="{}">').format(value)
        marked.setdefault(value, (opening, Markup('<option value="{}" selected>').format(value)))
        tags.append(opening + (label or "–") + Markup("</option>"))
    return Markup("").join(tags), marked


class SwitchField(wtforms.BooleanField):
    """On or off."""

    false_values = (False, "false", "", "0", "off")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.type = "BooleanField"  # templates draw fields by this word


class CheckList(wtforms.SelectMultipleField):
    """Any number of a list of checkboxes; ``depends`` as for ``ExactField``."""

    def __init__(self, label: object, *, depends: bool = False, **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.flags.depends = depends

    def pre_validate(self, form: Any) -> None:
        allowed = {str(choice[0]) for choice in self.choices or ()}
        if any(str(value) not in allowed for value in self.data or ()):
            raise ValidationError(_("Choose from the list."))
