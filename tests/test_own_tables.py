"""Every page with a table that a visitor brought, what is offered there computed by the bundled encoder."""

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dlfa_core.runtime import jobs, store
from tests.app.conftest import PAGES, FakeJob, opened

MOST = 20  # results that pages offer, by far
TABLES = {
    "of Latin letters": {"eng": "Row {} is good", "deu": "Zeile {} ist gut"},
    "of scripts of their own": {"tha": "แถวที่ {} ดี", "hin": "पंक्ति {} अच्छी है", "rus": "Строка {} хорошая"},
}


@pytest.fixture(autouse=True)
def computed_at_once(monkeypatch, tmp_path):
    """What is asked for is there when the page is drawn again."""

    def submit(experiment, spec, visitor=""):
        try:
            store.fetch(experiment, spec)
        except (ValueError, OSError) as error:
            return FakeJob(experiment, spec, visitor, jobs.Status("failed", error=str(error)))
        return FakeJob(experiment, spec, visitor, jobs.Status("done"))

    monkeypatch.setattr(jobs, "submit", submit)
    monkeypatch.setattr(jobs, "prepare", lambda wanted, libraries: None)
    monkeypatch.setenv("DLFA_HOME", str(tmp_path))
    st.cache_data.clear()
    st.cache_resource.clear()


def offered(app: AppTest) -> str | None:
    """The key of a button that computes something; none that trains or explains every sentence."""
    keys = (str(button.key) for button in app.button if not button.disabled)
    return next((key for key in keys if key.startswith("compute") and not {"train", "every"} & {*key.split("_")}), None)


@pytest.mark.slow
@pytest.mark.parametrize("of", TABLES)
def test_every_page_shows_what_it_computes_of_ones_own_table(of):
    written, computed = TABLES[of], []
    rows = ["\t".join(written), *("\t".join(text.format(n) for text in written.values()) for n in range(30))]
    app = opened("pages/1_Layers.py")
    app.file_uploader(key="upload").upload("mine.tsv", "\n".join(rows).encode(), "text/plain").run()
    for page in PAGES:
        app.switch_page(page).run()
        while (key := offered(app)) is not None and len(computed) < MOST:
            app.button(key=key).click().run()
            computed.append(f"{page} {key}")
        assert not app.exception, page
        assert not app.error, page
    assert computed == [
        "pages/1_Layers.py compute",
        "pages/2_Map.py compute",
        "pages/4_Gates.py compute",
        "pages/5_Lexicon.py compute",
        "pages/7_Lens.py compute_losses",
    ]
