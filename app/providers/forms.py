"""Forms of the catalogue, and of what a reseller is granted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import wtforms
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import ValidationError
from wtforms.validators import InputRequired, NumberRange

from app.kernel.plain_text import has_control_characters
from app.providers.queries import Offer, provider_offers
from app.providers.services import LARGEST_LOGO
from app.shell.crud import RecordForm, digest_of
from app.shell.fields import SwitchField, Text

MOST_LINES = 200
LONGEST_LINE = 100
PLAIN_COLUMNS = (
    "name",
    "account_label",
    "account_pattern",
    "account_example",
    "has_reserved_instances",
    "position",
    "is_active",
)
LISTS = ("services", "support_types")


class LinesField(wtforms.TextAreaField):
    """A list of names, one per line; blank and repeated lines are left out."""

    def __init__(self, label: object, **kwargs: Any) -> None:
        super().__init__(label, render_kw={"rows": 7}, **kwargs)
        self.type = "TextAreaField"  # templates draw fields by this word

    def process_formdata(self, valuelist: list[str]) -> None:
        if valuelist:
            self.data = list(
                dict.fromkeys(line.strip() for line in valuelist[0].splitlines() if line.strip())
            )

    def _value(self) -> str:
        return "\n".join(self.data or ())

    def pre_validate(self, form: Any) -> None:
        lines = self.data or []
        if len(lines) > MOST_LINES:
            raise ValidationError(_("Enter at most %(n)s lines.", n=MOST_LINES))
        if any(len(line) > LONGEST_LINE for line in lines):
            raise ValidationError(_("Keep each line to %(n)s characters.", n=LONGEST_LINE))
        if any(has_control_characters(line) for line in lines):
            raise ValidationError(_("Remove the control characters: they cannot be stored or printed."))


class ProviderForm(RecordForm):
    """One provider of the catalogue; the code is asked when adding only."""

    audit_fields = {"logo": "logo_file"}
    watched = (*PLAIN_COLUMNS, *LISTS, "logo")

    name = Text(_l("Name"), required=True, longest=100, sentence=_l("Enter the provider's name."))
    code = Text(
        _l("Code"),
        required=True,
        longest=40,
        sentence=_l("Enter a code."),
        description=_l("A short name for imports, such as aws. It cannot be changed later."),
        render_kw={"autocapitalize": "none", "spellcheck": "false", "autocomplete": "off"},
    )
    account_label = Text(
        _l("Name of the account id"),
        required=True,
        longest=100,
        sentence=_l("Enter what the provider calls its account ids."),
        description=_l("What the provider calls it, such as Azure subscription ID."),
    )
    account_pattern = Text(
        _l("Account id format"),
        required=True,
        longest=200,
        sentence=_l("Enter a regular expression."),
        description=_l("A regular expression for the whole id, such as \\d{12} for twelve digits."),
        render_kw={"autocapitalize": "none", "spellcheck": "false", "autocomplete": "off"},
    )
    account_example = Text(
        _l("Example"),
        required=True,
        longest=100,
        sentence=_l("Enter an example of an account id."),
        description=_l("Shown where people type an id. It has to match the format."),
        render_kw={"autocapitalize": "none", "spellcheck": "false", "autocomplete": "off"},
    )
    services = LinesField(
        _l("Services"), description=_l("One per line. Resellers can authorise a customer for chosen ones.")
    )
    support_types = LinesField(
        _l("Support types"), description=_l("One per line, from the lowest to the highest.")
    )
    has_reserved_instances = SwitchField(
        _l("Has reserved instances"),
        description=_l("Shows the switches for passing reserved instances and savings plans to a customer."),
    )
    position = wtforms.IntegerField(
        _l("Order"),
        default=100,
        validators=[
            InputRequired(_l("Enter a number.")),
            NumberRange(0, 9999, _l("Enter a number between 0 and 9999.")),
        ],
        description=_l("Lists show small numbers first."),
        render_kw={"maxlength": 4},
    )
    is_active = SwitchField(
        _l("Active"),
        default=True,
        description=_l("Off: no more resellers and customers get the provider. Those who have it keep it."),
    )
    logo_file = FileField(
        _l("Logo"),
        description=_l("PNG, JPEG or WebP, at most 256 KB."),
        render_kw={"accept": "image/png,image/jpeg,image/webp"},
    )
    remove_logo = SwitchField(_l("Remove the logo"))

    def values(self) -> dict[str, Any]:
        """Return the provider's columns, without code and logo."""
        lists = {name: self[name].data or [] for name in LISTS}
        return {name: self[name].data for name in PLAIN_COLUMNS} | lists

    def logo_bytes(self) -> bytes:
        """Return what was uploaded, read no further than needed to see that it is too large."""
        upload = self.logo_file.data
        return upload.stream.read(LARGEST_LOGO + 1) if upload and getattr(upload, "stream", None) else b""


class GrantsForm(RecordForm):
    """A switch per provider; the fields are added for the offers at hand."""

    audit_parts = ("reseller_provider",)
    audit_owner = "reseller_id"

    offers: Sequence[Offer] = ()

    def state_of(self, row: Any) -> str:
        return grants_digest(provider_offers(row.id))

    def choices(self) -> dict[int, bool]:
        """Return the chosen providers: id -> is the reseller in the provider's program."""
        chosen = {}
        for offer in self.offers:
            if self[f"provider_{offer.provider.id}"].data:
                name = f"program_{offer.provider.id}"
                chosen[offer.provider.id] = bool(name in self and self[name].data)
        return chosen


def grants_form(offers: Sequence[Offer], *, is_new: bool = False) -> Any:
    """Return the form of switches, filled from the offers, or (by default) from the request."""
    fields: dict[str, Any] = {"offers": offers}
    for offer in offers:
        fields[f"provider_{offer.provider.id}"] = SwitchField(
            offer.provider.name,
            default=offer.is_granted,
            description="" if offer.provider.is_active else _l("No longer in the catalogue for others."),
        )
        if offer.has_program:
            fields[f"program_{offer.provider.id}"] = SwitchField(
                _l("Is in the AWS Solution Provider program"),
                default=offer.in_program,
                description=_l(
                    "On: an AWS customer without a support plan costs the reseller money, and the console says so."
                ),
            )
    form_class = type("ResellerGrantsForm", (GrantsForm,), fields)
    if not is_new:
        return form_class()
    form = form_class(formdata=None)
    form["opened"].data = grants_digest(offers)
    return form


def grants_digest(offers: Sequence[Offer]) -> str:
    """Return a short word for what is granted now."""
    return digest_of({str(one.provider.id): one.in_program for one in offers if one.is_granted})
