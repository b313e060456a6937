"""Make the pictures of the documentation: every page of the app in both themes, and a tour through some of them.

    python -m docs.screenshots

The app is started with an empty home, as after `make app`, so all that is seen is what ships. Needs Chromium; nothing
outside this machine is asked. Pages that are added to the app are taken as well.
"""

import argparse
import io
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

import ui
from tests.browser.serving import CHROMIUM, FLAGS, serving

HERE = Path(__file__).resolve().parent
IMAGES = HERE / "images"
GALLERY = HERE / "pages.md"
THEMES = ("light", "dark")
VIEWPORT = {"width": 1440, "height": 900}
COLOURS = 256
TOUR_SIZE = (960, 600)
TOUR_BYTES = 1_500_000
TOUR_QUALITIES = (80, 70, 60, 50, 40, 30, 20)
REST, STEP, GLIDE = 2600, 700, 120  # milliseconds: a page, a layer of its cursor, a frame of a map that moves
BETWEEN = 2  # frames from one layer of the map to the next
PATIENCE = 300_000  # milliseconds for a page, on a busy machine
LOOKS = 60  # until a page stands still
DRAWN = """() => [...document.querySelectorAll("[data-testid=stPlotlyChart]")].every(
    chart => chart.querySelector(".main-svg"))"""

_GALLERY = """# Every page

Made by `make docs`, as the pictures are, from what each page says of itself.
"""

Frame = tuple[Image.Image, int]  # a picture, and the milliseconds that it stays


def names() -> tuple[str, ...]:
    """Return the names of all pages; that of home is empty."""
    return ("", *(page.name for page in ui.pages()))


def file_name(page: str, theme: str) -> str:
    """Return the name of a page's picture."""
    return f"{page.lower().replace(' ', '-') or 'home'}-{theme}.webp"


def gallery() -> str:
    """Return a document with every page's question, what it shows, and its picture."""
    parts = [_GALLERY]
    for page in ui.pages():
        light, dark = (f"images/{file_name(page.name, theme)}" for theme in THEMES)
        parts.append(
            f"## {page.name}\n\n**{page.question}** {page.shows}\n\n"
            f'<picture><source srcset="{dark}" media="(prefers-color-scheme: dark)">'
            f'<img src="{light}" alt="The {page.name} page"></picture>\n'
        )
    return "\n".join(parts)


def open_page(page: Page, address: str, name: str) -> None:
    """Open a page and wait until nothing runs and nothing is loaded any more.

    Raises:
        RuntimeError: it shows an error instead of itself.
    """
    page.goto(f"{address}/{name.replace(' ', '_')}")
    expect(page).to_have_title(re.compile(f"^{name or 'DLFA Explorer'} ·"))
    expect(page.locator("h1")).to_be_visible()
    page.wait_for_load_state("networkidle")
    wait_until_drawn(page)
    if page.get_by_test_id("stException").count():
        raise RuntimeError(f"{page.url} shows an error: open it with `make app`, whose log says which.")


def wait_until_drawn(page: Page) -> None:
    """Wait until nothing runs, nothing that is shown is old, and no figure is still to come."""
    expect(page.locator("[data-test-script-state=notRunning]")).to_have_count(1)
    expect(page.locator("[data-stale=true]")).to_have_count(0)
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0)
    page.wait_for_function(DRAWN)


def still(page: Page) -> Image.Image:
    """Return what the page shows once two looks at it are the same.

    Raises:
        TimeoutError: it goes on changing.
    """
    before = b""
    for _ in range(LOOKS):
        wait_until_drawn(page)
        now = page.screenshot(animations="disabled", caret="hide")
        if now == before:
            return Image.open(io.BytesIO(now)).convert("RGB")
        before = now
        page.wait_for_timeout(250)
    raise TimeoutError(f"{page.url} still changes after {LOOKS} looks")


@contextmanager
def visitor(browser: Browser, theme: str) -> Iterator[Page]:
    """A page of a visitor who was never here and prefers stillness."""
    context = browser.new_context(viewport=VIEWPORT, color_scheme=theme, reduced_motion="reduce")
    context.set_default_timeout(PATIENCE)
    yield context.new_page()
    context.close()


