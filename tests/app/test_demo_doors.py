"""On a public machine (`DLFA_DEMO=1`) nothing is trained and no path is read, whatever is pressed or named."""

import os
import sys
from dataclasses import fields, replace
from pathlib import Path

import pytest

from dlfa_core.experiments import (
    answer,
    attribute,
    augment,
    encode,
    gates,
    land,
    lens,
    lexicon,
    pretrain,
    profile,
    project,
    readout,
    recommend,
    retrieve,
    shrink,
    structure,
    sweep,
    train,
    transfer,
)
from dlfa_core.runtime import store
from tests.app.conftest import PAGES, html, open_app, opened
from ui import limits

TRAINING = (augment, recommend, structure, sweep, train, transfer)
TRAINS_NOTHING = (answer, attribute, gates, land, lens, profile, project, readout, retrieve)
TYPED = ("text", "texts", "question", "context")
_opened: list[str] = []
_listening = False


def _note(event: str, arguments: tuple) -> None:
    if _listening and event in ("open", "os.listdir", "os.scandir") and isinstance(arguments[0], str | os.PathLike):
        _opened.append(os.fspath(arguments[0]))


sys.addaudithook(_note)


@pytest.fixture(autouse=True)
def public(monkeypatch):
    monkeypatch.setenv("DLFA_DEMO", "1")


@pytest.fixture
def secret(tmp_path, monkeypatch):
    """A folder of which nothing may be opened; it holds a table and what looks like a model."""
    global _listening
    folder = tmp_path / "secret"
    folder.mkdir()
    (folder / "table.tsv").write_text("eng\tdeu\n" + "one\teins\n" * 40, encoding="utf-8")
    (folder / "config.json").write_text('{"model_type": "bert"}')
    _opened.clear()
    _listening = True
    yield folder
    _listening = False


def keys_of(page: str) -> list[str]:
    """The keys of all widgets on a page that addresses can fill."""
    app = opened(page)
    kinds = ("selectbox", "multiselect", "text_input", "number_input", "slider", "toggle", "checkbox", "button_group")
    return sorted({widget.key for kind in kinds for widget in app.get(kind) if widget.key})


@pytest.mark.parametrize("page", PAGES)
def test_no_address_opens_a_path(page, secret, desk):
    for named in (str(secret), f"table:{secret / 'table.tsv'}", "../" * 9 + str(secret)):
        app = open_app().switch_page(page)
        extra = ("model", "corpus", "beside", "others", "lexicon", "classifiers", "task", "gate_models", "encoder")
        app.query_params.update(dict.fromkeys([*keys_of(page), *extra], named))
        app.run()
        assert not app.exception
    assert not [path for path in _opened if str(secret) in path]
    for job in desk:  # a typed sentence may say anything
        named = [getattr(job.spec, field.name) for field in fields(job.spec) if field.name not in TYPED]
        assert str(secret) not in repr(named)


@pytest.mark.parametrize("page", ["app.py", *PAGES])
def test_every_button_that_computes_trains_nothing_and_reads_what_ships(page, desk, monkeypatch, tmp_path):
    """Nothing is stored, so all offers are on the page."""
    monkeypatch.setattr(store, "BUNDLED", tmp_path / "nothing")
    app = open_app().run()
    if page != "app.py":
        app.switch_page(page).run()
    for key in [button.key for button in app.button]:
        if any(button.key == key for button in app.button):
            app.button(key=key).click().run()
            assert not app.exception
    for job in desk:
        assert job.experiment in (*TRAINS_NOTHING, lexicon), job
        assert limits.refusal(job.experiment, job.spec, ()) == ""


@pytest.mark.parametrize("experiment", TRAINING, ids=lambda experiment: experiment.__name__)
def test_what_trains_is_refused(experiment):
    said = limits.refusal(experiment, experiment.Spec(), ())
    assert said == "This public app trains nothing. Run it on your own machine for that."


