"""Language and split in files' names: the code that is meant, or an error that names those it may be."""

from pathlib import Path

import pytest

from dlfa_core.data import CorpusError
from dlfa_core.data.tasks.names import SPLITS, WORDS, language_in, split_in
from dlfa_core.languages import LANGUAGES, find


@pytest.mark.parametrize(
    ("name", "language", "split"),
    [
        ("my-data-train-de.tsv", "deu", "train"),
        ("to-do-train-de.tsv.xz", "deu", "train"),
        ("as-en-train.tsv", "eng", "train"),
        ("xnli.dev.en.tsv", "eng", "dev"),
        ("de-wiki-test.tsv", "deu", "test"),
        ("heb-omilab-test.tsv", "heb", "test"),
        ("snli-en.tsv", "eng", "test"),
        ("en-test-en.tsv", "eng", "test"),
        ("val_EN.csv", "eng", "dev"),
        ("TRAIN-DE.TSV", "deu", "train"),
        ("por-MZ-test.tsv", "por", "test"),
        ("train-pt-BR.tsv", "por", "train"),
        ("zh-cn-test.tsv", "cmn", "test"),
        ("test_zh_Hant_TW.tsv", "cmn", "test"),
        ("fa-AF-test.tsv", "prs", "test"),
        ("test-es-419.tsv", "spa", "test"),
        ("test-sr-Latn-RS.tsv", "srp", "test"),
        ("test-sr-Latn.tsv", "srp", "test"),
        ("en_ewt-ud-dev.conllu.xz", "eng", "dev"),
        ("de_lit-ud-test.conllu", "deu", "test"),  # LIT is a treebank here, not Lithuanian
        ("no_nynorsk-ud-train.conllu", "nno", "train"),
        ("no_nynorsklia-ud-test.conllu", "nno", "test"),
        ("no_bokmaal-ud-test.conllu", "nob", "test"),
        ("train-no_nynorsk.tsv", "nno", "train"),
        ("no-test.tsv", "nob", "test"),
    ],
)
def test_a_name_says_its_language_and_split(name, language, split):
    assert (language_in(Path(name)), split_in(Path(name))) == (language, split)


@pytest.mark.parametrize("split", sorted(SPLITS))
def test_every_code_beside_a_split_is_found_on_either_side(split):
    for code in LANGUAGES:
        assert language_in(Path(f"{code}-{split}.tsv")) == language_in(Path(f"my_data_{split}.{code}.tsv")) == code


@pytest.mark.parametrize(
    ("name", "one", "other"),
    [
        ("en-train-de.tsv", r"English \(en\)", r"German \(de\)"),
        ("pt-br-train.tsv", r"Portuguese \(pt\)", r"Breton \(br\)"),
        ("train-my-de.tsv", r"Burmese \(my\)", r"German \(de\)"),
        ("deu-eng.tsv", r"German \(deu\)", r"English \(eng\)"),
        ("de-en-wiki-test.tsv", r"German \(de\)", r"English \(en\)"),
    ],
)
def test_two_languages_in_a_name_are_an_error_that_names_both(name, one, other):
    with pytest.raises(CorpusError, match=f"{name} may mean {one} or {other}. Keep one code .* such as train-pt-BR"):
        language_in(Path(name))


def test_a_word_away_from_the_split_is_no_language():
    with pytest.raises(CorpusError, match=r"my-data-train.tsv has no language in it \(unless Burmese \(my\) is meant"):
        language_in(Path("my-data-train.tsv"))


def test_every_word_is_a_code():
    assert all(find(word) for word in WORDS)


@pytest.mark.parametrize("name", ["dev_2k.tsv", "translated_train.tsv", "test"])
def test_a_folder_may_say_the_language(tmp_path, name):
    assert language_in(tmp_path / "de" / name) == "deu"
    assert language_in(tmp_path / "de" / f"en-{name}") == "eng"


def test_a_folder_may_say_the_split(tmp_path):
    assert split_in(tmp_path / "train" / "de.tsv") == "train"
    assert split_in(tmp_path / "train" / "dev-de.tsv") == "dev"
    assert split_in(tmp_path / "training-of-mine" / "de.tsv") == "test"
