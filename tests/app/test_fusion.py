"""The Fusion page: find a sweep, show it, or train a new one."""

import re
from dataclasses import replace
from functools import partial

import pytest
import streamlit as st

import ui
from dlfa_core.experiments import benchmark, buckets, recommend, transfer
from dlfa_core.experiments.sources import labelled
from dlfa_core.runtime import jobs, store
from tests.app.conftest import SWEEP, html, opened
from tests.recommended import small_recommendation, small_sweep

PAGE = "pages/3_Fusion.py"
SENTENCE = "Fuse layer 9 with the last (DLFA gate, chosen on the English dev set): accuracy 0."


at = partial(opened, PAGE)


def keep(spec, result, bundled=False):
    """Store a result, as a visitor's own or as what ships."""
    shelf = store.Store(store.BUNDLED if bundled else store.home() / "results")
    experiment = recommend if isinstance(spec, recommend.Spec) else transfer
    return shelf.save(experiment, spec, result).name


@pytest.fixture
def fusion():
    """The page."""
    return opened(PAGE)


@pytest.fixture(scope="module")
def other():
    """A sweep of another task, whose best layer is another."""
    result = small_recommendation(peak=3)
    result.meta.update(task_name="POS", task="pos:ud-pos")
    return result


def test_a_first_visit_finds_the_bundled_answer(fusion):
    assert not fusion.exception
    assert SENTENCE in html(fusion)
    assert "Draw the 36 dev examples and the seeds again" in html(fusion)
    assert fusion.selectbox(key="sweep").options == ["Sentiment, frozen, English", "New sweep"]


def test_the_page_says_what_frozen_and_finetuned_ask(fusion):
    assert "this asks what its layers hold for the task" in html(fusion)
    assert "answer different questions" in html(fusion)
    keep(replace(SWEEP, mode="finetune"), small_recommendation(mode="finetune"), bundled=True)
    app = at({"sweep": "Sentiment, fine-tuned, English"})
    assert "this asks what training makes of the layers" in html(app)


def test_the_table_holds_the_chosen_layer_against_every_plainer_choice(fusion):
    table = next(element.body for element in fusion.get("html") if 'class="best"' in element.body)
    for role in (
        "By the dev set: DLFA gate, layer 9",
        "Oracle, by the tests: DLFA gate, layer 9",
        "Last layer alone",
        "Depth alone: DLFA gate, any of layers 8 to 11",
        "Any layer: DLFA gate, any of layers 1 to 11",
        "Average, layer 9",
        "Extra parameters",
    ):
        assert f'<th scope="row">{role}</th>' in table
    assert table.count("the chosen layer is better") >= 2


def test_warnings_stand_below_the_picture(fusion):
    assert "few to choose an epoch on" in fusion.warning[0].value.replace("\\", "")


def test_a_link_opens_another_task(other):
    keep(replace(SWEEP, task="pos:ud-pos"), other, bundled=True)
    app = at({"sweep": "Sentiment, frozen, English"})
    assert SENTENCE in html(app)
    app = at({"sweep": "POS, frozen, English"})
    assert not app.exception
    assert "Fuse layer 3 with the last (DLFA gate" in html(app)


def test_a_sweep_over_questions_says_how_answers_are_scored():
    result = small_recommendation()
    result.meta.update(task_name="Questions", task="qa:sample", metric="squad_f1", beside=["squad_em"], kind="question")
    for frame in (result.means, result.differences, result.best):
        frame["measure"] = "squad_f1"
    keep(replace(SWEEP, task="qa:sample"), result, bundled=True)
    app = at({"sweep": "Questions sample, frozen, English"})
    assert not app.exception
    assert re.search(r"chosen on the English dev set\): F1 of answers 0\.\d+", html(app))
    assert "95 %" in html(app)


def test_a_new_sweep_over_questions_can_be_asked_for():
    app = at({"sweep": "New sweep", "task": "qa:sample"})
    assert not app.exception
    assert "qa:sample" in app.selectbox(key="task").options
    said = app.main.markdown[0].value.replace("\\", "")
    assert "would learn qa:sample in English" in said
    assert "Every subword of a passage is scored" in said


