"""Usage of these tests lies in a folder of their own."""

from __future__ import annotations

from tests.statements.world import usage_folder  # noqa: F401 - for every test of this folder
