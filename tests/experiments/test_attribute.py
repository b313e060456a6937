"""From a spec to scores of words, for typed texts and for corpora."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from dlfa_core import models
from dlfa_core.__main__ import main
from dlfa_core.experiments import attribute
from dlfa_core.experiments.attribute import Spec
from dlfa_core.figures.sentences import summary
from dlfa_core.models import DlfaForTokenClassification, Encoder, ModelError
from dlfa_core.runtime import store
from tests.experiments.classifiers import save_fusion, save_plain
from tests.models.tiny import TERMS, save_checkpoint
from tests.rounding import tolerance

CLOSE = {"atol": tolerance("float32", 2 * TERMS), "rtol": 0}  # through the model and back
TEXTS = ("the cat sees a dog", "Haus !")


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """A fusion model, a plain checkpoint, a tagger and an encoder."""
    root = tmp_path_factory.mktemp("models")
    encoder = save_checkpoint(root / "encoder")
    return {
        "encoder": str(encoder),
        "fusion": save_fusion(root / "fusion", encoder),
        "plain": save_plain(root / "plain"),
        "tagger": save_fusion(root / "tagger", encoder, kind=DlfaForTokenClassification),
    }


@pytest.fixture
def fusion(folders):
    return folders["fusion"]


@pytest.mark.parametrize("name", ["fusion", "plain"])
@pytest.mark.parametrize("method", models.METHODS)
def test_every_method_explains_every_kind_of_model(folders, name, method):
    """The second route: the explainer itself."""
    result = attribute.run(Spec(folders[name], TEXTS, languages=("eng", "deu"), method=method))
    found = models.Explainer.from_pretrained(folders[name]).explain(TEXTS, method=method)
    np.testing.assert_allclose(result.words["score"], np.concatenate([each.word_scores for each in found]), **CLOSE)
    np.testing.assert_allclose(result.tokens["score"], np.concatenate(found.scores), **CLOSE)
    assert result.words["form"].tolist() == [*TEXTS[0].split(), *TEXTS[1].split()]
    assert result.texts["id"].tolist() == ["1", "2"]
    assert result.texts["language"].tolist() == ["eng", "deu"]
    assert result.meta["labels"] == list(models.Explainer.from_pretrained(folders[name]).labels)


def test_frames_fit_together(fusion, corpus):
    result = attribute.run(Spec(fusion, corpus=corpus, limit=4))
    assert result.texts.groupby("language").size().to_dict() == {"eng": 4, "deu": 4, "hin": 4}
    key = ["language", "id"]
    sums = result.tokens.groupby(key)["score"].sum()
    texts = result.texts.set_index(key)
    np.testing.assert_allclose(sums.loc[texts.index], texts["difference"] + texts["delta"], atol=1e-9)
    words = result.words.groupby(key)["score"].sum()
    np.testing.assert_allclose(words.loc[texts.index] + texts["special"], sums.loc[texts.index], atol=1e-9)
    np.testing.assert_allclose(texts["difference"], texts["value"] - texts["baseline_value"])
    assert (texts["relative_delta"] < 0.02).all()
    for row in result.words.itertuples():
        text = texts.loc[(row.language, row.id), "text"]
        assert text[row.start : row.stop] == row.form


def test_a_sentence_and_its_translation_share_an_id(fusion, corpus):
    texts = attribute.run(Spec(fusion, corpus=corpus, limit=3, method="occlusion")).texts
    assert len(set(texts["id"])) == 3
    assert texts.groupby("id")["language"].nunique().tolist() == [3, 3, 3]


def test_the_store_gives_back_what_was_computed(fusion):
    spec = Spec(fusion, TEXTS, draws=2)
    first, again = store.fetch(attribute, spec), store.find(attribute, spec)
    assert first.words.equals(again.words)  # both were read from the store
    assert set(first.meta) == set(again.meta)
    assert np.isnan(first.faithfulness["ci_low"]).all()  # two texts say nothing about others


def test_a_typed_text_needs_no_corpus(fusion):
    assert set(attribute.inputs(Spec(fusion, TEXTS))) == {"model"}
    assert set(attribute.inputs(Spec(fusion, corpus="sample"))) == {"model", "corpus"}


def test_faithfulness_is_measured_against_random_rankings(fusion, corpus):
    """By the second route: words are really taken out, here by hand for one text."""
    spec = Spec(fusion, corpus=corpus, limit=24, languages=("eng", "deu"), method="shapley", draws=3, resamples=50)
    result = attribute.run(spec)
    frame = result.faithfulness
    assert frame["group"].unique().tolist() == ["all", "eng", "deu"]
    assert frame.set_index("group").loc["eng", "n"].unique() == [24]
    assert (frame["ci_low"] <= frame["value"]).all()
    assert (frame["value"] <= frame["ci_high"]).all()
    compared = frame.assign(sign=frame["measure"].map({"comprehensiveness": 1, "sufficiency": -1}))
    np.testing.assert_allclose(compared["gain"], compared["sign"] * (compared["value"] - compared["random"]), atol=1e-9)
    half = frame[(frame["group"] == "all") & (frame["measure"] == "comprehensiveness") & (frame["share"] == 0.5)]
    assert half["gain"].item() > 0
    assert "comprehensiveness at 50% of the words" in summary("attribute", result)


def test_comprehensiveness_is_the_fall_of_the_probability_without_the_first_words(fusion):
    spec = Spec(fusion, TEXTS[:1], method="occlusion", draws=1, output="probability")
    result = attribute.run(spec)
    frame = result.faithfulness[result.faithfulness["group"] == "all"].set_index(["measure", "share"])
    strongest = result.words["score"].max()  # 10 % of five words is one word, whose occlusion is the fall
    assert frame.loc[("comprehensiveness", 0.1), "value"] == pytest.approx(strongest, rel=0, abs=CLOSE["atol"])


def test_of_two_labels_the_one_ahead_is_the_answer(fusion):
    """Exchanging them changes the sign of every score, and so nothing about what is erased."""
    there, back = (
        attribute.run(Spec(fusion, TEXTS, method="shapley", target=target, against=against, draws=4)).faithfulness
        for target, against in (("positive", "negative"), ("negative", "positive"))
    )
    np.testing.assert_allclose(there["value"], back["value"], **CLOSE)
    np.testing.assert_allclose(there["random"], back["random"], **CLOSE)


def test_a_cut_text_says_so(fusion):
    result = attribute.run(Spec(fusion, TEXTS, max_length=5))
    assert result.texts["truncated"].tolist() == [True, False]
    assert "1 of 2 texts were cut at 5 subwords" in " ".join(result.meta["warnings"])
    assert np.isnan(result.words["score"][3])
    assert result.words["subwords"].tolist() == [1, 1, 1, 0, 0, 1, 1]


def test_a_large_delta_comes_with_advice(fusion):
    one = attribute.run(Spec(fusion, TEXTS, method="input_x_gradient"))
    assert "read them as a ranking, or use integrated gradients" in " ".join(one.meta["warnings"])
    rough = attribute.run(Spec(fusion, TEXTS, steps=1, tolerance=0))
    assert "use more than 1 steps, or another baseline" in " ".join(rough.meta["warnings"])
    assert not attribute.run(Spec(fusion, TEXTS)).meta["warnings"]


def test_pairs_are_explained_side_by_side(folders):
    result = attribute.run(Spec(folders["plain"], TEXTS, seconds=("a dog", "dog walks"), languages=("eng",)))
    assert result.words.groupby(["id", "segment"]).size().tolist() == [5, 2, 2, 2]
    assert result.texts["second"].tolist() == ["a dog", "dog walks"]


def test_a_model_of_pairs_that_reads_single_texts_says_so(folders, tmp_path):
    name = save_fusion(tmp_path / "pairs", folders["encoder"], pairs=True)
    said = attribute.run(Spec(name, TEXTS, languages=("eng",))).meta["warnings"]
    assert f"{name} was trained on pairs of texts and reads single ones here: give the others as seconds." in said
    assert not attribute.run(Spec(name, TEXTS, seconds=("a dog", "dog walks"), languages=("eng",))).meta["warnings"]


def test_the_page_is_safe_and_names_languages(fusion, tmp_path):
    attack = "<script>alert(1)</script> घर"
    result = attribute.run(Spec(fusion, (attack,), languages=("hin",), method="occlusion"))
    page = result.to_html(tmp_path / "page.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert 'lang="hi" dir="ltr"' in page
    assert "&lt;" in page


def test_the_command_writes_words(fusion, tmp_path, capsys):
    out = tmp_path / "words.csv"
    assert main(["attribute", "--model", fusion, "--texts", *TEXTS, "--method", "occlusion", "--out", str(out)]) == 0
    assert out.read_text().splitlines()[0] == "id,language,word,form,segment,start,stop,subwords,score"
    assert "Occlusion by word of" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"texts": ("the cat", " ")}, "Text 1 is empty, so there are no words to explain"),
        ({"method": "lime"}, "Unknown method 'lime'"),
        ({"baseline": "blank"}, "Unknown baseline 'blank': choose from pad, mask, zero, auto"),
        ({"layer": 9}, "Layer 9 does not exist"),
        ({"target": "5"}, "Label 5 is out of range: this model has 3 labels, 0 to 2"),
        ({"target": "joy"}, "no label 'joy': choose from negative, neutral, positive"),
        ({"languages": ("eng", "deu", "fra")}, "2 texts but 3 languages: give one for each text, or one for all"),
        ({"seconds": ("a",)}, "2 texts but 1 second ones"),
        ({"texts": (), "seconds": ("a",)}, "second texts but no first ones"),
        ({"texts": (), "languages": ("swh", "quz")}, "quz"),
        ({"draws": -1}, "draws=-1 random rankings cannot be drawn"),
        ({"compared": -1}, "compared=-1 texts cannot be compared"),
    ],
)
def test_what_cannot_be_explained_is_refused(fusion, changes, message):
    with pytest.raises(ValueError, match=message):
        attribute.run(Spec(**{"model": fusion, "texts": TEXTS, **changes}))


def test_models_without_a_head_for_texts_are_refused(folders):
    with pytest.raises(ModelError, match="has no classification head"):
        attribute.run(Spec(folders["encoder"], TEXTS))
    with pytest.raises(ValueError, match="gives no label to a text: choose a model for sequence classification"):
        attribute.run(Spec(folders["tagger"], TEXTS))


def test_the_bundled_encoder_is_explained_completely_at_the_defaults():
    """With a random head of the size that ships; its quality plays no part."""
    torch.manual_seed(0)
    model = models.DlfaForSequenceClassification.from_encoder("demo", ["a", "b"], layer=9)
    explainer = models.Explainer(model, Encoder.from_pretrained("demo", dtype="float32").tokenizer)
    sentences = attribute.corpora.opened("sample").select(["arb", "tha"], 1)
    assert (explainer.explain([sentences["arb"][0], sentences["tha"][0]]).relative_delta < 0.02).all()


def test_scores_are_compared_over_baselines(fusion):
    """By a second run with the other baseline."""
    spec = Spec(fusion, TEXTS, target="positive", against="negative", compared=5)
    result = attribute.run(spec)
    rows = result.baselines.set_index("baseline")
    used = result.meta["baseline"]
    assert used == rows["lean"].abs().idxmin()
    assert result.meta["lean"] == rows.loc[used, "lean"]
    assert rows["lean"].to_dict() == result.meta["leans"]
    assert rows.loc[used, "words"] == 0
    (other,) = (name for name in rows.index if name != used)
    beside = attribute.run(replace(spec, baseline=other, compared=0))
    ours, theirs = result.words["score"].to_numpy(), beside.words["score"].to_numpy()
    assert rows.loc[other, "same_sign"] == (np.sign(ours) == np.sign(theirs)).mean()
    assert rows.loc[other, "correlation"] == pytest.approx(np.corrcoef(ours, theirs)[0, 1])
    assert rows.loc[other, ["words", "texts"]].tolist() == [len(ours), len(TEXTS)]
    assert beside.meta["baseline"] == other
    assert (beside.baselines["words"] == 0).all()
    assert beside.baselines["same_sign"].isna().all()


def test_texts_that_are_compared_are_drawn():
    drawn = attribute.baselines.drawn(50, 20, 1)
    assert len(set(drawn)) == 20
    assert drawn == sorted(drawn)
    assert drawn != list(range(20))
    assert attribute.baselines.drawn(3, 20, 1) == [0, 1, 2]
