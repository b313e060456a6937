"""The Evidence page's sentences and figures: they say what the results of the other pages say."""

import itertools
import re
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from dlfa_core.figures import evidence as drawn
from dlfa_core.figures.gains import predictor_table
from dlfa_core.figures.overview import overview
from dlfa_core.figures.sentences import evidence as said
from dlfa_core.figures.sentences import profile as similarity
from dlfa_core.figures.sentences import recommend as advice
from dlfa_core.figures.sentences import structure as probes
from tests.conftest import PEAKS
from tests.looked import small_gates
from tests.recommended import small_recommendation
from tests.structured import small_structure


@pytest.fixture(scope="module")
def trained():
    return small_recommendation()


@pytest.fixture(scope="module")
def evidence(trained, profile_result):
    return said.Evidence(trained, profile_result, small_structure(), (small_gates(),))


def changed(result, rows, **values):
    """A recommendation whose rows of one kind, or all, have other numbers."""
    choices = result.choices.copy()
    own = choices["against"].isin(rows)
    for name, value in values.items():
        choices.loc[own, name] = value
    return replace(result, choices=choices)


PLAINER = ("depth", "random", "control")


def test_the_answer_has_the_layer_and_the_numbers_of_the_fusion_page(trained):
    answer = said.answer(trained)
    assert answer.startswith("For Sentiment, with the encoder as it is, fuse layer 9 with the last layer: accuracy 0.")
    assert re.search(r"; every plainer choice does worse, .+ by 0\.\d{3} \[0\.\d{3}, 0\.\d{3}\]\.$", answer)
    reached, gain = advice.reached_said(trained)
    for page in (answer, advice.answer(trained)):
        assert reached in page
        assert gain in page


@pytest.mark.parametrize(
    ("rows", "values", "words"),
    [
        (("last",), {"gain_low": -0.2}, "no layer is shown to be worth fusing"),
        (("last",), {"gain_low": -0.2, "gain_high": -0.1}, "fuse no layer, the last one alone is better"),
        (("last",), {"gain_low": np.nan, "gain_high": np.nan}, "how surely was not computed"),
        (("control",), {"gain_low": -0.2, "gain_high": -0.1}, "but average (and 2 other plain choices) is better"),
        (("depth",), {"gain_low": 0.0, "gain_high": 0.005, "same": True}, "taken blindly from 8 to 11 does as well"),
        (("depth",), {"gain_low": -0.1, "gain_high": 0.1}, "it beats a layer taken blindly from 8 to 11 is not shown"),
    ],
)  # fmt: skip
def test_the_answer_claims_no_more_than_the_intervals(trained, rows, values, words):
    assert words in said.answer(changed(trained, rows, **values))


def test_one_run_and_unfinished_trainings_give_no_verdict(trained):
    one = replace(trained, meta=trained.meta | {"seeds": [0]})
    assert "one run shows no difference" in said.answer(one)
    late = replace(trained, meta=trained.meta | {"late": (9, 10)})
    assert "there is no verdict, as trainings were still getting better" in said.answer(late)
    assert said.short_verdict(one) == "layer 9: one run, no verdict"
    assert said.short_verdict(late) == "layer 9: trainings not at their best, no verdict"


def test_both_pages_have_the_same_verdict(trained):
    begins = {"gain": "Fuse layer", "loss": "Fuse no layer", "not shown": "No gain"}
    for low, high in ((0.1, 0.2), (-0.2, -0.1), (-0.1, 0.1)):
        result = changed(trained, ("last",), gain_low=low, gain_high=high)
        assert advice.answer(result).startswith(begins[advice.verdict(result)])


def test_the_short_verdict_says_whether_a_plainer_choice_does(trained):
    better = changed(trained, PLAINER, gain_low=0.01, gain_high=0.2)
    assert said.short_verdict(better) == "layer 9: beats every plainer choice"
    equal = changed(trained, PLAINER, gain_low=-0.001, gain_high=0.001, same=True)
    assert (
        said.short_verdict(equal)
        == "layer 9: a layer taken blindly from 8 to 11 (and 4 other plain choices) does as well"
    )
    open_ = changed(trained, PLAINER, gain_low=-0.1, gain_high=0.1, same=False)
    assert (
        said.short_verdict(open_)
        == "layer 9: not shown to beat a layer taken blindly from 8 to 11 (and 4 other plain choices)"
    )
    assert said.short_verdict(changed(trained, ("last",), gain_low=-0.1, gain_high=0.1)) == "layer 9: no gain shown"


