"""The Map page: what stands around the canvas. What happens on it is tested in a browser."""

import re
from functools import partial

import numpy as np
import pytest

from dlfa_core.experiments import encode, land, project
from dlfa_core.runtime import jobs, store
from tests.app.conftest import html, opened
from tests.conftest import LANGUAGES

PAGE = "pages/2_Map.py"


at = partial(opened, PAGE)


@pytest.fixture
def maps():
    return at({})


@pytest.fixture
def sent(monkeypatch):
    """The payloads that the map was given, newest last."""
    packed = []
    monkeypatch.setattr("ui.map.drawing._map", lambda key, data: packed.append(data))
    return packed


def test_the_answer_names_the_layer_its_interval_and_n(maps):
    assert not maps.exception
    assert (
        "At layer 8 the nearest neighbour of 61 % [58, 64] of the sentences is a translation; "
        "21 % at layer 0, 41 % at layer 12 (n = 30 sentences in 8 languages)." in html(maps)
    )
    reading = next(element.body for element in maps.get("html") if "folded" in element.body)
    said = re.sub("<[^>]*>", "", reading).replace("\N{NO-BREAK SPACE}", " ")
    assert "A linear probe tells the languages apart with 90 % even at layer 5" in said


def test_the_usual_choices_are_those_of_the_experiment(maps, desk):
    """Else what ships would not be found."""
    assert "compute" not in {button.key for button in maps.button}
    maps.segmented_control(key="method").set_value("pca").run()
    maps.button(key="compute").click().run()
    assert desk[0].spec == project.Spec(method="pca")


def test_every_choice_reaches_the_job(maps, desk):
    maps.segmented_control(key="dims").set_value(3).run()
    maps.segmented_control(key="removal").set_value("top_components").run()
    maps.number_input(key="components").set_value(2).run()
    maps.segmented_control(key="metric").set_value("euclidean").run()
    maps.segmented_control(key="alignment").set_value("independent").run()
    maps.slider(key="calm").set_value(0.8).run()
    maps.number_input(key="neighbours").set_value(30).run()
    maps.slider(key="room").set_value(0.3).run()
    maps.multiselect(key="languages").set_value(["deu", "tur"]).run()
    maps.button(key="compute").click().run()
    assert desk[0].spec == project.Spec(
        languages=("deu", "tur"),
        dims=3,
        removal="top_components",
        components=2,
        metric="euclidean",
        alignment="independent",
        alignment_regularisation=0.8,
        neighbours=30,
        min_dist=0.3,
    )


def test_a_link_reopens_the_view(desk):
    app = at({"method": "PCA", "dims": "3-D", "removal": "each language’s mean", "metric": "Euclidean"})
    assert not app.exception
    app.button(key="compute").click().run()
    assert desk[0].spec == project.Spec(method="pca", dims=3, removal="language_mean", metric="euclidean")


@pytest.mark.parametrize("query", [{"method": "<b>"}, {"dims": "9"}, {"calm": "7"}, {"neighbours": "-1"}])
def test_a_broken_link_falls_back_to_what_there_is(query):
    app = at(query)
    assert not app.exception
    assert "At layer 8 the nearest neighbour" in html(app)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"colour": "red"}, "colour=“red”, but here it can be “"),
        ({"layer": "99"}, "layer=99, but here it is a number from 0 to 12"),
        ({"layer": "inf"}, "layer=inf, but here it is a number from 0 to 12"),
        ({"shape": "<b>"}, "shape=“<b>”, but here it can be “family”, “colour”"),
        ({"view": "two"}, "view=“two”, but here it can be “one”, “all”"),
    ],
)
def test_what_the_map_does_not_offer_is_named(query, said):
    app = at(query)
    assert not app.exception
    (error,) = app.error
    assert f"The address asks for {said}" in error.value.replace("\\", "")


def test_what_the_map_offers_is_no_fault():
    app = at({"colour": "family", "layer": "3", "shape": "colour", "view": "all"})
    assert not app.error


def test_what_takes_minutes_is_not_offered_to_the_public(monkeypatch):
    monkeypatch.setenv("DLFA_DEMO", "1")
    app = at({})
    assert app.segmented_control(key="method").options == ["UMAP", "PCA"]
    assert "AlignedUMAP (slow)" not in app.segmented_control(key="alignment").options