def take_pages(browser: Browser, address: str, out: Path) -> None:
    """Write a picture of each page in each theme."""
    for theme in THEMES:
        for name in names():
            with visitor(browser, theme) as page:
                open_page(page, address, name)
                path = out / file_name(name, theme)
                save(still(page), path)
                print(f"{path.name}: {path.stat().st_size:,} bytes", flush=True)


def save(picture: Image.Image, path: Path) -> None:
    """Write a picture of a page: in few colours, but without loss, so that text stays sharp."""
    few = picture.quantize(COLOURS, dither=Image.Dither.NONE).convert("RGB")
    few.save(path, "WEBP", lossless=True, quality=100, method=6)


def take_tour(browser: Browser, address: str, out: Path) -> None:
    """Write one moving picture: home, the evidence and its cursor, the map through all layers, words of a text."""
    with visitor(browser, "light") as page:
        frames = [frame for part in (_home, _cursor, _map, _words) for frame in part(page, address)]
    path = out / "tour.webp"
    path.write_bytes(moving(frames))
    print(f"{path.name}: {path.stat().st_size:,} bytes, {len(frames)} frames", flush=True)


def moving(frames: list[Frame], most: int = TOUR_BYTES) -> bytes:
    """Return an animated WebP of at most so many bytes, as good as that allows.

    Raises:
        ValueError: it is larger even at the lowest quality.
    """
    pictures = [picture.resize(TOUR_SIZE, Image.Resampling.LANCZOS) for picture, _ in frames]
    durations = [duration for _, duration in frames]
    for quality in TOUR_QUALITIES:
        held = io.BytesIO()
        pictures[0].save(
            held,
            "WEBP",
            save_all=True,
            append_images=pictures[1:],
            duration=durations,
            loop=0,
            quality=quality,
            method=4,
            minimize_size=True,
        )
        if held.tell() <= most:
            return held.getvalue()
    raise ValueError(f"{len(frames)} frames take {held.tell():,} bytes at quality {quality}; at most {most:,} may be.")


def _home(page: Page, address: str) -> Iterator[Frame]:
    open_page(page, address, "")
    yield still(page), REST


def _cursor(page: Page, address: str) -> Iterator[Frame]:
    open_page(page, address, "Evidence")
    yield still(page), REST
    cursor = page.get_by_role("slider", name="Layer").first
    start, last = int(cursor.input_value()), int(cursor.get_attribute("max"))
    lowest, highest = max(0, start - 4), min(last, start + 2)
    for layer in (*range(start - 1, lowest - 1, -1), *range(lowest + 1, highest + 1)):
        cursor.press("ArrowLeft" if layer < int(cursor.input_value()) else "ArrowRight")
        told = page.get_by_text(re.compile(rf"^Layer {layer}(, the \w+)?: "))
        expect(told.first).to_be_visible()  # the server has heard of it
        yield still(page), STEP


def _map(page: Page, address: str) -> Iterator[Frame]:
    open_page(page, address, "Map")
    page.wait_for_selector(".map[data-ready]")
    root = page.locator(".map")
    last = root.evaluate("root => root.pointMap.scene.motion.last")
    root.evaluate("root => root.pointMap.scene.goTo(0)")
    yield still(page), STEP
    for layer in range(1, last + 1):
        for part in range(1, BETWEEN):
            root.evaluate(
                "(root, at) => { const { scene } = root.pointMap; scene.motion.position = scene.motion.target = at; "
                "scene.redraw(); }",
                layer - 1 + part / BETWEEN,
            )
            yield still(page), GLIDE
        root.evaluate("(root, layer) => root.pointMap.scene.goTo(layer)", layer)
        yield still(page), STEP if layer < last else REST


def _words(page: Page, address: str) -> Iterator[Frame]:
    open_page(page, address, "Lexicon")
    yield still(page), REST


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=IMAGES)
    parser.add_argument("--only", choices=("pages", "tour"))
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    GALLERY.write_text(gallery(), encoding="utf-8")
    shutil.copy(HERE.parent / "ui" / "icon.svg", asked.out)
    expect.set_options(timeout=PATIENCE)
    with tempfile.TemporaryDirectory() as home, serving(Path(home)) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        if asked.only != "tour":
            take_pages(browser, address, asked.out)
        if asked.only != "pages":
            take_tour(browser, address, asked.out)
        browser.close()


if __name__ == "__main__":
    main()
