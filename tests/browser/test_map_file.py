"""The map by itself, in the file that visitors take home: what happens on it needs neither server nor network."""

import re
from itertools import combinations
from types import SimpleNamespace

import pandas as pd
import pytest
from playwright.sync_api import expect

from dlfa_core import figures
from dlfa_core.data import open_corpus
from tests.browser.conftest import PATIENCE
from tests.browser.hand import LEFT_HALF, WHOLE, Map, open_map
from tests.conftest import small_projection

LANGUAGES = ("eng", "hin", "tur", "arb", "cmn", "tha")
SENTENCES = 40
STRENGTH = 0.6  # of a point that neither stands out nor is dimmed, as scene.js has it
WITHOUT_WEBGL = (
    "const plain = HTMLCanvasElement.prototype.getContext;"
    "HTMLCanvasElement.prototype.getContext = function (kind, ...rest) "
    "{ return kind.startsWith('webgl') ? null : plain.call(this, kind, ...rest); };"
)


@pytest.fixture(scope="module")
def result() -> SimpleNamespace:
    """A made-up map of real sentences, but for the first, which is a script."""
    made = small_projection(n=SENTENCES, languages=LANGUAGES)
    corpus = open_corpus("sample")
    texts = [text for code in LANGUAGES for text in ["<script>alert(0)</script>", *corpus[code][1:SENTENCES]]]
    return SimpleNamespace(**{**vars(made), "points": made.points.assign(text=texts)})


def written(folder, result) -> str:
    path = folder / "map.html"
    path.write_text(figures.map_document("Where?", "", result, "", [], {}, start=8).html(), encoding="utf-8")
    return path.as_uri()


@pytest.fixture(scope="module")
def file(tmp_path_factory, result) -> str:
    """The address of the file."""
    return written(tmp_path_factory.mktemp("map"), result)


@pytest.fixture(scope="module")
def opened(chromium, file):
    """The file, opened once, and everything that it asks for or complains about."""
    context = chromium.new_context(viewport={"width": 1400, "height": 900}, offline=True)
    context.set_default_timeout(PATIENCE)
    page, asked, failed = context.new_page(), [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: failed.append(str(error)))
    yield open_map(page, file)
    context.close()
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []
    assert not failed


@pytest.fixture
def the_map(opened) -> Map:
    opened.reset()
    return opened


def test_playing_visits_every_layer_and_stops_at_the_last(the_map):
    assert the_map.position == 8
    the_map.root.evaluate(
        "root => { root.heard = []; document.addEventListener('dlfa-layer', (e) => root.heard.push(e.detail.layer)); }"
    )
    heard = "root => root.heard.filter((k, i, all) => all[i - 1] !== k)"
    play = the_map.page.get_by_role("button", name="Play through the layers")
    play.click()
    the_map.settle(12)
    expect(play).to_have_attribute("aria-pressed", "false")
    assert the_map.root.evaluate(heard) == [9, 10, 11, 12]
    play.click()
    expect(play).to_have_attribute("aria-pressed", "true")
    assert the_map.root.evaluate(heard)[4] == 0  # it begins anew
    the_map.page.wait_for_function(  # and stays there for a moment only, so every frame is looked at
        "map => map.querySelector('.stage').dataset.position.startsWith('0.')", arg=the_map.root.element_handle()
    )


def test_a_lasso_fills_the_table_with_the_points_inside(the_map):
    the_map.drag(*LEFT_HALF)
    caught = set(the_map.ask("[...map.selected]"))
    right = the_map.ask("Array.from({length: map.map.points}, (_, i) => map.scene.placed(i)[0] - map.scene.width / 2)")
    assert caught == {i for i, x in enumerate(right) if x < 0}
    assert the_map.rows() == sorted(caught)[:60]
    expect(the_map.root.locator(".selection .caption")).to_contain_text(f"{len(caught)} points selected")
    the_map.page.keyboard.press("Escape")
    expect(the_map.root.locator("tbody tr")).to_have_count(0)


