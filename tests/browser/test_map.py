"""The moving map in Chromium, with the network off: what happens on it needs no server."""

import re
import time
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from urllib.parse import urlencode

import pandas as pd
import pytest
from playwright.sync_api import expect

from dlfa_core.experiments import project
from dlfa_core.runtime.store import Store
from tests.browser.conftest import PATIENCE, WORK
from tests.browser.hand import LEFT_HALF, WHOLE, Map, open_map

LANGUAGES = ("eng", "hin", "tur", "arb", "cmn", "tha")  # as the corpus lists them
NAMES = ("English", "Hindi", "Turkish", "Arabic", "Chinese", "Thai")
SENTENCES = 40
SPEC = project.Spec(method="pca", languages=LANGUAGES, limit=SENTENCES)
HOW = {"method": "PCA", "languages": NAMES, "limit": SENTENCES}


@pytest.fixture(scope="session")
def stored(home) -> project.Result:
    """A small map in the server's store, so that the page finds it at once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DLFA_HOME", str(home))
        store = Store(home / "results")
        store.save(project, SPEC, project.run(SPEC))
        return store.find(project, SPEC)


@pytest.fixture(scope="session")
def address(app, stored):
    return lambda **query: f"{app}/Map?{urlencode(HOW | query, doseq=True)}"


@pytest.fixture(scope="module")
def opened(chromium, address) -> Iterator[Map]:
    """A page that is opened once: on a slow machine opening takes longer than what is tested."""
    context = chromium.new_context(viewport={"width": 1400, "height": 900})
    context.set_default_timeout(PATIENCE)
    yield open_map(context.new_page(), address())
    context.close()


@pytest.fixture
def the_map(opened) -> Map:
    opened.reset()
    return opened


def typed(the_map):
    """Where a sentence is typed; the button that explains it has the same label."""
    return the_map.page.get_by_role("textbox", name="Type a sentence in any language")


def wait_for_the_server(the_map):
    """Until the page's script has ended: Streamlit drops a download that is asked for while it runs."""
    expect(the_map.page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")


def test_the_map_is_there_and_drawn(page, address, capsys):
    page.goto("about:blank")
    started = time.perf_counter()
    the_map = open_map(page, address())
    took = time.perf_counter() - started
    with capsys.disabled():
        print(f"\n/Map: the map {took:.1f} s after opening, drawn with {the_map.stage.get_attribute('data-renderer')}")
    expect(page.locator("p.answer")).to_be_visible()
    assert the_map.ask("map.map.points") == len(LANGUAGES) * SENTENCES
    assert len(the_map.colours()) > 50
    assert page.locator("canvas.points").count() == 1


def test_what_is_drawn_where_is_the_result(the_map, stored):
    """Second route: pixel distances between points are those of the stored coordinates."""
    the_map.slider.press("End")
    the_map.settle(12)
    pixels = the_map.ask("Array.from({length: 50}, (_, i) => map.scene.placed(i))")
    seen = pd.DataFrame(pixels).corrwith(pd.DataFrame(stored.coordinates[12, :50] * [1, -1]))
    assert (seen > 0.9999).all()


def test_the_slider_moves_points_without_the_server(page, address):
    said = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: said.append(frame)))
    the_map = open_map(page, address())
    wait_for_the_server(the_map)
    the_map.slider.press("Home")
    the_map.settle(0)
    the_map.step_by_frames()
    before, spoken, frames = the_map.ask("map.scene.placed(7)"), len(said), the_map.frames
    the_map.slider.focus()
    box = the_map.slider.bounding_box()
    page.mouse.move(box["x"] + 9, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 9, box["y"] + box["height"] / 2, steps=12)
    page.mouse.up()
    the_map.settle(12)
    assert the_map.ask("map.scene.placed(7)") != before
    assert the_map.frames > frames + 3  # it glided
    expect(the_map.root).to_have_attribute("data-layer", "12")
    page.wait_for_timeout(800)
    assert len(said) == spoken


def test_the_legend_lets_families_stand_out_and_the_address_keeps_it(the_map, new_page):
    legend = the_map.root.locator(".legend button")
    assert [button.locator(".count").inner_text() for button in legend.all()] == ["80", "40", "40", "40", "40"]
    the_map.root.locator(".legend button", has_text="Afro-Asiatic").click()
    plain = the_map.ask("Array.from(map.scene.styles).filter((v, i) => i % 4 === 2 && v === 1).length")
    assert plain == SENTENCES
    assert "only=Afro-Asiatic" in the_map.page.url
    again = open_map(new_page(), the_map.page.url)
    expect(again.root.locator(".legend button[aria-pressed=true]")).to_have_text(re.compile("Afro-Asiatic"))


def test_a_view_reopens_from_its_address(page, address):
    the_map = open_map(page, address(layer=3, colour="script", shape="colour", view="all", at="0.1,0.2,3,0,0"))
    assert the_map.ask("[map.scene.layer, map.coloured().key, map.shapes]") == [3, "script", "colour"]
    assert the_map.ask("[map.scene.shown.length, map.scene.camera.zoom]") == [13, 3]


def test_a_lasso_and_a_search_reopen_from_the_address(page, address, new_page):
    the_map = open_map(page, address())
    the_map.ask("map.zoom(1.4)")
    the_map.drag(*LEFT_HALF)
    caught = the_map.ask("[...map.selected]")
    assert caught
    page.wait_for_url("**lasso=**")
    again = open_map(new_page(viewport={"width": 1100, "height": 700}), page.url)
    assert again.ask("[...map.selected]") == caught
    again.page.get_by_role("searchbox", name="Find in sentences").fill("a")
    again.page.wait_for_url("**find=a**")
    assert "lasso=" not in again.page.url
    third = open_map(new_page(), again.page.url)
    assert third.ask("[...map.selected]") == again.ask("[...map.selected]")


