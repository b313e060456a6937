"""Probes of every layer: what they find in planted states, and what a run of a small model gives."""

from dataclasses import replace

import numpy as np
import pytest

from dlfa_core.data.tasks import TaggedSet
from dlfa_core.experiments import encode, project, structure
from dlfa_core.experiments.structure import sentences, words
from dlfa_core.measures import linear_cka
from dlfa_core.measures.intervals import FEWEST_SENTENCES
from dlfa_core.runtime import store
from tests.experiments.labelled_small import save_sentences, save_tags
from tests.experiments.small import save_corpus
from tests.models.tiny import save_checkpoint

TAGS = ("NOUN", "VERB", "ADJ", "ADP")
N_TYPES, DIM = 40, 60


def tagged(language: str, split: str, types: list[str], seed: int) -> TaggedSet:
    """60 sentences of 8 words; the tag follows from the last letter of the word."""
    drawn = np.random.default_rng(seed).choice(types, size=(60, 8))
    gold = tuple(tuple(TAGS[int(word[-1]) % len(TAGS)] for word in row) for row in drawn)
    own = tuple(tuple(map(str, row)) for row in drawn)
    ids = tuple(f"{language}-{split}-{row}" for row in range(60))
    return TaggedSet(language=language, split=split, ids=ids, gold=gold, labels=TAGS, words=own)


@pytest.fixture(scope="module")
def sets():
    """A training set and tests in two languages; the words of German are none of the English ones."""
    english, german = ([f"{letter}{number}" for number in range(N_TYPES)] for letter in "ed")
    return {
        "train": tagged("eng", "train", english, 0),
        "eng": tagged("eng", "test", english, 1),
        "deu": tagged("deu", "test", german, 2),
    }


def planted(part: TaggedSet, kind: str, noise: float = 0.1) -> np.ndarray:
    """States of words that hold their tag, or which word it is, and noise."""
    rng = np.random.default_rng(7)
    by_tag = dict(zip(TAGS, rng.normal(size=(len(TAGS), DIM)), strict=True))
    by_word = {f"{letter}{n}": rng.normal(size=DIM) for letter in "ed" for n in range(N_TYPES)}
    flat = [
        (word, tag)
        for own, tags in zip(part.words, part.gold, strict=True)
        for word, tag in zip(own, tags, strict=True)
    ]
    states = np.array([by_tag[tag] if kind == "tag" else by_word[word] for word, tag in flat])
    return states + noise * np.random.default_rng(len(flat)).normal(size=states.shape)


def accuracies(sets, kind):
    """Accuracy of the probe, and mean accuracy of its controls, by test language."""
    answers = words.answers_of(sets, controls=5, seed=0)
    fit = words.fit_probe(planted(sets["train"], kind), answers["train"], len(TAGS))
    found = {
        code: words.found_by(fit, planted(sets[code], kind), answers[code]).mean(axis=0) for code in ("eng", "deu")
    }
    return {code: (own[0], own[1:].mean()) for code, own in found.items()}


def test_both_kinds_of_states_give_the_tags_away_but_only_those_that_hold_them_are_selective(sets):
    by_tag, by_word = accuracies(sets, "tag"), accuracies(sets, "word")
    assert by_tag["eng"][0] > 0.95
    assert by_word["eng"][0] > 0.95
    assert by_tag["eng"][0] - by_tag["eng"][1] > 0.4
    assert by_word["eng"][0] - by_word["eng"][1] < 0.1


def test_what_holds_tags_is_read_in_another_language_and_what_holds_words_is_not(sets):
    assert accuracies(sets, "tag")["deu"][0] > 0.95
    assert accuracies(sets, "word")["deu"][0] < 0.5


def test_a_word_has_one_control_tag_in_every_set_and_the_tags_are_as_frequent_as_those_of_the_task(sets):
    both = sets | {"more": replace(sets["train"], language="deu")}
    answers = words.answers_of(both, controls=400, seed=0)
    seen: dict[str, np.ndarray] = {}
    for name, part in both.items():
        for word, own in zip((word for row in part.words for word in row), answers[name][:, 1:], strict=True):
            np.testing.assert_array_equal(seen.setdefault(word, own), own)
    gold = np.bincount(answers["train"][:, 0], minlength=4) / len(answers["train"])
    drawn = np.bincount(np.concatenate(list(seen.values())), minlength=4) / (400 * 2 * N_TYPES)
    np.testing.assert_allclose(drawn, gold, atol=0.02)


