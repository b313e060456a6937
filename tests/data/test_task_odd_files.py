"""Files as editors, spreadsheets and other programs leave them: read right, or refused with the reason."""

import gzip
import json

import pytest

from dlfa_core.data import CorpusError
from dlfa_core.data.tasks import open_task

SETS = {
    "sentiment": "label\ttext\npositive\t{0} good\nnegative\t{0} bad\nneutral\t{0} so\n",
    "xnli": "label\tpremise\thypothesis\nentailment\t{0}\ta\nneutral\t{0}\tb\ncontradiction\t{0}\tc\n",
    "ner": "{0}\tB-PER\nb\tO\n\n",
    "pos": "1\t{0}\t_\tNOUN\t_\t_\t0\t_\t_\t_\n\n",
}
ENDING = {"ner": "iob2", "pos": "conllu"}


@pytest.fixture
def opened(tmp_path):
    """Opens a task whose English sets are plain and whose German test is a file with this ending and content."""

    def opened(kind, content, ending=None):
        usual = ENDING.get(kind, "tsv")
        for split in ("train", "dev"):
            (tmp_path / f"{split}-en.{usual}").write_text(SETS[kind].format(split), encoding="utf-8")
        path = tmp_path / f"test-de.{ending or usual}"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return open_task(f"{kind}:{tmp_path}")

    return opened


@pytest.mark.parametrize(
    ("content", "ending"),
    [
        ("\ufefflabel\ttext\npositive\ta b\nneutral\tc\n", "tsv"),
        ("label\ttext\r\npositive\ta b\nneutral\tc\r\n", "tsv"),  # mixed line ends
        ("label\ttext\rpositive\ta b\rneutral\tc\r", "tsv"),
        ("\n\nlabel\ttext\n\npositive\ta b\n\n\nneutral\tc\n\n", "tsv"),
        (" Label \tTEXT\npositive\ta b \n neutral\tc\n", "tsv"),
        ("id\tlabel\ttext\n 1 a\tPositive\ta b\n2 a \tNEUTRAL\tc\n", "tsv"),
        (gzip.compress(b"label\ttext\npositive\ta b\nneutral\tc\n", mtime=0), "tsv"),
        ('\ufeff"label","text"\n"positive","a b"\n"neutral","c"\n', "csv"),
        ("label;text\npositive;a b\nneutral;c\n", "csv"),
        ('\ufeff{"text": "a b", "label": "positive"}\r\n{"label": "neutral", "text": "c"}\r\n\r\n', "jsonl"),
        (
            "lang\tsplit\tlabel\ttext\nGerman\tTEST\tpositive\ta b\nde-AT\ttest\tneutral\tc\nen\tVal\tneutral\td\n",
            "tsv",
        ),
        ("label\ttext\npositive\ta b\nneutral\tc\nnegative\t\u200b\ufeff\nnegative\t\u00a0\n", "tsv"),
    ],
)
def test_a_table_says_the_same_however_it_was_saved(opened, content, ending):
    test = opened("sentiment", content, ending).tests["deu"]
    assert (test.texts, test.gold) == (("a b", "c"), ("positive", "neutral"))


def test_spaces_around_an_id_are_no_part_of_it(opened):
    test = opened("sentiment", "id\tlabel\ttext\n 1 a\tpositive\ta b\n2 a \tneutral\tc\n").tests["deu"]
    assert test.ids == ("1 a", "2 a")


def test_quotation_marks_stay_in_a_tsv(opened):
    assert opened("sentiment", 'label\ttext\npositive\t"a ""b"\nneutral\t"c\n').tests["deu"].texts == ('"a ""b"', '"c')


def test_quotation_marks_hold_a_cell_of_a_csv_together(opened):
    text = 'label,text\npositive,"a, ""b""\nc"\nneutral,d\n'
    assert opened("sentiment", text, "csv").tests["deu"].texts == ('a, "b"\nc', "d")


def test_what_file_systems_and_editors_leave_behind_is_passed_over(opened, tmp_path):
    for name in ("._test-de.tsv", ".~lock.test-de.tsv#", ".test-fr.tsv"):
        (tmp_path / name).write_bytes(b"\x00\x05\x16\x07")
    assert opened("sentiment", SETS["sentiment"].format("test")).languages == ("deu",)


def test_classes_of_pairs_may_be_numbers_of_any_kind(opened):
    rows = [{"premise": str(row), "hypothesis": "b", "label": label} for row, label in enumerate((0, 1.0, "2", "2.0"))]
    test = opened("xnli", "\n".join(map(json.dumps, rows)), "jsonl").tests["deu"]
    assert test.gold == ("entailment", "neutral", "contradiction", "contradiction")


