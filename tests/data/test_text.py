"""Folders of monolingual text."""

import lzma

import pytest

from dlfa_core.data import open_corpus
from dlfa_core.data.parallel import CorpusError
from dlfa_core.data.tasks import open_task
from dlfa_core.data.text import open_text, open_text_folder
from dlfa_core.languages import UnknownLanguage


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "free").mkdir()
    (tmp_path / "shared").mkdir()
    (tmp_path / "free" / "en.txt").write_text("one\n\n two \n", encoding="utf-8")
    with lzma.open(tmp_path / "shared" / "en.txt.xz", "wt", encoding="utf-8") as stream:
        stream.write("three\n")
    (tmp_path / "free" / "de.txt").write_text("eins\n", encoding="utf-8")
    (tmp_path / "README.md").write_text("not a text file", encoding="utf-8")
    return tmp_path


def test_lines_of_a_language_come_from_all_its_files(folder):
    text = open_text_folder(folder)
    assert list(text.files) == ["deu", "eng"]
    assert list(text.lines("eng")) == ["one", "two", "three"]


def test_only_the_languages_asked_for_are_opened(folder):
    assert list(open_text_folder(folder, ("de",)).files) == ["deu"]


def test_the_digest_follows_the_content(folder):
    before = open_text_folder(folder).digest
    assert open_text_folder(folder).digest == before
    (folder / "free" / "de.txt").write_text("zwei\n", encoding="utf-8")
    assert open_text_folder(folder).digest != before


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(CorpusError, match="There is no folder"):
        open_text_folder(tmp_path / "nowhere")


def test_a_folder_without_text_says_how_to_name_files(tmp_path):
    with pytest.raises(CorpusError, match=r"en\.txt"):
        open_text_folder(tmp_path)


def test_a_file_that_is_no_language_is_refused(folder):
    (folder / "qqzz.txt").write_text("?", encoding="utf-8")
    with pytest.raises(UnknownLanguage, match="qqzz"):
        open_text_folder(folder)


def test_the_sample_is_read_without_the_sentences_that_its_task_tests():
    text, task, corpus = open_text("sample"), open_task("sentiment:sample"), open_corpus("sample")
    assert text.languages == corpus.languages
    for language in ("eng", "tha"):
        tested = task.tests[language].texts
        assert not set(text.lines(language)) & set(tested)
        assert len(list(text.lines(language))) + len(tested) == len(corpus)


def test_the_sample_in_some_languages_has_its_own_digest():
    few = open_text("sample", ("de", "Thai"))
    assert few.languages == ("deu", "tha")
    assert few.digest != open_text("sample").digest
    with pytest.raises(CorpusError, match="sample has no text in ace"):
        open_text("sample", ("ace",))


def test_a_folder_is_opened_by_its_path(folder):
    assert open_text(str(folder)).digest == open_text_folder(folder).digest
    assert open_text(str(folder)).languages == ("deu", "eng")
