"""The documents as a site in Chromium: nothing is asked of another machine, and what one looks for is found."""

from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from playwright.sync_api import expect


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_) -> None:
        """Say nothing: what is asked for is no news."""


@pytest.fixture(scope="module")
def address(site) -> Iterator[str]:
    """Where the site is served."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=site))
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_page_is_read_with_the_network_off(new_page, address, scheme):
    """The fixture refuses, and reports, whatever is asked of another machine."""
    page = new_page(color_scheme=scheme)
    page.goto(f"{address}/index.html", wait_until="networkidle")
    page.get_by_role("navigation", name="Navigation").get_by_role("link", name="For researchers").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("From a model to a figure in the paper")
    page.wait_for_load_state("networkidle")


def test_the_gallery_shows_the_pictures_of_the_theme(new_page, address):
    for scheme in ("light", "dark"):
        page = new_page(color_scheme=scheme)
        page.goto(f"{address}/pages.html")
        picture = page.get_by_alt_text("The Evidence page")
        expect(picture).to_have_js_property("complete", True)
        assert picture.evaluate("image => image.currentSrc").endswith(f"evidence-{scheme}.webp")
        assert picture.evaluate("image => image.naturalWidth") == 1440


def test_a_search_finds_a_document(page, address):
    page.goto(f"{address}/index.html")
    box = page.get_by_role("textbox", name="Search")
    box.click()
    box.press_sequentially("null model")
    found = page.locator(".md-search-result__item").filter(has_text="From a model to a figure in the paper")
    expect(found).to_be_visible()


def test_a_page_opens_from_a_folder(page, site):
    page.goto((site / "index.html").as_uri())
    page.get_by_role("link", name="researcher", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("From a model to a figure in the paper")