def test_a_row_chooses_its_point_with_translations_and_neighbours(the_map, result):
    the_map.drag(*WHOLE)
    row = the_map.root.locator("tbody tr").nth(3)
    point = int(row.get_attribute("data-point"))
    row.click()
    expect(row).to_have_class("chosen")
    assert the_map.ask("map.scene.chosen") == point
    layer = int(the_map.root.get_attribute("data-layer"))
    shown = the_map.root.locator(".near .text").all_inner_texts()
    assert shown == result.points["text"].iloc[result.neighbours[layer, point]].tolist()
    strong = the_map.ask("Array.from(map.scene.styles).filter((v, i) => i % 4 === 2 && v === 2).length")
    assert strong == len(LANGUAGES)


def test_a_click_on_a_point_marks_its_row(the_map):
    point = the_map.seen_first()
    the_map.page.mouse.click(*the_map.pixel(point))
    expect(the_map.root.locator("tr.chosen")).to_have_attribute("data-point", str(point))
    expect(the_map.root.locator("tbody tr")).to_have_count(len(LANGUAGES))


def test_hovering_tells_a_sentence_in_its_own_direction(the_map):
    the_map.page.keyboard.press("Escape")
    for language, bcp47, direction in (("arb", "ar", "rtl"), ("cmn", "zh-Hans", "ltr"), ("hin", "hi", "ltr")):
        point = the_map.seen_first(language)
        the_map.page.mouse.move(*the_map.pixel(point))
        text = the_map.root.locator(".tip .text")
        expect(text).to_have_text(the_map.ask(f"map.map.texts[{point}]"))
        expect(text).to_have_attribute("lang", bcp47)
        expect(text).to_have_css("direction", direction)


def test_all_layers_side_by_side_share_the_canvas_and_open_by_their_number(the_map):
    the_map.page.get_by_role("button", name="All layers").click()
    assert the_map.ask("map.scene.shown.length") == 13
    assert the_map.page.locator("canvas.points").count() == 1
    view = the_map.ask("(({left, top}) => ({left, top}))(map.scene.shown[4])")
    left, top = the_map.corner()
    the_map.page.mouse.click(left + view["left"] + 20, top + view["top"] + 12)
    the_map.settle(4)
    assert the_map.ask("map.scene.all") is False


def test_the_wheel_zooms_once_the_map_is_clicked_and_scrolls_the_page_before(the_map):
    the_map.stage.scroll_into_view_if_needed()
    box = the_map.stage.bounding_box()
    before = the_map.page.evaluate("scrollY")
    the_map.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 60)
    the_map.page.mouse.wheel(0, 40)
    the_map.page.wait_for_function("before => scrollY > before", arg=before)
    assert the_map.ask("map.scene.camera.zoom") == 1
    left, top = the_map.corner()
    the_map.page.mouse.click(left + 30, top + 30)
    the_map.page.mouse.wheel(0, -300)
    the_map.page.wait_for_function("map => map.pointMap.scene.camera.zoom > 1.3", arg=the_map.root.element_handle())
    the_map.page.keyboard.press("0")
    assert the_map.ask("map.scene.camera.isHome") is True


def test_searching_lists_the_sentences_that_hold_the_letters(the_map, result):
    text = result.points["text"][result.points["language"] == "hin"].iloc[2]
    the_map.page.get_by_role("searchbox", name="Find in sentences").fill(text[:12])
    expect(the_map.root.locator("tbody tr").first).to_contain_text(text)
    strong = the_map.ask("Array.from(map.scene.styles).filter((v, i) => i % 4 === 2 && v === 2).length")
    assert strong == the_map.ask("map.selected.size") <= len(LANGUAGES) * SENTENCES / 20


def test_trees_follow_the_slider(the_map):
    trees = the_map.page.locator(".trees")
    the_map.slider.press("Home")
    expect(trees).to_have_attribute("data-layer", "0")
    assert trees.locator(".branch").count() == 2 * (len(LANGUAGES) - 1)


