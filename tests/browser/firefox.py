"""An installed Firefox, started with a profile of its own and driven by Marionette; and the story's verbs on it."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.browser.marionette import Marionette, MarionetteError

NAMES = ("firefox-esr", "firefox")
PATIENCE = 15.0
PREFERENCES = {
    "marionette.port": 0,  # a free one, written into the profile
    "intl.accept_languages": "en-GB, en",
    "ui.systemUsesDarkTheme": 0,
    # Nothing is fetched from anywhere but the server under test.
    "app.normandy.enabled": False,
    "app.update.disabledForTesting": True,
    "browser.newtabpage.enabled": False,
    "browser.region.network.url": "",
    "browser.safebrowsing.downloads.remote.enabled": False,
    "browser.safebrowsing.update.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.page": 0,
    "datareporting.policy.dataSubmissionEnabled": False,
    "extensions.update.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "data:,",
    "signon.rememberSignons": False,
    "toolkit.telemetry.server": "",
}
KEYS = {"ArrowLeft": "\ue012", "ArrowRight": "\ue014", "Enter": "\ue007", "Delete": "\ue017"}
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"


def find() -> str | None:
    """Return the path of the installed Firefox; FIREFOX names another one."""
    for name in (os.environ.get("FIREFOX", ""), *NAMES):
        path = shutil.which(name) if name else None
        if path:
            return path
    return None


def _until(condition: Callable[[], Any], what: str) -> Any:
    """Ask until the answer is yes; the moment between two questions only spares the processor."""
    deadline = time.monotonic() + PATIENCE
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {PATIENCE:.0f} s in vain for {what}")
        time.sleep(0.02)


def _write_preferences(profile: Path) -> None:
    words = {True: "true", False: "false"}
    lines = [
        f'user_pref("{name}", {words[value] if isinstance(value, bool) else _literal(value)});'
        for name, value in PREFERENCES.items()
    ]
    (profile / "user.js").write_text("\n".join(lines))


def _literal(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)


class FirefoxDriver:
    """The verbs of ``driver.Driver``."""

    name = "firefox"

    def __init__(self, path: str, profile: Path) -> None:
        profile.mkdir(parents=True, exist_ok=True)
        _write_preferences(profile)
        with (profile / "firefox.log").open("w") as log:
            self.process = subprocess.Popen(
                [path, "--headless", "--marionette", "--no-remote", "--profile", str(profile)],
                env={
                    **os.environ,
                    "MOZ_HEADLESS_WIDTH": "1280",
                    "MOZ_HEADLESS_HEIGHT": "900",
                    "HOME": str(profile),
                },
                stdout=log,
                stderr=log,
            )
        active = profile / "MarionetteActivePort"
        try:
            port = int(_until(lambda: active.is_file() and active.read_text().strip(), "Firefox to start"))
            self.marionette = Marionette(port)
        except BaseException:
            self._end()
            raise

    def _end(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=30)

    def _all(self, target: str) -> list[str]:
        found = self.marionette.send("WebDriver:FindElements", {"using": "xpath", "value": target})
        return [one[ELEMENT] for one in found]

    def _find(self, target: str) -> str:
        return str(_until(lambda: next(iter(self._all(target)), None), target))

    def _run(self, script: str, *arguments: Any) -> Any:
        return self.marionette.send("WebDriver:ExecuteScript", {"script": script, "args": list(arguments)})

    def _on(self, target: str, script: str, *arguments: Any) -> Any:
        return self._run(f"const e = arguments[0]; {script}", {ELEMENT: self._find(target)}, *arguments)

    def _leave(self, act: Callable[[], None], what: str) -> None:
        """Do what loads a page; the mark on the old page's window tells it from the new one."""
        self._run("window.__old = true")
        act()
        _until(self._has_arrived, what)

    def _has_arrived(self) -> bool:
        try:
            return bool(self._run("return !window.__old && document.readyState === 'complete'"))
        except MarionetteError:  # between two pages
            return False

    def open(self, url: str) -> None:
        self.marionette.send("WebDriver:Navigate", {"url": url})

    def follow(self, target: str) -> None:
        self._leave(lambda: self.click(target), f"the page behind {target}")

    def follow_twice(self, target: str) -> None:
        down_up = [{"type": "pointerDown", "button": 0}, {"type": "pointerUp", "button": 0}]
        where = {"type": "pointerMove", "origin": {ELEMENT: self._find(target)}, "x": 0, "y": 0}
        mouse = {"type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"}}
        actions = [{**mouse, "actions": [where, *down_up, *down_up]}]
        self._leave(
            lambda: self.marionette.send("WebDriver:PerformActions", {"actions": actions}),
            f"the page behind {target}",
        )

    def click(self, target: str) -> None:
        self.marionette.send("WebDriver:ElementClick", {"id": self._find(target)})

    def type(self, target: str, text: str) -> None:
        # As a person does it: all that is there is marked, and the first key replaces it.
        self._on(target, "e.focus(); e.select()")
        keys = text or KEYS["Delete"]
        self.marionette.send("WebDriver:ElementSendKeys", {"id": self._find(target), "text": keys})

    def press(self, target: str, key: str, times: int = 1) -> None:
        self.marionette.send(
            "WebDriver:ElementSendKeys", {"id": self._find(target), "text": KEYS[key] * times}
        )

    def choose(self, target: str, option: str) -> None:
        self.click(f"{target}/option[{self.options(target).index(option) + 1}]")

    def options(self, target: str) -> list[str]:
        return list(self._on(target, "return [...e.options].map(o => o.text)"))

    def value(self, target: str) -> str:
        return str(self._on(target, "return e.tagName === 'SELECT' ? e.selectedOptions[0].text : e.value"))

    def is_on(self, target: str) -> bool:
        return bool(self._on(target, "return e.checked"))

    def text(self, target: str) -> str:
        return str(self._on(target, "return e.innerText"))

    def shows(self, target: str) -> bool:
        return any(
            self.marionette.send("WebDriver:IsElementDisplayed", {"id": one}) for one in self._all(target)
        )

    def wait_for(self, target: str) -> None:
        _until(lambda: self.shows(target), target)

    def wait_until_gone(self, target: str) -> None:
        _until(lambda: not self.shows(target), f"{target} to go")

    def address(self) -> str:
        return str(self.marionette.send("WebDriver:GetCurrentURL"))

    def reload(self) -> None:
        self.marionette.send("WebDriver:Refresh")

    def close(self) -> None:
        self.marionette.close()
        self._end()