def test_similarity_alone_names_one_layer_and_no_gain(evidence, trained):
    other = replace(small_recommendation(peak=3), meta=trained.meta | {"task_name": "POS", "mode": "finetune"})
    best = advice.chosen_row(other)["layer"]
    meeting = similarity.meeting(evidence.profiled, "cka").layer
    words = said.similarity_alone(evidence, (trained, other))
    assert words.startswith(f"CKA alone would name layer {meeting} for every task. The dev sets choose ")
    assert f"layer {best} for POS (fine-tuned)" in words
    assert said.similarity_alone(replace(evidence, profiled=None), (trained,)) == ""


def test_a_layer_that_is_alike_and_not_worth_fusing_is_named_with_both_numbers(evidence, trained):
    gains = trained.differences.copy()
    gains["joint_low"] = np.where((gains["layer"] == 8).fillna(False), -0.5, 0.01)
    helpless = replace(trained, differences=gains)
    words = said.similarity_alone(replace(evidence, trained=helpless), (helpless,))
    row = said.gain_at(helpless, 8)
    assert "at layer 8 translations are alike, too (CKA 0." in words
    assert f"and the gain there is {row['value']:+.3f} [−0.500, " in words
    gains.loc[gains["layer"].notna(), "joint_low"] = 0.01
    fine = replace(trained, differences=gains)
    assert "Nor does it" not in said.similarity_alone(replace(evidence, trained=fine), (fine,))


def test_the_sentence_follows_the_layer(evidence):
    sentence = said.at_layer(evidence, 9)
    means = evidence.profiled.means
    value = means.loc[(means["measure"] == "cka") & (means["layer"] == 9), "value"].iloc[0]
    assert f"CKA {value:.2f} [" in sentence
    assert "fused with the last, gain +0." in sentence
    assert said.at_layer(evidence, 0).startswith("Layer 0, the embeddings: ")
    assert "fused with the last" not in said.at_layer(evidence, 0)
    assert said.at_layer(evidence, 12).startswith("Layer 12, the last: ")


def test_with_nothing_else_measured_the_gain_is_said_alone(trained):
    bare = said.Evidence(trained)
    assert said.at_layer(bare, 9).startswith("Layer 9: fused with the last, gain +0.")
    assert said.at_layer(bare, 0) == "Layer 0, the embeddings: nothing was measured."
    assert said.disagreement(bare) == ""
    assert said.balance_said(bare, "cka") == ""


def test_where_signals_peak_is_where_the_other_pages_say(evidence):
    peaks = said.peaks(evidence)
    for measure in said.MEASURES:
        best = similarity.meeting(evidence.profiled, measure)
        assert peaks[said.short_label(measure)] == (best.layer, best.likely)
        assert best.layer == PEAKS[measure]
    assert peaks["the probe for parts of speech"] == (5, (5,))
    assert peaks[said.CHOSEN].layer == said.chosen_layer(evidence) == 9


def test_only_signals_whose_likely_layers_are_others_disagree(evidence):
    sentence = said.disagreement(evidence)
    assert sentence.startswith("Some signals are highest elsewhere than at layer 9, the choice of the dev set: ")
    assert "CKA at layer 6" in sentence
    peaks = said.peaks(evidence)
    choice = peaks.pop(said.CHOSEN)
    for name, peak in peaks.items():
        assert (f"{name} at layer {peak.layer}" in sentence) == set(peak.likely).isdisjoint(choice.likely)
    assert sentence.endswith("grammar or meaning besides.")


def test_signals_that_agree_are_said_to(evidence):
    best = evidence.profiled.best.assign(layer=9, share=1.0).drop_duplicates("measure")
    profiled = SimpleNamespace(**vars(evidence.profiled) | {"best": best})
    agreeing = replace(evidence, profiled=profiled, probed=None)
    assert said.disagreement(agreeing) == (
        "CKA, ANC and retrieval do not contradict the choice of the dev set, layer 9."
    )