@pytest.mark.parametrize(
    ("kind", "content", "ending", "message"),
    [
        ("sentiment", "label\ttext\npositive\ta\t\n", None, r"Line 2 of test-de.tsv has 3 cells, but .* 2 headings"),
        ("sentiment", "label\ttext\t\npositive\ta\t\n", None, r"Column 3 of test-de.tsv has no heading"),
        ("sentiment", "label\ttext\ttext\npositive\ta\tb\n", None, r"two columns headed 'text'. Rename or delete one"),
        ("sentiment", "label\ttext\npositive\n", None, r"Line 2 of test-de.tsv has 1 cells, but there are 2 headings"),
        (
            "sentiment",
            "label\ttext\npositive\ta\nlabel\ttext\n",
            None,
            r"'label' \(1 times\). The task's labels are neg",
        ),
        (
            "sentiment",
            "positive\ta\nneutral\tb\n",
            None,
            r"has the columns positive, a, but none for the sentence. Head",
        ),
        (
            "sentiment",
            "label\ttext\n1.0\ta\n0.0\tb\n",
            None,
            r"'1' \(1 times\), '0' \(1 times\). The task's labels are n",
        ),
        (
            "sentiment",
            "label\ttext\n\u200bpositive\ta\n",
            None,
            r"'\\u200bpositive' \(1 times\). The task's labels are",
        ),
        ("sentiment", "label\ttext\npositive\t \n", None, r"test-de.tsv has no examples: it is empty but for comments"),
        ("sentiment", '[{"text": "a", "label": "neutral"}]', "jsonl", r"Line 1 of test-de.jsonl is not an object with"),
        (
            "sentiment",
            '{"text": "a", "label": "neutral", "lang": ["de"]}',
            "jsonl",
            r"in the language \"\['de'\]\", which",
        ),
        (
            "sentiment",
            '{"text": "a", "label": "neutral", "lang": null}',
            "jsonl",
            r"in the language 'None', which is not",
        ),
        (
            "xnli",
            "label\tpremise\thypothesis\n-\ta\tb\n",
            None,
            r"XNLI has no labelled examples in deu \(test\): every",
        ),
        ("ner", "B-PER\tAnna\n", None, r"Line 1 of test-de.iob2 has the tag 'Anna': .* Tags are O, B-TYPE or I-TYPE"),
        ("ner", "word\ttag\nAnna\tB-PER\n", None, r"Line 1 of test-de.iob2 has the tag 'tag'"),
        ("ner", "# sent_id = a\n# text = b\n", None, r"test-de.iob2 has no examples: it is empty but for comments"),
        ("ner", "1\tAnna\tB-PER\t-\t-\n", None, r"Line 1 of test-de.iob2 has 5 fields instead of a word and a tag"),
        ("ner", '{"tokens": [["a"]], "ner_tags": ["O"]}', "jsonl", r'Line 1 of .* has \["a"\] among its words. Write'),
        ("pos", '{"tokens": ["a"], "upos": ["noun"]}', "jsonl", r"'noun' \(1 times\). The task's labels are ADJ, ADP"),
        ("pos", '{"tokens": ["a", NaN], "upos": ["X", "X"]}', "jsonl", r"Line 1 of .* has NaN among its words. Write"),
        ("pos", "1 a _ NOUN _ _ 0 _ _ _\n", None, r"Line 1 of test-de.conllu has 1 columns instead of 10"),
    ],
)
def test_what_cannot_be_read_says_where_and_why(opened, kind, content, ending, message):
    with pytest.raises(CorpusError, match=message):
        opened(kind, content, ending)


def test_sentences_without_words_are_left_out_and_counted(opened):
    rows = [{"tokens": [], "ner_tags": []}, {"tokens": ["Anna"], "ner_tags": ["S-PER"]}]
    task = opened("ner", "\n".join(map(json.dumps, rows)), "jsonl")
    assert (task.tests["deu"].words, task.tests["deu"].gold) == ((("Anna",),), (("B-PER",),))
    assert "1 sentences of test-de.jsonl are left out, because they have no words." in task.notes
    assert "Tags of test-de.jsonl that mark the end of a name (BIOES) and are read as IOB2: 1." in task.notes


def test_a_line_separator_inside_a_word_or_text_ends_nothing(opened):
    assert opened("ner", "a\u2028b\tB-PER\n").tests["deu"].words == (("a\u2028b",),)
    assert opened("sentiment", "label\ttext\nneutral\ta\u2028b\n").tests["deu"].texts == ("a\u2028b",)
