"""The hosts that pages lead to without loading anything of them: where the figures of ready-made plans come from."""

from __future__ import annotations

from urllib.parse import urlsplit

from app.charges.ready_made import READY_MADE

LINKED = frozenset(urlsplit(one.source).netloc for one in READY_MADE)
