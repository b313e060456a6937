"""The sentence on the page is computed, and says less when less is known."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from dlfa_core.figures.sentences.profile import answer, best_layers, certainty, coverage, disagreement, meeting
from tests.conftest import PEAKS


def with_shares(result, *shares):
    best = pd.DataFrame([("cka", layer, share) for layer, share in shares], columns=["measure", "layer", "share"])
    return SimpleNamespace(**vars(result) | {"best": best})


def test_the_answer_names_layer_value_interval_and_n(profile_result):
    best = profile_result.means.query("measure == 'cka' and layer == 6").iloc[0]
    assert answer(profile_result, "cka") == (
        f"Languages meet at layer 6 (CKA, debiased): {best['value']:.2f} "
        f"[{best['ci_low']:.2f}, {best['ci_high']:.2f}], n = 240."
    )


def test_the_answer_is_no_where_chance_reaches_as_far(profile_result):
    drowned = profile_result.means.assign(null_high=1.0)
    said = answer(SimpleNamespace(**vars(profile_result) | {"means": drowned}), "cka")
    assert said.startswith("These languages meet nowhere: at their best, layer 6 (CKA, debiased),")
    assert said.endswith("no more than chance.")


def test_without_resamples_the_answer_has_no_interval(profile_result):
    bare = profile_result.means.assign(ci_low=np.nan, ci_high=np.nan)
    said = answer(SimpleNamespace(**vars(profile_result) | {"means": bare}), "cka")
    assert said.startswith("Languages meet at layer 6 (CKA, debiased): 0.")
    assert "[" not in said


def test_intervals_that_cover_something_else_than_they_say_are_named_with_the_measure():
    assert coverage(["cka", "svcca"]) == (
        "In simulations, not all intervals of 95 % cover that much: those of CKA, debiased cover 89 to 93 % where some "
        "sentences lie far from the others; those of SVCCA cover 90 to 93 % where some sentences lie far from the "
        "others, and more than 98 % where n is small."
    )
    assert "those of ANC and Cosine gap cover 93 %" in coverage(["anc", "cosine_gap"])
    assert coverage(["cosine_parallel"]) == coverage([]) == ""


def test_certainty_gives_the_share_and_the_likely_layers(profile_result):
    assert certainty(profile_result, "cka") == (
        "Draw the sentences again, and layer 6 is the best in 70 % of the draws; "
        "95 % of the best lie between layers 5 and 6."
    )


def test_a_sure_layer_needs_no_range(profile_result):
    said = certainty(with_shares(profile_result, (6, 0.97), (7, 0.03)), "cka")
    assert said == "Draw the sentences again, and layer 6 is the best in 97 % of the draws."


def test_without_resamples_nothing_is_said_of_certainty(profile_result):
    assert certainty(with_shares(profile_result), "cka") == ""
    assert np.isnan(meeting(with_shares(profile_result), "cka").share)


def test_a_layer_that_no_resample_chose_has_share_zero(profile_result):
    assert meeting(with_shares(profile_result, (9, 1.0)), "cka").share == 0.0


def test_best_layers_has_one_row_per_measure(profile_result):
    table = best_layers(profile_result).set_index("measure")
    assert table["layer"].to_dict() == PEAKS
    highest = profile_result.means.groupby("measure")["value"].max()
    pd.testing.assert_series_equal(table["value"].sort_index(), highest.sort_index())
    assert table["share"].eq(0.7).all()


def test_an_unknown_measure_is_refused(profile_result):
    with pytest.raises(ValueError, match="but pwcca was asked for"):
        meeting(profile_result, "pwcca")


def test_measures_that_put_the_meeting_elsewhere_are_named(profile_result):
    said = disagreement(profile_result, "cka", ("cka", "anc", "retrieval_cosine"))
    anc = profile_result.means.query("measure == 'anc' and layer == 8")["value"].iloc[0]
    assert said == f"Measures disagree: by ANC it is layer 8 ({anc:.2f})."
    # layer 6 may be the best by retrieval, too


def test_measures_that_may_have_the_same_best_layer_agree(profile_result):
    said = disagreement(profile_result, "anc", ("retrieval_centred", "retrieval_csls"))
    assert said.endswith(" do not contradict this.")
    assert disagreement(profile_result, "anc", ("retrieval_centred",)).endswith(" does not contradict this.")


def test_one_measure_has_no_rival(profile_result):
    assert disagreement(profile_result, "cka", ("cka",)) == ""


def test_without_resamples_the_best_layers_alone_are_compared(profile_result):
    bare = SimpleNamespace(**vars(profile_result) | {"best": profile_result.best.iloc[:0]})
    assert "it is layer 7" in disagreement(bare, "cka", ("retrieval_cosine",))
