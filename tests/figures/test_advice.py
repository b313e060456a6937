"""What the Fusion page recommends is computed, and says less when less is known."""

from dataclasses import replace

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
    assert advice.answer(recommendation) == (
        f"Fuse layer 9 with the last (DLFA gate): accuracy {chosen['value']:.3f} on 7 target languages, "
        f"{last['gain']:+.3f} {interval} against the last layer alone, n = 560."
    )


@pytest.mark.parametrize(
    ("low", "high", "start"),
    [
        (0.001, 0.1, "Fuse layer 9 with the last (DLFA gate): accuracy"),
        (-0.001, 0.1, "No fused layer surely beats the last one alone: the best, layer 9 (DLFA gate), has accuracy"),
        (-0.2, -0.1, "Fuse no layer: the best, layer 9 (DLFA gate), has accuracy"),
    ],
)
def test_the_answer_follows_the_interval(recommendation, low, high, start):
    assert advice.answer(changed(recommendation, "last", gain_low=low, gain_high=high)).startswith(start)


def test_where_nothing_differs_the_answer_says_no(undecided):
    assert advice.answer(undecided).startswith("No fused layer surely beats the last one alone")
    said = " ".join(advice.confidence(undecided))
    assert "does as well, as far as these examples tell" in said
    assert "It surely beats none of the controls." in said


def test_without_resamples_nothing_is_said_of_certainty():
    bare = small_recommendation(resamples=0)
    assert advice.answer(bare).endswith("against the last layer alone, n = 560. How surely was not computed.")
    assert "[" not in advice.answer(bare)
    assert advice.confidence(bare) == ()


def test_sureness_tells_that_the_layer_was_picked_and_how_often_it_wins(recommendation):
    shares = recommendation.best.query("fusion == 'dlfa' and weight == 'gate'").set_index("layer")["share"]
    said = advice.confidence(recommendation)[0]
    assert "the best of 22 fused layers was picked on these same scores" in said
    assert f"layer 9 is the best of DLFA gate in {100 * shares[9]:.0f} % of the draws" in said


@pytest.mark.parametrize(
    ("low", "said"),
    [
        (0.01, "above a layer taken blindly from 8 to 11."),
        (-0.01, "Taking a layer from 8 to 11 blindly does as well, as far as these examples tell"),
    ],
)
def test_plain_depth_is_always_held_against_it(recommendation, low, said):
    assert said in advice.confidence(changed(recommendation, "depth", gain_low=low))[1]


def test_one_seed_is_one_run(recommendation):
    once = replace(recommendation, meta={**recommendation.meta, "seeds": [0]})
    assert advice.answer(once) == advice.answer(recommendation).removesuffix(".") + ", one run."
    assert "It beats every control in this one run." in advice.confidence(once)[1]


def test_controls_that_are_not_beaten_are_named(recommendation):
    assert "It beats every control." in advice.confidence(recommendation)[1]
    choices = recommendation.choices.copy()
    choices.loc[choices["fusion"].isin(["average", "extra"]), "gain_low"] = -0.01
    assert (
        "Of the controls it does not surely beat Average, Extra parameters."
        in (advice.confidence(replace(recommendation, choices=choices))[1])
    )


def test_a_control_that_is_better_is_named_with_its_lead(recommendation):
    choices = recommendation.choices.copy()
    choices.loc[choices["fusion"] == "extra", ["gain", "gain_low", "gain_high"]] = (-0.02, -0.03, -0.01)
    said = advice.confidence(replace(recommendation, choices=choices))[1]
    assert said.endswith(
        "Of the controls it does not surely beat Extra parameters. "
        "Surely better than it: Extra parameters by 0.020 [0.010, 0.030]."
    )


def test_what_the_dev_set_would_have_chosen_is_said(recommendation):
    assert advice.without_target_labels(recommendation).endswith("English, and it points at the same layer.")
    other = changed(recommendation, "dev", layer=3, layers="3", value=0.6)
    assert "It points at DLFA gate, layer 3, which reaches 0.600" in advice.without_target_labels(other)


def test_the_table_has_a_verdict_for_each_rival(recommendation, undecided):
    table = advice.choices_table(recommendation).set_index("against")
    assert table.loc["chosen", "verdict"] == ""
    assert table.loc["last", "verdict"] == "the chosen layer is better"
    assert table.loc["dev", "verdict"] == "the same"
    assert set(advice.choices_table(undecided).query("against == 'control'")["verdict"]) == {"no difference shown"}
    worse = changed(recommendation, "last", gain_low=-0.2, gain_high=-0.1)
    assert advice.choices_table(worse).set_index("against").loc["last", "verdict"] == "better than the chosen layer"


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
    assert f"(DLFA gate): {label} 0." in advice.answer(renamed)