def test_the_numbers_stand_in_a_table_with_the_first_layer_marked(maps):
    table = next(element.body for element in maps.get("html") if "narrow" in element.body)
    assert table.count("<tr") == 1 + 13
    assert '<tr class=here><th scope="row">8</th><td>0.61</td>' in table


def test_what_a_reader_must_know_stands_below(maps):
    assert "Half of the points are left out" in maps.warning[0].value.replace("\\", "")


def test_the_map_is_packed_once_for_the_same_picture(maps, monkeypatch):
    packed = []
    monkeypatch.setattr("dlfa_core.figures.pack", lambda *_: packed.append(1) or b"")
    maps.slider(key="sentence").set_value(3).run()
    assert not packed


def test_the_sentences_of_the_map_are_encoded_before_somebody_types(monkeypatch):
    prepared = []
    monkeypatch.setattr(jobs, "prepare", lambda wanted, libraries: wanted and prepared.append(wanted))
    app = at({})
    app.slider(key="sentence").set_value(3).run()
    assert len(prepared) == 1
    assert [(experiment, spec.language) for experiment, spec in prepared[0]] == [(encode, code) for code in LANGUAGES]
    assert {spec.limit for _, spec in prepared[0]} == {30}


def test_the_page_says_whether_the_model_knows_families(maps):
    assert "In part: at" in html(maps) or "No sign of it" in html(maps)


def test_the_outline_leads_to_the_sections(maps):
    assert [header.value for header in maps.header][:3] == [
        "Does the model know language families?",
        "The numbers beside the picture",
        "What was laid out",
    ]
    assert 'href="#what-was-laid-out"' in html(maps)


def test_a_typed_sentence_is_a_job_of_its_own(maps, desk):
    maps.text_input(key="typed").set_value(" One  sentence. |Ein Satz.| |").run()
    assert not maps.exception
    assert desk[0].experiment is land
    assert desk[0].spec == land.Spec(texts=("One sentence.", "Ein Satz."))
    assert "At layer 8 the nearest neighbour" in html(maps)


def test_another_sentence_takes_the_place_of_one_that_was_not_read_yet(maps, desk):
    for text in ("Ein Satz.", "Ein anderer."):
        maps.text_input(key="typed").set_value(text).run()
    maps.run()
    assert [(job.spec.texts, job.now.state) for job in desk] == [
        (("Ein Satz.",), "cancelled"),
        (("Ein anderer.",), "queued"),
    ]


def test_a_typed_sentence_that_was_read_is_on_the_map(maps, desk, sent):
    maps.text_input(key="typed").set_value("<b>Ein Satz.</b>").run()
    states, n = 13, 1
    found = land.Result(
        coordinates=np.full((states, n, 2), 0.5, np.float32),
        neighbours=np.zeros((states, n, 10), np.int32),
        distances=np.full((states, n, 10), 0.2, np.float32),
        usual=np.full(states, 0.1, np.float32),
        error=np.full(states, 0.3, np.float32),
        meta={"texts": ["<b>Ein Satz.</b>"], "subwords": [4], "unknown": [2]},
    )
    store.save(land, desk[0].spec, found)
    desk[0].now = jobs.Status("done")
    maps.run()
    assert not maps.exception
    sent_text = sent[-1].decode(errors="replace")
    assert "<b>Ein Satz.</b>" in sent_text
    assert "2.0 times as far away" in sent_text
    assert "land 0.30 of the spread from their place" in sent_text
    assert "does not know 50 % of its subwords" in sent_text
    assert "<b>Ein" not in html(maps)


def test_a_failed_landing_says_why_and_leaves_the_map(maps, desk):
    maps.text_input(key="typed").set_value("Ein Satz.").run()
    desk[0].now = jobs.Status("failed", error="The memory is too small for this.")
    maps.run()
    assert "The memory is too small for this" in maps.error[0].value.replace("\\", "")
    assert len(desk) == 1
    assert "At layer 8 the nearest neighbour" in html(maps)


def test_points_and_numbers_can_be_taken_home(maps):
    labels = [button.label for button in maps.get("download_button")]
    assert {"Page as HTML", "Points as CSV", "Points as Parquet", "Numbers as CSV"} <= set(labels)


def test_the_command_rebuilds_the_result(maps):
    assert "python -m dlfa_core project</code>" in html(maps)
