"""Compiled templates are kept between processes, and never needed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import DictLoader, Environment

from app.shell.template_cache import TemplateCache


def _shown(folder: Path, text: str) -> str:
    environment = Environment(
        loader=DictLoader({"page": text}), bytecode_cache=TemplateCache(str(folder)), autoescape=True
    )
    return environment.get_template("page").render()


def test_a_changed_template_is_compiled_anew(tmp_path: Path) -> None:
    assert _shown(tmp_path, "old") == "old"
    [kept] = tmp_path.iterdir()
    assert _shown(tmp_path, "new") == "new"
    assert [kept] == list(tmp_path.iterdir())


def test_without_a_folder_to_write_to_pages_are_shown_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    assert _shown(tmp_path / "file", "text") == "text"
    assert _shown(tmp_path / "nothing", "text") == "text"


def test_the_product_keeps_its_own_where_nobody_else_writes(flask_app: Any) -> None:
    folder = Path(flask_app.config["CLOUDTALLY_TEMPLATE_CACHE"])

    flask_app.jinja_env.get_template("errors/error.html")

    assert isinstance(flask_app.jinja_env.bytecode_cache, TemplateCache)
    assert list(folder.iterdir())
    assert folder.stat().st_mode & 0o022 == 0