def test_tagged_tasks_come_first_and_bundled_ones_before_own(other, recommendation):
    keep(replace(SWEEP, task="pos:ud-pos"), other, bundled=True)
    keep(replace(SWEEP, epochs=3), recommendation)
    options = at({}).selectbox(key="sweep").options
    assert options == [
        "POS, frozen, English",
        "Sentiment, frozen, English",
        "Sentiment, frozen, English, ffffffff",
        "New sweep",
    ]


def test_a_frozen_sweep_comes_before_the_finetuned_one_of_its_task(recommendation):
    for layers in range(1, 4):  # the order of their keys is chance
        keep(replace(SWEEP, mode="finetune", layers=(layers,)), small_recommendation(mode="finetune"), bundled=True)
    options = at({}).selectbox(key="sweep").options
    modes = [name.split(", ")[1] for name in options if "," in name]
    assert modes[0] == "frozen"
    assert set(modes[1:]) == {"fine-tuned"}


@pytest.mark.parametrize("query", [{"sweep": "nonsense"}, {"fused_layer": "99"}, {"height": "<b>"}, {"drawn": "x"}])
def test_a_broken_link_falls_back_to_what_there_is(query):
    app = at(query)
    assert not app.exception
    assert SENTENCE in html(app)


def test_a_link_reopens_the_view():
    app = at({"height": "score", "fusion": "Average", "fused_layer": "4", "drawn": ["DLFA gate"]})
    assert not app.exception
    assert app.segmented_control(key="height").value == "score"
    assert app.selectbox(key="fusion").value == "Average"
    assert app.select_slider(key="fused_layer").value == 4
    assert app.multiselect(key="drawn").value == ["DLFA gate"]


def test_a_sweep_with_other_fusions_can_follow(fusion):
    """What was drawn and looked at before need not be in the next one."""
    sweep = small_sweep()
    keep(replace(SWEEP, epochs=3), recommend.compared(without(sweep, "average"), None, key="a" * 64))
    fusion.selectbox(key="fusion").set_value("Average").run()
    fusion.selectbox(key="sweep").set_value(fusion.selectbox(key="sweep").options[0]).run()
    again = fusion.switch_page("app.py").run().switch_page(PAGE).run()
    again.selectbox(key="sweep").set_value("Sentiment, frozen, English, aaaaaaaa").run()
    assert not again.exception
    assert SENTENCE in html(again)


def without(sweep, name):
    """The sweep as if one fusion had not been trained."""
    keep_rows = (sweep.heads["fusion"] != name).to_numpy()
    frames = {
        field: frame[frame["fusion"] != name].reset_index(drop=True)
        for field in ("means", "differences", "best", "heads")
        for frame in [getattr(sweep, field)]
    }
    arrays = {field: getattr(sweep, field)[keep_rows] for field in ("hits", "predicted", "dev_hits", "dev_predicted")}
    return type(sweep)(**{**vars(sweep), **frames, **arrays})


def test_the_command_that_made_the_sweep_is_shown(other):
    keep(replace(SWEEP, task="pos:ud-pos"), other, bundled=True)
    app = at({})
    assert "python -m dlfa_core recommend --task pos:ud-pos</code>" in html(app)
    assert "run the command in the folder that it starts from" in html(app)
    assert "run the command in" not in html(at({"sweep": "Sentiment, frozen, English"}))


def test_results_of_earlier_weights_are_left_out(monkeypatch):
    st.cache_data.clear()
    monkeypatch.setattr(transfer, "inputs", lambda spec: {"model": "other weights", "task": spec.task})
    app = at({})
    assert not app.exception
    assert app.selectbox(key="sweep").options == ["New sweep"]
    assert "Not computed yet" in app.main.markdown[0].value


def test_a_model_that_is_not_here_shows_what_is_stored_of_it(recommendation, monkeypatch):
    keep(replace(SWEEP, model="some/model"), recommendation)
    st.cache_data.clear()
    monkeypatch.setattr(transfer, "inputs", missing)
    app = at({"model": "some/model"})
    assert not app.exception
    assert SENTENCE in html(app)


def missing(spec):
    raise ValueError(f"The model {spec.model!r} is not on this machine.")


