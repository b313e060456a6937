import pytest

from dlfa_core.data.parallel import CorpusError
from dlfa_core.data.treebanks import tagged_pud, treebank_files

FRENCH = """# sent_id = n01001
# text = Il vient du marché.
1\tIl\til\tPRON\t_\t_\t2\tnsubj\t_\t_
2\tvient\tvenir\tVERB\t_\t_\t0\troot\t_\t_
3-4\tdu\t_\t_\t_\t_\t_\t_\t_\t_
3\tde\tde\tADP\t_\t_\t5\tcase\t_\t_
4\tle\tle\tDET\t_\t_\t5\tdet\t_\t_
5\tmarché\tmarché\tNOUN\t_\t_\t2\tobl\t_\t_
6\t.\t.\tPUNCT\t_\t_\t2\tpunct\t_\t_

"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "French").mkdir()
    (tmp_path / "French" / "fr_pud-ud-test.conllu").write_text(FRENCH, encoding="utf-8")
    (tmp_path / "README_pud-notes.txt").write_text("none", encoding="utf-8")
    return tmp_path


def test_words_and_tags_are_found_by_language_and_sentence(folder):
    sentence = tagged_pud(folder)["fra"]["n01001"]
    assert sentence.words == ("Il", "vient", "du", "marché", ".")
    assert sentence.tags == ("PRON", "VERB", "ADP", "NOUN", "PUNCT")


def test_only_treebanks_are_read(folder):
    assert [path.name for path in treebank_files(folder)] == ["fr_pud-ud-test.conllu"]


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(CorpusError, match="absent"):
        tagged_pud(tmp_path / "absent")
