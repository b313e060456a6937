"""What each layer would say, and how well each can be read."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
import transformers

from dlfa_core import languages, measures, models
from dlfa_core.data import CorpusError, open_corpus
from dlfa_core.experiments import encode, lens, readout
from dlfa_core.experiments.lens.hidden_word import gap_of
from dlfa_core.experiments.lens.nearest import nearest_sentences
from dlfa_core.experiments.lens.subword_languages import SubwordLanguages, written_of
from dlfa_core.experiments.readout.unigrams import unigram_losses
from dlfa_core.figures.sentences import summary
from dlfa_core.models.masked_language import MaskedLanguageModel
from tests.experiments.small import ROWS
from tests.models.masked import save_masked
from tests.models.tiny import CLOSE, save_checkpoint, tiny_tokenizer


@pytest.fixture(scope="module")
def masked(tmp_path_factory):
    return save_masked(tmp_path_factory.mktemp("masked") / "bert")


@pytest.fixture
def spec(masked, corpus):
    return lens.Spec(text="the [cat] sees a green hill", language="eng", model=masked, corpus=corpus, top=4, near=3)


@pytest.fixture
def result(spec):
    return lens.run(spec)


def test_the_last_layer_says_what_the_model_says(masked, result):
    model, tokenizer = transformers.BertForMaskedLM.from_pretrained(masked).eval(), tiny_tokenizer()
    ids = tokenizer("the cat sees a green hill", return_tensors="pt")["input_ids"]
    ids[0, 2] = tokenizer.convert_tokens_to_ids("##s")  # the mask
    with torch.inference_mode():
        best = model(input_ids=ids).logits[0, 2].softmax(-1).topk(4)
    last = result.words[result.words["layer"] == 3]
    np.testing.assert_allclose(last["probability"], best.values, atol=CLOSE)


def test_every_layer_has_its_words_and_the_rank_of_the_hidden_one(result):
    assert result.words.groupby("layer").size().to_dict() == dict.fromkeys(range(4), 4)
    assert (result.words.groupby("layer")["probability"].sum() <= 1 + CLOSE).all()
    for row in result.truth.to_dict("records"):
        own = result.words[result.words["layer"] == row["layer"]]
        named = own.loc[own["subword"] == "cat", "rank"].tolist()
        assert named == ([row["rank"]] if row["rank"] <= 4 else [])


def test_a_word_can_be_named_instead_of_bracketed(spec, result):
    again = lens.run(replace(spec, text="the cat sees a green hill", word="cat"))
    assert again.words.equals(result.words)


def test_a_word_of_several_subwords_has_a_mask_for_each(spec):
    several = lens.run(replace(spec, text="the [green hill] sees"))
    assert several.meta["subwords"] == ["green", "hill"]
    assert several.meta["word"] == "green hill"
    assert "each is behind a mask of its own" in summary("lens", several)


@pytest.mark.parametrize(
    ("text", "word", "said"),
    [
        ("the cat sees", "", "No word of 'the cat sees' is hidden"),
        ("the [ ] sees", "", "No word of .* is hidden"),
        ("the [cat] [sees]", "", r"More than one word is to be hidden \('cat', 'sees'\)"),
        ("the [cat] sees", "the", r"More than one word is to be hidden \('cat', 'the'\)"),
        ("the cat sees", "dog", "'dog' is no word of the sentence: choose one of the, cat, sees"),
        ("the cat sees the dog", "the", "'the' stands 2 times in the sentence"),
        (" ", "", "There is no sentence"),
        ("[a] " + "the " * 500, "", r"has 2,003 characters, but up to 1,000 are read"),
        ("[a] " + "the " * 50, "", r"has 53 subwords, special tokens counted, but 40 are read: shorten it"),
        ("the [xyz] sees", "", "The model has no subword for 'xyz'"),
    ],
)
def test_what_cannot_be_asked_is_refused_before_anything_is_encoded(spec, monkeypatch, text, word, said):
    monkeypatch.setattr(encode, "run", None)
    with pytest.raises(ValueError, match=said):
        lens.run(replace(spec, text=text, word=word))


def test_the_gap_is_where_the_brackets_were():
    gap = gap_of("  the  [ cat ] sees")
    assert gap.text[gap.start : gap.stop] == gap.word == "cat"


def test_a_model_without_the_output_and_an_empty_corpus_are_refused(spec, tmp_path, model):
    with pytest.raises(models.ModelError, match="saved with its masked language model head, such as demo"):
        lens.run(replace(spec, model=model))
    empty = tmp_path / "empty.tsv"
    empty.write_text("eng\tdeu\n", encoding="utf-8")
    with pytest.raises(CorpusError):
        lens.run(replace(spec, corpus=f"table:{empty}"))
    with pytest.raises(CorpusError):
        readout.run(readout.Spec(model=spec.model, corpus=f"table:{empty}"))


def test_the_nearest_sentences_are_those_of_centred_retrieval(spec, corpus):
    vectors = {
        code: encode.run(encode.Spec(model=spec.model, corpus=corpus, language=code)).vectors for code in ("eng", "deu")
    }
    opened = open_corpus(corpus)
    hits = []
    for row in range(len(ROWS)):
        near = nearest_sentences(
            {"deu": vectors["deu"], "eng": vectors["eng"]}, vectors["eng"][:, row], opened, "eng", 72
        )
        german = near[near["language"] == "deu"].groupby("layer").first()
        hits.append(german["id"].to_numpy() == opened.ids[row])
        first = near[near["rank"] == 1]
        np.testing.assert_allclose(first["value"], 1, atol=CLOSE)  # itself
    for layer in range(4):
        expected = measures.retrieval_accuracy(vectors["eng"][layer], vectors["deu"][layer], score="centred")
        assert np.mean(hits, axis=0)[layer] == pytest.approx(expected)


def test_a_sentence_in_an_unknown_language_counts_as_of_the_nearest_mean(spec, result):
    untold = lens.run(replace(spec, language=""))
    assert untold.meta["language"] == ""
    assert len(untold.near) == len(result.near) == 4 * 3


def test_a_fusion_model_adds_its_two_states_and_says_whose_they_are(spec, tmp_path):
    trained = models.DlfaForSequenceClassification.from_encoder(spec.model, ("a", "b"), layer=1, frozen_blocks=2)
    trained.save_pretrained(tmp_path / "fused")
    tiny_tokenizer().save_pretrained(tmp_path / "fused")
    found = lens.run(replace(spec, fusion=str(tmp_path / "fused")))
    assert list(found.truth["state"]) == ["layer"] * 4 + ["own_last", "fused"]
    assert found.meta["fusion"]["frozen_blocks"] == 2
    assert "Blocks 3 to 3 of its encoder were trained for its task" in summary("lens", found)
    other = save_masked(tmp_path / "other", num_hidden_layers=2)
    with pytest.raises(ValueError, match=r"stands on .* and not on .*: name a fusion model on"):
        lens.run(replace(spec, model=other, fusion=str(tmp_path / "fused")))
    plain = save_checkpoint(tmp_path / "plain", model_class=transformers.AutoModelForSequenceClassification)
    with pytest.raises(ValueError, match="fuses no lower layer with its last"):
        lens.run(replace(spec, fusion=str(plain)))


def test_a_fusion_of_more_layers_names_them_and_one_of_all_has_no_place_beside_a_layer(spec, tmp_path):
    def saved(fusion, layer):
        folder = tmp_path / fusion
        model = models.DlfaForSequenceClassification.from_encoder(spec.model, ("a", "b"), fusion=fusion, layer=layer)
        model.save_pretrained(folder)
        tiny_tokenizer().save_pretrained(folder)
        return str(folder)

    found = lens.run(replace(spec, fusion=saved("dlfa_two", 1)))
    assert "fuses layers 1 and 2 with the last" in summary("lens", found)
    with pytest.raises(ValueError, match=r"fuses all layers, so its fused state belongs beside none of them: name a"):
        lens.run(replace(spec, fusion=saved("dlfa_all", None)))


COUNTS = np.array(
    [
        # of German only, of two languages, of all four, seen once, never, without letters; 27 of each language
        [8, 4, 5, 1, 0, 9],
        [0, 4, 5, 0, 0, 18],
        [0, 0, 5, 0, 0, 22],
        [0, 0, 5, 0, 0, 22],
    ]
)


@pytest.mark.parametrize(
    ("number", "written", "codes", "how"),
    [
        (0, "nicht", ("deu",), "seen"),
        (1, "in", ("deu", "eng"), "seen"),
        (2, "a", (), "several"),
        (3, "Haus", (), "letters"),
        (4, "город", ("rus",), "script"),
        (4, "ქალაქი", ("kat",), "script"),
        (5, "12", (), "none"),
    ],
)
def test_subwords_are_of_the_languages_that_have_them(number, written, codes, how):
    known = SubwordLanguages(("deu", "eng", "fra", "rus"), COUNTS)
    found = known.origin(number, written)
    assert (found.languages, found.how) == (codes, how)


def test_frequencies_count_within_a_language():
    known = SubwordLanguages(("deu", "eng"), np.array([[90, 910], [9, 1]]))  # 9 % of one text, 90 % of the other
    assert known.origin(0, "so").languages == ("eng",)


def test_a_part_that_goes_on_a_word_has_a_hyphen():
    tokenizer = tiny_tokenizer()
    assert [written_of(tokenizer, tokenizer.convert_tokens_to_ids(token)) for token in ("##s", "cat", "[SEP]")] == [
        "‑s",
        "cat",
        "[SEP]",
    ]


@pytest.fixture
def read(masked, corpus):
    return readout.run(readout.Spec(model=masked, corpus=corpus, resamples=50))


def test_the_loss_of_the_last_layer_is_that_of_pre_training(read, masked, corpus):
    asked = MaskedLanguageModel.from_pretrained(masked)
    for code, texts in open_corpus(corpus).texts.items():
        value, n = asked.loss(texts)
        own = read.losses[(read.losses["language"] == code) & (read.losses["layer"] == 3)].iloc[0]
        assert own["value"] == pytest.approx(value, abs=CLOSE)
        assert own["n"] == n


def test_the_mean_is_over_languages_and_lies_in_its_interval(read):
    for _, rows in read.losses.groupby("layer"):
        own, every = rows[rows["language"] != "all"], rows[rows["language"] == "all"].iloc[0]
        assert every["value"] == pytest.approx(own["value"].mean())
        assert every["ci_low"] < every["value"] < every["ci_high"]
    assert read.meta["chance"] == pytest.approx(math.log(len(tiny_tokenizer())))


def test_gains_are_frequencies_less_layers_with_wider_intervals(read):
    by_frequency = read.unigrams.set_index("language").loc["all", "value"]
    every = read.losses[read.losses["language"] == "all"].set_index("layer")["value"]
    np.testing.assert_allclose(read.gains["value"], by_frequency - every)
    assert (read.gains["ci_high"] > read.gains["ci_low"]).all()


def test_without_resamples_there_are_no_intervals(masked, corpus):
    bare = readout.run(readout.Spec(model=masked, corpus=corpus, resamples=0))
    assert bare.losses["ci_low"].isna().all()
    assert bare.gains["ci_low"].isna().all()
    assert "no layer's words should be believed" in summary("readout", bare)


def test_random_weights_can_be_read_too(masked, corpus):
    read = readout.run(readout.Spec(model=f"untrained:{masked}", corpus=corpus, limit=20, resamples=0))
    assert np.isfinite(read.losses["value"]).all()


def test_frequencies_are_those_of_the_other_sentences_and_sum_to_one():
    sentences = [np.array([0, 1]), np.array([1, 2]), np.array([1, 1, 3])]
    size = 5
    every = unigram_losses(sentences, np.arange(size), np.zeros(size, dtype=int), size)
    assert np.exp(-every).sum() == pytest.approx(1)
    assert every[1] == every.min()  # three of the five others
    assert every[0] == every[4] == every.max()  # only in the sentence itself, and nowhere


def test_languages_are_known_by_name(spec):
    assert languages.find(replace(spec, language="English").language).code == "eng"
