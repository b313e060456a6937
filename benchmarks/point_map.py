"""Does the map stay fluid? Packing, opening and gliding, with 1,000 to 20,000 points at 13 layers.

    python -m benchmarks.point_map [--points 1000 5000 20000]

A made-up projection is packed, put into one HTML file as visitors take it home, and played from the first layer to the
last in headless Chromium; a frame is the time from one picture to the next. Headless Chromium draws WebGL on the
processor, so a computer with a graphics card does better.
"""

import tempfile
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import tyro
from playwright.sync_api import Browser, sync_playwright

from dlfa_core import figures
from dlfa_core.data import open_corpus

STATES = 13
WITHOUT_WEBGL = """
const plain = HTMLCanvasElement.prototype.getContext;
HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
  return kind.startsWith("webgl") ? null : plain.call(this, kind, ...rest);
};
"""
PLAY = """
(root) => new Promise((done) => {
  const map = root.pointMap, frames = [];
  let last = performance.now();
  const watch = (now) => {
    if (map.scene.motion.moving) frames.push(now - last);
    last = now;
    if (map.scene.motion.playing || map.scene.motion.moving) requestAnimationFrame(watch);
    else done(frames);
  };
  map.scene.goTo(0);
  setTimeout(() => { map.scene.play(); last = performance.now(); requestAnimationFrame(watch); }, 2500);
})
"""
PICK = """
(root) => {
  const { scene } = root.pointMap;
  const started = performance.now();
  for (let i = 0; i < 50; i++) scene.pick(10 * i, 8 * i);
  return (performance.now() - started) / 50;
}
"""


def main(points: tuple[int, ...] = (1000, 5000, 20_000), chromium: str = "/usr/bin/chromium") -> None:
    """Print a table for README.md.

    Args:
        points: how many points each map has, about.
        chromium: the browser.
    """
    print("| points | drawn with | packed | packing | opening | frames a second | 95 % of frames under | pointing |")
    print("| ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for n in points:
            result = made_up(n)
            started = time.perf_counter()
            size = len(figures.pack(result))
            packing = time.perf_counter() - started
            path = Path(folder) / f"{n}.html"
            path.write_text(figures.map_document("", "", result, "", [], {}).html(), encoding="utf-8")
            for script in ("", WITHOUT_WEBGL):
                name, opening, frames, pick = played(browser, path, script)
                print(
                    f"| {len(result.points):,} | {name} | {size / 2**20:.1f} MB | {packing:.2f} s | {opening:.1f} s | "
                    f"{1000 / np.mean(frames):.0f} | {np.percentile(frames, 95):.0f} ms | {pick:.1f} ms |",
                    flush=True,
                )
        browser.close()


def played(browser: Browser, path: Path, script: str) -> tuple[str, float, list[float], float]:
    """Return what drew it, seconds till it was there, milliseconds of each frame of the tour, of finding a point."""
    page = browser.new_page(viewport={"width": 1400, "height": 900})
    if script:
        page.add_init_script(script)
    started = time.perf_counter()
    page.goto(path.as_uri())
    page.wait_for_selector(".map[data-ready]")
    opening = time.perf_counter() - started
    root = page.locator(".map")
    frames = root.evaluate(PLAY)
    found = root.locator(".stage").get_attribute("data-renderer"), opening, frames, root.evaluate(PICK)
    page.close()
    return found


def made_up(n: int) -> SimpleNamespace:
    """About n points with the fields of `project.Result` that a map reads: bundled sentences, over and over."""
    corpus = open_corpus("sample")
    each = max(1, n // len(corpus.languages))
    rows = [
        (f"s{s}", code, corpus[code][s % len(corpus)], f"topic {s % 12}", ("positive", "neutral", "negative")[s % 3])
        for code in corpus.languages
        for s in range(each)
    ]
    points = pd.DataFrame(rows, columns=["id", "language", "text", "topic", "sentiment"])
    rng = np.random.default_rng(0)
    starts, ends = rng.normal(size=(2, len(points), 2))
    along = np.linspace(0, 1, STATES)[:, None, None]
    coordinates = ((1 - along) * starts + along * ends).astype(np.float32)
    meta = {
        "languages": list(corpus.languages),
        "n_points": len(points),
        "n_points_available": len(points),
        "removed": "",
        "method": "pca",
        "dims": 2,
        "metric": "cosine",
        "alignment": "aligned",
    }
    return SimpleNamespace(
        points=points,
        coordinates=coordinates,
        neighbours=rng.integers(0, len(points), (STATES, len(points), 10), dtype=np.int32),
        quality=pd.DataFrame(columns=["layer", "measure", "value"]),
        tree=pd.DataFrame(),
        meta=meta,
    )


if __name__ == "__main__":
    tyro.cli(main)
