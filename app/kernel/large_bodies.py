"""Requests that are too large, on the one-machine server: received and thrown away, so that the refusal is read.

Waitress alone answers and closes while the browser is still sending: the browser then shows a broken connection instead
of the answer. Here the body is received to its end and kept nowhere; the application, which sees from its stated
length that it is too large, says so on a page of ours.
"""

from __future__ import annotations

from typing import Any

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.utilities import RequestEntityTooLarge

#: Larger bodies are cut off after all: nobody sends a gigabyte by mistake.
MOST_DISCARDED = 1024**3


class DiscardingParser(HTTPRequestParser):
    """Reads a body whose stated length is above the limit without keeping any of it."""

    error: Any
    discarding = 0

    def received(self, data: bytes) -> int:
        """Take what has come in; return how much of it belongs to this request."""
        if self.discarding:
            taken = min(len(data), self.discarding)
            self.discarding -= taken
            self.completed = not self.discarding
            return taken
        consumed: int = super().received(data)
        too_large = isinstance(self.error, RequestEntityTooLarge) and not self.body_bytes_received
        if too_large and self.content_length <= MOST_DISCARDED and not self.expect_continue:
            self.error, self.completed, self.discarding = None, False, self.content_length
        return consumed


class DiscardingChannel(HTTPChannel):
    """A connection whose requests are read so."""

    parser_class = DiscardingParser