def test_gliding_draws_points_between_their_places_at_two_layers(the_map):
    the_map.slider.press("Home")
    the_map.settle(0)
    the_map.step_by_frames()
    start, frames = the_map.ask("map.scene.placed(7)"), the_map.frames
    the_map.root.evaluate(
        "root => { const { scene } = root.pointMap; root.way = []; const draw = scene.draw.bind(scene); "
        "scene.draw = () => { draw(); root.way.push([scene.motion.position, ...scene.placed(7)]); }; }"
    )
    the_map.slider.press("ArrowRight")
    the_map.settle(1)
    end = the_map.ask("map.scene.placed(7)")
    assert the_map.frames > frames + 2
    way = the_map.root.evaluate("root => root.way")
    assert way[-1][0] == 1
    for position, x, y in way:
        assert x == pytest.approx(start[0] + position * (end[0] - start[0]), abs=0.1)
        assert y == pytest.approx(start[1] + position * (end[1] - start[1]), abs=0.1)


def test_a_lasso_with_shift_adds_to_the_selection_and_escape_steps_back(the_map):
    the_map.drag(*LEFT_HALF)
    left = the_map.ask("map.selected.size")
    the_map.page.keyboard.down("Shift")
    the_map.drag(*((1 - x, y) for x, y in LEFT_HALF))
    the_map.page.keyboard.up("Shift")
    assert the_map.ask("map.selected.size") == the_map.ask("map.map.points") > left
    the_map.root.locator("tbody tr").first.click()
    the_map.page.keyboard.press("Escape")
    assert the_map.ask("[map.chosen, map.selected.size > 0]") == [-1, True]
    the_map.page.keyboard.press("Escape")
    assert the_map.ask("map.selected") is None


def test_a_long_selection_is_shown_in_parts_and_can_be_saved_whole(the_map, tmp_path):
    the_map.drag(*WHOLE)
    expect(the_map.root.locator("tbody tr")).to_have_count(60)
    the_map.page.get_by_role("button", name=re.compile("Show 60 more of 180")).click()
    expect(the_map.root.locator("tbody tr")).to_have_count(120)
    with the_map.page.expect_download() as download:
        the_map.page.get_by_role("button", name="Selection as CSV").click()
    download.value.save_as(tmp_path / "selection.csv")
    table = pd.read_csv(tmp_path / "selection.csv")
    assert list(table) == ["id", "language", "text", "topic", "sentiment"]
    assert len(table) == len(LANGUAGES) * SENTENCES


@pytest.mark.parametrize("key", ["family", "language"])
def test_every_class_has_a_name_at_every_layer_that_covers_no_other(new_page, tmp_path, key):
    made = small_projection(n=12, languages=open_corpus("sample").languages)
    the_map = open_map(new_page(reduced_motion="reduce"), written(tmp_path, made))
    the_map.ask(f"map.recolour('{key}')")
    classes = the_map.ask("map.coloured().classes.length")
    width, height = the_map.ask("[map.scene.width, map.scene.height]")
    for layer in range(the_map.ask("map.map.states")):
        the_map.ask(f"map.scene.goTo({layer})")
        the_map.settle(layer)
        names = the_map.names_on_it()
        assert len(names) == classes >= 12
        assert not any(one.meets(other) for one, other in combinations(names, 2))
        assert all(each.left > 0 and each.right < width and each.top > 0 and each.bottom < height for each in names)


def test_what_is_pointed_at_covers_no_names_that_it_need_not(the_map):
    """With 40 translations named around a point, a box at its usual place would hide some."""
    point = the_map.seen_first()
    the_map.page.mouse.click(*the_map.pixel(point))
    expect(the_map.root.locator("tr.chosen")).to_have_attribute("data-point", str(point))
    the_map.page.mouse.move(*the_map.pixel(point))
    the_map.page.mouse.move(*[at + 1 for at in the_map.pixel(point)])
    expect(the_map.root.locator(".tip")).to_be_visible()
    spot = "map.free(map.scene.placed(map.chosen), map.tip.getBoundingClientRect())"
    covered = the_map.ask(
        f"(([left, top]) => map.scene.overlay.taken.filter(([x, y, r, b]) => left < r && x < left + "
        f"map.tip.offsetWidth && top < b && y < top + map.tip.offsetHeight).length)({spot})"
    )
    assert covered == 0


