"""Smaller models by command: which texts are read, what is told, what is refused."""

import lzma
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from transformers import AutoModel, AutoTokenizer

from dlfa_core import models
from dlfa_core.__main__ import main
from dlfa_core.data.parallel import CorpusError
from dlfa_core.experiments import shrink
from dlfa_core.experiments.shrink.weighted_texts import WeightedTexts, texts_of
from dlfa_core.figures.sentences import summary
from dlfa_core.languages import UnknownLanguage
from dlfa_core.runtime import store
from tests.models.tiny_subwords import save_subword_checkpoint

LINES = {"en": ["abc abc", "ab"], "de": ["cab", "cabbac 🙂"], "sw": ["ba ba ba"]}


@pytest.fixture
def spec(tmp_path):
    """A tiny BERT, text in three languages, and a corpus in English and French."""
    (tmp_path / "text").mkdir()
    for code, lines in LINES.items():
        with lzma.open(tmp_path / "text" / f"{code}.txt.xz", "wt", encoding="utf-8") as stream:
            stream.write("\n".join(lines))
    (tmp_path / "corpus.tsv").write_text("eng\tfra\nccc\taca\ncc\tac\n", encoding="utf-8")
    return shrink.Spec(
        out=str(tmp_path / "small"),
        model=str(save_subword_checkpoint(tmp_path / "full")),
        text=str(tmp_path / "text"),
        corpora=(f"table:{tmp_path / 'corpus.tsv'}",),
    )


def read(spec):
    """(language, weight, lines) of the texts that a spec names."""
    return [(text.language, text.weight, list(text.lines())) for text in texts_of(spec)]


def test_text_and_corpora_are_read_language_by_language(spec):
    assert read(spec) == [
        ("deu", 1.0, LINES["de"]),
        ("eng", 1.0, LINES["en"]),
        ("swh", 1.0, LINES["sw"]),
        ("eng", 0.15, ["ccc", "cc"]),
        ("fra", 0.15, ["aca", "ac"]),
    ]


def test_lines_are_given_anew_each_time(spec):
    for text in texts_of(spec):
        assert list(text.lines()) == list(text.lines())


def test_languages_may_be_named_and_left_out(spec):
    assert [code for code, *_ in read(replace(spec, languages=("English", "fr")))] == ["eng", "eng", "fra"]
    assert [code for code, *_ in read(replace(spec, without=("en", "swh")))] == ["deu", "fra"]


def test_languages_have_weights(spec):
    weighted = read(replace(spec, weights=("sw=2", "English=0.5"), corpus_weight=0.2))
    assert [(code, weight) for code, weight, _ in weighted] == [
        ("deu", 1.0),
        ("eng", 0.5),
        ("swh", 2.0),
        ("eng", 0.1),
        ("fra", 0.2),
    ]


@pytest.mark.parametrize(
    ("limit", "kept"), [(0, "abc abc|ab"), (3, "abc"), (7, "abc abc"), (8, "abc abc"), (9, "abc abc|a")]
)
def test_a_limit_counts_characters_and_line_ends(spec, limit, kept):
    lines = next(lines for code, _, lines in read(replace(spec, text_limit=limit)) if code == "eng")
    assert "|".join(lines) == kept


def test_the_sample_is_a_text_too():
    assert [text.language for text in texts_of(WeightedTexts(text="sample", languages=("de", "th")))] == ["deu", "tha"]


@pytest.mark.parametrize(
    ("changes", "error", "said"),
    [
        ({"text": "", "corpora": ()}, ValueError, "There is no text to choose subwords from: give text=FOLDER"),
        ({"languages": ("Klingonish",)}, UnknownLanguage, "'Klingonish' is not a language in the table"),
        ({"without": ("qqq",)}, UnknownLanguage, "'qqq' is not a language in the table"),
        (
            {"languages": ("en", "th")},
            ValueError,
            r"There is no text in Thai \(tha\): the sources have eng\. Add text, or leave the language out",
        ),
        ({"languages": ("th",), "text": ""}, ValueError, "the sources have none of those asked for"),
        ({"languages": ("th",)}, CorpusError, "holds no text file for the chosen languages"),
        ({"weights": ("th=2",)}, ValueError, r"There is no text in Thai \(tha\)"),
        ({"weights": ("sw",)}, ValueError, r"weights: 'sw' is no weight of a language\. Write it as LANGUAGE=NUMBER"),
        ({"weights": ("sw=0",)}, ValueError, "'sw=0' is no weight"),
        ({"weights": ("sw=inf",)}, ValueError, "'sw=inf' is no weight"),
        ({"without": ("en", "de", "sw", "fr")}, ValueError, "All languages that have text are left out: name fewer"),
        ({"corpus_weight": 0.0}, ValueError, "corpus_weight=0 must be above 0: leave corpora out"),
    ],
)
def test_texts_that_cannot_be_read_are_named(spec, changes, error, said):
    with pytest.raises(error, match=said):
        texts_of(replace(spec, **changes))


