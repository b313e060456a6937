"""Every page by axe-core, in both themes: nothing that keeps somebody from reading or reaching it."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

import ui

NAMES = ("", *(page.name for page in ui.pages()))
BARRIERS = ("serious", "critical")


def barriers(page) -> list[str]:
    """What axe-core finds that is serious or worse: the rule, what breaks it, and why."""
    return [
        f"{found['id']}: {node['html'][:200]} ({node['failureSummary']})"
        for found in Axe().run(page).response["violations"]
        if found["impact"] in BARRIERS
        for node in found["nodes"]
    ]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nothing_bars_the_way(new_page, app, theme):
    page = new_page(color_scheme=theme, viewport={"width": 1440, "height": 900})
    found = {}
    for name in NAMES:
        page.goto(f"{app}/{name}")
        expect(page).to_have_title(re.compile(f"^{name or 'DLFA Explorer'} ·"))
        expect(page.locator("h1")).to_be_visible()
        expect(page.locator("[data-test-script-state=notRunning]")).to_have_count(1)
        page.wait_for_load_state("networkidle")  # scripts of widgets and figures are loaded one by one
        found[name] = barriers(page)
    assert not any(found.values()), found


def test_axe_core_notices_what_is_wrong(page, app):
    """Else its silence would mean nothing."""
    page.goto(f"{app}/Layers")
    expect(page.locator(".answer")).to_be_visible()
    page.evaluate("document.querySelector('.answer').style.color = '#ddd'")
    assert any(found.startswith("color-contrast") for found in barriers(page))
