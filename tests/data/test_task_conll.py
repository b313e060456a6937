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
        (
            "\n" + node(1, "a") + node(3, "b"),
            r"Line 3 of .* has the word number 3 where 2 is due: .* Look for a line, or an empty line between",
        ),
        (
            node("1-3", "ab", "_") + node(1, "a") + node(2, "b"),
            r"Line 1 of .* has a fused word of the words 1 to 3: .* Its sentence has 2 words",
        ),
        (
            node("1-2", "ab", "_") + node(1, "a") + node("2-3", "bc", "_") + node(2, "b") + node(3, "c"),
            r"Line 3 of .* has a fused word of the words 2 to 3: .* no word is part of two fused ones",
        ),
        (node("2-1", "ab", "_") + node(1, "a") + node(2, "b"), r"Line 1 of .* has a fused word of the words 2 to 1"),
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
        ("a\tO\nb\n", r"Line 2 of test-da.iob2 has a word but no tag: 'b'. .*XTREME give out test sets without"),
        ("a\tO\tO\n", r"Line 1 of .* has 3 fields instead of a word and a tag"),
        ("a\tO\n\tO\n", r"Line 2 of .* has a tag but no word: '\\tO'. .* an empty line ends a sentence"),
        ("a -X- O O\n", r"Line 1 of .* has 4 fields instead of a word and a tag: .* leave other columns out"),
        ("a\tb-per\n", r"Line 1 of .* has the tag 'b-per': .* Tags are O, B-TYPE or I-TYPE"),
        ("a\tPER\n", r"Line 1 of .* has the tag 'PER': .* Tags are O, B-TYPE or I-TYPE"),
        ("a\tO\n" + "x" * 99 + "\tQ\n", r"Line 2 of .*: 'x{60}…'"),
    ],
)
def test_a_broken_name_line_is_named(names, text, message):
    with pytest.raises(CorpusError, match=message):
        names(text)


@pytest.mark.parametrize("mark", ["\t", " "])
def test_a_word_may_begin_with_the_hash_of_a_comment(names, mark):
    text = "# text = #love O\n# newdoc\n#love O\nAnna B-PER\n# O\n".replace(" O\n", f"{mark}O\n").replace(
        " B", f"{mark}B"
    )
    sentences, _ = names(text.replace(f"#love{mark}O\n# newdoc", "#love you\n# newdoc"))
    assert sentences == [(None, ("#love", "Anna", "#"), ("O", "B-PER", "O"))]


def test_a_document_s_first_line_is_no_sentence(names):
    sentences, notes = names("-DOCSTART- O\n\nAnna B-PER\n-DOCSTART-\nBerg B-LOC\n")
    assert sentences == [(None, ("Anna",), ("B-PER",)), (None, ("Berg",), ("B-LOC",))]
    assert notes == []


def test_the_language_before_every_word_of_pan_x_is_left_out(names):
    sentences, notes = names("da:Anna\tB-PER\nda::\tO\nda:\u00a0\tO\n\nda:da:Berg\tB-LOC\n")
    assert sentences == [(None, ("Anna", ":"), ("B-PER", "O")), (None, ("da:Berg",), ("B-LOC",))]
    assert notes == ["All words of test-da.iob2 begin with da: and are read without it."]


@pytest.mark.parametrize("text", ["da:Anna\tB-PER\nBerg\tO\n", "http://a\tO\n", "da:Anna\tB-PER\nde:Berg\tO\n"])
def test_a_colon_in_a_word_stays_where_it_is_no_language_s(names, text):
    sentences, notes = names(text)
    assert "\n".join("\t".join(pair) for pair in zip(*sentences[0][1:], strict=True)) + "\n" == text
    assert notes == []


@pytest.mark.parametrize("tags", ["B-PER E-PER S-LOC B-LOC I-LOC E-LOC O", "B-PER L-PER U-LOC B-LOC I-LOC L-LOC O"])
def test_tags_that_mark_the_ends_of_names_are_read_as_iob2(names, tags):
    sentences, notes = names("".join(f"w\t{tag}\n" for tag in tags.split()))
    assert " ".join(sentences[0].tags) == "B-PER I-PER B-LOC B-LOC I-LOC I-LOC O"
    assert notes == ["Tags of test-da.iob2 that mark the end of a name (BIOES) and are read as IOB2: 3."]


def test_spaces_that_are_no_plain_spaces_belong_to_a_word(names):
    assert names("10\u00a0km O\nAnna\u3000B  B-PER \n")[0][0].words == ("10\u00a0km", "Anna\u3000B")


def test_byte_order_marks_windows_line_ends_and_tabs_at_the_end_do_no_harm(names):
    assert names("\ufeffAnna\tB-PER\t\r\nBerg\tI-PER\r\n \t \r\n\r\nb\tO\r\n")[0] == [
        (None, ("Anna", "Berg"), ("B-PER", "I-PER")),
        (None, ("b",), ("O",)),
    ]


def test_a_sentence_of_empty_nodes_only_is_none(treebank):
    assert treebank(node("1.1", "a", "_", "_") + "\n" + node(1, "b"))[0] == [(None, ("b",), ("NOUN",))]


@pytest.mark.parametrize("comment", ["# sent_id = n 1", "#sent_id=n 1", "#  sent_id  =  n 1 "])
def test_a_sentence_s_name_may_be_spaced_as_one_likes(treebank, comment):
    assert treebank(f"# text = a\n{comment}\n" + node(1, "a"))[0][0].sent_id == "n 1"


def test_two_sentences_without_an_empty_line_between_are_named_where_the_second_begins(treebank):
    with pytest.raises(
        CorpusError, match=r"Line 4 of .* has the word number 1 where 3 is due: .* an empty line between"
    ):
        treebank("# sent_id = a\n" + node(1, "a") + node(2, "b") + node(1, "c"))
