"""Mozilla's Marionette protocol over its socket: enough of it to drive an installed Firefox without another package.

A message is its length, a colon and JSON: ``[0, id, command, parameters]`` there, ``[1, id, error, result]`` back.
"""

from __future__ import annotations

import json
import socket
from typing import Any


class MarionetteError(Exception):
    """The browser refused a command."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(f"{kind}: {message}")
        self.kind = kind


class Marionette:
    """One connection with one session."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self.buffer = b""
        self.number = 0
        self._receive()  # the browser introduces itself
        self.send("WebDriver:NewSession", {"capabilities": {"alwaysMatch": {"acceptInsecureCerts": False}}})

    def _receive(self) -> Any:
        while b":" not in self.buffer:
            self._read()
        length, _colon, rest = self.buffer.partition(b":")
        self.buffer = rest
        while len(self.buffer) < int(length):
            self._read()
        message, self.buffer = self.buffer[: int(length)], self.buffer[int(length) :]
        return json.loads(message)

    def _read(self) -> None:
        chunk = self.socket.recv(65536)
        if not chunk:
            raise ConnectionError("Firefox closed the connection")
        self.buffer += chunk

    def send(self, command: str, parameters: dict[str, Any] | None = None) -> Any:
        """Run a command and return its result."""
        self.number += 1
        message = json.dumps([0, self.number, command, parameters or {}]).encode()
        self.socket.sendall(b"%d:%s" % (len(message), message))
        _kind, _number, error, result = self._receive()
        if error:
            raise MarionetteError(error["error"], error["message"])
        return result["value"] if isinstance(result, dict) and set(result) == {"value"} else result

    def close(self) -> None:
        """Hang up."""
        self.socket.close()
