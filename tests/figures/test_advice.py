"""What the Fusion page recommends is computed, and says less when less is known."""

import re
from dataclasses import replace

import numpy as np
import pytest

from dlfa_core.figures.sentences import recommend as advice
from tests.recommended import small_recommendation


def changed(result, against: str, **values):
    """The recommendation with other numbers in one row of its choices."""
    choices = result.choices.copy()
    for name, value in values.items():
        choices.loc[choices["against"] == against, name] = value
    return replace(result, choices=choices)


def test_the_answer_names_layer_fusion_score_gain_languages_and_n(recommendation):
    rows = recommendation.choices.set_index("against")
    chosen, last = rows.loc["chosen"], rows.loc["last"]
    interval = f"[{last['gain_low']:+.3f}, {last['gain_high']:+.3f}]"
    plainer = recommendation.choices[recommendation.choices["against"].isin(["depth", "random", "control"])]
    near = plainer.loc[plainer["gain"].idxmin()]
    assert near["against"] == "depth"
    nearest = f"a blind layer by {near['gain']:.3f} [{near['gain_low']:.3f}, {near['gain_high']:.3f}]"
    assert advice.answer(recommendation) == (
        f"Fuse layer 9 with the last (DLFA gate, chosen on the English dev set): accuracy {chosen['value']:.3f} on 7 "
        f"target languages, {last['gain']:+.3f} {interval} against the last layer alone, n = 560; every plainer choice "
        f"does worse, {nearest}."
    )


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ((-0.02, -0.03, -0.01, False), "; but average is better still."),
        ((0.0, -0.005, 0.005, True), "; but average does as well, to within 0.01."),
        ((0.02, -0.01, 0.05, False), "; that it beats average is not shown."),
    ],
)
def test_the_answer_says_whether_a_plainer_choice_does_as_well(recommendation, numbers, said):
    choices = recommendation.choices.copy()
    choices.loc[choices["fusion"] == "average", ["gain", "gain_low", "gain_high", "same"]] = numbers
    assert advice.answer(replace(recommendation, choices=choices)).endswith(said)


@pytest.mark.parametrize(
    ("low", "high", "start"),
    [
        (0.001, 0.1, "Fuse layer 9 with the last (DLFA gate, chosen on the English dev set): accuracy"),
        (-0.001, 0.1, "No gain over the last layer alone is shown: layer 9 (DLFA gate, chosen on the English dev set)"),
        (-0.2, -0.1, "Fuse no layer: layer 9 (DLFA gate, chosen on the English dev set) has accuracy"),
    ],
)
def test_the_answer_follows_the_interval(recommendation, low, high, start):
    assert advice.answer(changed(recommendation, "last", gain_low=low, gain_high=high)).startswith(start)


def test_where_nothing_differs_the_answer_says_no(undecided):
    assert advice.answer(undecided).startswith("No gain over the last layer alone is shown")
    said = " ".join(advice.confidence(undecided))
    assert "Whether it is better than a layer taken blindly from 8 to 11 is not shown" in said
    assert "No difference is shown to: Average (" in said
    assert "better than:" not in said


def test_without_resamples_nothing_is_said_of_certainty():
    bare = small_recommendation(resamples=0)
    assert advice.answer(bare).endswith("against the last layer alone, n = 560. How surely was not computed.")
    assert "[" not in advice.answer(bare)
    assert advice.confidence(bare) == ("It is the best one on the tests, too.",)


def test_of_one_run_nothing_is_said_of_differences(recommendation):
    one = replace(recommendation, meta={**recommendation.meta, "seeds": [0]})
    one = changed(one, "last", gain_low=np.nan, gain_high=np.nan)
    said = advice.answer(one)
    assert said.startswith("Layer 9 is the one to fuse (DLFA gate, chosen on the English dev set) in one run: accuracy")
    assert said.endswith("n = 560. One run shows no difference.")


def test_how_sure_the_dev_set_is_is_said(recommendation):
    shares = recommendation.dev_best.set_index(["layer", "weight"])["share"]
    said = advice.confidence(recommendation)[0]
    point = f"they point at it in {100 * shares[9, 'gate']:.0f} % of the draws"
    assert said.startswith(f"Draw the 36 dev examples and the seeds again, and {point}")


def test_what_choosing_without_the_tests_costs_is_said(recommendation):
    assert "It is the best one on the tests, too." in advice.confidence(recommendation)[0]
    worse = {"layer": 4, "layers": "4", "value": 0.7, "gain": -0.05, "gain_low": -0.08, "gain_high": -0.02}
    said = advice.confidence(changed(recommendation, "oracle", **worse))[0]
    assert "The oracle, which knows the tests, takes DLFA gate, layer 4: 0.700." in said
    assert said.endswith("Choosing without them costs 0.050 [0.020, 0.080].")


def test_trainings_that_were_still_getting_better_are_counted(recommendation):
    assert not any("still getting better" in part for part in advice.confidence(recommendation))
    late = replace(recommendation, meta={**recommendation.meta, "late": (18, 18)})
    assert advice.confidence(late)[1].startswith("18 of 18 trainings were still getting better")
    assert advice.answer(late).startswith("No verdict before the trainings are at their best: layer 9 (DLFA gate")


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        (
            (0.02, 0.01, 0.03, False),
            "The chosen one is +0.020 [+0.010, +0.030] above a layer taken blindly from 8 to 11.",
        ),
        (
            (0.0, -0.03, 0.03, False),
            "Whether it is better than a layer taken blindly from 8 to 11 is not shown",
        ),
        ((0.0, -0.005, 0.005, True), "A layer taken blindly from 8 to 11 does as well, to within 0.01: +0.000"),
        (
            (-0.02, -0.03, -0.01, False),
            "The chosen one is −0.020 [−0.030, −0.010] against a layer taken blindly",
        ),
    ],
)
def test_plain_depth_is_always_held_against_it(recommendation, numbers, said):
    other = changed(
        recommendation, "depth", **dict(zip(("gain", "gain_low", "gain_high", "same"), numbers, strict=True))
    )
    assert said in advice.confidence(other)[1]