def test_what_writes_models_is_refused():
    assert "trains nothing" in limits.refusal(pretrain, pretrain.Spec(out="/tmp/x", text="sample"), ())
    assert "trains nothing" in limits.refusal(shrink, shrink.Spec(out="/tmp/x", model="demo"), ())
    assert "trains nothing" in limits.refusal(lexicon, lexicon.Spec(), ())
    assert "trains nothing" in limits.refusal(encode, encode.Spec(), ())


@pytest.mark.parametrize("experiment", TRAINS_NOTHING, ids=lambda experiment: experiment.__name__)
def test_every_field_that_names_something_takes_what_ships_only(experiment):
    spec = experiment.Spec()
    assert limits.refusal(experiment, spec, ()) == ""
    names = {"model", "models", "corpus", "dataset", "fusion", "lexicon", "task"} & {
        field.name for field in fields(spec)
    }
    for name in names:
        for path in ("/etc", "table:/etc/passwd", "bert-base-multilingual-cased", "hub:wikipedia"):
            value = (path,) if name == "models" else path
            assert limits.refusal(experiment, replace(spec, **{name: value}), ()), (name, path)


def test_only_the_visitors_own_table_is_read():
    spec = profile.Spec(corpus="table:/home/corpora/abc/mine.tsv", limit=100)
    mine = Path("/home/corpora/abc/mine.tsv")
    assert limits.refusal(profile, spec, (mine,)) == ""
    assert "no paths" in limits.refusal(profile, spec, (mine.with_name("other.tsv"),))


@pytest.mark.parametrize(
    ("experiment", "spec", "said"),
    [
        (lens, lens.Spec(text="a" * 301), "typed sentences of up to 300 characters"),
        (land, land.Spec(texts=("b" * 301,)), "typed sentences of up to 300 characters"),
        (answer, answer.Spec(question="c", context="d" * 301), "typed sentences of up to 300 characters"),
        (retrieve, retrieve.Spec(dataset="lareqa:/home"), "retrieves from the bundled pools, no paths"),
        (profile, profile.Spec(resamples=100_000), "resamples up to 1000"),
        (project, project.Spec(method="tsne"), "no maps that take minutes"),
        (project, project.Spec(alignment="aligned_umap"), "no maps that take minutes"),
        (attribute, attribute.Spec(steps=10_000), "steps up to 100"),
    ],
)
def test_what_takes_long_is_refused(experiment, spec, said):
    assert said in limits.refusal(experiment, spec, ())


def test_on_ones_own_machine_all_is_allowed(monkeypatch):
    monkeypatch.delenv("DLFA_DEMO")
    assert limits.refusal(transfer, transfer.Spec(model="/etc"), ()) == ""


def test_a_computation_asked_for_past_the_page_is_not_started(desk, monkeypatch):
    """As by a message that no button sends."""
    monkeypatch.setattr(limits, "_TRAINS_NOTHING", ())
    app = opened("pages/7_Lens.py")
    app.text_input(key="lens_text").set_value("A sentence [of] one's own.").run()
    assert not desk
    assert "This public app trains nothing" in app.error[0].value


def test_two_computations_at_once_are_enough(desk):
    app = opened("pages/7_Lens.py")
    app.text_input(key="lens_text").set_value("One [of] them.").run()
    app.switch_page("pages/2_Map.py").run()
    app.text_input(key="typed").set_value("Another one.").run()
    app.switch_page("pages/4_Gates.py").run()
    app.text_input(key="typed_text").set_value("A third one.")
    next(button for button in app.button if button.label == "Look").click().run()
    assert len(desk) == 2
    assert "You have 2 unfinished computations" in app.error[0].value


def test_a_question_that_replaces_another_leaves_one_at_once(desk):
    app = opened("pages/7_Lens.py")
    for text in ("One [of] them.", "Two [of] them.", "Three [of] them."):
        app.text_input(key="lens_text").set_value(text).run()
    assert [job.now.state for job in desk] == ["cancelled", "cancelled", "queued"]
    assert not app.error


def test_a_run_file_has_no_way_in():
    """Pages take tables only; run files go out."""
    for page in PAGES:
        app = opened(page)
        for uploader in app.get("file_uploader"):
            assert ".toml" not in uploader.proto.type
        assert not app.exception
        assert html(app)
