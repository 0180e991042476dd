"""The garbage collector rests while the product starts, and goes on afterwards."""

from __future__ import annotations

import gc

import pytest

from app.kernel.collector import collector_at_rest

pytestmark = pytest.mark.once


def test_it_goes_on_afterwards_whatever_happened() -> None:
    assert gc.isenabled()
    with pytest.raises(ZeroDivisionError), collector_at_rest():
        assert not gc.isenabled()
        raise ZeroDivisionError
    assert gc.isenabled()


def test_who_turned_it_off_finds_it_off() -> None:
    gc.disable()
    try:
        with collector_at_rest():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