def test_depth_is_always_among_the_predictors_and_doubt_is_said(trained):
    table = predictor_table(trained, ("dlfa", "gate"))
    assert "depth alone" in said.ranking(table)
    unsure = said.ranking(table.assign(ci_low=-0.3, ci_high=0.9))
    assert unsure.startswith("No signal is shown to put the layers in the order of their scores, over 11 fused layers;")
    assert unsure.endswith("an interval that holds 0.")
    assert said.ranking(table.assign(ci_low=np.nan)).startswith("Too few layers were fused")
    alone = said.ranking(table[table["predictor"] == "depth"])
    assert alone.startswith("How well the number of a layer orders them")
    assert said.ranking(table[table["predictor"] != "depth"]) == ""


def test_the_balance_marks_what_no_layer_beats_in_both(evidence):
    """Grammar is best at layer 5 and CKA at 6, so all between, and nothing else, is worth its loss."""
    table = said.balance_table(evidence, "cka")
    assert table["layer"].tolist() == list(range(13))
    assert table.loc[table["best"], "layer"].tolist() == [5, 6]
    sure = table[table["surely_dominated"]]
    assert len(sure)
    assert not (table["best"] & table["surely_dominated"]).any()
    for row in sure.to_dict("records"):
        assert ((table["x_low"] > row["x_high"]) & (table["y_low"] > row["y_high"])).any()
    sentence = said.balance_said(evidence, "cka")
    assert sentence.startswith("By their values, layers 5 and 6 are beaten by no other layer in both CKA, debiased")
    assert "surely beaten" in sentence


def test_wide_intervals_leave_the_balance_open(evidence):
    scores = evidence.probed.scores.assign(ci_low=-1.0, ci_high=1.0)
    wide = replace(evidence, probed=replace(evidence.probed, scores=scores))
    assert said.balance_said(wide, "cka").endswith("by their intervals no layer is surely beaten.")


def test_without_a_probe_for_words_nothing_is_weighed(evidence):
    assert said.balance_table(replace(evidence, probed=small_structure(with_words=False)), "cka").empty
    assert said.balance_table(evidence, "svcca").empty


def test_every_row_has_its_key_its_null_and_one_shared_axis(evidence):
    figure = drawn.evidence_rows(evidence, 4)
    titles = [figure.layout[f"legend{n or ''}"].title.text for n in ("", 2, 3, 4, 5)]
    assert titles == [
        "<b>Translations are alike</b>",
        "<b>A probe reads (selectivity)</b>",
        "<b>Differs from the last layer</b>",
        "<b>How far gates open</b>",
        "<b>Gain when fused</b>",
    ]
    assert {trace.xaxis or "x" for trace in figure.data} == {"x"}
    nulls = {trace.yaxis: trace.y[0] for trace in figure.data if trace.name in NULLS}
    assert len(nulls) == 5
    assert [nulls[f"y{n}"] for n in (2, 3, 4, 5)] == [0.0, 1.0, 0.5, 0.0]
    assert tuple(note.text for note in figure.layout.annotations) == NULLS
    assert figure.layout.hoversubplots == "axis"
    assert [shape.x0 for shape in figure.layout.shapes] == [9, 4]
    domains = [figure.layout[f"yaxis{n or ''}"].domain for n in ("", 2, 3, 4, 5)]
    assert all(above[0] > below[1] for above, below in itertools.pairwise(domains))


NULLS = (
    "unrelated sentences",
    "no more than its control",
    "unrelated layers",
    "neither layer preferred",
    "last layer alone",
)


def test_the_curves_are_those_of_the_results(evidence, trained):
    figure = drawn.evidence_rows(evidence, 0)
    lines = {trace.name: trace for trace in figure.data if trace.name and trace.mode != "lines"}
    rows = probes.curve(evidence.probed, "word_selectivity")
    np.testing.assert_allclose(lines["Parts of speech"].y, rows["value"])
    gains = said.gains_of_chosen(trained)
    np.testing.assert_allclose(lines["DLFA gate"].y, gains["value"])
    assert list(lines["DLFA gate"].x) == gains["layer"].tolist()


