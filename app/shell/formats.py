"""How moments, percentages and amounts are written for the person who reads."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.lists import format_list
from babel.numbers import format_decimal
from babel.units import format_unit
from flask import Flask, current_app, g
from flask_babel import get_locale
from flask_babel import gettext as _
from markupsafe import Markup, escape

from app.kernel.clock import utc_now
from app.kernel.places import currency_digits
from app.shell.browsers import browser_words
from app.shell.status import status


def _language() -> str:
    locale = get_locale()
    return str(locale) if locale else "en"


@lru_cache(maxsize=700)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def reader_zone() -> ZoneInfo:
    """Return the zone that moments are shown in: the reseller's, and UTC where there is none."""
    return _zone(g.get("time_zone") or "UTC")


def reader_today(now: datetime.datetime | None = None) -> datetime.date:
    """Return which day it is where the reseller is, or was at a moment."""
    return (now or utc_now()).astimezone(reader_zone()).date()


def _day_pattern() -> str:
    # German days are ordinal numbers, and its zones have names of their own.
    return "d. MMM y" if _language().startswith("de") else "d MMM y"


def datetime_text(moment: datetime.datetime | None, zone: str = "") -> str:
    """Return ``22 Nov 2026, 10:18 CET`` in ``zone``, without one in the reader's."""
    if moment is None:
        return ""
    local, language = moment.astimezone(_zone(zone) if zone else reader_zone()), _language()
    if language.startswith("de"):
        return format_datetime(local, f"{_day_pattern()}, HH:mm z", locale=language)
    return f"{format_datetime(local, f'{_day_pattern()}, HH:mm', locale=language)} {local.tzname()}"


def day_text(moment: datetime.datetime | None) -> str:
    """Return ``22 Nov 2026``: the day on which a moment was, for the reader."""
    return "" if moment is None else date_text(moment.astimezone(reader_zone()).date())


def time_text(moment: datetime.datetime) -> str:
    """Return ``10:18`` for a moment of the reader's today, else ``22 Nov 2026, 10:18 CET``."""
    local = moment.astimezone(reader_zone())
    is_today = local.date() == utc_now().astimezone(reader_zone()).date()
    return f"{local:%H:%M}" if is_today else datetime_text(moment)


