"""On a public machine (`DLFA_DEMO=1`) visitors choose among what is there."""

import pytest

from dlfa_core import encoders
from dlfa_core.runtime import store
from tests.app.conftest import PAGES, html, open_app, opened


@pytest.fixture(autouse=True)
def public(monkeypatch):
    monkeypatch.setenv("DLFA_DEMO", "1")


@pytest.mark.parametrize("page", PAGES)
def test_pages_answer_as_ever(page):
    app = opened(page)
    assert not app.exception
    assert '<p class="answer">' in html(app)


def test_only_bundled_models_are_offered():
    options = open_app().run().selectbox(key="model").options
    assert options[0] == "Bundled encoder"
    assert len(options) == len(encoders.bundled())


@pytest.mark.parametrize("query", [{"model": "/etc"}, {"corpus": "table:/etc/passwd"}, {"beside": "/etc"}])
def test_a_link_cannot_name_a_path(query, desk):
    app = open_app().switch_page("pages/1_Layers.py")
    app.query_params.update(query)
    app.run()
    assert not app.exception
    assert "Languages meet at layer 6" in html(app)
    assert all("The address asks for " in error.value for error in app.error)
    assert not desk


def test_fewer_sentences_may_be_asked_for():
    app = opened("pages/1_Layers.py")
    assert app.number_input(key="limit").max == 500


@pytest.mark.parametrize(
    ("rows", "length", "said"),
    [(600, 10, "has 600 sentences, but uploads may have up to 500"), (400, 4000, "but uploads may have up to 1 MB")],
)
def test_large_tables_are_refused_with_a_way_out(rows, length, said):
    app = open_app().run()
    content = "eng\tdeu\n" + "".join(f"{i} {'a' * length}\t{i} b\n" for i in range(rows))
    app.file_uploader(key="upload").upload("large.tsv", content.encode(), "text/plain").run()
    assert said in app.error[0].value.replace("\\", "")
    assert "run the app on your own machine" in app.error[0].value.replace("\\", "")
    assert not (store.home() / "corpora").exists()