def test_a_model_without_a_sweep_offers_to_train_one(desk):
    app = at({"model": "xlm-roberta-base"})
    assert not app.exception
    assert "Not computed yet" in app.main.markdown[0].value
    assert "xlm-roberta-base would learn sentiment:sample in English" in app.main.markdown[0].value.replace("\\", "")
    assert not desk


@pytest.fixture
def form(desk):
    """The form for a new sweep."""
    return at({"sweep": "New sweep", "epochs": "2"})


def test_a_job_is_for_what_was_asked(form, desk):
    form.selectbox(key="task").set_value("pos:hub").run()
    form.selectbox(key="source").set_value("deu").run()
    form.multiselect(key="targets").set_value(["hin", "tha"]).run()
    form.text_input(key="fused").set_value("3, 8-10").run()
    form.button(key="compute").click().run()
    spec = desk[0].spec
    assert desk[0].experiment is recommend
    assert (spec.task, spec.source_language, spec.languages) == ("pos:hub", "deu", ("hin", "tha"))
    assert (spec.layers, spec.epochs, spec.seeds, spec.mode) == ((3, 8, 9, 10), 2, (0, 1, 2), "frozen")


def test_limits_are_told_before_anything_is_computed(desk):
    said = at({"sweep": "New sweep", "train": "500", "test": "100"}).main.markdown[0].value.replace("\\", "")
    assert "epochs over at most 500 examples, and be tested in every language of the task, at most 100 examples" in said


def test_fusions_beyond_the_paper_are_trained_when_they_are_asked_for(form, desk):
    form.multiselect(key="beyond").set_value(["dlfa_two", "iterated"]).run()
    assert "besides by DLFA of two layers and Iterated DLFA" in form.main.markdown[0].value.replace("\\", "")
    assert "it takes about ten minutes" in form.main.markdown[0].value
    form.button(key="compute").click().run()
    assert desk[0].spec.fusions == (*recommend.Spec().fusions, "dlfa_two", "iterated")


def test_all_weights_are_trained_when_that_is_asked(form, desk):
    form.segmented_control(key="mode").set_value("finetune").run()
    assert "takes hours without a GPU" in form.main.markdown[0].value.replace("\\", "")
    form.button(key="compute").click().run()
    assert desk[0].spec.mode == "finetune"


def test_a_running_sweep_tells_how_far_it_is_and_can_be_given_up(form, desk):
    form.button(key="compute").click().run()
    desk[0].now = jobs.Status("running", 0.4, "Training, epoch 1 of 2")
    form.run()
    assert form.get("progress")[0].proto.text.replace("\\", "") == "Training, epoch 1 of 2"
    form.button(key="cancel").click().run()
    assert desk[0].now.state == "cancelled"
    assert "Nothing that was computed before is lost" in form.info[0].value


def test_a_finished_sweep_is_shown(form, desk, recommendation):
    form.button(key="compute").click().run()
    keep(desk[0].spec, recommendation)
    desk[0].now = jobs.Status("done", 1.0)
    form.run()
    assert SENTENCE in html(form)
    assert "python -m dlfa_core recommend --epochs 2</code>" in html(form)


def test_a_sweep_that_failed_says_why(form, desk):
    form.button(key="compute").click().run()
    desk[0].now = jobs.Status("failed", error="Sentiment has no training set in Hindi (hin). Choose another.")
    form.run()
    assert "has no training set in Hindi" in form.error[0].value.replace("\\", "")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nine", "Layers are numbers, but 'nine' is none: write them as 3, 8-11"),
        ("9-3", "'9-3' runs backwards: write 3-9"),
    ],
)
def test_layers_that_cannot_be_read_are_explained(form, text, said):
    form.text_input(key="fused").set_value(text).run()
    assert not form.exception
    assert said in form.error[0].value.replace("\\", "")


def test_a_task_that_is_not_there_is_named(monkeypatch):
    def inputs(spec):
        return {"model": spec.model, "task": labelled.fingerprint(spec.task)}

    monkeypatch.setattr(transfer, "inputs", inputs)
    app = at({"sweep": "New sweep", "task": "pos:/nowhere"})
    assert not app.exception
    assert "/nowhere" in app.error[0].value.replace("\\", "")


