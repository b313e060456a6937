"""Files that share a name and end in their language."""

import bz2
import gzip

import pyarrow
import pytest

from dlfa_core.data import CorpusError, open_corpus
from dlfa_core.data.moses import read_moses
from dlfa_core.data.sources import files_of


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "europarl.de-en.en").write_bytes(b"one\ntwo\n\nfour\n")
    (tmp_path / "europarl.de-en.de").write_bytes("eins\nzwei\ndrei\nvïer\n".encode())
    (tmp_path / "europarl.de-en.ids").write_text("a\nb\n")
    (tmp_path / "README").write_text("about")
    return tmp_path


@pytest.mark.parametrize("place", ["moses:{}", "{}", "moses:{}/europarl.de-en", "{}/europarl.de-en.de"])
def test_a_set_is_found_by_its_folder_its_name_or_one_of_its_files(folder, place):
    corpus = open_corpus(place.format(folder))
    assert corpus.texts == {"deu": ("eins", "zwei", "vïer"), "eng": ("one", "two", "four")}
    assert corpus.ids == ("1", "2", "4")
    assert corpus.name == "europarl.de-en"
    assert "English 1" in corpus.notes[0]


@pytest.mark.parametrize("place", ["moses:{}/europarl.de-en", "{}/europarl.de-en.de"])
def test_a_change_of_any_file_of_a_set_is_noticed(folder, place):
    assert [file.suffix for file in files_of(place.format(folder))] == [".de", ".en"]


def test_the_english_side_of_a_tatoeba_pair_is_watched_too(tmp_path):
    for side in ("deu", "eng"):
        (tmp_path / f"tatoeba.deu-eng.{side}").write_text("a\n")
    assert len(files_of(f"tatoeba:{tmp_path}/tatoeba.deu-eng.deu")) == 2


@pytest.mark.parametrize(
    ("ending", "pack"),
    [("gz", gzip.compress), ("bz2", bz2.compress), ("zst", lambda data: pyarrow.compress(data, "zstd", asbytes=True))],
)
def test_packed_files_stand_beside_plain_ones(folder, ending, pack):
    plain = folder / "europarl.de-en.de"
    digest = open_corpus(f"moses:{folder}").digest
    (folder / f"europarl.de-en.de.{ending}").write_bytes(pack(plain.read_bytes()))
    assert open_corpus(f"moses:{folder}").notes[0] == (
        f"europarl.de-en.de.{ending} is set aside, because europarl.de-en.de has the same language."
    )
    plain.unlink()
    assert open_corpus(f"{folder}/europarl.de-en.de.{ending}").digest == digest


def test_a_file_that_stands_alone_is_an_error(folder):
    (folder / "europarl.de-en.de").unlink()
    for place in (folder, folder / "europarl.de-en.en"):
        with pytest.raises(CorpusError, match=r"such as europarl.de and europarl.en, but .* at .* Put the translation"):
            read_moses(place)
    with pytest.raises(CorpusError, match=r"but no such set is at .*nothing. Put the translation beside it, or check"):
        read_moses(folder / "nothing")


def test_line_ends_and_endings_with_regions_may_differ(tmp_path):
    (tmp_path / "x.en-US").write_bytes(b"one\rtwo\r")
    (tmp_path / "x.pt_BR").write_bytes(b"um\r\ndois")
    (tmp_path / "x.tok.en").write_bytes(b"one\n")
    (tmp_path / "x.align").write_bytes(b"0-0\n")
    assert open_corpus(str(tmp_path)).texts == {"eng": ("one", "two"), "por": ("um", "dois")}


def test_a_truncated_side_is_named(folder):
    (folder / "europarl.de-en.en").unlink()
    (folder / "europarl.de-en.en.gz").write_bytes(gzip.compress(b"one\ntwo\n")[:-6])
    with pytest.raises(CorpusError, match=r"europarl.de-en.en.gz cannot be read .*Pack it again"):
        open_corpus(str(folder))


def test_a_tar_archive_is_no_text_in_tarahumara(tmp_path):
    (tmp_path / "a.tar.gz").write_bytes(gzip.compress(b"\0" * 257 + b"ustar" + b"\0" * 250))
    with pytest.raises(CorpusError, match=r"a.tar.gz is a tar archive: unpack it"):
        open_corpus(str(tmp_path / "a.tar.gz"))


def test_two_sets_in_a_folder_are_no_corpus(folder):
    for ending in ("fr", "en"):
        (folder / f"news.{ending}").write_text("a\n")
    with pytest.raises(CorpusError, match=r"has 2 sets of Moses files, .* Choose one: moses:.*europarl.de-en, moses:"):
        open_corpus(str(folder))


def test_files_of_different_length_say_how_long_each_is(folder):
    (folder / "europarl.de-en.fr").write_text("un\n")
    with pytest.raises(
        CorpusError, match=r"The files of europarl.de-en are not .* 4 lines, but europarl.de-en.fr has 1"
    ):
        open_corpus(f"moses:{folder}")