def test_the_sentence_opens_beside_the_map(the_map):
    point = the_map.seen_first()
    the_map.page.mouse.click(*the_map.pixel(point))
    card, stage = the_map.root.locator(".card").bounding_box(), the_map.stage.bounding_box()
    assert card["x"] > stage["x"] + stage["width"]
    assert stage["y"] <= card["y"] < stage["y"] + stage["height"]


def test_text_is_shown_as_text(the_map):
    """The first sentence is a script; an alert would have stopped the page."""
    the_map.page.get_by_role("searchbox", name="Find in sentences").fill("<script>")
    expect(the_map.root.locator("tbody tr")).to_have_count(len(LANGUAGES))
    the_map.root.locator("tbody tr").first.click()
    expect(the_map.root.locator(".said")).to_have_text("<script>alert(0)</script>")
    assert the_map.page.locator("script").count() == 2


def test_the_table_reads_right_to_left_where_the_language_does(the_map):
    the_map.drag(*WHOLE)
    the_map.page.get_by_role("searchbox", name="Find in sentences").fill("ال")
    text = the_map.root.locator("tbody .text").first
    expect(text).to_have_attribute("lang", "ar")
    expect(text).to_have_css("direction", "rtl")


def test_the_legend_dims_what_is_not_chosen(the_map):
    the_map.root.locator(".legend button", has_text="Turkic").click()
    standings = the_map.ask("Array.from(map.scene.styles).filter((v, i) => i % 4 === 2)")
    assert standings.count(1) == SENTENCES
    assert standings.count(0) == (len(LANGUAGES) - 1) * SENTENCES


@pytest.mark.parametrize("key", ["family", "language", "script", "topic", "sentiment"])
def test_points_are_drawn_in_the_colours_of_the_legend(the_map, key):
    the_map.page.get_by_label("Colour").select_option(key)
    counts = [int(each) for each in the_map.root.locator(".legend .count").all_inner_texts()]
    assert sum(counts) == len(LANGUAGES) * SENTENCES
    paper = the_map.ask("map.look.paperBytes")
    classes = the_map.ask("map.coloured().classes.map((each) => map.bytes(each.colour))")
    seen = the_map.colours()
    for colour in classes:
        drawn = [STRENGTH * ink + (1 - STRENGTH) * under for ink, under in zip(colour, paper, strict=True)]
        assert any(sum(abs(a - b) for a, b in zip(drawn, other, strict=True)) < 6 for other in seen)


def test_without_webgl_the_same_points_are_drawn(new_page, file):
    page = new_page()
    page.add_init_script(WITHOUT_WEBGL)
    the_map = open_map(page, file)
    expect(the_map.stage).to_have_attribute("data-renderer", "canvas")
    assert len(the_map.colours()) > 50


def test_a_lost_context_is_replaced(new_page, file):
    the_map = open_map(new_page(), file)
    the_map.ask("map.scene.renderer.gl.getExtension('WEBGL_lose_context').loseContext()")
    expect(the_map.stage).to_have_attribute("data-renderer", "canvas")
    before = the_map.frames
    the_map.slider.press("Home")
    the_map.settle(0)
    assert the_map.frames > before


def test_three_dimensions_turn_by_dragging(new_page, tmp_path):
    made = small_projection(n=10, dims=3)
    the_map = open_map(new_page(), written(tmp_path, made))
    before = the_map.ask("map.scene.placed(7)")
    the_map.page.get_by_role("button", name="Turn").click()
    the_map.drag((0.4, 0.5), (0.6, 0.55))
    assert the_map.ask("map.scene.placed(7)") != before
    assert the_map.ask("map.scene.camera.yaw") > 1
    assert len(the_map.colours()) > 50


def test_a_reader_who_prefers_stillness_sees_no_gliding(new_page, file):
    the_map = open_map(new_page(reduced_motion="reduce"), file)
    frames = the_map.frames
    the_map.slider.press("Home")
    the_map.settle(0)
    assert the_map.frames <= frames + 3
