import io
import lzma

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlfa_core.data import CorpusError
from dlfa_core.data.files import read_lines
from dlfa_core.data.readers import read_folder, read_pud, read_tatoeba


def write(folder, **files):
    """Files by name; in names "__" stands for a dot."""
    for name, text in files.items():
        path = folder / name.replace("__", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(lzma.compress(text.encode()) if path.suffix == ".xz" else text.encode())
    return folder


def treebank(**sentences: str) -> str:
    return "".join(
        f"# newdoc\n# sent_id = {name}\n# text = {text}\n1\t{text}\t_\tX\t_\t_\t0\troot\t_\t_\n\n"
        for name, text in sentences.items()
    )


def test_a_folder_has_one_file_per_language(tmp_path):
    write(tmp_path, de__txt="eins\nzwei\n", README__txt="about", LICENSE__txt="terms", notes__md="no")
    write(tmp_path, **{"newstest2019-ref.zho-CN.txt": "一\n二\n", "swh__txt__xz": "moja\nmbili\n"})
    corpus = read_folder(tmp_path)
    assert set(corpus.languages) == {"deu", "swh", "cmn"}
    assert corpus["cmn"] == ("一", "二")
    assert corpus.ids == ("1", "2")


def test_a_second_reference_for_a_language_is_set_aside(tmp_path):
    write(tmp_path, **{"t-ref-2.spa.txt": "dos\n", "t-ref.spa.txt": "uno\n", "t-src.eng.txt": "one\n"})
    corpus = read_folder(tmp_path)
    assert corpus["spa"] == ("uno",)
    assert corpus.notes == ("t-ref-2.spa.txt is set aside, because t-ref.spa.txt has the same language.",)


@pytest.mark.parametrize("mark", ["\u2028", "\u0085", "\x0c", "\x1d"])
def test_only_line_feeds_end_a_line(tmp_path, mark):
    corpus = read_folder(write(tmp_path, en__txt=f"a{mark}b\r\nc\r\n", de__txt="d\ne"))
    assert corpus["eng"] == (f"a{mark}b", "c")


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\r\n")), min_size=2))
def test_the_three_ways_to_end_a_line_give_the_same_lines(lines):
    read = [read_lines(io.BytesIO(end.join([".", *lines, "."]).encode())) for end in ("\n", "\r\n", "\r")]
    assert read == [[".", *lines, "."]] * 3


def test_an_empty_line_is_a_gap_and_shifts_nothing(tmp_path):
    corpus = read_folder(write(tmp_path, en__txt="a\n\nc\n", de__txt="x\ny\nz\n"))
    assert corpus.ids == ("1", "3")
    assert corpus["deu"] == ("x", "z")
    assert "1 of 3 rows" in corpus.notes[0]


def test_files_of_different_length_are_not_aligned(tmp_path):
    write(tmp_path, en__txt="a\nb\n", de__txt="a\nb\n", fr__txt="a\nb\nc\n")
    with pytest.raises(CorpusError, match=r"most have 2 lines, but fr.txt has 3. Line i must be the same sentence"):
        read_folder(tmp_path)


def test_a_folder_without_text_files_says_what_it_should_hold(tmp_path):
    with pytest.raises(CorpusError, match=r"no text files. Give a folder with files such as eng.txt and deu.txt"):
        read_folder(tmp_path)


def test_a_file_is_not_a_folder(tmp_path):
    write(tmp_path, en__txt="a")
    with pytest.raises(CorpusError, match=r"is a file, not a folder. .* open the file as table:"):
        read_folder(tmp_path / "en.txt")


def test_a_file_named_after_no_language_is_an_error(tmp_path):
    with pytest.raises(CorpusError, match=r"column or file for 'notes'"):
        read_folder(write(tmp_path, en__txt="a", notes__txt="b"))


def test_pud_is_aligned_by_sentence_id_and_not_by_place(tmp_path):
    write(tmp_path, **{"de_pud-ud-test.conllu": treebank(n01="eins", w02="zwei")})
    write(tmp_path, **{"UD_French-PUD/fr_pud-ud-test.conllu.xz": treebank(w02="deux", n01="un", n03="trois")})
    corpus = read_pud(tmp_path)
    assert corpus.ids == ("n01", "w02")
    assert (corpus["deu"], corpus["fra"]) == (("eins", "zwei"), ("un", "deux"))
    assert corpus.meta["topic"].tolist() == ["news", "encyclopedia"]
    assert "German 1" in corpus.notes[0]


def test_a_text_before_its_sentence_id_shifts_nothing(tmp_path):
    german = "# text = eins\n# sent_id = n01\n1\teins\n\n#sent_id=n02\n# text_en = no\n#text = zwei\n1\tzwei\n\n"
    write(tmp_path, **{"de_pud-ud-test.conllu": german})
    write(tmp_path, **{"en_pud-ud-test.conllu": treebank(n02="two", n01="one")})
    corpus = read_pud(tmp_path)
    assert dict(zip(corpus["deu"], corpus["eng"], strict=True)) == {"eins": "one", "zwei": "two"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (treebank(n1="a") + "1\tword\n\n" + treebank(n2="b"), r"Line 6 of .* begins a sentence without '# sent_id'"),
        (treebank(n1="a") + "# text = b\n1\tb\n\n", r"Line 6 of de_pud-ud-test.conllu begins a sentence without"),
        ("# sent_id = n1\n# text = a\n1\ta\n# sent_id = n2\n", r"Line 4 of .* is a second '# sent_id' of one sentence"),
        (
            "# sent_id = n1\n# text = a\n# text = b\n",
            r"Line 3 of .* is a second '# text' of .* Put an empty line between",
        ),
        (treebank(n1="a") + treebank(n1="b"), r"has the sent_id n1 twice, the second time in line 7. Take the file"),
        ("# sent_id = n1\n1\ta\n\n", r"de_pud-ud-test.conllu has no '# text' lines, so it cannot be aligned"),
    ],
)
def test_the_line_where_a_treebank_is_broken_is_named(tmp_path, text, message):
    with pytest.raises(CorpusError, match=message):
        read_pud(write(tmp_path, **{"de_pud-ud-test.conllu": text}))


