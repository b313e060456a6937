"""A hand on the map: what testers see of it and do to it, by the handle that it leaves on its root."""

import io

from PIL import Image
from playwright.sync_api import Page, expect

from dlfa_core.figures.mark_names import Box

# They begin in the middle of an edge: the stage's corners are round, and a press outside of them is not on it.
WHOLE = ((0.5, 0.004), (0.996, 0.004), (0.996, 0.996), (0.004, 0.996), (0.004, 0.004))
LEFT_HALF = ((0.5, 0.004), (0.5, 0.996), (0.004, 0.996), (0.004, 0.004))
USUAL = """
map.pause();
map.setView("one");
map.choose(-1);
map.clearSelection();
map.only.clear();
map.recolour("family");
map.zoom(0);
delete map.scene.motion.step;
delete map.scene.motion.goTo;
map.scene.goTo(map.map.start);
root.getRootNode().activeElement?.blur();
"""


def open_map(page: Page, address: str) -> "Map":
    page.goto(address)
    page.wait_for_selector(".map[data-ready]")
    return Map(page)


class Map:
    """A map on a page."""

    def __init__(self, page: Page):
        self.page, self.root, self.stage = page, page.locator(".map"), page.locator(".map .stage")

    def ask(self, expression: str):
        return self.root.evaluate(f"root => {{ const map = root.pointMap; return {expression}; }}")

    @property
    def frames(self) -> int:
        return int(self.stage.get_attribute("data-frames"))

    @property
    def position(self) -> float:
        return float(self.stage.get_attribute("data-position"))

    @property
    def slider(self):
        return self.page.get_by_role("slider", name="Layer", exact=True).first

    def point(self, language: str, text: str | None = None) -> int:
        wanted = f"map.map.language(i).code === '{language}'"
        if text:
            wanted += f" && map.map.texts[i] === {text!r}"
        return self.ask(f"map.map.texts.findIndex((_, i) => {wanted})")

    def step_by_frames(self) -> None:
        """From now on every frame is 50 ms of a motion, however long it takes to draw."""
        self.root.evaluate(
            "root => { const { motion } = root.pointMap.scene, step = motion.step.bind(motion); let frames = 0; "
            "motion.step = () => step((motion.started ?? 0) + 50 * ++frames); "
            "const goTo = motion.goTo.bind(motion); "
            "motion.goTo = (layer, now) => { frames = 0; goTo(layer, now); }; }"
        )

    def settle(self, layer: int) -> None:
        expect(self.stage).to_have_attribute("data-position", f"{layer:.4f}")

    def pixel(self, point: int) -> tuple[float, float]:
        """Where a point is drawn, on the page."""
        left, top = self.corner()
        x, y = self.ask(f"map.scene.placed({point})")
        return left + x, top + y

    def corner(self) -> tuple[float, float]:
        """The page's pixel at which the canvas begins, inside the stage's border."""
        self.stage.scroll_into_view_if_needed()
        box, border = self.stage.bounding_box(), self.stage.evaluate("stage => [stage.clientLeft, stage.clientTop]")
        return box["x"] + border[0], box["y"] + border[1]

    def reset(self) -> None:
        """As somebody finds it."""
        self.root.evaluate(f"root => {{ const map = root.pointMap; {USUAL} }}")
        self.settle(self.ask("map.map.start"))

    def seen_first(self, language: str = "") -> int:
        """A point, of a language if one is given, that the pointer finds at its place."""
        found = self.ask(
            "(() => { const s = map.scene; for (let i = 0; i < map.map.points; i++) "
            f"if (map.map.language(i).code.startsWith('{language}') && s.pick(...s.placed(i)) === i) return i; "
            "return -1; })()"
        )
        assert found >= 0
        return found

    def names_on_it(self) -> list[Box]:
        """The rectangles of the stage that names of classes and typed sentences take, in pixels."""
        return [Box(*box) for box in self.ask("map.scene.overlay.taken")]

    def colours(self) -> set[tuple[int, ...]]:
        """What the stage shows."""
        self.stage.scroll_into_view_if_needed()
        image = Image.open(io.BytesIO(self.page.screenshot(clip=self.stage.bounding_box()))).convert("RGB")
        return {colour for _, colour in image.getcolors(maxcolors=2**24)}

    def rows(self) -> list[int]:
        return [int(row.get_attribute("data-point")) for row in self.root.locator("tbody tr").all()]

    def drag(self, *corners: tuple[float, float]) -> None:
        """Drag along corners given as shares of the canvas."""
        left, top = self.corner()
        width, height = self.ask("[map.scene.width, map.scene.height]")
        path = [(left + x * width, top + y * height) for x, y in corners]
        mouse = self.page.mouse
        mouse.move(*path[0])
        mouse.down()
        for corner in path[1:]:
            mouse.move(*corner, steps=6)
        mouse.up()
