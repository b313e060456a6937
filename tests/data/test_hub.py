"""The hub reader on data sets that lie in a folder, and on every way in which the hub can fail."""

import pytest

from dlfa_core.data import CorpusError, hub, open_corpus

datasets = pytest.importorskip("datasets")


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", str(tmp_path / "cache"))


def save(folder, split="test", **columns):
    folder.mkdir(exist_ok=True)
    datasets.Dataset.from_dict(columns).to_parquet(str(folder / f"{split}.parquet"))
    return folder


def fail(monkeypatch, error):
    def load_dataset(*_, **__):
        raise error

    monkeypatch.setattr(datasets, "load_dataset", load_dataset)


def test_columns_of_languages_are_taken_and_others_named(tmp_path):
    save(tmp_path / "flores", id=[3, 4], sentence_eng_Latn=["one", "two"], deu=["eins", None], URL=["u", "v"])
    corpus = open_corpus(f"hub:{tmp_path}/flores")
    assert corpus.ids == ("3",)
    assert corpus.texts == {"eng": ("one",), "deu": ("eins",)}
    assert corpus.name == "flores"
    assert "because they are no language: URL." in corpus.notes[0]


def test_translations_in_one_column_are_taken_apart(tmp_path):
    pairs = [{"en": "one", "de": "eins"}, {"en": "two", "de": "zwei"}]
    save(tmp_path / "opus", translation=pairs)
    assert open_corpus(f"hub:{tmp_path}/opus")["de"] == ("eins", "zwei")


def test_the_test_split_is_the_default_and_others_can_be_asked_for(tmp_path):
    folder = save(tmp_path / "both", en=["test"], de=["Test"])
    save(folder, "train", en=["a", "b"], de=["c", "d"])
    assert open_corpus(f"hub:{folder}")["en"] == ("test",)
    assert open_corpus(f"hub:{folder}::train[:1]")["en"] == ("a",)


def test_without_a_test_split_one_must_be_chosen(tmp_path):
    folder = save(tmp_path / "both", "train", en=["a"], de=["b"])
    save(folder, "validation", en=["a"], de=["b"])
    with pytest.raises(CorpusError, match=r"has the splits train, validation. Choose one: hub:.*:default:train"):
        open_corpus(f"hub:{folder}")


def test_a_data_set_without_languages_is_refused(tmp_path):
    with pytest.raises(CorpusError, match=r"sentences in 0 languages"):
        open_corpus(f"hub:{save(tmp_path / 'labels', label=['a'])}")


def test_a_large_data_set_is_refused_with_the_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(hub, "MAX_SENTENCES", 1)
    folder = save(tmp_path / "large", en=["a", "b"], de=["c", "d"])
    with pytest.raises(CorpusError, match=r"2 rows, but the limit is 1. Take a part of it: hub:.*test\[:1000\]"):
        open_corpus(f"hub:{folder}")


def test_name_revision_part_and_split_are_read_from_the_source(monkeypatch):
    asked = []

    def load_dataset(*arguments, **options):
        asked.append((*arguments, options))
        return datasets.Dataset.from_dict({"en": ["a"], "de": ["b"]})

    monkeypatch.setattr(datasets, "load_dataset", load_dataset)
    source = "hub:owner/set@abc123:deu-eng:dev"
    assert open_corpus(source).source == source
    assert open_corpus("hub:owner/set").source == "hub:owner/set"
    assert asked == [
        ("owner/set", "deu-eng", {"split": "dev", "revision": "abc123"}),
        ("owner/set", None, {"split": None, "revision": None}),
    ]


def test_no_network_is_one_clear_sentence(monkeypatch):
    fail(monkeypatch, ConnectionError("Couldn't reach 'owner/set' on the Hub\nmore"))
    with pytest.raises(
        CorpusError, match=r"hub cannot be reached, .* Connect to the network, or use sentences on this"
    ):
        open_corpus("hub:owner/set")


def test_an_unknown_data_set_asks_for_the_spelling(monkeypatch):
    fail(monkeypatch, datasets.exceptions.DatasetNotFoundError("no"))
    with pytest.raises(CorpusError, match=r"no public data set 'owner/set' .* Check the spelling"):
        open_corpus("hub:owner/set")


@pytest.mark.parametrize(
    "error",
    [
        ValueError("BuilderConfig 'x' not found. Available: ['a']"),
        RuntimeError("Dataset scripts are no longer supported, but found set.py"),
    ],
)
def test_what_the_library_refuses_is_passed_on_with_a_way_out(monkeypatch, error):
    fail(monkeypatch, error)
    with pytest.raises(CorpusError, match=r"cannot be loaded: .*(Available|no longer supported).*hub:owner/set:CONFIG"):
        open_corpus("hub:owner/set")
