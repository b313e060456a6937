"""Which checkpoint of a language model is the best."""

import pytest

from dlfa_core.experiments.pretrain.training_checks import Rule, measured_alignment


def checks(cka, retrieval, losses):
    rows = [("cka", layer, value) for layer, value in enumerate(cka)]
    rows += [("retrieval_centred", layer, value) for layer, value in enumerate(retrieval)]
    named = [{"measure": measure, "layer": layer, "value": value} for measure, layer, value in rows]
    return named + [{"measure": "mlm_loss", "language": "eng", "value": value} for value in losses]


INSIDE, AT_THE_START, AT_THE_END = (0.3, 0.6, 0.5), (0.6, 0.5, 0.3), (0.3, 0.5, 0.6)
RULE = Rule("mlm_loss", 0.85)


def test_the_lowest_loss_wins_where_the_languages_meet_inside():
    better, worse = (RULE.score(checks(INSIDE, (0.5, 0.9, 0.8), (loss, loss + 1))) for loss in (4.0, 4.1))
    assert better > worse


@pytest.mark.parametrize("cka", [AT_THE_START, AT_THE_END])
def test_a_lower_loss_does_not_make_up_for_languages_that_meet_at_an_end(cka):
    inside = RULE.score(checks(INSIDE, (0.5, 0.9, 0.8), (9.0,)))
    assert inside > RULE.score(checks(cka, (0.5, 0.9, 0.8), (4.0,)))


def test_a_lower_loss_does_not_make_up_for_lost_retrieval():
    assert RULE.score(checks(INSIDE, (0.5, 0.85, 0.8), (9.0,))) > RULE.score(checks(INSIDE, (0.5, 0.84, 0.8), (4.0,)))


def test_where_none_qualifies_the_lowest_loss_wins():
    better, worse = (RULE.score(checks(AT_THE_END, (0.5, 0.9, 0.8), (loss,))) for loss in (4.0, 4.1))
    assert better > worse


def test_retrieval_alone_looks_at_nothing_else():
    low, high = (Rule("retrieval").score(checks(AT_THE_END, (0.1, value), (1.0,))) for value in (0.5, 0.6))
    assert high > low


def test_an_unknown_rule_is_refused():
    with pytest.raises(ValueError, match="keep='best' is unknown: use retrieval or mlm_loss"):
        Rule("best")


def test_alignment_is_that_of_the_measures_themselves(tmp_path):
    from dlfa_core.data import open_corpus
    from dlfa_core.measures import linear_cka
    from dlfa_core.models import Encoder

    corpus = open_corpus("sample").select(["eng", "deu", "hin"], limit=12, seed=0)
    lines = zip(*(corpus[code] for code in ("eng", "deu", "hin")), strict=True)
    (tmp_path / "three.tsv").write_text("\n".join(["eng\tdeu\thin", *map("\t".join, lines)]), encoding="utf-8")
    rows = measured_alignment("demo", f"table:{tmp_path / 'three.tsv'}", 12, 0)
    encoder = Encoder.from_pretrained("demo", dtype="float32")
    english, *others = (encoder.encode(corpus[code]).vectors[5] for code in ("eng", "deu", "hin"))
    own = next(row["value"] for row in rows if (row["measure"], row["layer"]) == ("cka", 5))
    assert own == pytest.approx(sum(linear_cka(english, other) for other in others) / 2, rel=1e-3)
    assert len(rows) == 2 * encoder.n_states