def test_the_table_says_what_each_language_lost(spec):
    result = shrink.run(replace(spec, size=20))
    before, after = (AutoTokenizer.from_pretrained(folder) for folder in (spec.model, spec.out))
    lines = {"deu": LINES["de"], "eng": [*LINES["en"], "ccc", "cc"], "swh": LINES["sw"], "fra": ["aca", "ac"]}
    words = {"deu": 3, "eng": 5, "swh": 3, "fra": 2}
    expected = []
    for language, texts in lines.items():
        old = [number for text in texts for number in before(text, add_special_tokens=False)["input_ids"]]
        new = [number for text in texts for number in after(text, add_special_tokens=False)["input_ids"]]
        expected.append(
            {
                "language": language,
                "words": words[language],
                "tokens": len(old),
                "kept": np.isin(old, result.kept).mean(),
                "fertility_before": len(old) / words[language],
                "fertility_after": len(new) / words[language],
                "unknown_before": 0.0,
                "unknown_after": 0.0,
            }
        )
    pd.testing.assert_frame_equal(result.languages, pd.DataFrame(expected))
    assert result.languages["kept"].min() < 1


def test_sizes_are_told_before_and_after(spec):
    result = shrink.run(replace(spec, size=20, half=True))
    sizes = result.sizes.set_index("size")
    assert sizes.loc["subwords"].tolist() == [87, 20]
    assert sizes.loc["parameters", "after"] < sizes.loc["parameters", "before"]
    assert sizes.loc["bytes", "after"] == (Path(spec.out) / "model.safetensors").stat().st_size
    assert len(result.kept) == 20


def test_weights_of_languages_change_what_is_kept(spec):
    def kept(**changes):
        return set(shrink.run(replace(spec, size=16, **changes)).kept)

    subwords = AutoTokenizer.from_pretrained(spec.model).get_vocab()
    assert subwords["aca"] not in kept()
    assert subwords["aca"] in kept(weights=("fr=50",))


def test_a_model_that_is_still_there_is_not_made_again(spec, monkeypatch):
    first = store.fetch(shrink, spec)
    monkeypatch.setattr(shrink, "run", None)
    pd.testing.assert_frame_equal(store.fetch(shrink, spec).languages, first.languages)


def test_a_model_that_is_gone_or_another_one_is_made_again(spec):
    result = store.fetch(shrink, spec)
    assert shrink.intact(result)
    store.fetch(shrink, replace(spec, size=20))
    assert not shrink.intact(result)
    assert shrink.intact(store.fetch(shrink, spec))
    (Path(spec.out) / "config.json").unlink()
    assert not shrink.intact(result)


def test_the_key_follows_the_text_the_corpora_and_the_model(spec, tmp_path):
    keys = [store.key_of(shrink, spec)]
    (tmp_path / "text" / "fi.txt").write_text("bb", encoding="utf-8")
    keys.append(store.key_of(shrink, spec))
    (tmp_path / "corpus.tsv").write_text("eng\tfra\nccc\taca\n", encoding="utf-8")
    keys.append(store.key_of(shrink, spec))
    save_subword_checkpoint(spec.model, rows=4)
    keys.append(store.key_of(shrink, spec))
    assert len(set(keys)) == 4


def test_the_command_writes_a_model_and_tells_what_was_lost(spec, capsys):
    assert main(["shrink", "--model", spec.model, "--out", spec.out, "--text", spec.text, "--size", "16"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("16 of 87 subwords are kept: 0.0 instead of 0.0 million parameters, ")
    assert said[1].startswith(("German: ", "English: ", "Swahili: "))
    assert models.Encoder.from_pretrained(spec.out).n_states == 4
    assert AutoModel.from_pretrained(spec.out).config.vocab_size == 16


def test_the_summary_lists_languages_from_the_one_that_lost_most():
    languages = pd.DataFrame(
        {
            "language": ["eng", "swh"],
            "words": [100, 50],
            "tokens": [120, 100],
            "kept": [1.0, 0.75],
            "fertility_before": [1.2, 2.0],
            "fertility_after": [1.2, 2.5],
            "unknown_before": [0.0, 0.01],
            "unknown_after": [0.0, 0.02],
        }
    )
    sizes = pd.DataFrame(
        {"size": shrink.SIZES, "before": [119547, 178000000, 711000000], "after": [30000, 109000000, 218000000]}
    )
    warnings = [*shrink._warnings(languages, new_head=True)]
    result = shrink.Result(languages, sizes, None, "", "", warnings)
    assert warnings[-1].startswith("The masked language model head is new: train it")
    assert summary("shrink", result).splitlines() == [
        "30,000 of 119,547 subwords are kept: 109.0 instead of 178.0 million parameters, 218.0 instead of 711.0 MB. "
        "They are 87.5% of the tokens, mean over 2 languages; a word takes 12.5% more tokens.",
        "Swahili: 75.0% of 100 tokens are kept, a word takes 2.50 tokens instead of 2.00",
        "English: 100.0% of 120 tokens are kept, a word takes 1.20 tokens instead of 1.20",
        "Note: More tokens are unknown than before: Swahili 2.0% instead of 1.0%. A larger size or a smaller "
        "character_count keeps them.",
        f"Note: {warnings[-1]}",
    ]