def test_far_down_a_layer_for_each_language_is_weighed(recommendation, monkeypatch):
    monkeypatch.setattr(ui, "in_sight", lambda key, draw, height: draw())
    spec = recommend.Spec(epochs=3)
    key = keep(recommend.trained_as(spec), transfer.Result(**vars(small_sweep())))
    keep(spec, replace(recommendation, meta={**recommendation.meta, "transfer": key}))
    app = at({"sweep": f"Sentiment, frozen, English, {key[:8]}"})
    assert not app.exception
    said = html(app)
    assert "A layer for each language, the one at which it is closest to English, does worse than" in said
    assert said.index("Could it have been known beforehand?") < said.index("One for all, by the English dev set")
    for row in ("By CKA, debiased", "By ANC", "Any high layer, blindly", "Oracle, by each language&#39;s tests"):
        assert f'<th scope="row">{row}</th>' in said


def test_without_its_training_no_layer_for_each_language_is_weighed(fusion, monkeypatch):
    monkeypatch.setattr(ui, "in_sight", lambda key, draw, height: draw())
    assert "One for all, by the English dev set" not in html(at({}))


def names_sweep() -> transfer.Result:
    """A sweep over names, whose layers were not compared yet."""
    sweep = small_sweep()
    sweep.meta.update(task_name="NER", task="ner:ner-panx")
    return transfer.Result(**vars(sweep))


def test_far_down_is_the_table_of_xtreme_r_as_far_as_stored_results_fill_it(monkeypatch):
    monkeypatch.setattr(ui, "in_sight", lambda key, draw, height: draw())
    assert "None of the 10 tasks of XTREME-R was computed yet." in html(at({}))
    keep(transfer.Spec(task="ner:ner-panx", test_limit=80), names_sweep(), bundled=True)
    app = at({"sweep": "Sentiment, frozen, English"})
    assert not app.exception
    said = html(app)
    assert "1 task of 10 of XTREME-R is here, none of them whole." in said
    ours, published = (element.body for element in app.get("html") if 'class="best suite"' in element.body)
    assert '<th scope="row">DLFA, layer by the dev set</th><td>–</td>' in ours
    assert re.search(r"<td>\d\d\.\d\*<small>\[\d\d\.\d, \d\d\.\d\]</small><small>DLFA gate, layer 9</small></td>", ours)
    assert "mBERT" not in ours
    assert "DLFA, layer by the dev set" not in published
    assert re.search(r"WikiANN-NER: \d+ of 48 languages; 80 test examples a language at most", said)
    assert "<dt>XCOPA</dt><dd>11 languages missing. In the folder xcopa below DLFA_DATA" in said
    assert "python -m dlfa_core benchmark" in said


def test_a_stored_benchmark_goes_before_single_results(monkeypatch):
    monkeypatch.setattr(ui, "in_sight", lambda key, draw, height: draw())
    monkeypatch.setattr(benchmark, "inputs", lambda spec: {"model": spec.model})
    asked = transfer.Spec(task="pos:here")
    result = benchmark.of_transfers("demo", [(asked, transfer.Result(**vars(small_sweep())))])
    shelf = store.Store(store.home() / "results")
    shelf.save(benchmark, benchmark.Spec(data=("pos:here",)), result)
    shelf.save(benchmark, benchmark.Spec(data=("pos:other",)), benchmark.of_transfers("demo", []))
    keep(transfer.Spec(task="ner:ner-panx"), names_sweep())
    said = html(at({"sweep": "Sentiment, frozen, English"}))
    assert "benchmark --data pos:here" in said
    assert re.search(r"UD-POS: \d+ of 38 languages", said)
    assert "WikiANN-NER: 5" not in said


def test_gains_are_shown_by_the_property_that_is_chosen(fusion):
    said = html(fusion)
    assert "By sentence length, DLFA gate at layer 9 gains in" in said
    assert "Words and punctuation marks" in said
    by = fusion.segmented_control(key="bucketed")
    assert by.options == ["Sentence length", "Subwords per word", "Language resources", "Script", "Family"]
    by.set_value("script").run()
    assert not fusion.exception
    assert "By script, DLFA gate at layer 9 gains in" in html(fusion)
    assert not at({"bucketed": "Family"}).exception


