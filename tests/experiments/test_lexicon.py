"""Lexicon words under several classifiers: every number by a second route."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from dlfa_core import models
from dlfa_core.__main__ import main
from dlfa_core.data import CorpusError
from dlfa_core.data.words import Word
from dlfa_core.experiments import lexicon
from dlfa_core.experiments.lexicon import Spec, random_words, word_statistics
from dlfa_core.experiments.lexicon.systems import Scored
from dlfa_core.experiments.sources import corpora, labelled
from dlfa_core.experiments.training import frozen
from dlfa_core.figures.sentences import summary
from dlfa_core.measures import bootstrap_weights
from dlfa_core.runtime import store
from dlfa_core.runtime.progress import silent
from tests.experiments.classifiers import save_fusion
from tests.experiments.labelled_small import save_sentences
from tests.experiments.small import ROWS
from tests.models.tiny import TERMS
from tests.rounding import tolerance

CLOSE = tolerance("float32", 2 * TERMS)  # through the model and back
WORDS = [
    ("cat", 1.0, "cat"),
    ("dog", -1.0, "dog"),
    ("walks", -0.5, "walk"),
    ("hill", 0.0, "hill"),
    ("home", 0.0, "home"),
]
SYSTEM = ["model", "fusion", "layer", "weight"]


def save_lexicon(path, languages=("eng", "deu", "hin"), sign=1):
    """Five words, the same in all languages, as a table with a concept in each row."""
    rows = [f"{concept}\t{sign * valence}\t" + "\t".join([word] * len(languages)) for word, valence, concept in WORDS]
    path.write_text("\n".join(["concept\tvalence\t" + "\t".join(languages), *rows]), encoding="utf-8")
    return f"table:{path}#scale=-1..1"


@pytest.fixture
def words(tmp_path):
    return save_lexicon(tmp_path / "words.tsv")


@pytest.fixture
def classifier(tmp_path, model):
    return save_fusion(tmp_path / "fusion", model)


@pytest.fixture
def spec(corpus, words, classifier):
    """One classifier, by occlusion."""
    return Spec((classifier,), corpus=corpus, lexicon=words, stem=False, draws=0, resamples=40)


@pytest.fixture
def heads(corpus, words, model, tmp_path):
    """Heads of three fusions, trained on cats and dogs; two seeds."""
    return Spec(
        model=model,
        task=save_sentences(tmp_path / "task"),
        corpus=corpus,
        lexicon=words,
        layers=(1, 2),
        seeds=(0, 1),
        epochs=2,
        limit=24,
        target="cat",
        against="dog",
        stem=False,
        draws=0,
        resamples=20,
    )


def value(frame, **wanted):
    """The only value of a row with these entries."""
    rows = frame[np.logical_and.reduce([frame[name] == each for name, each in wanted.items()])]
    return rows["value"].item()


def test_scores_are_those_of_the_explainer(spec, classifier):
    """By hand: every sentence with a word explained alone, its words picked out by their form."""
    result = lexicon.run(spec)
    explainer = models.Explainer.from_pretrained(classifier)
    rows = []
    for row in corpora.opened(spec.corpus)["eng"]:
        each = explainer.explain([row], method="occlusion", target="positive", against="negative")[0]
        total = np.abs(each.word_scores).sum()
        rows += [(form, score, abs(score) / total) for form, score in zip(each.words, each.word_scores, strict=True)]
    frame = pd.DataFrame(rows, columns=["form", "score", "share"])
    good, bad = frame[frame["form"] == "cat"], frame[frame["form"].isin(["dog", "walks"])]
    eng = {"language": "eng"}
    scores = result.scores
    assert value(scores, **eng, polarity="positive", measure="attribution") == pytest.approx(
        good["score"].mean(), rel=0, abs=CLOSE
    )
    assert value(scores, **eng, polarity="negative", measure="attribution") == pytest.approx(
        bad["score"].mean(), rel=0, abs=CLOSE
    )
    assert value(scores, **eng, polarity="positive", measure="share") == pytest.approx(
        good["share"].mean(), rel=0, abs=CLOSE
    )
    assert value(scores, **eng, polarity="negative", measure="agreement") == pytest.approx((bad["score"] < 0).mean())
    apart = good["score"].mean() - bad["score"].mean()
    assert value(scores, **eng, polarity="both", measure="separation") == pytest.approx(apart, rel=0, abs=CLOSE)
    pairs = good["score"].to_numpy()[:, None] > bad["score"].to_numpy()
    assert value(scores, **eng, polarity="both", measure="order") == pytest.approx(pairs.mean())
    counts = scores[(scores["language"] == "eng") & (scores["polarity"] == "positive")]
    assert counts["count"].unique() == [len(good)]
    assert counts["n"].unique() == [sum("cat" in row[0] for row in ROWS)]


def test_intervals_hold_their_values(spec):
    scores = lexicon.run(spec).scores
    assert (scores["ci_low"] <= scores["value"]).all()
    assert (scores["value"] <= scores["ci_high"]).all()
    assert (scores["ci_low"] < scores["ci_high"]).any()
    assert lexicon.run(Spec(**{**vars(spec), "resamples": 0})).scores["ci_low"].isna().all()


def test_a_lexicon_turned_round_disagrees_where_it_agreed(spec, tmp_path):
    there = lexicon.run(spec).scores
    turned = save_lexicon(tmp_path / "turned.tsv", sign=-1)
    back = lexicon.run(Spec(**{**vars(spec), "lexicon": turned})).scores
    both = {"language": "all", "polarity": "both"}
    assert value(back, **both, measure="agreement") == pytest.approx(1 - value(there, **both, measure="agreement"))
    assert value(back, **both, measure="order") == pytest.approx(1 - value(there, **both, measure="order"))
    assert value(back, **both, measure="separation") == pytest.approx(-value(there, **both, measure="separation"))


def test_words_list_the_most_wrong_first_with_their_sentences(spec):
    result = lexicon.run(spec)
    words = result.words
    polar = words[words["polarity"] != "neutral"]
    assert polar["wrong"].is_monotonic_decreasing
    assert words.loc[words["polarity"] == "neutral", "wrong"].isna().all()
    row = polar.iloc[0]
    corpus = corpora.opened(spec.corpus)
    texts = dict(zip(corpus.ids, corpus[row["language"]], strict=True))
    assert all(row["lemma"] in texts[name].split() for name in row["ids"].split())
    own = result.matches[(result.matches["lemma"] == row["lemma"]) & (result.matches["language"] == row["language"])]
    scores = result.match_scores[0][own.index]
    assert row["count"] == len(own)
    assert row["score"] == pytest.approx(scores.mean(), rel=0, abs=CLOSE)
    assert row["wrong"] == pytest.approx((np.sign(scores) == -np.sign(row["valence"])).mean())


def test_coverage_counts_words_and_sentences(spec):
    coverage = lexicon.run(spec).coverage.set_index(["language", "polarity"])
    row = coverage.loc[("eng", "negative")]
    assert (row["lemmas"], row["found"], row["n"]) == (2, 2, 36)
    assert row["matches"] == sum(sentence[0].split().count(word) for sentence in ROWS for word in ("dog", "walks"))
    assert row["sentences"] == sum(bool({"dog", "walks"} & set(sentence[0].split())) for sentence in ROWS)
    assert coverage.loc[("hin", "all"), "lemmas"] == 5


def test_arrays_belong_to_their_frames(spec):
    result = lexicon.run(spec)
    assert result.match_scores.shape == (1, len(result.matches))
    assert result.values.shape == result.totals.shape == result.predicted.shape == (1, len(result.sentences))
    texts = result.sentences.set_index(["language", "id"])["text"]
    for row in result.matches.itertuples():
        assert texts[(row.language, row.id)][row.start : row.end] == row.form
    shares = (
        np.abs(result.match_scores[0])
        / result.totals[0][
            pd.MultiIndex.from_frame(result.sentences[["language", "id"]]).get_indexer(
                pd.MultiIndex.from_frame(result.matches[["language", "id"]])
            )
        ]
    )
    assert ((shares >= 0) & (shares <= 1 + 1e-6)).all()


@pytest.mark.parametrize("method", ["occlusion", "integrated_gradients"])
def test_heads_on_one_pass_are_explained_as_task_models_are(heads, method):
    """The second route: each head put into a model of its own, logits averaged over seeds."""
    spec = Spec(**{**vars(heads), "method": method, "languages": ("eng", "hin"), "limit": 6, "steps": 12})
    result = lexicon.run(spec)
    encoder = models.Encoder.from_pretrained(spec.model, dtype="float32")
    task = labelled.opened(spec.task, "eng")
    system = result.systems.index[(result.systems["fusion"] == "dlfa") & (result.systems["layer"] == 2)].item()
    plans = [models.HeadSpec("dlfa", 2, "literal", seed) for seed in (0, 1)]
    recipe = frozen.FrozenRecipe(4, "batch", spec.epochs, spec.lr, 32, 128, spec.patience)
    fitted = frozen.fit_frozen(encoder, task, plans, recipe, silent)
    scores, values = [], []
    for number in range(2):
        model = models.DlfaForSequenceClassification.from_encoder(spec.model, task.labels, layer=2)
        model.head.load_state_dict(fitted.heads.state_of(number))
        explainer = models.Explainer(model, encoder.tokenizer)
        found = explainer.explain(
            result.sentences["text"].tolist(),
            method=method,
            target="cat",
            against="dog",
            baseline=result.meta["baseline"],
            steps=64,
            tolerance=0,
        )
        values.append([each.value for each in found])
        row = {key: n for n, key in enumerate(zip(result.sentences["language"], result.sentences["id"], strict=True))}
        scores.append(
            [
                sum(
                    score
                    for word, score in zip(
                        found[row[m.language, m.id]].reading.words,
                        found[row[m.language, m.id]].word_scores,
                        strict=True,
                    )
                    if word.start < m.end and m.start < word.stop
                )
                for m in result.matches.itertuples()
            ]
        )
    np.testing.assert_allclose(result.values[system], np.mean(values, axis=0), rtol=0, atol=CLOSE)
    np.testing.assert_allclose(
        result.match_scores[system],
        np.mean(scores, axis=0),
        rtol=0,
        atol=CLOSE if method == "occlusion" else 5e-3,  # 12 steps beside 64
    )


def test_every_fusion_and_layer_is_a_system(heads):
    result = lexicon.run(heads)
    named = [(row.fusion, None if pd.isna(row.layer) else row.layer, row.weight) for row in result.systems.itertuples()]
    assert named == [
        ("last", None, ""),
        ("dlfa", 1, "literal"),
        ("dlfa", 2, "literal"),
        ("average", 1, ""),
        ("average", 2, ""),
    ]
    assert result.systems["dev_score"].between(0, 1).all()
    for frame in (result.scores, result.translations, result.words):
        assert len(frame[SYSTEM].drop_duplicates()) == 5
    assert "dlfa literal with layer" in summary("lexicon", result)


def test_several_task_models_stand_beside_each_other(spec, tmp_path, model):
    other = save_fusion(tmp_path / "other", model, fusion="average", layer=2)
    both = lexicon.run(Spec(**{**vars(spec), "classifiers": (*spec.classifiers, other)}))
    alone = lexicon.run(Spec(**{**vars(spec), "classifiers": (other,)}))
    np.testing.assert_allclose(both.match_scores[1], alone.match_scores[0], rtol=0, atol=CLOSE)
    assert both.systems["fusion"].tolist() == ["dlfa", "average"]
    assert both.systems["layer"].tolist() == [1, 2]


def test_task_models_are_explained_at_a_layer(spec):
    result = lexicon.run(
        Spec(**{**vars(spec), "method": "integrated_gradients", "layer": 1, "limit": 5, "resamples": 0})
    )
    assert np.isfinite(result.match_scores).all()


def test_faithfulness_stands_beside_random_rankings(heads):
    result = lexicon.run(Spec(**{**vars(heads), "draws": 2, "erased": 3}))
    frame = result.faithfulness
    assert len(frame) == 5 * 4 * 2 * 3  # systems; all and three languages; measures; shares
    assert frame[frame["group"] == "all"]["n"].unique() == [9]
    assert (frame["value"].between(-1, 1) & frame["random"].between(-1, 1)).all()


def test_what_was_cut_for_any_classifier_is_told(spec, tmp_path, model):
    """The second model reads 40 subwords, and the first, whose limit is lower, 5."""
    short = save_fusion(tmp_path / "short", model)
    config = tmp_path / "short" / "tokenizer_config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | {"model_max_length": 5}))
    result = lexicon.run(Spec(**{**vars(spec), "classifiers": (short, *spec.classifiers), "languages": ("eng",)}))
    cut = sum(len(row[0].split()) > 3 for row in ROWS)
    assert result.meta["truncated"] == {"eng": cut}
    assert f"of 36 sentences each: English {cut}." in " ".join(result.meta["warnings"])
    assert np.isnan(result.match_scores[0]).any()
    assert np.isfinite(result.match_scores[1]).all()


def test_words_beyond_the_limit_have_no_score(spec):
    result = lexicon.run(Spec(**{**vars(spec), "max_length": 4, "languages": ("eng",)}))
    texts = result.sentences.set_index("id")["text"]
    index_of_word = [len(texts[row.id][: row.start].split()) for row in result.matches.itertuples()]
    cut = np.array(index_of_word) >= 2  # [CLS], two words, [SEP]
    np.testing.assert_array_equal(np.isnan(result.match_scores[0]), cut)
    assert "Cut at 4 subwords, of 36 sentences each: English 36." in " ".join(result.meta["warnings"])


def test_the_store_gives_back_what_was_computed(spec):
    first = store.fetch(lexicon, spec)
    assert first.scores.equals(store.find(lexicon, spec).scores)
    assert first.scores["layer"].tolist() == [1] * len(first.scores)


def test_the_command_writes_scores(spec, tmp_path, capsys):
    out = tmp_path / "scores.csv"
    options = ["--classifiers", *spec.classifiers, "--corpus", spec.corpus, "--lexicon", spec.lexicon, "--draws", "0"]
    assert main(["lexicon", *options, "--limit", "20", "--out", str(out)]) == 0
    assert out.read_text().startswith("model,fusion,layer,weight,language,polarity,measure,value")
    assert "of the signs agree" in capsys.readouterr().out


def numbering(n=30):
    """Two languages with the same sentences, a word of one of three concepts in each."""
    found = pd.DataFrame(
        [
            (code, str(row), row, f"c{row % 3}", "positive" if row % 3 else "negative")
            for code in ("eng", "deu")
            for row in range(n)
        ],
        columns=["language", "id", "row", "concepts", "polarity"],
    ).assign(valence=lambda frame: np.where(frame["polarity"] == "positive", 1.0, -1.0), lemma="x")
    return word_statistics.Numbering.of(found, found, bootstrap_weights(n, 30, 0)), found


def test_a_word_and_its_translation_are_alike_where_their_scores_are():
    numbers, found = numbering()
    own = np.random.default_rng(0).standard_normal(30)
    scores = np.stack([np.concatenate([own, 3 * own]), np.concatenate([own, -own])])
    alike, opposite = word_statistics.translations(numbers, found, scores)
    for source in ("eng", "all"):
        assert value(alike, source=source, measure="correlation") == pytest.approx(1)
        assert value(alike, source=source, measure="same_sign") == 1
        assert value(opposite, source=source, measure="correlation") == pytest.approx(-1)
        assert value(opposite, source=source, measure="same_sign") == 0
    row = alike[(alike["source"] == "eng") & (alike["measure"] == "same_sign")].iloc[0]
    up = (own > 0).mean()
    assert row["null"] == pytest.approx(up**2 + (1 - up) ** 2)
    assert (row["count"], row["n"]) == (30, 30)


def test_translations_of_other_words_are_not_compared():
    numbers, found = numbering()
    found = found.assign(concepts=np.where(found["language"] == "deu", "other", found["concepts"]))
    assert word_statistics.translations(numbers, found, np.ones((1, 60)))[0].empty


def test_words_that_were_not_read_are_left_out():
    numbers, found = numbering()
    scores = np.ones((1, 60))
    scores[0, :10] = np.nan
    others = np.ones((3, 60))
    frame = word_statistics.scores(numbers, found, scores, np.ones((1, 60)), lambda system: others)[0]
    assert value(frame, language="eng", polarity="positive", measure="attribution") == 1
    rows = frame[(frame["language"] == "eng") & (frame["measure"] == "attribution")]
    assert rows["count"].sum() == 20
    assert next(word_statistics.words(found, scores))["count"].sum() == 50


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"languages": ("eng", "fra")}, "has no words in French"),
        ({"method": "lime"}, "Unknown method 'lime'"),
        ({"target": "joy"}, "no label 'joy'"),
        ({"target": "3"}, "Label 3 is out of range: this model has 3 labels, 0 to 2"),
        ({"max_length": 2}, "max_length=2 leaves no room for text"),
        ({"layer": 7, "method": "deep_lift"}, "Layer 7 does not exist"),
        ({"layer": 1}, "has no layers"),
        ({"limit": 0, "languages": ("klingonish",)}, "not a language"),
    ],
)
def test_what_cannot_be_compared_is_refused(spec, changes, message, tmp_path):
    some = save_lexicon(tmp_path / "some.tsv", ("eng", "deu"))
    with pytest.raises(ValueError, match=message):
        lexicon.run(Spec(**{**vars(spec), "lexicon": some, **changes}))


def test_classifiers_without_a_head_for_texts_are_refused(spec, model, tmp_path):
    tagger = save_fusion(tmp_path / "tagger", model, kind=models.DlfaForTokenClassification)
    with pytest.raises(models.ModelError, match="has no classification head"):
        lexicon.run(Spec(**{**vars(spec), "classifiers": (model,)}))
    with pytest.raises(ValueError, match="gives no label to a text: choose a model for sequence classification"):
        lexicon.run(Spec(**{**vars(spec), "classifiers": (tagger,)}))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"word\tlanguage\ncat\teng\n", "no column of scores, so its words have no polarity"),
        (b"word\tlanguage\tscore\ncat\teng\t-0.5\ndog\teng\t4\n", "on two scales: -0.5 looks like one from -1 to 1"),
        (b"word\tlanguage\tscore\ncat\teng\t1\ncat\teng\t-1\n", "no usable word"),
        ("word\tlanguage\tscore\nGrüße\tdeu\t1\n".encode("latin-1"), "not UTF-8: line 2 has the byte 0xFC"),
    ],
    ids=["no polarity", "mixed scales", "both signs", "another encoding"],
)
def test_a_malformed_lexicon_is_refused_before_a_model_is_loaded(spec, content, message, tmp_path):
    """There is no such model, and nobody notices."""
    path = tmp_path / "words.tsv"
    path.write_bytes(content)
    with pytest.raises(CorpusError, match=message):
        lexicon.run(Spec(**{**vars(spec), "classifiers": ("/nowhere",), "lexicon": f"table:{path}"}))


def test_a_word_of_both_signs_is_left_out_and_told(spec, tmp_path):
    path = tmp_path / "words.tsv"
    path.write_text("word\tlanguage\tscore\ncat\teng\t1\ncat\teng\t-1\ndog\teng\t-1\n", encoding="utf-8")
    result = lexicon.run(Spec(**{**vars(spec), "lexicon": f"table:{path}", "languages": ("eng",)}))
    assert set(result.matches["lemma"]) == {"dog"}
    assert "left out, as it lists them as positive and as negative: 1 (cat)." in " ".join(result.meta["warnings"])
    order = result.scores[(result.scores["measure"] == "order") & (result.scores["language"] == "all")]
    assert order["value"].isna().all()  # nothing positive is left to stand above anything
    assert "a positive word" not in summary("lexicon", result)


def test_a_corpus_language_without_lexicon_is_left_out_and_named(spec, tmp_path):
    some = save_lexicon(tmp_path / "some.tsv", ("eng", "deu"))
    result = lexicon.run(Spec(**{**vars(spec), "lexicon": some}))
    assert result.meta["languages"] == ["eng", "deu"]
    assert "The lexicon has no words in Hindi: left out." in result.meta["warnings"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"target": "", "against": ""}, "None of the labels cat, dog is known to mean good or bad"),
        ({"layer": 1, "method": "integrated_gradients"}, "Heads on a frozen encoder are explained at the subwords"),
        ({"layer": 1}, "Heads on a frozen encoder are explained at the subwords"),
        ({"layers": (9,)}, "Layer 9 cannot be fused"),
        ({"fusions": ()}, "must name at least one each"),
        ({"fusions": ("sum",)}, "Unknown fusion 'sum'"),
    ],
)
def test_heads_that_cannot_be_trained_are_refused(heads, changes, message):
    with pytest.raises(ValueError, match=message):
        lexicon.run(Spec(**{**vars(heads), **changes}))


def test_a_corpus_without_lexicon_words_is_refused(spec, tmp_path):
    path = tmp_path / "other.tsv"
    path.write_text("concept\tvalence\teng\tdeu\thin\nx\t1\tzebra\tzebra\tzebra", encoding="utf-8")
    with pytest.raises(CorpusError, match=r"No sentence of .* has a word of"):
        lexicon.run(Spec(**{**vars(spec), "lexicon": f"table:{path}#scale=-1..1"}))


class Words:
    """A reading of words between spaces, each one subword."""

    def __init__(self, text):
        self.text, self.words = text, []
        for form in text.split():
            start = self.words[-1].stop + 1 if self.words else 0
            self.words.append(Word(form, start, start + len(form), (len(self.words) + 1,)))


def test_random_words_are_as_frequent_and_as_long_and_outside_the_lexicon():
    """A corpus of short frequent words and long seldom ones: each match gets its own kind."""
    texts = [
        f"cat of to an {'x' * 9}{chr(97 + row % 26)}{chr(97 + row // 26)} , elephantine{chr(97 + row)}"
        for row in range(26)
    ]
    rng = np.random.default_rng(0)
    scored = [Scored(Words(text), rng.normal(size=(2, 7)), np.zeros(2), np.zeros(2)) for text in texts]
    ids = [str(row) for row in range(26)]
    sentences = pd.DataFrame({"language": "eng", "id": ids})
    spans = [(row, form) for row, text in enumerate(texts) for form in ("cat", text.split()[-1])]
    found = pd.DataFrame(
        {
            "language": "eng",
            "id": [ids[row] for row, _ in spans],
            "start": [texts[row].index(form) for row, form in spans],
            "end": [texts[row].index(form) + len(form) for row, form in spans],
        }
    )
    drawn = random_words.draw(scored, sentences, found, 30, 0)
    short = {float(np.float32(each.scores[1, number])) for each in scored for number in (1, 2, 3)}
    long = {float(np.float32(each.scores[1, 4])) for each in scored}
    places = drawn.of_matches(1)
    assert places.shape == (30, 52)
    assert set(places[:, 0::2].ravel().tolist()) <= short
    assert set(places[:, 1::2].ravel().tolist()) <= long
    assert len(np.unique(places)) > 30


def test_matches_of_several_words_get_as_many():
    scored = [Scored(Words("a b c d e"), np.arange(5.0)[None], np.zeros(1), np.zeros(1))]
    sentences = pd.DataFrame({"language": ["tha"], "id": ["1"]})
    found = pd.DataFrame({"language": ["tha", "tha"], "id": "1", "start": [0, 8], "end": [3, 9]})  # "a b" and "e"
    places = random_words.draw(scored, sentences, found, 50, 0).of_matches(0)
    assert set(places[:, 0]) == {2.0 + 3.0}
    assert set(places[:, 1]) == {2.0, 3.0}


def test_a_match_without_others_like_it_has_no_null():
    scored = [Scored(Words("a b"), np.arange(2.0)[None], np.zeros(1), np.zeros(1))]
    sentences = pd.DataFrame({"language": ["tha"], "id": ["1"]})
    found = pd.DataFrame({"language": ["tha", "tha"], "id": "1", "start": [0, 2], "end": [1, 3]})
    assert np.isnan(random_words.draw(scored, sentences, found, 3, 0).of_matches(0)).all()


def test_nulls_are_what_random_words_do_in_the_place_of_the_lexicon_s(spec):
    """By hand from draws of the same words; a null of share would need the totals of other sentences."""
    result = lexicon.run(replace(spec, random_words=20, target="positive", against="negative"))
    rows = result.scores.set_index(["language", "polarity", "measure"])
    held = rows.drop("share", level="measure")
    known = held["null"].notna()
    assert known.any()
    assert (held.loc[known, "null_low"] <= held.loc[known, "null"]).all()
    assert (held.loc[known, "null"] <= held.loc[known, "null_high"]).all()
    assert rows.xs("share", level="measure")["null"].isna().all()
    without = lexicon.run(replace(spec, random_words=0, target="positive", against="negative")).scores
    assert without[["null", "null_low", "null_high"]].isna().all(axis=None)
    pd.testing.assert_frame_equal(
        without.drop(columns=["null", "null_low", "null_high"]),
        result.scores.drop(columns=["null", "null_low", "null_high"]),
    )
    with pytest.raises(ValueError, match="random_words=-1 draws cannot be made: use 0 for none, or more"):
        lexicon.run(replace(spec, random_words=-1))
