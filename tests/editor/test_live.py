"""The live page's server: it follows a file, tells what is wrong, and answers nobody else."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from archspec.editor.live.server import LiveServer
from archspec.editor.live.watched import Watched
from tests.editor.test_page import NET as PAGE

NET = PAGE.replace("tail: {conv: 8", "tail: {conv: width")


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    path = tmp_path / "net.yaml"
    path.write_text(NET)
    (tmp_path / "secret.yaml").write_text(NET.replace("name: net", "name: secret"))
    return path


@pytest.fixture
def server(spec: Path) -> Iterator[LiveServer]:
    with LiveServer(Watched(spec)) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def ask(server: LiveServer, path: str, **headers: str) -> tuple[int, bytes]:
    connection = HTTPConnection("127.0.0.1", server.server_port, timeout=30)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, content


def told(server: LiveServer, what: str, **query: Any) -> Any:
    status, content = ask(server, f"/{server.token}/{what}?{urlencode(query)}")
    assert status in (200, 409)
    return json.loads(content)


def news(server: LiveServer, since: int) -> Any:
    """The state after another look, as the page waits for it."""
    return told(server, "state", since=since)


def test_the_page_allows_itself_nothing_from_elsewhere(server: LiveServer) -> None:
    status, content = ask(server, urlsplit(server.url).path)
    text = content.decode()
    assert status == 200 and "default-src 'none'" in text and "@" not in text.split("<style>")[0]
    assert "http:" not in text and "https:" not in text


def test_what_is_typed_is_told_and_the_last_good_picture_stays(server: LiveServer, spec: Path) -> None:
    first = news(server, 0)
    assert first["fine"] and first["variants"] == ["net", "net_wide"]
    assert [each["name"] for each in first["params"]] == ["width"]
    counted = told(server, "counts")
    spec.write_text(NET.replace("relu: relu", "relu: rleu"))
    broken = news(server, first["version"])
    assert not broken["fine"] and "did you mean `relu`?" in "".join(broken["messages"])
    assert told(server, "counts") == counted
    status, picture = ask(server, f"/{server.token}/picture")
    assert status == 200 and b"<svg" in picture
    spec.unlink()
    gone = news(server, broken["version"])
    assert not gone["fine"] and "there is no file" in gone["messages"][0] and gone["picture"]
    spec.write_text(NET.replace("linear: 10", "linear: 20"))
    back = news(server, gone["version"])
    assert back["fine"] and told(server, "counts")["output"] == "20"


def test_counts_and_pictures_follow_the_sliders_and_the_variant(server: LiveServer) -> None:
    usual = told(server, "counts")
    assert told(server, "counts", width=16)["params"] != usual["params"]
    assert told(server, "counts", variant="net_wide") == told(server, "counts", width=16, variant="net")
    wide = ask(server, f"/{server.token}/picture?width=16")[1]
    assert wide != ask(server, f"/{server.token}/picture")[1]
    assert (
        "`width` of variant" in told(server, "counts", width=-3)["error"] or told(server, "counts", width=-3)["error"]
    )


def test_no_path_is_taken_from_a_request(server: LiveServer) -> None:
    usual = told(server, "counts")
    for value in ("./secret.yaml", "secret", "[1]", "!!python/name:os"):
        assert told(server, "counts", width=value) == usual
    assert "error" in told(server, "counts", variant="../secret.yaml")
    for path in ("/../secret.yaml", "/secret.yaml", f"/{server.token}/../secret.yaml", f"/{server.token}/secret.yaml"):
        assert ask(server, path)[0] == 404


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Host": "localhost:{port}"}, 200),
        ({"Origin": "http://127.0.0.1:{port}", "Sec-Fetch-Site": "same-origin"}, 200),
        ({"Host": "evil.example:{port}"}, 403),
        ({"Host": "127.0.0.1:1"}, 403),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
    ],
)
def test_only_its_own_page_is_answered(server: LiveServer, headers: dict[str, str], status: int) -> None:
    sent = {name: value.format(port=server.server_port) for name, value in headers.items()}
    assert ask(server, f"/{server.token}/state", **sent)[0] == status


def test_nothing_is_told_without_the_token(server: LiveServer) -> None:
    for token in ("", "wrong", server.token[:-1], server.token + "x", "%C3%A9"):
        status, content = ask(server, f"/{token}/state")
        assert status == 404 and b"net.yaml" not in content


def test_it_listens_on_this_machine_alone_and_a_port_that_is_taken_is_told(server: LiveServer, spec: Path) -> None:
    assert server.server_address[0] == "127.0.0.1"
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(OSError):
            LiveServer(Watched(spec), other.getsockname()[1])


def test_two_browsers_are_told_the_same(server: LiveServer, spec: Path) -> None:
    first = news(server, 0)["version"]
    answers: list[Any] = []
    waiting = [Thread(target=lambda: answers.append(news(server, first))) for _ in range(2)]
    for each in waiting:
        each.start()
    spec.write_text(NET.replace("linear: 10", "linear: 7"))
    for each in waiting:
        each.join(30)
    assert len(answers) == 2 and answers[0] == answers[1] and answers[0]["version"] == first + 1
