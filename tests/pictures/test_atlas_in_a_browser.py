"""The atlas as a reader has it, in headless Chromium: Debian's, or any that is on the path."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import archspec
from archspec.graph.labels import inputs_text, node_words, outputs_text

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright drives the browser: pip install playwright")

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium on the path: apt-get install chromium")

NAMES = ("googlenet", "efficientnet_b0", "fasterrcnn_resnet50_fpn")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("atlas")
    for name in NAMES:
        archspec.read(name).draw().save(made / f"{name}.html")
    return made


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield launched
        launched.close()


Open = Callable[..., Any]


@pytest.fixture
def open_page(browser: Any, folder: Path) -> Iterator[Open]:
    """Open an atlas; nothing may go wrong in it, and nothing may be asked of the network."""
    faults: list[str] = []
    contexts = []

    def open_page(name: str = "googlenet", address: str = "", **options: Any) -> Any:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 800}} | options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: faults.append(message.text))
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("request", lambda request: request.url.startswith("file:") or faults.append(request.url))
        page.goto((folder / f"{name}.html").as_uri() + (f"#{address}" if address else ""))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not faults


def box(page: Any, address: str) -> Any:
    return page.locator(f'section.shown [data-a="{address}"]')


def shown(page: Any) -> list[str]:
    return [each.get_attribute("id") for each in page.locator("section").all() if each.is_visible()]


def heading(page: Any) -> str:
    return str(page.locator("#atlas-details h2").text_content())


def fragment(page: Any) -> str:
    return str(page.evaluate("decodeURIComponent(location.hash)"))


def crumbs(page: Any) -> list[str]:
    return [str(each) for each in page.locator("#atlas-crumbs li").all_text_contents()]


def facts(page: Any) -> dict[str, str]:
    terms = page.locator("#atlas-details dt").all_text_contents()
    return dict(zip(terms, page.locator("#atlas-details dd").all_text_contents()))


def transform(page: Any) -> list[float]:
    """Scale and place of the sheet that is shown."""
    style = page.locator("section.shown .world").get_attribute("style")
    x, y, k = map(float, re.findall(r"-?[\d.]+(?:e-?\d+)?", style))
    return [k, x, y]


def test_the_figure_is_shown_first_with_what_the_network_comes_to(open_page: Open) -> None:
    page = open_page()
    graph = archspec.read("googlenet").graph
    assert shown(page) == ["sheet-0"]
    assert (heading(page), crumbs(page)) == ("GoogLeNet", ["GoogLeNet"])
    assert facts(page)["Parameters"] == f"{graph.counts.params:,}"


def test_a_click_goes_into_a_block_and_breadcrumbs_lead_out(open_page: Open) -> None:
    page = open_page()
    box(page, "inception4a").click()
    assert shown(page) == ["sheet-1"]
    assert (fragment(page), heading(page)) == ("#inception4a", "inception4a")
    assert crumbs(page) == ["GoogLeNet", "inception4a Inception"]
    assert page.locator("#atlas-which").input_value() == "inception4a (3 of 9)"
    page.locator("#atlas-crumbs a").first.click()
    assert (shown(page), fragment(page)) == (["sheet-0"], "")
    assert page.evaluate("document.activeElement.dataset.a") == "inception4a"


def test_enter_goes_in_and_backspace_goes_out_with_the_focus_where_it_was(open_page: Open) -> None:
    page = open_page("efficientnet_b0")
    box(page, "features.2").focus()
    page.keyboard.press("Enter")
    assert (shown(page), heading(page)) == (["sheet-1"], "features.2.0")
    box(page, "features.1.0.block.1").focus()
    page.keyboard.press("Enter")
    assert heading(page) == "features.2.0.block.2"
    assert crumbs(page) == ["EfficientNet", "features.2.0 MBConv", "block.2 SqueezeExcite"]
    page.keyboard.press("Backspace")
    assert (shown(page), fragment(page)) == (["sheet-1"], "#features.2.0")
    page.keyboard.press("Backspace")
    assert (shown(page), fragment(page)) == (["sheet-0"], "")
    assert page.evaluate("document.activeElement.dataset.a") == "features.2"


def test_the_browsers_own_back_goes_out_too(open_page: Open) -> None:
    page = open_page()
    box(page, "inception4a").click()
    page.go_back()
    sync_api.expect(page.locator("section.shown")).to_have_id("sheet-0")
    page.go_forward()
    sync_api.expect(page.locator("section.shown")).to_have_id("sheet-1")
    assert heading(page) == "inception4a"


def test_a_node_tells_its_shape_its_counts_and_its_lines(open_page: Open) -> None:
    page = open_page()
    node = archspec.read("googlenet").graph.nodes["inception4b.branch2.1.conv"]
    box(page, "inception4a").click()
    page.get_by_label("Next block").click()
    box(page, "inception3a.branch2.1").click()
    assert heading(page) == "inception4b.branch2.1"
    page.locator("#atlas-details ul a").first.click()
    assert (heading(page), fragment(page)) == (node.address, f"#{node.address}")
    assert page.locator("#atlas-details h2 + p").text_content() == node_words(node)
    told = facts(page)
    assert (told["Input"], told["Output"]) == (inputs_text(node), outputs_text(node))
    assert told["Parameters"].split()[0] == f"{node.counts.params:,}"
    assert told["MACs"].split()[0] == f"{node.counts.macs:,}"
    code = page.locator("#atlas-details pre").all_text_contents()
    assert code[0].startswith("conv: {conv: out")
    assert code[1].startswith("self.conv = nn.Conv2d(")
    assert code[2] == "x = self.conv(x)\n"
    page.locator("#atlas-details h3 a").nth(1).click()
    assert shown(page) == [f"file-{page.locator('.file').count() - 1}"]
    assert page.locator(".band").is_visible()
    page.keyboard.press("Escape")
    assert heading(page) == node.address


def test_search_finds_an_address_with_the_keyboard(open_page: Open) -> None:
    page = open_page()
    page.keyboard.press("/")
    page.keyboard.type("4b branch2.1")
    options = page.get_by_role("option")
    assert options.all_text_contents()[0].startswith("inception4b.branch2.1")
    page.keyboard.press("ArrowDown")
    chosen = page.locator("[aria-selected=true]").text_content()
    assert page.locator("#atlas-find").get_attribute("aria-activedescendant") == "atlas-found-1"
    page.keyboard.press("Enter")
    assert chosen.startswith(heading(page))
    assert heading(page).startswith("inception4b.branch2.1.")
    assert page.locator("section.shown .chosen").count() == 1
    assert not page.locator("#atlas-found").is_visible()


def test_search_says_where_nothing_is_found_and_escape_closes_it(open_page: Open) -> None:
    page = open_page()
    page.keyboard.press("/")
    page.keyboard.type("nothing_of_this_name")
    assert "No node" in page.locator("#atlas-found").text_content()
    page.keyboard.press("Escape")
    assert not page.locator("#atlas-found").is_visible()


@pytest.mark.parametrize("name", NAMES)
def test_every_address_can_be_linked_to(name: str, open_page: Open) -> None:
    page = open_page(name)
    addresses = list(archspec.read(name).graph.nodes)[::5]
    wrong = page.evaluate(
        """async (addresses) => {
            const wrong = [];
            for (const address of addresses) {
                const arrived = new Promise((done) => addEventListener("popstate", done, {once: true}));
                location.hash = address;
                await arrived;
                const heading = document.querySelector("#atlas-details h2").textContent;
                const section = document.querySelector("section.shown");
                const marked = section.querySelector(".chosen, .lit") || section.id !== "sheet-0";
                if (heading !== address || !marked) wrong.push([address, heading, section.id]);
            }
            return wrong;
        }""",
        addresses,
    )
    assert wrong == []


def test_a_deep_link_opens_where_it_points(open_page: Open) -> None:
    page = open_page("efficientnet_b0", "features.4.1.block.1.1")
    assert (shown(page), heading(page)) == (["sheet-1"], "features.4.1.block.1.1")
    assert page.locator("#atlas-which").input_value() == "features.4.1 (7 of 16)"
    assert page.title() == "features.4.1.block.1.1 · EfficientNet"


@pytest.mark.parametrize(("address", "led_to"), [("inception4b.branch9.2", "inception4b"), ("elsewhere", "GoogLeNet")])
def test_a_link_to_what_is_not_there_opens_what_is_around_it(address: str, led_to: str, open_page: Open) -> None:
    assert heading(open_page("googlenet", address)) == led_to


def test_zoom_and_pan_by_wheel_buttons_keys_and_drag(open_page: Open) -> None:
    page = open_page()
    fitted = transform(page)
    page.mouse.move(400, 400)
    page.mouse.wheel(0, -400)
    sync_api.expect(page.locator("section.shown .world")).to_have_attribute("style", re.compile(r"scale\(1\.8"))
    wheeled = transform(page)
    assert wheeled[0] > fitted[0]
    page.get_by_label("Zoom in").click()
    assert transform(page)[0] == pytest.approx(wheeled[0] * 1.4)
    page.keyboard.press("-")
    assert transform(page)[0] == pytest.approx(wheeled[0])
    before = transform(page)
    page.mouse.move(500, 600)
    page.mouse.down()
    page.mouse.move(560, 630, steps=4)
    page.mouse.up()
    assert transform(page)[1] > before[1]
    assert transform(page)[2] > before[2]
    assert shown(page) == ["sheet-0"]  # a drag is no click
    page.locator("section.shown svg").focus()
    page.keyboard.press("Shift+ArrowLeft")
    page.get_by_label("Fit the sheet").click()
    assert transform(page) == fitted


def test_on_a_phone_a_wide_sheet_begins_where_a_reader_does_and_fits_when_asked(open_page: Open) -> None:
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    page = open_page("googlenet", **phone)
    frame, title = (page.locator(f"section.shown {each}").first.bounding_box() for each in ("svg", ".world text"))
    assert 0 <= title["x"] - frame["x"] < 30 and 0 <= title["y"] - frame["y"] < 30
    begun = transform(page)
    page.get_by_label("Fit the sheet").click()
    assert transform(page)[0] == 1 < begun[0]
    assert transform(open_page("googlenet"))[0] == 1


def test_several_outputs_are_told_by_name(open_page: Open) -> None:
    assert facts(open_page("googlenet"))["Output"].startswith("logits 1000, aux_logits")


def test_two_fingers_pinch(open_page: Open) -> None:
    page = open_page(has_touch=True)
    session = page.context.new_cdp_session(page)

    def touch(kind: str, *xs: int) -> None:
        points = [{"x": x, "y": 400, "id": number} for number, x in enumerate(xs)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    before = transform(page)[0]
    touch("touchStart", 400, 500)
    for reach in (20, 40, 60):
        touch("touchMove", 400 - reach, 500 + reach)
    touch("touchEnd")
    assert transform(page)[0] > 1.5 * before


def test_arrows_lead_from_box_to_box_and_details_follow(open_page: Open) -> None:
    page = open_page()
    box(page, "conv1").focus()
    page.keyboard.press("ArrowDown")
    assert heading(page) == "maxpool1"
    page.keyboard.press("ArrowUp")
    assert heading(page) == "conv1"
    assert fragment(page) == ""


def test_what_is_on_a_sheet_has_a_role_and_a_name(open_page: Open) -> None:
    page = open_page("googlenet", "inception4a")
    nodes = page.locator("section.shown .node").all()
    assert len(nodes) == 9 - 1
    assert all(each.locator("title").text_content() for each in nodes)
    assert page.get_by_role("button", name=re.compile("1×1 conv")).count() >= 4
    assert page.get_by_role("status").text_content() == "Inception, inception4a, block 3 of 9"
    page.get_by_label("Next block").click()
    assert page.get_by_role("status").text_content() == "Inception, inception4b, block 4 of 9"


def paint(page: Any) -> str:
    return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))


def test_dark_follows_the_readers_preference_and_a_button(open_page: Open) -> None:
    light, dark = open_page(color_scheme="light"), open_page(color_scheme="dark")
    assert paint(light) == "rgb(255, 255, 255)"
    assert paint(dark) == "rgb(22, 24, 27)"
    assert dark.locator("#atlas-theme").text_content() == "Light"
    light.locator("#atlas-theme").click()
    assert paint(light) == paint(dark)
    light.reload()
    assert paint(light) == paint(dark)


def test_print_shows_every_sheet_whole_in_black_and_white(open_page: Open) -> None:
    page = open_page("googlenet", "inception4a.branch2.0", color_scheme="dark")
    page.get_by_label("Zoom in").click()
    page.emulate_media(media="print")
    assert len(shown(page)) == page.locator("section").count()
    assert not page.locator("#atlas-details").is_visible()
    assert not page.locator("#atlas-tools").is_visible()
    assert paint(page) == "rgb(255, 255, 255)"
    sync_api.expect(page.locator("#sheet-1 .world")).to_have_css("transform", "none")
    pages = page.pdf().count(b"/Type /Page\n")
    assert pages >= len(page.locator(".sheet").all()) + 1


def test_without_its_script_it_is_a_plain_document(open_page: Open) -> None:
    page = open_page(java_script_enabled=False)
    sections = page.locator("section").all()
    assert len(shown(page)) == len(sections)
    places = [each.bounding_box()["y"] for each in sections]
    assert places == sorted(places)
    box_link = page.locator('#sheet-0 a[data-a="inception4a"]')
    assert box_link.get_attribute("href") == "#sheet-1"
    assert page.locator("#atlas-tools").count() == 0


def test_what_a_spec_says_never_runs(open_page: Open, folder: Path) -> None:
    hostile = "</script><script>document.title = 'taken'</script>"
    text = json.dumps(hostile)
    path = folder / "hostile.yaml"
    graph = "graph: {conv: {conv: 4, kernel_size: 3}}"
    path.write_text(
        "\n".join(["archspec: 1", "name: hostile", f"about: {text}", "input: [3, 8, 8]", f"# {hostile}", graph])
    )
    archspec.read(path).draw().save(folder / "hostile.html")
    page = open_page("hostile", "conv")
    assert page.title().startswith("conv")
    assert hostile in page.locator("#file-0").text_content()