def test_a_broken_address_opens_the_usual_view(page, address):
    the_map = open_map(
        page,
        address(
            layer=99, colour="<b>", shape="?", view="3", at="1,NaN,3,0,0", point="x@y", only="|", lasso="99,0,0|0,a,1,2"
        ),
    )
    assert the_map.ask("[map.scene.layer, map.coloured().key, map.shapes]") == [
        the_map.ask("map.map.start"),
        "family",
        "family",
    ]
    assert the_map.ask("[map.scene.shown.length, map.scene.camera.zoom, map.chosen, map.only.size]") == [1, 1, -1, 0]
    assert the_map.ask("map.selected") is None


def test_choices_on_the_map_survive_choices_on_the_page(the_map):
    """Streamlit writes the address, too."""
    the_map.slider.press("Home")
    the_map.settle(0)
    the_map.page.wait_for_url("**layer=0**")
    typed(the_map).fill("  ")
    typed(the_map).press("Enter")
    the_map.page.get_by_role("slider", name="Sentence").press("ArrowRight")
    the_map.page.wait_for_url("**sentence=2**")
    assert "layer=0" in the_map.page.url
    assert the_map.position == 0


def test_a_typed_sentence_lands(the_map, stored):
    known = stored.points["text"][stored.points["language"] == "cmn"].iloc[4]
    box = typed(the_map)
    box.fill(f"{known} | <img src=x onerror=alert(1)> sentence")
    box.press("Enter")
    expect(the_map.stage).to_have_attribute("data-additions", "2", timeout=WORK)
    labels = the_map.root.locator(".addition")
    expect(labels.nth(1)).to_have_text("<img src=x onerror=alert(1)> sentence")
    drawn_at = [float(value) for value in labels.nth(0).get_attribute("data-position").split(",")]
    own = the_map.ask(f"map.scene.placed({the_map.point('cmn', known)})")
    assert abs(drawn_at[0] - own[0]) < 3
    assert abs(drawn_at[1] - own[1]) < 3
    expect(the_map.root.locator(".card")).to_contain_text("The map was not made from this sentence")
    assert not any(one.meets(other) for one, other in combinations(the_map.names_on_it(), 2))


def test_the_map_taken_home_moves_offline(the_map, new_page, tmp_path):
    wait_for_the_server(the_map)
    with the_map.page.expect_download() as download:
        the_map.page.get_by_role("button", name="Page as HTML").click()
    kept = tmp_path / "map.html"
    download.value.save_as(kept)
    alone = new_page(offline=True)
    asked, failed = [], []
    alone.on("request", lambda request: asked.append(request.url))
    alone.on("pageerror", lambda error: failed.append(str(error)))
    home = open_map(alone, kept.as_uri())
    home.slider.press("Home")
    home.settle(0)
    home.step_by_frames()
    before, frames = home.ask("map.scene.placed(7)"), home.frames
    home.slider.press("End")
    home.settle(12)
    assert home.ask("map.scene.placed(7)") != before
    assert home.frames > frames + 3
    home.drag(*WHOLE)
    assert home.rows()
    expect(alone.locator(".trees")).to_have_attribute("data-layer", "12")
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []
    assert not failed


def test_points_download_as_csv_and_parquet(the_map, tmp_path):
    wait_for_the_server(the_map)
    for name, read in (("Points as CSV", pd.read_csv), ("Points as Parquet", pd.read_parquet)):
        with the_map.page.expect_download() as download:
            the_map.page.get_by_role("button", name=name).click()
        kept = Path(tmp_path / download.value.suggested_filename)
        download.value.save_as(kept)
        table = read(kept)
        assert {"x", "y", "text", "language", "family", "layer", "id"} <= set(table)
        assert len(table) == 13 * len(LANGUAGES) * SENTENCES


@pytest.mark.parametrize(("scheme", "is_light"), [("dark", True), ("light", False)])
def test_names_on_the_map_follow_the_theme(new_page, address, scheme, is_light):
    the_map = open_map(new_page(color_scheme=scheme), address())
    paper = the_map.ask("map.look.paperBytes")
    assert (sum(paper) < 380) == is_light


def test_a_phone_need_not_scroll_sideways(new_page, address):
    page = new_page(viewport={"width": 390, "height": 844}, has_touch=True)
    the_map = open_map(page, address())
    the_map.drag(*WHOLE)
    assert the_map.rows()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.locator("[data-testid=stMain]").evaluate("main => main.scrollWidth <= main.clientWidth")


def test_curves_far_below_come_when_they_are_near(page, address):
    wait_for_the_server(open_map(page, address()))
    assert page.locator(".js-plotly-plot").count() == 0
    page.get_by_role("heading", name="The numbers beside the picture").scroll_into_view_if_needed()
    expect(page.locator(".js-plotly-plot .main-svg").first).to_be_visible()
    expect(page.locator(".js-plotly-plot")).to_have_count(3)


def test_leaving_and_coming_back_leaves_one_map(page, address):
    open_map(page, address())
    page.get_by_test_id("stSidebar").get_by_role("link", name="Layers").click()
    page.wait_for_url("**/Layers**")  # Streamlit clears the page before it writes the address
    expect(page.locator(".map")).to_have_count(0)
    page.go_back()
    if "/Map" not in page.url:  # Streamlit has written the address of Layers twice, with its choices the second time
        page.go_back()
    page.wait_for_selector(".map[data-ready]")
    expect(page.locator(".map")).to_have_count(1)
