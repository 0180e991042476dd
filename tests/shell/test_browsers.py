"""Browsers in words that people recognise."""

from __future__ import annotations

from typing import Any

import pytest

from app.shell.browsers import browser_words

KHTML = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
        (f"Mozilla/5.0 (Windows NT 10.0; Win64) {KHTML} Chrome/140.0 Safari/537.36", "Chrome on Windows"),
        (
            f"Mozilla/5.0 (Windows NT 10.0) {KHTML} Chrome/140.0 Safari/537.36 Edg/140.0",
            "Microsoft Edge on Windows",
        ),
        (f"Mozilla/5.0 (Windows NT 10.0) {KHTML} Chrome/140.0 Safari/537.36 OPR/120.0", "Opera on Windows"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) Version/18.5 Safari/605.1.15", "Safari on macOS"),
        (f"Mozilla/5.0 (Linux; Android 15) {KHTML} Chrome/140.0 Mobile Safari/537.36", "Chrome on Android"),
        (
            f"Mozilla/5.0 (Linux; Android 15) {KHTML} SamsungBrowser/28.0 Chrome/130.0",
            "Samsung Internet on Android",
        ),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_5) CriOS/140.0 Mobile Safari/604.1", "Chrome on iPhone"),
        ("Mozilla/5.0 (iPad; CPU OS 18_5) Version/18.5 Mobile Safari/604.1", "Safari on iPad"),
        (
            f"Mozilla/5.0 (X11; CrOS x86_64 16000.0.0) {KHTML} Chrome/140.0 Safari/537.36",
            "Chrome on ChromeOS",
        ),
        (f"Mozilla/5.0 (X11; Linux x86_64) {KHTML} HeadlessChrome/140.0 Safari/537.36", "Chrome on Linux"),
        ("curl/8.5.0", "Unknown browser"),
        ("Werkzeug/3.1.9 Version/1", "Unknown browser"),
        ("", "Unknown browser"),
    ],
)
def test_browser_and_system(said: str, words: str, flask_app: Any) -> None:
    with flask_app.test_request_context():
        assert browser_words(said) == words
