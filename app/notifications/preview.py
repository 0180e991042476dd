"""A mail as a page shows it: in a frame of its own, which runs nothing and loads nothing.

Pages allow no inline styles, and a frame inherits that. So what a mail says in ``style`` attributes stands in a style
element here, which carries the page's nonce: the same rules, in another place.
"""

from __future__ import annotations

import re

from markupsafe import Markup

_STYLE_ATTRIBUTE = re.compile(r' style="([^"]*)"')
_HEAD_END = "</head>"


def framed_html(html: str, nonce: str) -> str:
    """Return the document for the frame's ``srcdoc``. Values in a mail are escaped, so only our own tags match."""
    looks: dict[str, str] = {}

    def moved(found: re.Match[str]) -> str:
        return f' data-look="{looks.setdefault(found[1], str(len(looks)))}"'

    html = _STYLE_ATTRIBUTE.sub(moved, html)
    rules = "\n".join(f'[data-look="{name}"] {{ {Markup(text).unescape()} }}' for text, name in looks.items())  # noqa: S704
    html = html.replace("<style>", f'<style nonce="{nonce}">', 1)
    return html.replace(_HEAD_END, f'<style nonce="{nonce}">\n{rules}\n</style>\n{_HEAD_END}', 1)
