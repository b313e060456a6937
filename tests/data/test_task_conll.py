"""CoNLL-U and IOB2: what is read, what is repaired, and every line that is refused."""

import lzma

import pytest

from dlfa_core.data import CorpusError
from dlfa_core.data.tasks.conll import begun, read_conllu, read_iob2


def node(number, form, upos="NOUN", head=0):
    return f"{number}\t{form}\t_\t{upos}\t_\t_\t{head}\t_\t_\t_\n"


def write(path, text):
    path.write_bytes(lzma.compress(text.encode()) if path.suffix == ".xz" else text.encode())
    return path


@pytest.fixture
def treebank(tmp_path):
    return lambda text: read_conllu(write(tmp_path / "fr_x-ud-test.conllu", text))


@pytest.fixture
def names(tmp_path):
    return lambda text: read_iob2(write(tmp_path / "test-da.iob2", text))


def test_words_and_parts_of_speech_are_read(tmp_path):
    text = "# sent_id = s1\n# text = Je dors\n" + node(1, "Je", "PRON", 2) + node(2, "dors", "VERB") + "\n"
    (sentence,), notes = read_conllu(write(tmp_path / "fr_x-ud-test.conllu.xz", text + "\n"))
    assert sentence == ("s1", ("Je", "dors"), ("PRON", "VERB"))
    assert notes == []


def test_a_fused_word_takes_the_tag_that_stands_highest_in_the_tree(treebank):
    text = node("1-2", "don't", "_", "_") + node(1, "do", "AUX", 3) + node(2, "n't", "PART", 1) + node(3, "go", "VERB")
    assert treebank(text)[0] == [(None, ("don't", "go"), ("AUX", "VERB"))]


def test_equally_high_parts_are_told_apart_by_their_part_of_speech(treebank):
    text = node("1-2", "du", "_", "_") + node(1, "de", "DET", 3) + node(2, "le", "ADP", 3) + node(3, "pain", "NOUN")
    assert treebank(text)[0][0].tags == ("ADP", "NOUN")


def test_heads_in_a_circle_come_to_an_end(treebank):
    text = node("1-2", "ab", "_", "_") + node(1, "a", "NOUN", 2) + node(2, "b", "VERB", 1)
    assert treebank(text)[0][0].words == ("ab",)


def test_empty_nodes_are_left_out(treebank):
    assert treebank(node(1, "a") + node("1.1", "b", "_", "_"))[0][0].words == ("a",)


def test_withheld_words_are_left_out_and_counted(treebank):
    sentences, notes = treebank(node(1, "_") + node(2, "_") + "\n" + node(1, "a") + "\n")
    assert len(sentences) == 1
    assert notes == ["1 sentences of fr_x-ud-test.conllu are left out, because their words are withheld."]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (node(1, "a") + "2\tb\n", r"Line 2 of fr_x-ud-test.conllu has 2 columns instead of 10: '2\\tb'. Take the file"),
        (node("x", "a"), r"Line 1 of .* has the word number 'x'"),
        (node(1, "a", "Noun"), r"Line 1 of .* has the part of speech 'Noun': .* The universal ones are ADJ, ADP"),
        ("\n" + node(1, "a") + node(3, "b"), r"Line 2 of .* whose words are not numbered 1, 2, 3, …"),
        (node("1-3", "ab", "_") + node(1, "a") + node(2, "b"), r"Line 1 of .* a fused word of words it lacks"),
    ],
)
def test_a_broken_treebank_line_is_named(treebank, text, message):
    with pytest.raises(CorpusError, match=message):
        treebank(text)


def test_names_are_read_with_the_hash_as_a_word(names):
    sentences, notes = names("# sent_id = a\n#\tO\nAnna\tB-PER\n\n\nBerg\tB-LOC\n")
    assert sentences == [("a", ("#", "Anna"), ("O", "B-PER")), (None, ("Berg",), ("B-LOC",))]
    assert notes == []


def test_inside_without_a_beginning_is_repaired_and_counted(names):
    sentences, notes = names("a\tI-PER\nb\tI-PER\nc\tI-LOC\nd\tO\n\ne\tI-LOC\n")
    assert [sentence.tags for sentence in sentences] == [("B-PER", "I-PER", "B-LOC", "O"), ("B-LOC",)]
    assert notes == ["Tags of test-da.iob2 that begin a name with I- and are read as B-: 3."]


def test_good_tags_stay_as_they_are():
    tags = ("B-PER", "I-PER", "B-PER", "O", "B-LOC", "B-LOC", "I-LOC")
    assert begun(tags) == tags


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a\tO\nb\n", r"Line 2 of test-da.iob2 has a word but no tag: 'b'. .*XTREME's prepared test sets come without"),
        ("a\tO\tO\n", r"Line 1 of .* has 3 fields instead of a word and a tag"),
        ("a\tPER\n", r"Line 1 of .* has the tag 'PER': .* Tags are O, B-TYPE or I-TYPE"),
        ("a\tO\n" + "x" * 99 + "\tQ\n", r"Line 2 of .*: 'x{60}…'"),
    ],
)
def test_a_broken_name_line_is_named(names, text, message):
    with pytest.raises(CorpusError, match=message):
        names(text)