def test_words_are_counted_in_the_sentence_that_they_stand_in(sets):
    part = sets["eng"]
    found = np.random.default_rng(0).random((3, 480, 2)) < 0.5
    by_hand = found.reshape(3, 60, 8, 2).sum(axis=2)  # every sentence has eight words
    np.testing.assert_array_equal(words.by_sentence(found, part), by_hand)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A spec of a small random model and small sentences, and its result."""
    folder = tmp_path_factory.mktemp("structure")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DLFA_HOME", str(folder / "home"))
        spec = structure.Spec(
            model=str(save_checkpoint(folder / "model")),
            corpus=save_corpus(folder / "corpus.tsv"),
            task=save_tags(folder / "tags"),
            controls=3,
            resamples=50,
            dtype="float32",
        )
        return spec, structure.run(spec)


def rows_of(result, measure, level):
    rows = result.scores
    return rows[(rows["measure"] == measure) & (rows["level"] == level)].sort_values("layer")


def test_every_layer_has_every_measure_with_an_interval_around_it(made):
    result = made[1]
    for measure, level in (
        ("word_selectivity", "targets"),
        ("language_selectivity", "all"),
        ("distance_to_last", "all"),
    ):
        rows = rows_of(result, measure, level)
        assert rows["layer"].tolist() == list(range(result.meta["n_states"]))
        assert (rows["ci_low"] <= rows["value"] + 1e-12).all()
        assert (rows["value"] <= rows["ci_high"] + 1e-12).all()


def test_selectivity_is_the_probe_less_its_control(made):
    for kind, level in (("word", "targets"), ("word", "source"), ("language", "all")):
        probe, control, selectivity = (
            rows_of(made[1], f"{kind}_{name}", level)["value"].to_numpy()
            for name in ("probe", "control", "selectivity")
        )
        np.testing.assert_allclose(selectivity, probe - control, atol=1e-9)


def test_targets_are_the_mean_over_all_languages_but_the_one_learnt(made):
    rows = made[1].scores
    single = rows[(rows["measure"] == "word_probe") & (rows["level"] == "language")]
    assert made[1].meta["targets"] == ["deu"]
    for group, level in (("eng", "source"), ("deu", "targets")):
        own = single[single["group"] == group].sort_values("layer")["value"].to_numpy()
        np.testing.assert_allclose(rows_of(made[1], "word_probe", level)["value"], own)


def test_the_distance_is_that_of_cka_within_each_language_and_0_at_the_last_layer(made, monkeypatch, tmp_path):
    spec, result = made
    found = rows_of(result, "distance_to_last", "all")
    by_hand = []
    for code in result.meta["languages"]:
        states = encode.run(encode.Spec(spec.model, spec.corpus, code, dtype="float32")).vectors
        by_hand.append([1 - linear_cka(state, states[-1]) for state in states])
    np.testing.assert_allclose(found["value"], np.mean(by_hand, axis=0), atol=1e-4)
    assert found["value"].iloc[-1] == found["ci_low"].iloc[-1] == found["ci_high"].iloc[-1] == 0


def test_the_probe_for_language_is_that_of_the_map(made):
    """Both pages show it, so both have the same numbers."""
    spec, result = made
    states = {
        code: encode.run(encode.Spec(spec.model, spec.corpus, code, dtype="float32")).vectors
        for code in result.meta["languages"]
    }
    map_spec = project.Spec(model=spec.model, corpus=spec.corpus, method="pca", dtype="float32")
    mapped = project.run(map_spec).quality
    assert set(states) == set(result.meta["languages"])
    for theirs, ours in sentences.NAMES.items():
        own = mapped[mapped["measure"] == theirs].sort_values("layer")
        np.testing.assert_allclose(rows_of(result, ours, "all")["value"], own["value"])


def test_without_a_task_there_is_no_probe_for_words(made):
    spec, whole = made
    result = structure.run(replace(spec, task=""))
    assert not result.scores["measure"].str.startswith("word").any()
    assert (result.meta["task"], result.meta["n_train"]) == ("", 0)
    own = whole.scores[~whole.scores["measure"].str.startswith("word")].reset_index(drop=True)
    np.testing.assert_allclose(result.scores["value"], own["value"], atol=1e-6)


def test_without_resamples_there_are_no_intervals(made):
    result = structure.run(replace(made[0], resamples=0))
    assert result.scores.loc[result.scores["measure"].str.startswith("word"), "ci_low"].isna().all()
    assert rows_of(result, "distance_to_last", "all")["ci_low"].isna().all()


def test_a_result_survives_the_store(made, tmp_path):
    spec, result = made
    shelf = store.Store(tmp_path)
    shelf.save(structure, spec, result)
    again = shelf.find(structure, spec)
    assert again.scores.equals(result.scores)


def test_a_task_that_tags_no_words_is_refused(made, tmp_path):
    task = save_sentences(tmp_path / "animals")
    with pytest.raises(ValueError, match="labels whole texts, but this probe reads a tag off each word"):
        structure.run(replace(made[0], task=task))


def test_no_control_task_is_refused(made):
    with pytest.raises(ValueError, match="controls=0 leaves nothing to hold the probe against"):
        structure.run(replace(made[0], controls=0))


def test_what_cannot_be_measured_is_said():
    said = list(sentences.cautions(["0", "1"], 1, 5))
    assert said == [
        "All points are identical at layer 0, 1, which is not measured.",
        "There is one language, so none is told from another.",
        f"5 sentences are too few to draw anew, so there are no intervals: take {FEWEST_SENTENCES}.",
    ]
    assert not list(sentences.cautions([], 2, 100))


def test_layers_that_cannot_be_compared_name_the_language():
    vectors = {"eng": np.random.default_rng(0).normal(size=(2, 30, 4)), "deu": np.ones((2, 30, 4))}
    with pytest.raises(ValueError, match="The layers cannot be compared in German: "):
        list(sentences.distances(project.Layers(vectors), (0, 1), 0, 0))