def test_controls_are_sorted_by_what_is_shown_of_them(recommendation):
    choices = recommendation.choices.copy()
    columns = ["gain", "gain_low", "gain_high", "same"]
    choices.loc[choices["fusion"] == "average", columns] = (0.0, -0.005, 0.005, True)
    choices.loc[choices["fusion"] == "extra", columns] = (-0.02, -0.03, -0.01, False)
    choices.loc[choices["fusion"] == "scalar_mix", columns] = (0.02, -0.01, 0.05, False)
    assert advice.confidence(replace(recommendation, choices=choices))[1].endswith(
        "Better than it: Extra parameters (−0.020 [−0.030, −0.010]). "
        "As good as it, to within 0.01: Average (+0.000 [−0.005, +0.005]). "
        "No difference is shown to: Scalar mix (+0.020 [−0.010, +0.050])."
    )
    assert "It is better than: Average (" in advice.confidence(recommendation)[1]


def test_the_table_has_a_verdict_for_each_rival(recommendation, undecided):
    table = advice.choices_table(recommendation).set_index("against")
    assert table.loc["chosen", "verdict"] == ""
    assert table.loc["last", "verdict"] == "the chosen layer is better"
    assert table.loc["oracle", "verdict"] == "the same"
    assert set(advice.choices_table(undecided).query("against == 'control'")["verdict"]) == {"no difference shown"}
    worse = changed(recommendation, "last", gain_low=-0.2, gain_high=-0.1)
    assert advice.choices_table(worse).set_index("against").loc["last", "verdict"] == "better than the chosen layer"
    alike = changed(recommendation, "last", gain=0.001, gain_low=-0.004, gain_high=0.006, same=True)
    assert advice.choices_table(alike).set_index("against").loc["last", "verdict"] == "as good, to within 0.01"


def test_the_table_reads_as_text(recommendation):
    head, rows = advice.written_choices(advice.choices_table(recommendation))
    assert {len(row) for row in rows} == {len(head)}
    assert all(isinstance(cell, str) for row in rows for cell in row)
    bare = small_recommendation(resamples=0)
    assert not any("nan" in cell for row in advice.written_choices(advice.choices_table(bare))[1] for cell in row)


def test_facts_for_the_page_that_is_taken_home(recommendation):
    facts = advice.training_facts(recommendation)
    assert facts["Trained on"] == "120 examples in English, 36 more to choose epochs on"
    assert facts["Tested on"].startswith("eng 80, deu 80")
    assert facts["Model"].endswith(" neurons, frozen")
    assert facts["Note 1"] == recommendation.meta["warnings"][0]


def test_a_sweep_is_called_by_task_mode_and_source(recommendation):
    assert advice.run_label(recommendation.meta) == "Sentiment, frozen, English"


def test_what_similarity_was_measured_on_is_said(recommendation):
    assert "measured on 240 sentences of “sample”" in advice.measured_on(recommendation)
    without = replace(recommendation, meta={**recommendation.meta, "similarity": None})
    assert advice.measured_on(without) == ""


@pytest.mark.parametrize(("measure", "label"), [("pos_f1", "POS F1 (as XTREME)"), ("span_f1", "F1 of names")])
def test_names_of_metrics_stay_as_they_are_within_a_sentence(recommendation, measure, label):
    meta = {**recommendation.meta, "metric": measure}
    renamed = replace(recommendation, meta=meta, best=recommendation.best.assign(measure=measure))
    assert f"English dev set): {label} 0." in advice.answer(renamed)


def test_quality_is_the_score_of_the_chosen_layer_task_by_task(recommendation):
    other = replace(recommendation, meta={**recommendation.meta, "task_name": "XNLI"})
    other = changed(other, "chosen", value=0.388)
    said = advice.quality([recommendation, other])
    assert re.fullmatch(r"Sentiment \.\d\d, XNLI \.39", said)
    assert float(said.split()[1].rstrip(",")) == pytest.approx(recommendation.choices.iloc[0]["value"], abs=0.005)
    assert advice.quality([]) == ""
    assert advice.quality([changed(recommendation, "chosen", value=1.0)]) == "Sentiment 1.00"


def test_what_was_trained_is_said_in_language_names(recommendation):
    said = advice.trained_said(recommendation)
    assert said.startswith(
        "Trained on 120 examples of Sentiment in English, with 36 more to choose epochs and the layer on"
    )
    assert "tested in English, German" in said


def test_a_bundled_task_is_not_called_as_the_set_that_it_is_modelled_on():
    meta = {"task": "xcopa:sample", "task_name": "XCOPA", "mode": "frozen", "source_language": "eng"}
    assert advice.run_label(meta) == "XCOPA sample, frozen, English"
    assert advice.run_label(meta | {"task": "xcopa:copa"}) == "XCOPA, frozen, English"
    assert advice.run_label(meta | {"task": "sentiment:sample", "task_name": "Sentiment"}).startswith("Sentiment, ")


def test_what_was_learnt_before_is_told():
    result = small_recommendation()
    result.meta["n_first"] = 18
    assert "Trained on 18 and then 120 examples of Sentiment" in advice.trained_said(result)
