"""The live page as a reader has it, in headless Chromium."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from archspec.editor.live.server import LiveServer
from archspec.editor.live.watched import Watched
from tests.editor.test_live import NET

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright drives the browser: pip install playwright")

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium on the path: apt-get install chromium")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    path = tmp_path / "net.yaml"
    path.write_text(NET)
    return path


@pytest.fixture
def server(spec: Path) -> Iterator[LiveServer]:
    with LiveServer(Watched(spec)) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def page(browser: Any, server: LiveServer) -> Iterator[Any]:
    faults: list[str] = []
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("request", lambda request: faults.extend([] if request.url.startswith(server.url) else [request.url]))
    page.goto(server.url)
    yield page
    context.close()
    assert not faults


def left(page: Any) -> Any:
    return page.frame_locator("#picture-left")


def test_the_page_follows_its_file(page: Any, spec: Path) -> None:
    expect = sync_api.expect
    expect(page.locator("#outcome")).to_have_text("ok")
    expect(left(page).locator('[data-a="stem"]').first).to_be_visible()
    counted = page.locator("#counts").text_content()
    spec.write_text(NET.replace("relu: relu", "relu: rleu"))
    expect(page.locator("#messages")).to_contain_text("did you mean `relu`?")
    expect(page.locator("#outcome")).to_contain_text("wrong")
    expect(left(page).locator('[data-a="stem"]').first).to_be_visible()
    spec.unlink()
    expect(page.locator("#messages")).to_contain_text("there is no file")
    spec.write_text(NET.replace("linear: 10", "linear: 20"))
    expect(page.locator("#outcome")).to_have_text("ok")
    expect(page.locator("#counts")).to_contain_text("· 20")
    assert page.locator("#counts").text_content() != counted
    page.reload()
    expect(left(page).locator('[data-a="head"]').first).to_be_visible()


def test_a_box_shows_its_lines(page: Any) -> None:
    left(page).locator('section.shown [data-a="stem"]').first.click()
    sync_api.expect(left(page).locator("#atlas-details")).to_contain_text("stem")


def test_sliders_and_a_second_variant(page: Any) -> None:
    expect = sync_api.expect
    expect(page.locator("#counts")).to_contain_text("parameters")
    counted = str(page.locator("#counts").text_content())
    page.locator('input[name="width"]').evaluate("(each) => { each.value = 16; each.oninput(); }")
    expect(page.locator("#counts")).not_to_have_text(counted)
    page.select_option("#right", "net_wide")
    beside = page.frame_locator("#picture-right")
    expect(beside.locator('[data-a="stem"]').first).to_be_visible()
