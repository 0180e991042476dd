"""Why a file or a row of it cannot be taken: codes and parameters, no prose, so that a screen can translate them."""

from __future__ import annotations

from dataclasses import dataclass

#: Why a file is refused. The parameters of each are named beside it.
FILE_FAULTS = (
    "empty",
    "not_csv",  # reason
    "not_utf8",  # line
    "unknown_format",  # columns: the first ones of the header
    "columns_missing",  # format, columns
    "truncated",  # file
    "too_large",  # file, limit
    "unsafe_path",  # file
    "not_an_archive",  # file
    "no_bill_inside",
    "month_absent",  # month, months
    "provider_absent",  # provider, providers
    "too_many_rows_rejected",  # count
    "out_of_range",  # an amount or a sum that 38 digits do not hold
    "not_parquet",  # file
)

#: Why a row is rejected.
ROW_FAULTS = (
    "not_a_number",
    "too_many_decimals",
    "not_a_date",
    "missing",
    "missing_columns",
    "too_many_columns",
    "broken_quotes",
    "broken_row",
)


class UnreadableFile(Exception):
    """A file is refused as a whole; nothing of it is kept. ``code`` is one of FILE_FAULTS."""

    def __init__(self, code: str, **parameters: str | int) -> None:
        super().__init__(f"{code} {parameters}" if parameters else code)
        self.code = code
        self.parameters = parameters


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row that could not be read: where it stands, which value is wrong, and why (one of ROW_FAULTS).

    ``line`` counts as spreadsheets do, the header is line 1; ``file`` is '' unless a folder or an archive was read.
    """

    line: int
    column: str
    value: str
    reason: str
    file: str = ""