def test_comments_without_a_sentence_are_passed_over(tmp_path):
    write(tmp_path, **{"de_pud-ud-test.conllu": "# global.columns = ID FORM\n\n" + treebank(n1="a") + "# end\n"})
    write(tmp_path, **{"en_pud-ud-test.conllu": treebank(n1="b") + "\n\n"})
    assert read_pud(tmp_path).ids == ("n1",)


def test_a_folder_without_treebanks_says_what_it_should_hold(tmp_path):
    with pytest.raises(CorpusError, match=r"no PUD treebanks. .* such as de_pud-ud-test.conllu"):
        read_pud(tmp_path)


def test_two_treebanks_of_a_language_are_an_error(tmp_path):
    write(tmp_path, **{"a/de_pud-ud-test.conllu": treebank(n1="a"), "b/de_pud-ud-test.conllu": treebank(n1="a")})
    with pytest.raises(CorpusError, match=r"two PUD treebanks for 'de'. Remove"):
        read_pud(tmp_path)


@pytest.mark.parametrize("text", ["1\tword\n", "# text = no id\n"])
def test_a_treebank_without_ids_or_texts_is_an_error(tmp_path, text):
    with pytest.raises(CorpusError, match=r"cannot be aligned. Take the file from UD again"):
        read_pud(write(tmp_path, **{"de_pud-ud-test.conllu": text}))


def test_both_layouts_of_tatoeba_give_the_same_corpus(tmp_path):
    write(tmp_path, **{"deu-eng.tsv.xz": "row\ttext\tenglish\n0\teins\tone\n1\tzwei\ttwo\n"})
    write(tmp_path, **{"tatoeba.deu-eng.deu": "eins\nzwei\n", "tatoeba.deu-eng.eng": "one\ntwo\n"})
    names = "deu-eng.tsv.xz", "tatoeba.deu-eng.deu", "tatoeba.deu-eng.eng"
    corpora = [read_tatoeba(tmp_path / name) for name in names]
    assert len({corpus.digest for corpus in corpora}) == 1
    assert corpora[0].texts == {"deu": ("eins", "zwei"), "eng": ("one", "two")}
    assert corpora[0].licence == "CC BY 2.0 FR"


def test_a_tatoeba_folder_asks_for_one_pair_and_lists_some(tmp_path):
    write(tmp_path, **{f"{code}-eng.tsv": "" for code in ("afr", "deu", "fra", "swh")})
    with pytest.raises(CorpusError, match=r"4 files .* Choose one: tatoeba:.*afr-eng.tsv \(.*fra-eng.tsv and 1 more\)"):
        read_tatoeba(tmp_path)


def test_a_folder_without_pairs_says_so(tmp_path):
    with pytest.raises(CorpusError, match=r"no Tatoeba pairs. Give a file such as deu-eng.tsv"):
        read_tatoeba(tmp_path)


def test_a_file_that_is_no_pair_says_how_pairs_are_named(tmp_path):
    with pytest.raises(CorpusError, match=r"not named like a Tatoeba pair. Give a file such as"):
        read_tatoeba(write(tmp_path, words__tsv="a") / "words.tsv")


def test_a_pair_with_other_columns_says_which_it_has(tmp_path):
    write(tmp_path, **{"deu-eng.tsv": "de\ten\neins\tone\n"})
    with pytest.raises(CorpusError, match=r"has the columns de, en. .* opens as table:"):
        read_tatoeba(tmp_path / "deu-eng.tsv")


def test_the_two_sides_of_a_pair_must_be_of_equal_length(tmp_path):
    write(tmp_path, **{"tatoeba.deu-eng.deu": "eins\n", "tatoeba.deu-eng.eng": "one\ntwo\n"})
    with pytest.raises(CorpusError, match=r"not aligned"):
        read_tatoeba(tmp_path / "tatoeba.deu-eng.deu")
