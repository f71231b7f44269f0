"""The live page's server: for this machine alone, and only for who has its address.

A request must name this server as its host, come from no other site's page, and begin with the token of the address.
It can choose a variant and numbers for params; no path is ever taken from it.
"""

from __future__ import annotations

import json
import secrets
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlsplit

from archspec.editor.live.document import document
from archspec.editor.live.watched import Watched
from archspec.language.diagnostics import SpecError
from archspec.language.yaml_scalars import resolve
from archspec.pictures.displayable import RenderError

ADDRESS = "127.0.0.1"
LOOK_EVERY = 0.2
"""Seconds between two looks at the file."""
HELD = 15.0
"""Seconds for which a request for news is held."""


class LiveServer(ThreadingHTTPServer):
    """Serves one watched file; `url` is its address, which nobody can guess."""

    daemon_threads = True
    allow_reuse_address = False

    def __init__(self, watched: Watched, port: int = 0) -> None:
        self.watched, self.token, self._ended = watched, secrets.token_urlsafe(24), Event()
        super().__init__((ADDRESS, port), _Handler)
        watched.look()
        Thread(target=self._look, daemon=True).start()

    @property
    def hosts(self) -> tuple[str, ...]:
        """What a browser on this machine calls it."""
        return tuple(f"{name}:{self.server_port}" for name in (ADDRESS, "localhost"))

    @property
    def url(self) -> str:
        return f"http://{self.hosts[0]}/{self.token}/"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that goes away while it is answered is no fault."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)

    def server_close(self) -> None:
        self._ended.set()
        super().server_close()

    def _look(self) -> None:
        while not self._ended.wait(LOOK_EVERY):
            self.watched.look()


class _Handler(BaseHTTPRequestHandler):
    server: LiveServer
    server_version, sys_version = "archspec", ""
    protocol_version = "HTTP/1.1"
    _types: ClassVar = {"html": "text/html; charset=utf-8", "json": "application/json"}

    def do_GET(self) -> None:
        if not self._is_welcome():
            return self._send(403, "json", {"error": "this page is for the browser that was given its address"})
        parts = urlsplit(self.path)
        _, token, *rest = parts.path.split("/")
        if not secrets.compare_digest(token.encode(), self.server.token.encode()):
            return self._send(404, "json", {"error": "there is no such page"})
        answer = _ANSWERS.get("/".join(rest))
        if answer is None:
            return self._send(404, "json", {"error": "there is no such page"})
        try:
            return answer(self, dict(parse_qsl(parts.query)))
        except (SpecError, RenderError) as error:
            return self._send(409, "json", {"error": str(error)})

    def _is_welcome(self) -> bool:
        """Whether a request is for this server by its own name, and is of no other site's page."""
        origin, site = self.headers.get("Origin"), self.headers.get("Sec-Fetch-Site", "none")
        ours = {f"http://{host}" for host in self.server.hosts}
        ours_alone = origin in (None, *ours) and site in ("none", "same-origin")
        return self.headers.get("Host") in self.server.hosts and ours_alone

    def _page(self, query: dict[str, str]) -> None:
        self._send(200, "html", document())

    def _state(self, query: dict[str, str]) -> None:
        watched, since = self.server.watched, resolve(query.get("since") or "0")
        with watched.changed:
            watched.changed.wait_for(lambda: watched.version != since, HELD)
        self._send(200, "json", watched.state())

    def _counts(self, query: dict[str, str]) -> None:
        self._send(200, "json", self.server.watched.counts(*_asked(query)))

    def _picture(self, query: dict[str, str]) -> None:
        self._send(200, "html", self.server.watched.picture(*_asked(query)))

    def _send(self, status: int, kind: str, content: Any) -> None:
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", self._types[kind])
        self.send_header("Content-Length", str(len(data)))
        for name, value in _HEADERS.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        """Requests are nothing that the reader of the terminal waits for."""


_ANSWERS = {"": _Handler._page, "state": _Handler._state, "counts": _Handler._counts, "picture": _Handler._picture}
_HEADERS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
}


def _asked(query: dict[str, str]) -> tuple[str | None, dict[str, Any]]:
    """The variant and the numbers that a request asks for; what is no number is left out."""
    values = {name: resolve(text) for name, text in query.items() if name not in ("variant", "version") and text}
    return query.get("variant"), {name: each for name, each in values.items() if type(each) in (int, float)}
