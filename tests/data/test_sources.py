"""Every way to name a corpus; the last class opens the real ones where they lie beside the repository."""

import subprocess
import sys
from pathlib import Path

import pytest

from dlfa_core.data import CorpusError, open_corpus, sources

SHARED = Path(__file__).parents[3] / "shared" / "data"
TABLE = "en\tde\none\teins\n"


@pytest.fixture
def paths(tmp_path):
    """A path of each kind."""
    (tmp_path / "words.tsv").write_text(TABLE)
    (tmp_path / "deu-eng.tsv").write_text("row\ttext\tenglish\n0\teins\tone\n")
    for folder, names, text in (
        ("pud", ("de_pud-ud-test.conllu", "en_pud-ud-test.conllu"), "# sent_id = n1\n# text = a\n"),
        ("texts", ("de.txt", "en.txt"), "a\n"),
    ):
        (tmp_path / folder).mkdir()
        for name in names:
            (tmp_path / folder / name).write_text(text)
    return {
        "table": tmp_path / "words.tsv",
        "tatoeba": tmp_path / "deu-eng.tsv",
        "pud": tmp_path / "pud",
        "folder": tmp_path / "texts",
    }


@pytest.mark.parametrize("kind", ["table", "tatoeba", "pud", "folder"])
def test_a_bare_path_opens_like_a_named_kind(kind, paths):
    named, bare = open_corpus(f"{kind}:{paths[kind]}"), open_corpus(str(paths[kind]))
    assert named.digest == bare.digest
    assert named.source == bare.source == f"{kind}:{paths[kind]}"
    assert open_corpus(named.source).digest == named.digest


def test_a_bare_folder_of_tatoeba_pairs_asks_for_one(tmp_path):
    (tmp_path / "deu-eng.tsv").write_text("row\ttext\tenglish\n0\teins\tone\n")
    with pytest.raises(CorpusError, match=r"Choose one: tatoeba:"):
        open_corpus(str(tmp_path))


def test_the_home_folder_may_be_a_tilde(monkeypatch, paths):
    monkeypatch.setenv("HOME", str(paths["table"].parent))
    monkeypatch.setenv("USERPROFILE", str(paths["table"].parent))
    assert len(open_corpus("table:~/words.tsv")) == len(open_corpus("~/words.tsv")) == 1


@pytest.mark.parametrize("source", ["", "smaple", "tabel:x.tsv", "/nowhere/x.tsv"])
def test_an_unknown_source_lists_what_can_be_written(source):
    with pytest.raises(CorpusError, match=r"neither a kind of corpus nor a path that exists. Write sample, a path, or"):
        open_corpus(source)


@pytest.mark.parametrize("kind", sources.READERS)
def test_a_kind_without_a_place_says_how_to_write_it(kind):
    with pytest.raises(CorpusError, match=f"names no place. Write {kind}:PATH"):
        open_corpus(f"{kind}:")


def test_opening_a_table_imports_neither_torch_nor_datasets(paths):
    code = (
        "import sys; from dlfa_core.data import open_corpus; open_corpus(sys.argv[1]);"
        "print([name for name in ('torch', 'transformers', 'datasets', 'streamlit') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(paths["table"])],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.skipif(not sources.SAMPLE.exists(), reason="the sample corpus is not here yet")
def test_the_sample_is_complete_and_balanced():
    sample = open_corpus("sample")
    assert len(sample) >= 240
    assert len(sample.languages) >= 16
    assert sample.notes == ()
    assert sample.licence == "CC BY 4.0"
    counts = sample.meta["sentiment"].value_counts()
    assert set(counts.index) == {"positive", "negative", "neutral"}
    assert counts.max() - counts.min() <= 0.1 * len(sample)


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs the shared data beside the repository")
class TestSharedData:
    @pytest.mark.parametrize(
        ("source", "rows", "languages", "notes"),
        [
            ("table:{}/parallel/ntrex128.tsv.xz", 1997, 50, 0),
            ("table:{}/parallel/sib200-40langs.tsv.xz", 1004, 40, 0),
            ("table:{}/parallel/sib200-test-all.tsv.xz", 204, 181, 10),
            ("pud:{}/ud-pud", 1000, 17, 0),
            ("tatoeba:{}/tatoeba/kzj-eng.tsv.xz", 1000, 2, 0),
        ],
    )
    def test_real_corpora_open_whole(self, source, rows, languages, notes):
        corpus = open_corpus(source.format(SHARED))
        assert (len(corpus), len(corpus.languages), len(corpus.notes)) == (rows, languages, notes)

    def test_pud_has_the_same_sentence_in_every_row(self):
        pud = open_corpus(f"pud:{SHARED}/ud-pud")
        row = pud.ids.index("n01001011")
        assert "Kori Schulman" in pud["en"][row]
        assert "Kori Schulman" in pud["de"][row]
        assert "科瑞·舒爾曼" in pud["zh"][row]

    def test_sib_200_brings_its_topics(self):
        sib = open_corpus(f"{SHARED}/parallel/sib200-40langs.tsv.xz")
        assert sib.meta["topic"].nunique() == 7

    def test_every_tatoeba_pair_opens(self):
        for path in sorted((SHARED / "tatoeba").glob("*.tsv.xz")):
            assert open_corpus(f"tatoeba:{path}").languages[1] == "eng"
