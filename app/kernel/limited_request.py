"""How much of a request is read: files may be large, what people type into a form may not."""

from __future__ import annotations

from flask import Request


class LimitedRequest(Request):
    """A request whose form without files is no larger than one text of a form with files (``MAX_FORM_MEMORY_SIZE``)."""

    @property
    def max_content_length(self) -> int | None:
        """The most that is read of the body, in bytes; 413 above it."""
        largest = super().max_content_length
        if self.mimetype != "application/x-www-form-urlencoded":
            return largest
        return min((one for one in (largest, self.max_form_memory_size) if one is not None), default=None)

    @max_content_length.setter
    def max_content_length(self, value: int | None) -> None:
        self._max_content_length = value