def waiting_text(since: datetime.datetime, now: datetime.datetime | None = None) -> str:
    """Return ``2 days 4 hours``, ``6 hours`` or ``40 minutes``: how long something has been waiting.

    A minute is the least that is said.
    """
    minutes = max(1, int(((now or utc_now()) - since).total_seconds()) // 60)
    days, hours = minutes // 1440, minutes // 60 % 24
    parts = [(days, "day"), (hours, "hour")] if minutes >= 60 else [(minutes, "minute")]
    return " ".join(
        format_unit(number, f"duration-{unit}", length="long", locale=_language())
        for number, unit in parts
        if number or unit == "minute"
    )


def duration_text(seconds: int) -> str:
    """Return ``40 seconds``, ``6 minutes`` or ``2 hours``: how long something still takes, roughly."""
    number, unit = seconds, "second"
    if seconds >= 5400:
        number, unit = -(-seconds // 3600), "hour"
    elif seconds >= 90:
        number, unit = -(-seconds // 60), "minute"
    return format_unit(number, f"duration-{unit}", length="long", locale=_language())


def ranges_text(numbers: Sequence[int]) -> str:
    """Return ``3, 7–12, 30`` for ascending numbers."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs)


def iso_month_text(text: str) -> str:
    """Return ``Nov 2026`` for a month that was kept as ``2026-11-01``."""
    return month_text(datetime.date.fromisoformat(text))


def date_text(day: datetime.date | None) -> str:
    """Return ``22 Nov 2026``."""
    return "" if day is None else _date_text(day, _day_pattern(), _language())


@lru_cache(maxsize=4096)
def _date_text(day: datetime.date, pattern: str, language: str) -> str:
    return format_date(day, pattern, locale=language)


def month_text(day: datetime.date | None) -> str:
    """Return ``Nov 2026``."""
    return "" if day is None else format_date(day, "MMM y", locale=_language())


def days_text(first: datetime.date, last: datetime.date) -> str:
    """Return ``Nov 2026`` for a whole month, else ``2 Nov 2026 – 8 Nov 2026``."""
    is_month = (
        first.day == 1 and last - first < datetime.timedelta(31) and (last + datetime.timedelta(1)).day == 1
    )
    return month_text(first) if is_month else f"{date_text(first)} – {date_text(last)}"


def integer_text(value: int) -> str:
    """Return ``12,480``: a count with the reader's thousands separator."""
    return str(value) if value < 1000 else format_decimal(value, format="#,##0", locale=_language())


def number_text(value: Decimal) -> str:
    """Return ``1,204.5``: a number with as many decimals as it has."""
    text = format_decimal(value.normalize(), format="#,##0.##########", locale=_language())
    return text.replace("-", "−")


def exact_text(value: Decimal) -> str:
    """Return ``1,204.50`` or ``0.0035``: two decimals or all that it has, for arithmetic that must add up."""
    decimals = max(2, -int(value.normalize().as_tuple().exponent) if value else 2)
    text = format_decimal(
        value, format=f"#,##0.{'0' * decimals}", locale=_language(), decimal_quantization=False
    )
    return text.replace("-", "−")


def percent_text(value: Decimal | None) -> str:
    """Return ``6.7 %`` with a true minus sign and as many decimals as the number has."""
    if value is None:
        return ""
    text = format_decimal(value.normalize(), format="#,##0.####", locale=_language())
    return f"{text.replace('-', '−')}\u00a0%"


def share_text(value: Decimal | None) -> str:
    """Return ``10.0 %``: a share that was computed, with one decimal, so that a column of them stands in line."""
    if value is None:
        return ""
    return f"{format_decimal(value, format='#,##0.0', locale=_language()).replace('-', '−')}\u00a0%"


def signed_percent_text(value: Decimal | None) -> str:
    """Return the percentage with its sign, ``+5 %`` or ``−10 %``."""
    text = percent_text(value)
    return f"+{text}" if value is not None and value > 0 else text


def amount_text(value: Decimal | None, *, is_exact: bool = False) -> str:
    """Return ``1,204.16`` with a true minus sign; the currency is named by whoever calls.

    ``is_exact``: what somebody entered, in whatever currency, with its third and fourth decimal.
    """
    if value is None:
        return ""
    pattern = "#,##0.00##" if is_exact else "#,##0.00"
    return format_decimal(value, format=pattern, locale=_language()).replace("-", "−")


def money_text(value: Decimal | None, currency: str) -> str:
    """Return ``EUR 1,204.16``: an amount with its currency, and with as many decimals as that has."""
    return f"{currency} {plain_money_text(value, currency)}" if value is not None else ""


def moved_money_text(value: Decimal, currency: str) -> str:
    """Return ``EUR +17.17`` or ``EUR −47.20``: by how much an amount is another one than it was."""
    return f"{currency} {'+' if value > 0 else ''}{plain_money_text(value, currency)}"


def plain_money_text(value: Decimal, currency: str) -> str:
    """Return ``1,204.16``, with as many decimals as the currency has; whoever calls names it."""
    digits = currency_digits(currency)
    pattern = f"#,##0.{'0' * digits}" if digits else "#,##0"
    return format_decimal(value, format=pattern, locale=_language()).replace("-", "−")


def words_list(words: Sequence[str]) -> str:
    """Return ``2 accounts and 1 plan``."""
    return format_list(words, locale=_language())


def offered_name(name: str, *, is_retired: bool) -> str:
    """Return the name, marked where the record is retired and stays only with those who have it."""
    return _("%(name)s (retired)", name=name) if is_retired else name


def badge(value: object) -> Markup:
    """Return the badge of a state: tone, icon and word together."""
    look = status(value)
    tone = "default" if look.tone == "neutral" else look.tone
    return Markup(
        '<span class="label label-{}"><i class="fa-solid fa-{}" aria-hidden="true"></i>{}</span>'
    ).format(tone, look.icon, escape(str(look.word)))


def provider_mark(provider: object, *, labelled: bool = True) -> Markup:
    """Return a provider's mark, the same as the templates' macro: for lists that show it many times."""
    module = current_app.jinja_env.get_template("macros/status.html").module
    return Markup(module.provider_mark(provider, False, labelled))  # type: ignore[attr-defined]  # noqa: S704 - the macro escapes


def init_app(app: Flask) -> None:
    """Register the filters on ``app``."""
    app.jinja_env.filters.update(
        browser=browser_words,
        datetime=datetime_text,
        date=date_text,
        day=day_text,
        waiting=waiting_text,
        month=month_text,
        as_month=iso_month_text,
        duration=duration_text,
        ranges=ranges_text,
        integer=integer_text,
        number=number_text,
        percent=percent_text,
        offered_name=offered_name,
        share=share_text,
        signed_percent=signed_percent_text,
        amount=amount_text,
        money=money_text,
        moved_money=moved_money_text,
        plain_money=plain_money_text,
        exact=exact_text,
    )
    app.jinja_env.globals.update(status=status)
