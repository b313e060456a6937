"""The report, opened from disk with the network off: its figures are there, and nothing is asked of anybody."""

import re

import pytest
from playwright.sync_api import expect

from dlfa_core import report
from tests.browser.conftest import PATIENCE


@pytest.fixture(scope="module")
def shipped() -> report.Report:
    return report.made("demo", bundled_only=True)


@pytest.fixture(scope="module")
def opened(chromium, shipped, tmp_path_factory):
    """The page, opened once, and everything that it asks for or complains about."""
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(report.html(shipped), encoding="utf-8")
    context = chromium.new_context(viewport={"width": 1280, "height": 800}, offline=True)
    context.set_default_timeout(PATIENCE)
    page, asked, failed = context.new_page(), [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: failed.append(str(error)))
    page.on("console", lambda message: failed.append(message.text) if message.type == "error" else None)
    page.goto(path.as_uri())
    yield page
    context.close()
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []
    assert not failed


def test_every_figure_is_drawn_when_it_is_come_near_to(opened, shipped):
    assert opened.locator(".main-svg").count() < 3 * len(shipped.figures)
    for name in shipped.figures:
        chart = opened.locator(f"#{name}")
        chart.scroll_into_view_if_needed()
        expect(chart.locator(".main-svg").first).to_be_visible()
        assert chart.locator(".trace, .hm, .scatterlayer > *, .barlayer > *, .heatmaplayer > *").count()


def test_the_contents_lead_to_every_section(opened, shipped):
    for section in shipped.sections:
        link = opened.locator(f'nav a[href="#{section.name}"]')
        link.click()
        expect(opened.locator(f"#{section.name} > h2")).to_be_in_viewport()


@pytest.mark.parametrize(("label", "start"), [("SVG", b"<svg"), ("PNG", b"\x89PNG")])
def test_a_figure_is_saved_with_one_click(opened, shipped, label, start, tmp_path):
    name = next(iter(shipped.figures))
    figure = opened.locator("figure", has=opened.locator(f"#{name}"))
    with opened.expect_download() as download:
        figure.get_by_role("button", name=label).click()
    download.value.save_as(tmp_path / "figure")
    assert download.value.suggested_filename == f"{name}.{label.lower()}"
    assert (tmp_path / "figure").read_bytes().startswith(start)


def test_tables_unfold_with_intervals(opened):
    details = opened.locator("#profile details", has_text="Best layers")
    details.locator("summary").click()
    expect(details.locator("table")).to_be_visible()
    expect(details.locator("tr").nth(1)).to_contain_text(re.compile(r"0\.\d+ \[0\.\d+, 0\.\d+\]"))