def test_a_sweep_without_buckets_says_what_makes_them(recommendation):
    spec = replace(SWEEP, task="pos:ud-pos")
    meta = {**recommendation.meta, "transfer": "e" * 64, "task_name": "POS"}
    keep(spec, replace(recommendation, meta=meta), bundled=True)
    app = at({"sweep": "POS, frozen, English"})
    assert not app.exception
    assert "which are not here" in html(app)
    assert "python -m dlfa_core buckets --task pos:ud-pos" in html(app)


def test_a_stored_training_is_put_into_buckets_on_request(desk, recommendation, monkeypatch):
    spec = recommend.Spec(epochs=3)
    key = keep(recommend.trained_as(spec), transfer.Result(**vars(small_sweep())))
    keep(spec, replace(recommendation, meta={**recommendation.meta, "transfer": key}))
    query = {"sweep": f"Sentiment, frozen, English, {key[:8]}"}
    app = at(query)
    app.button(key="computebuckets").click().run()
    assert (desk[0].experiment, desk[0].spec) == (buckets, buckets.Spec(epochs=3))
    monkeypatch.setenv("DLFA_DEMO", "1")
    assert "computebuckets" not in [button.key for button in at(query).button]


def test_a_plain_transfer_is_offered_and_compared_on_request(desk, recommendation):
    spec = transfer.Spec(epochs=3)
    key = keep(spec, transfer.Result(**vars(small_sweep())))
    name = f"Sentiment, frozen, English, {key[:8]}"
    app = at({"sweep": name})
    assert not app.exception
    assert "its layers would be compared" in app.main.markdown[0].value.replace("\\", "")
    app.button(key="compute").click().run()
    assert desk[0].spec == recommend.Spec(epochs=3)
    result = replace(recommendation, meta={**recommendation.meta, "transfer": key})
    keep(desk[0].spec, result)
    desk[0].now = jobs.Status("done", 1.0)
    app.run()
    assert app.selectbox(key="sweep").value == name
    assert SENTENCE in html(app)


def test_a_damaged_result_is_explained():
    entry = store.listing(recommend)[0]
    (store.BUNDLED / "recommend" / entry.key / "choices.parquet").unlink()
    app = at({})
    assert not app.exception
    assert "is damaged. Make it again with python -m dlfa_core recommend" in app.error[0].value.replace("\\", "")


def test_without_resamples_the_page_has_no_intervals_and_says_so():
    keep(replace(SWEEP, resamples=0), small_recommendation(resamples=0))
    app = at({"sweep": "Sentiment, frozen, English, ffffffff"})
    assert not app.exception
    assert "How surely was not computed." in html(app)
    assert "nan" not in html(app)


def test_on_a_public_machine_nothing_is_trained(monkeypatch):
    monkeypatch.setenv("DLFA_DEMO", "1")
    app = at({"sweep": "New sweep", "task": "pos:/etc"})
    assert not app.exception
    assert app.selectbox(key="sweep").options == ["Sentiment, frozen, English"]
    assert "trains nothing" in app.selectbox(key="sweep").help
    assert SENTENCE in html(app)
    assert [button.key for button in app.button] == ["model_card"]


def test_a_public_machine_without_a_sweep_says_where_to_make_one(monkeypatch, tmp_path):
    monkeypatch.setenv("DLFA_DEMO", "1")
    monkeypatch.setattr(store, "BUNDLED", tmp_path / "nothing")
    app = at({})
    assert not app.exception
    assert "this public app trains nothing" in app.info[0].value


def test_the_answer_says_whether_a_plainer_choice_does_as_well(fusion):
    answer = html(fusion).partition('<p class="answer">')[2].partition("</p>")[0]
    assert "; every plainer choice does worse, " in answer


def test_what_explains_is_folded_and_sections_are_a_click_away(fusion):
    shown = html(fusion)
    assert shown.count("<summary>How to read this</summary>") == 6
    led_to = re.findall(r'<a href="#([^"]+)">', shown)
    assert led_to == [header.proto.anchor for header in fusion.header if header.proto.anchor]
    assert "tested in English, German" in shown
