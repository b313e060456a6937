"""Gains bucket by bucket: sizes that add up, scores by a second route, examples whose property is known, a real run."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from dlfa_core.data.tasks import ChoiceSet, QuestionSet, SentenceSet, TaggedSet, Task
from dlfa_core.experiments import buckets, recommend, transfer
from dlfa_core.experiments.buckets.members import subword_counter
from dlfa_core.experiments.buckets.properties import longest_entity, n_words, properties_of
from dlfa_core.experiments.buckets.resources import LEVELS
from dlfa_core.experiments.buckets.scores import chosen_heads
from dlfa_core.figures.sentences import buckets as said
from dlfa_core.languages import LANGUAGES, find
from tests.bucketed import KEY, small_buckets, small_task, two_and_a_half
from tests.experiments.labelled_small import save_names, save_questions
from tests.recommended import small_recommendation, small_sweep


@pytest.fixture(scope="module")
def sweep():
    return transfer.Result(**vars(small_sweep()))


@pytest.fixture(scope="module")
def result():
    return small_buckets()


def test_the_buckets_of_each_property_hold_every_example_once(result):
    for name, about in result.meta["properties"].items():
        rows = said.rows_of(result, name)
        assert sum(row["n"] for row in rows) + about["left_out"] == result.meta["n"] == 560


def test_gains_weighed_by_their_examples_are_that_of_all(result):
    table = result.differences

    def weighed(rows, column):
        return np.average(rows[column], weights=rows["n"])

    for _, own in table.groupby(["fusion", "weight"]):
        whole = own[own["property"] == "all"].iloc[0]
        spaced = own[(own["property"] == "script") & (own["bucket"] != "Hans")]  # what has words
        for name, about in result.meta["properties"].items():
            rows = own[own["property"] == name]
            for column in ("value", "score"):
                expected = weighed(spaced, column) if about["left_out"] else whole[column]
                assert weighed(rows, column) == pytest.approx(expected)


def test_gains_are_those_of_the_answers(sweep, result):
    """Second route: shares of right answers to sentences of these lengths, from the answers alone."""
    words = np.array([1 + row % 12 for _ in sweep.meta["languages"] for row in range(80)])
    targets = ~sweep.examples["language"].isin(["eng", "cmn"]).to_numpy()  # Chinese parts no words by spaces
    heads = sweep.heads.copy()
    ours = ((heads["fusion"] == "dlfa") & (heads["layer"] == 9) & (heads["weight"] == "gate")).fillna(False)
    last = heads["fusion"] == "last"
    rows = said.rows_of(result, "length")
    assert [row["bucket"] for row in rows] == ["1 to 3", "4 to 6", "7 to 9", "10 to 12"]
    for row in rows:
        low, high = map(int, row["bucket"].split(" to "))
        own = targets & (words >= low) & (words <= high)
        assert row["n"] == own.sum()
        score, base = (sweep.hits[np.ix_(which.to_numpy(dtype=bool), own)].mean() for which in (ours, last))
        assert row["score"] == pytest.approx(score)
        assert row["value"] == pytest.approx(score - base)


def test_each_fusion_stands_with_the_layer_of_the_dev_set(sweep, result):
    assert (result.meta["chosen"]["fusion"], result.meta["chosen"]["layer"]) == ("dlfa", 9)
    assert result.meta["chosen"]["label"] == "DLFA gate"
    best = small_recommendation().choices.iloc[0]
    assert all(result.meta["chosen"][name] == best[name] for name in ("fusion", "layer", "weight"))
    heads = chosen_heads(sweep.heads)
    assert not heads.duplicated(["fusion", "weight", "seed"]).any()
    for (fusion, weight), own in heads.groupby(["fusion", "weight"]):
        alike = sweep.heads[(sweep.heads["fusion"] == fusion) & (sweep.heads["weight"] == weight)]
        assert own["dev_score"].mean() == pytest.approx(alike.groupby("layer", dropna=False)["dev_score"].mean().max())


def test_what_holds_for_all_buckets_is_no_narrower_than_one_alone(result):
    table = result.differences
    assert (table["joint_low"] <= table["ci_low"] + 1e-12).all()
    assert (table["joint_high"] >= table["ci_high"] - 1e-12).all()
    assert (table["joint_high"] - table["joint_low"] > table["ci_high"] - table["ci_low"]).any()


def test_where_nothing_is_gained_no_bucket_stands_out():
    found = small_buckets(height=0.0)
    assert not ((found.differences["joint_low"] > 0) | (found.differences["joint_high"] < 0)).any()
    assert said.answer(found, "length").endswith("shows neither gain nor loss in any of 4 buckets.")


def test_a_gain_in_long_sentences_alone_is_found_there(sweep):
    words = np.array([1 + row % 12 for _ in sweep.meta["languages"] for row in range(80)])
    hits = sweep.hits.copy()
    fused = (sweep.heads["fusion"] == "dlfa").to_numpy()
    base = hits[(sweep.heads["fusion"] == "last").to_numpy()]
    hits[fused] = np.where(words >= 10, 1, np.tile(base, (fused.sum() // len(base), 1)))
    found = buckets.in_buckets(replace(sweep, hits=hits), small_task(), two_and_a_half)
    *short, long = said.rows_of(found, "length")
    assert long["joint_low"] > 0
    assert [row["value"] for row in short] == [0, 0, 0]
    assert "gains in 1 of 4 buckets: 10 to 12 (+" in said.answer(found, "length")
    assert "loses" not in said.answer(found, "length")


def test_few_examples_are_shown_without_an_interval(sweep):
    sizes = {"eng": 80, "deu": 6, "cmn": 80}
    order = sweep.examples.groupby("language").cumcount()
    own = (order < sweep.examples["language"].map(sizes).fillna(0)).to_numpy()
    few = replace(
        sweep,
        examples=sweep.examples[own].reset_index(drop=True),
        hits=sweep.hits[:, own],
        predicted=sweep.predicted[:, own],
        gold=sweep.gold[own],
    )
    whole, order = small_task(), list(dict.fromkeys(few.examples["language"]))
    task = replace(whole, tests={code: whole.tests[code].take(range(sizes[code])) for code in order})
    found = buckets.in_buckets(few, task, two_and_a_half)
    rows = {row["bucket"]: row for row in said.rows_of(found, "script")}
    assert {name: row["n"] for name, row in rows.items()} == {"Latn": 6, "Hans": 80}
    assert np.isnan([rows["Latn"][name] for name in ("ci_low", "ci_high", "joint_low", "joint_high")]).all()
    assert np.isfinite([rows["Latn"]["value"], rows["Hans"]["joint_low"], rows["Hans"]["ci_high"]]).all()


def test_one_seed_or_no_resamples_give_no_interval(sweep):
    one = sweep.heads["seed"] == 0
    rows = one.to_numpy(dtype=bool)
    single = replace(
        sweep,
        heads=sweep.heads[one].reset_index(drop=True),
        hits=sweep.hits[rows],
        predicted=sweep.predicted[rows],
        meta={**sweep.meta, "seeds": [0]},
    )
    found = buckets.in_buckets(single, small_task(), two_and_a_half)
    assert found.differences["joint_low"].isna().all()
    assert found.meta["warnings"] == ["One seed: no gain has an interval."]
    assert said.answer(found, "length").endswith("has no interval in any bucket, which shows no gain.")
    none = replace(sweep, meta={**sweep.meta, "resamples": 0})
    assert buckets.in_buckets(none, small_task(), two_and_a_half).differences["ci_low"].isna().all()


def test_properties_are_asked_of_the_tasks_that_have_them():
    def of(kind, metric):
        return list(properties_of(Task("t", kind, (), metric, "eng", None, None, {}, "")))

    everywhere = ["length", "fertility", "resources", "script", "family"]
    assert of("pair", "accuracy") == of("choice", "accuracy") == of("tagging", "pos_f1") == everywhere
    assert of("tagging", "span_f1") == ["length", "entity", *everywhere[1:]]
    assert of("question", "squad_f1") == ["length", "answer", *everywhere[1:]]


@pytest.mark.parametrize(
    ("tags", "longest"),
    [
        ("O O", np.nan),
        ("B-PER O B-LOC I-LOC", 2),
        ("B-PER B-PER I-PER", 2),
        ("I-LOC I-LOC I-PER", 2),
        ("B-ORG I-ORG I-ORG O B-ORG", 3),
    ],
)
def test_the_longest_name_is_counted_in_words(tags, longest):
    np.testing.assert_equal(longest_entity(tags.split()), longest)


def test_words_are_those_of_what_is_asked():
    about = {"language": "eng", "split": "test", "ids": ("1",), "gold": ("a",)}
    assert n_words(SentenceSet(**about, texts=("One two.",), seconds=("Three four",))).tolist() == [5]
    assert n_words(TaggedSet(**about, words=(("U.", "S.", "army"),))).tolist() == [3]
    assert n_words(ChoiceSet(**about, texts=("Why not",), choices=(("a b c", "d"),))).tolist() == [2]
    answered = {**about, "gold": ((("two words", 0), ("one", 0)),)}
    asked = QuestionSet(**answered, contexts=("two words one",), questions=("Who is it?",))
    assert n_words(asked).tolist() == [4]
    assert np.isnan(n_words(replace(asked, language="tha"))).all()
    measure = buckets.PROPERTIES["answer"].measure
    assert measure(asked, None).tolist() == [1]
    assert np.isnan(measure(replace(asked, gold=((),)), None)).all()
    assert np.isnan(measure(replace(asked, language="jpn"), None)).all()


def test_levels_of_resources_are_those_of_the_list():
    counts = pd.Series(LEVELS).value_counts()
    assert (counts[5], counts[4], counts[3]) == (7, 18, 28)
    assert counts[2] == 18  # 19 less Konkani, which the table of languages lacks
    for name, level in {"English": 5, "Basque": 4, "Estonian": 3, "Wolof": 2, "Welsh": 1}.items():
        assert LEVELS[find(name).code] == level
    assert {code for code, language in LANGUAGES.items() if language.in_xtreme_r} <= LEVELS.keys()


def test_what_cannot_be_scored_is_explained(sweep):
    with pytest.raises(
        ValueError, match=r"fusions=\['average', 'dlfa', 'extra', 'scalar_mix'\] leaves it out: add last"
    ):
        buckets.in_buckets(only(sweep, sweep.heads["fusion"] != "last"), small_task(), two_and_a_half)
    with pytest.raises(ValueError, match=r"None of fusions=\['extra', 'last', 'scalar_mix'\] fuses a lower layer"):
        buckets.in_buckets(only(sweep, sweep.heads["layer"].isna()), small_task(), two_and_a_half)
    with pytest.raises(ValueError, match=r"The 632 test examples of Sentiment as it is now are not the 640 that were"):
        buckets.in_buckets(sweep, small_task(n=79), two_and_a_half)
    with pytest.raises(ValueError, match=r"most=0 leaves no bucket"):
        buckets.in_buckets(sweep, small_task(), two_and_a_half, most=0)


def only(sweep, rows):
    where = rows.to_numpy(dtype=bool)
    heads = sweep.heads[where].reset_index(drop=True)
    return replace(sweep, heads=heads, hits=sweep.hits[where], predicted=sweep.predicted[where])


def test_a_summary_names_every_bucket(result):
    lines = list(said.summary(result))
    assert lines[0] == "DLFA gate at layer 9, chosen on the dev set, above the last layer alone by accuracy:"
    assert "Sentence length (words)" in lines
    assert any(line.startswith("  Cyrillic: ") and line.endswith(", n = 80") for line in lines)
    assert any(line.startswith("  10 to 12: +0.") for line in lines)
    assert result.meta["transfer"] == KEY


@pytest.mark.parametrize(("save", "own"), [(save_names, "entity"), (save_questions, "answer")])
def test_a_trained_task_is_put_into_buckets(save, own, tmp_path, model):
    spec = buckets.Spec(
        task=save(tmp_path / "task"),
        model=model,
        fusions=("dlfa", "last"),
        layers=(1,),
        weights=("gate",),
        seeds=(0, 1),
        epochs=1,
        resamples=20,
        most=2,
    )
    found = buckets.run(spec)
    assert found.meta["n"] == 24
    assert list(found.meta["properties"]) == ["length", own, "fertility", "resources", "script", "family"]
    for name, about in found.meta["properties"].items():
        assert sum(row["n"] for row in said.rows_of(found, name)) + about["left_out"] == 24
    assert said.rows_of(found, own)


def test_subwords_are_those_of_the_tokenizer(model):
    count = subword_counter(model)
    about = {"language": "eng", "split": "test", "ids": ("1", "2"), "gold": ("a", "b")}
    pairs = SentenceSet(**about, texts=("the cat", "a dog walks"), seconds=("the", "a dog"))
    alone = [count(SentenceSet(**about, texts=column)) for column in (pairs.texts, pairs.seconds)]
    np.testing.assert_array_equal(count(pairs), alone[0] + alone[1])
    tagged = TaggedSet(**about, words=(("the", "cat"), ("a", "dog", "walks")))
    np.testing.assert_array_equal(count(tagged), alone[0])


def test_a_key_follows_the_training_and_the_number_of_buckets():
    assert recommend.trained_as(buckets.Spec()) == buckets.trained_as(buckets.Spec()) == transfer.Spec()
    assert buckets.parts(buckets.Spec(seeds=(0,))) == [(transfer, transfer.Spec(seeds=(0,)))]
