"""Retrieval from a pool, from files to tables."""

import json
from dataclasses import replace

import numpy as np
import pytest

from dlfa_core import models
from dlfa_core.experiments import retrieve
from dlfa_core.experiments.retrieve import states
from dlfa_core.measures.average_precision import average_precision, rank_answers
from dlfa_core.runtime import store
from dlfa_core.tables import columns_of

CODES = ("eng", "deu", "hin")
WORDS = ("cat", "dog", "home", "hill", "long", "green", "sees", "walks")


@pytest.fixture
def dataset(tmp_path):
    """24 questions in three languages, each with one right answer a language, and 6 sentences that answer none."""
    folder = tmp_path / "pool"
    folder.mkdir()
    queries, candidates = [], []
    for number in range(24):
        words = [WORDS[number % 8], WORDS[number // 8 + 2], WORDS[(3 * number) % 8]]
        right = [f"{code}{number}" for code in CODES]
        for code in CODES:
            common = {"language": code, "text": " ".join([*words, str(number)])}
            queries.append({"id": f"{code}-q{number}", "right": right, "group": f"g{number}"} | common)
            candidates.append(common | {"id": f"{code}{number}", "text": " ".join([words[1], words[0], code])})
    candidates += [{"id": f"x{row}", "language": CODES[row % 3], "text": WORDS[row]} for row in range(6)]
    for name, rows in (("queries", queries), ("candidates", candidates)):
        (folder / f"{name}.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return f"jsonl:{folder}"


@pytest.fixture
def spec(model, dataset):
    return retrieve.Spec(dataset=dataset, model=model, resamples=40, dtype="float32", depth=5)


@pytest.fixture
def made_up(spec, monkeypatch):
    """Retrieves with made-up vectors: what questions and answers share, and what languages share, by layer."""

    def run(layers, **changes):
        def encode(encoder, texts, spec, progress):
            rng = np.random.default_rng(0)
            n = 72
            group = np.concatenate([np.tile(np.arange(24), 3), np.repeat(np.arange(24), 3), np.arange(24, 30)])
            language = np.concatenate([np.repeat(np.arange(3), 24), np.tile(np.arange(3), 24), np.arange(6) % 3])
            meaning, tongue = rng.normal(size=(30, 16)), rng.normal(size=(3, 16))
            noise = rng.normal(size=(len(texts), 16))
            assert len(texts) == len(group) == n + 78
            rows = [a * meaning[group] + b * tongue[language] + 0.3 * noise for a, b in layers]
            return models.States(np.stack(rows).astype(np.float32), np.full(len(texts), 5), np.zeros(len(texts)), 2)

        monkeypatch.setattr(states, "_encoded", encode)
        return retrieve.run(replace(spec, **changes))

    return run


def table(frame, **where):
    for name, value in where.items():
        frame = frame[frame[name] == value]
    return frame


def test_the_columns_are_the_documented_ones(spec):
    result = retrieve.run(spec)
    names = ("means", "pairs", "bias", "gains", "best")
    assert columns_of(retrieve.Result) == {name: tuple(getattr(result, name)) for name in names}


def test_values_are_those_of_the_measure_on_the_layers_vectors(spec):
    result = retrieve.run(spec)
    asked = retrieve.pools.opened(spec.dataset)
    encoder = models.Encoder.from_pretrained(spec.model, dtype="float32")
    vectors = encoder.encode([each.text for each in (*asked.queries, *asked.candidates)]).vectors
    own, groups = (
        np.array([CODES.index(each.language) for each in side]) for side in (asked.queries, asked.candidates)
    )
    for score in spec.scores:
        for layer in range(4):
            ranks = rank_answers(vectors[layer, :72], vectors[layer, 72:], asked.right, groups, own, score, 5)
            values = average_precision(ranks)
            found = table(result.means, score=score, layer=layer, pool="all").set_index("language")["value"]
            for number, code in enumerate(CODES):
                assert found[code] == pytest.approx(values[own == number].mean(), abs=1e-6)
            assert found["all"] == pytest.approx(found[list(CODES)].mean(), abs=1e-12)


def test_the_layer_that_shares_meaning_is_the_best_and_above_chance(made_up):
    result = made_up([(0.0, 0.3), (0.1, 0.3), (3.0, 0.3), (0.15, 0.3)])
    best = table(result.best, score="cosine", pool="all").set_index("layer")["share"]
    assert best[2] == 1
    rows = table(result.means, score="cosine", pool="all", language="all").set_index("layer")
    assert rows["ci_low"][2] > rows["null_high"][2]
    assert rows["value"][0] < rows["null_high"][0]


def test_a_language_that_keeps_to_itself_shows_as_bias_and_centring_takes_it_away(made_up):
    result = made_up([(1.0, 0.0), (1.0, 3.0), (1.0, 0.0), (1.0, 0.0)])
    gap = table(result.bias, measure="gap")
    strong, plain = (table(gap, score="cosine", layer=layer).iloc[0] for layer in (1, 0))
    assert strong["ci_low"] > 0.2
    assert plain["ci_low"] <= 0 <= plain["ci_high"]
    assert abs(table(gap, score="centred", layer=1).iloc[0]["value"]) < 0.1
    excess = table(result.bias, measure="excess", score="cosine").set_index("layer")
    assert excess["ci_low"][1] > 0.3
    assert excess["value"][0] < 0.1


def test_the_gap_is_the_mean_of_the_diagonal_less_that_of_the_rest(made_up):
    result = made_up([(1.0, 1.0)] * 4)
    pairs = table(result.pairs, score="csls", layer=3)
    same = pairs[pairs["query_language"] == pairs["answer_language"]]["value"].mean()
    other = pairs[pairs["query_language"] != pairs["answer_language"]]["value"].mean()
    bias = table(result.bias, score="csls", layer=3).set_index("measure")["value"]
    assert bias["same"] == pytest.approx(same)
    assert bias["other"] == pytest.approx(other)
    assert bias["gap"] == pytest.approx(same - other)
    np.testing.assert_allclose(pairs.groupby("query_language")["share"].sum(), 1)
    np.testing.assert_allclose(pairs.groupby("query_language")["expected"].sum(), 1)


def test_the_parts_of_the_pool_have_fewer_candidates(made_up):
    means = table(made_up([(1.0, 1.0)] * 4).means, score="cosine", layer=1, language="all").set_index("pool")
    assert means["n_candidates"].to_dict() == {"all": 78, "own": 26, "other": 52}
    assert means["null_mean"]["own"] > means["null_mean"]["all"]


def test_unrelated_vectors_score_what_chance_says(made_up):
    means = table(made_up([(0.0, 0.0)] * 4).means, language="all")
    inside = means["value"] < means["null_high"]
    assert inside.mean() > 0.7
    assert (means["null_mean"] < means["null_high"]).all()


def test_a_fused_state_is_held_against_its_own_last(spec, tmp_path):
    labels = ("no", "yes")
    for name, fusion in (("dlfa", {"fusion": "dlfa", "layer": 2, "weight": "gate"}), ("last", {"fusion": "last"})):
        fused = models.start_task_model(
            spec.model, models.DlfaForSequenceClassification, labels, 0, frozen_blocks=3, **fusion
        )
        fused.save_pretrained(tmp_path / name)
        models.Encoder.from_pretrained(spec.model).tokenizer.save_pretrained(tmp_path / name)
    result = retrieve.run(replace(spec, models=(str(tmp_path / "dlfa"), str(tmp_path / "last")), scores=("cosine",)))
    last_layer = table(result.means, layer=3, state="layer").set_index(["pool", "language"])["value"]
    for name in ("dlfa", "last"):
        own = table(result.means, model=str(tmp_path / name), state="own_last").set_index(["pool", "language"])["value"]
        np.testing.assert_allclose(own, last_layer[own.index], atol=1e-6)  # a frozen encoder's last layer
    gains = result.gains.set_index(["model", "pool"])
    assert gains["value"][str(tmp_path / "last"), "all"] == pytest.approx(0, abs=1e-6)
    fused, own = (
        table(result.means, model=str(tmp_path / "dlfa"), state=state, pool="own", language="all").iloc[0]["value"]
        for state in ("fused", "own_last")
    )
    assert gains["value"][str(tmp_path / "dlfa"), "own"] == pytest.approx(fused - own)
    assert result.meta["models"][0]["layer"] == 2


def test_a_plain_classifier_has_no_fused_state(spec, monkeypatch):
    class Config:
        model_type = "bert"

    class Plain:
        config = Config()

    with pytest.raises(models.ModelError, match="plain bert checkpoint without a fusion"):
        models.FusedEncoder("mine", Plain(), None)


def test_few_queries_have_no_intervals_and_that_is_said(spec):
    result = retrieve.run(replace(spec, queries=5))
    assert result.means["ci_low"].isna().all()
    assert any("5 different queries are fewer than the 20" in warning for warning in result.meta["warnings"])
    assert result.best.empty


def test_the_first_token_says_nothing_at_layer_0(spec):
    assert set(retrieve.run(replace(spec, pooling="cls", queries=3)).means["layer"]) == {1, 2, 3}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"scores": ()}, "must name at least one of cosine, centred, csls"),
        ({"scores": ("margin",)}, "must name at least one of cosine, centred, csls"),
        ({"models": ("a", "a")}, "must name each fusion model once"),
        ({"languages": ("fra",)}, "no queries in French"),
        ({"depth": -1}, "looks at no candidates"),
        ({"queries": 1}, "one of the queries in English"),
    ],
)
def test_what_cannot_be_retrieved_is_refused(spec, changes, said):
    with pytest.raises(ValueError, match=said):
        retrieve.run(replace(spec, **changes))


def test_a_result_is_stored_and_found_again(spec):
    first = store.fetch(retrieve, replace(spec, scores=("cosine",)), lambda *_: None)
    again = store.find(retrieve, replace(spec, scores=("cosine",)))
    np.testing.assert_array_equal(first.means["value"], again.means["value"])


@pytest.mark.parametrize("source", ["lareqa:sample", "mewslix:sample"])
def test_the_samples_run_from_end_to_end(spec, source):
    result = retrieve.run(replace(spec, dataset=source, scores=("cosine",), resamples=20, depth=20))
    assert result.meta["n_candidates"] == {"lareqa:sample": 240, "mewslix:sample": 24}[source]
    assert result.means["value"].between(0, 1).all()
    assert (result.means["ci_low"] <= result.means["value"]).all()