def test_what_is_missing_has_no_row(trained):
    figure = drawn.evidence_rows(said.Evidence(trained), 3)
    assert figure.layout.legend.title.text == "<b>Gain when fused</b>"
    assert "yaxis2" not in figure.layout.to_plotly_json()


def test_rings_of_the_balance_are_its_best_layers(evidence):
    figure = drawn.balance(evidence, "cka", 5)
    dots = [trace for trace in figure.data if trace.mode == "markers+text"]
    ringed = [int(trace.text[0].strip("<b>/")) for trace in dots if trace.marker.line.width]
    assert ringed == [5, 6]
    assert "no other layer is above in both" in dots[5].hovertemplate


def test_the_overview_has_a_row_for_each_task_and_brackets_the_chosen_layer(trained):
    other = small_recommendation(peak=3)
    figure = overview([trained, other], ["First", "Second"])
    heat = figure.data[0]
    assert list(heat.y) == ["First", "Second"]
    for row, (result, chosen) in enumerate(((trained, 9), (other, 3))):
        bracketed = [layer for layer, text in zip(heat.x, heat.text[row], strict=True) if text.startswith("[")]
        assert bracketed == [chosen]
        np.testing.assert_allclose(heat.z[row], said.gains_of_chosen(result)["value"])
    rows = said.gains_of_chosen(trained).to_dict("records")
    for text, row in zip(heat.text[0], rows, strict=True):
        assert ("+" in text) == (row["joint_low"] > 0)
        assert ("−" in text) == (row["joint_high"] < 0)
    assert "layer 9, chosen by the dev set: +0." in heat.customdata[0][8]
    for label, result in zip(figure.layout.yaxis.ticktext, (trained, other), strict=True):
        assert label.replace("<br>", " ").endswith(f"</b> {said.short_verdict(result)}")


def test_the_labels_of_the_overview_leave_its_cells_room(trained):
    rows = trained.choices.copy()
    rows.loc[rows["against"].isin(["depth", "random", "control"]), ["gain_low", "gain_high", "same"]] = [
        -1.0,
        1.0,
        False,
    ]
    unsure = replace(trained, choices=rows)
    assert len(said.short_verdict(unsure)) > 36
    (label,) = overview([unsure], ["First"]).layout.yaxis.ticktext
    assert max(map(len, label.split("<br>"))) <= 36


def test_layers_that_were_not_fused_are_gaps(trained):
    rows = trained.differences[~trained.differences["layer"].isin([1, 2]).fillna(False)]
    figure = overview([trained, replace(trained, differences=rows)], ["All", "Fewer"])
    assert np.isnan(figure.data[0].z[1][:2].astype(float)).all()
    assert np.isfinite(figure.data[0].z[0].astype(float)).all()


def test_the_command_line_says_what_the_probes_found():
    lines = list(probes.summary(small_structure()))
    assert "reads the tags of words in 7 other languages best at layer 5: selectivity 0.40 [0.3" in lines[0]
    assert "an accuracy of 0.50 less 0.10" in lines[0]
    assert "tells 8 languages apart with an accuracy of about 0.10 or more at every layer" in lines[1]
    assert lines[2].startswith("Within a language, layer 0 differs most from the last: 1 − CKA is 0.72 [0.7")
    assert next(iter(probes.summary(small_structure(with_words=False)))) == ""


def test_what_was_read_is_said():
    read = "Probed on 240 sentences of “Sample sentences” in 8 languages"
    assert probes.read_said(small_structure()) == f"{read}, and on words of POS (pos:ud-pos, CC BY-SA 4.0)."
    assert probes.read_said(small_structure(with_words=False)) == f"{read}; there were no tagged words."


def test_gates_without_a_layer_are_left_out():
    bare = SimpleNamespace(meta={"models": [{"name": "extra", "layer": None}]}, means=pd.DataFrame(
        [("extra", "gate", "all", 0.5)], columns=["model", "measure", "level", "value"]))  # fmt: skip
    assert not list(said.gate_rows([bare]))
