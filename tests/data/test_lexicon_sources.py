"""Every way to name a lexicon; the last class opens the real ones where they lie beside the repository."""

from functools import cache
from pathlib import Path

import pytest

from dlfa_core.data import CorpusError, open_lexicon
from dlfa_core.data.lexicons.sources import KINDS, files_of
from dlfa_core.languages import UnknownLanguage

SHARED = Path(__file__).parents[3] / "shared" / "data" / "lexicons"


@pytest.fixture
def words(tmp_path):
    path = tmp_path / "words.tsv"
    path.write_text("word\tscore\ngood\t0.9\nbad\t0.1\n")
    return path


def test_what_a_file_does_not_say_stands_behind_its_path(words):
    source = f"table:{words}#language=en&scale=0..1"
    lexicon = open_lexicon(source)
    assert {entry.term: round(entry.valence, 9) for entry in lexicon["eng"]} == {"good": 0.8, "bad": -0.8}
    assert lexicon.source == source
    assert files_of(source) == (words,)


def test_a_bare_path_opens_like_a_named_table(words):
    bare, named = (open_lexicon(f"{kind}{words}#language=en&scale=0..1") for kind in ("", "table:"))
    assert bare.digest == named.digest
    assert bare.source == named.source
    assert files_of(f"{words}#language=en") == (words,)


def test_a_path_may_hold_the_mark_of_statements(tmp_path):
    path = tmp_path / "en#1.tsv"
    path.write_text("word\tscore\ngood\t1\nbad\t-1\n")
    assert len(open_lexicon(f"table:{path}#language=en")) == 2
    assert files_of(f"table:{path}") == (path,)


@pytest.mark.parametrize("statement", ["lang=en", "language", "scale=", ""])
def test_an_unknown_statement_says_which_are_known(words, statement):
    with pytest.raises(CorpusError, match=r"states nothing that is known. Write #language=deu, #scale=-5..5, or"):
        open_lexicon(f"table:{words}#{statement}")


def test_a_stated_language_must_be_one(words):
    with pytest.raises(UnknownLanguage, match="'qqq' is not a language"):
        open_lexicon(f"table:{words}#language=qqq")


def test_the_scale_of_a_known_list_is_not_stated(words):
    with pytest.raises(
        CorpusError, match=r"scale of afinn lists is known. Leave #scale out, or open the file as table:"
    ):
        open_lexicon(f"afinn:{words}#scale=0..1")


@pytest.mark.parametrize("source", ["", "smaple", "tabel:x.tsv", "/nowhere/x.tsv"])
def test_an_unknown_source_lists_what_can_be_written(source):
    with pytest.raises(
        CorpusError, match=r"neither a kind of lexicon nor a path that exists. Write sample, a path, or one of table:"
    ):
        open_lexicon(source)


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_without_a_place_says_how_to_write_it(kind):
    with pytest.raises(CorpusError, match=f"names no place. Write {kind}:PATH"):
        open_lexicon(f"{kind}:")


def test_a_missing_file_says_where_it_looked():
    with pytest.raises(CorpusError, match=r"There is nothing at /nowhere/x.tsv. Check the spelling"):
        open_lexicon("table:/nowhere/x.tsv")


def test_nusax_asks_for_a_second_source(tmp_path):
    with pytest.raises(CorpusError, match=r"comes from a lexicon with Indonesian words. Write nusax:.*\+SOURCE"):
        open_lexicon(f"nusax:{tmp_path}")


def test_nusax_goes_with_any_second_source(tmp_path):
    pairs, words = tmp_path / "a+b", tmp_path / "words.tsv"
    pairs.mkdir()
    (pairs / "ace.tsv").write_text("indonesian\tterm\nbaik\tget\n")
    words.write_text("word\tscore\nbaik\t9\n")
    source = f"nusax:{pairs}+table:{words}#language=ind&scale=1..9"
    assert open_lexicon(source)["ace"][0].valence == 1
    assert open_lexicon(source).source == source
    assert files_of(source) == (pairs / "ace.tsv", words)


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs the shared data beside the repository")
class TestSharedData:
    opened = staticmethod(cache(open_lexicon))

    @pytest.mark.parametrize(
        ("source", "entries", "languages", "opposite"),
        [
            ("afinn:{}/afinn", 21_127, 7, 83),
            ("afinn:{}/afinn165-multilingual.tsv.xz", 281_281, 102, 1),
            ("vader:{}/vader-en.tsv.xz", 7_504, 1, 2),
            ("table:{}/danish-dds.tsv.xz", 85_621, 1, 80),
            ("nusax:{0}/nusax+afinn:{0}/afinn165-multilingual.tsv.xz", 8_496, 12, 131),
        ],
    )
    def test_real_lists_open_whole(self, source, entries, languages, opposite):
        lexicon = self.opened(source.format(SHARED))
        assert (len(lexicon), len(lexicon.languages)) == (entries, languages)
        said = [note for note in lexicon.notes if "as positive and as negative" in note]
        assert bool(opposite) == bool(said)
        assert all(f": {opposite} (" in note for note in said)

    def test_every_valence_is_in_range(self):
        frame = self.opened(f"afinn:{SHARED}/afinn165-multilingual.tsv.xz").to_frame()
        assert frame["valence"].between(-1, 1).all()
        assert set((frame["valence"] * 5 % 1).round(9)) == {0.0, 0.5}  # 0.5 is the mean of two scores

    def test_the_scale_of_vader_is_not_guessed(self):
        with pytest.raises(CorpusError, match=r"go from -3.9 to 3.4, which ends at no whole number"):
            open_lexicon(f"table:{SHARED}/vader-en.tsv.xz")

    def test_nusax_agrees_with_its_indonesian_words(self):
        lexicon = self.opened(f"nusax:{SHARED}/nusax+afinn:{SHARED}/afinn165-multilingual.tsv.xz")
        single = [entry for entry in lexicon["jav"] if len(entry.concepts) == 1]
        valence_of = {entry.concepts[0]: entry.valence for entry in lexicon["ind"]}
        assert len(single) > 500
        assert all(entry.valence == valence_of[entry.concepts[0]] for entry in single)
