"""The real tasks, where the data lies beside the repository, against the counts that its README states."""

from functools import cache
from pathlib import Path

import pytest

from dlfa_core.data.tasks import open_task
from dlfa_core.data.tasks.retrieval import XTREME_LANGUAGES

SHARED = Path(__file__).parents[3] / "shared" / "data"
SNLI = SHARED / "nli-open" / "snli-en.tsv.xz"

pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="needs the shared data beside the repository")


def opened(kind, folder, extra=""):
    return _opened(f"{kind}:{SHARED / folder}{extra}")


_opened = cache(open_task)


@pytest.mark.parametrize(
    ("kind", "folder", "extra", "train", "dev", "languages", "tested"),
    [
        ("pos", "ud-pos", "", 12_544, 2_001, 26, 16_288 + 2_077),
        ("ner", "ner-panx", "", 19_000, 1_000, 37, 52_500 - 20_000),
        ("ner", "ner-uner", "", 12_543, 2_001, 8, 25_206 - 12_543 - 2_001),
        ("xnli", "xnli", "", 996, 249, 15, 15 * 1_245),
        ("xnli", "xnli", f"+{SNLI}", 996 + 19_666, 249, 15, 15 * 1_245),
        ("pawsx", "pawsx", "", 797, 201, 7, 6_901),
        ("sentiment", "sentiment/nusax", "", 500, 100, 8, 8 * 400),
        ("sentiment", "sentiment/nollysenti", "", 1_302, 100, 4, 4 * 500),
    ],
)
def test_real_tasks_have_the_counts_of_their_readme(kind, folder, extra, train, dev, languages, tested):
    task = opened(kind, folder, extra)
    assert (len(task.train), len(task.dev), len(task.tests)) == (train, dev, languages)
    assert sum(map(len, task.tests.values())) == tested


@pytest.mark.parametrize(("kind", "folder"), [("xnli", "xnli"), ("pawsx", "pawsx"), ("sentiment", "sentiment/nusax")])
def test_no_real_row_is_trained_on_and_tested(kind, folder):
    task = opened(kind, folder)
    trained = {*task.train.ids, *task.dev.ids}
    assert all(not trained & set(test.ids) for test in task.tests.values())
    assert all("/" not in row for row in trained)  # the ids say what is a translation of what


def test_premises_of_xnli_are_in_one_set_only():
    task = opened("xnli", "xnli")
    train, dev, test = (set(part.texts) for part in (task.train, task.dev, task.tests["eng"]))
    assert not train & dev
    assert not (train | dev) & test


def test_paraphrases_that_share_a_sentence_are_said():
    assert any("394 of 1,000 test pairs have one sentence in common" in note for note in opened("pawsx", "pawsx").notes)


def test_a_korean_xnli_joins_the_others_by_its_rows():
    task = opened("xnli", "xnli", f"+{SHARED}/nli-open/kornli-xnli-dev-ko.tsv.xz")
    assert task.tests["kor"].ids == task.tests["eng"].ids
    assert task.tests["kor"].gold == task.tests["eng"].gold


def test_names_without_a_beginning_are_repaired_and_counted():
    notes = opened("ner", "ner-panx").notes + opened("ner", "ner-uner").notes
    for file, count in (("dev-ja", 58), ("dev-zh", 45), ("da_ddt-ud-test", 1)):
        assert f"Tags of {file}.iob2.xz that begin a name with I- and are read as B-: {count}." in notes


def test_both_name_tasks_have_the_same_labels():
    labels = ("O", "B-LOC", "I-LOC", "B-ORG", "I-ORG", "B-PER", "I-PER")
    assert opened("ner", "ner-panx").labels == opened("ner", "ner-uner").labels == labels


def test_languages_and_licences_are_known():
    assert "non-commercial" in opened("xnli", "xnli").licence
    assert opened("pos", "ud-pos").licence == "CC BY-SA 4.0"
    assert {"pes", "cmn", "hye"} <= opened("pos", "ud-pos").tests.keys()


def test_french_and_english_words_are_as_they_are_written():
    task = opened("pos", "ud-pos")
    assert any("don't" in words for words in task.train.words)
    assert any("du" in words for words in task.tests["fra"].words)


def test_sentiment_of_several_sources_is_one_task():
    folders = "+".join(str(SHARED / "sentiment" / name) for name in ("nusax", "afrisenti", "other"))
    task = open_task(f"sentiment:{folders}")
    assert {"amh", "swh", "por", "fin", "heb", "tha", "kor"} <= task.tests.keys()
    assert len(task.tests["ind"]) == 400 + 500


def test_tatoeba_has_every_pair_and_nearly_every_language_of_xtreme():
    task = opened("tatoeba", "tatoeba")
    assert len(task.tests) == 88
    assert sum(map(len, task.tests.values())) == 70_673
    assert set(XTREME_LANGUAGES) - task.tests.keys() == {"mar", "tha", "kaz"}
