import gzip
import io
import lzma
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlfa_core.data import CorpusError
from dlfa_core.data.lexicons import open_lexicon, tables
from dlfa_core.data.lexicons.readers import read_afinn, read_nrc_vad, read_nusax, read_table, read_vader
from dlfa_core.data.lexicons.scales import Scale, parse_scale

EVERY_SCORE = (-5, -3, -1, 1, 3, 5)


def table(*lines, name="words-en.tsv"):
    stream = io.BytesIO("\n".join(lines).encode())
    stream.name = name
    return stream


def write(folder, **files):
    """Files by name; in names "__" stands for a dot, and "_" for a hyphen."""
    for name, text in files.items():
        (folder / name.replace("__", ".").replace("_", "-")).write_text(text, encoding="utf-8")
    return folder


def valences(lexicon, language="eng"):
    return {entry.term: entry.valence for entry in lexicon[language]}


@pytest.mark.parametrize("heading", ["term", "Word", "lemma", "HEADWORD", "phrase"])
@pytest.mark.parametrize("score", ["score", "Valence", "polarity", "sentiment", "label"])
def test_columns_go_by_their_usual_names(heading, score):
    lexicon = read_table(table(f"{heading}\tother\t{score}", "good\tx\t1", "bad\tx\t-1"))
    assert valences(lexicon) == {"good": 1, "bad": -1}
    assert (lexicon.name, lexicon.source, lexicon.licence) == ("words-en", "upload words-en.tsv", "not stated")


def test_labels_are_valences_too():
    lexicon = read_table(table("word,label", "good,Positive", "bad,neg", "table,NEUTRAL"))
    assert valences(lexicon) == {"good": 1, "bad": -1, "table": 0}
    assert lexicon.scale == "labels"


@pytest.mark.parametrize("reach", [1, 2, 3, 4, 5, 10, 100])
def test_a_scale_that_scores_reach_on_both_sides_is_found_and_said(reach):
    lexicon = read_table(table("word\tscore", f"good\t{reach}", f"bad\t-{reach}", f"so-so\t{-reach / 2}"))
    assert valences(lexicon) == {"good": 1, "bad": -1, "so-so": -0.5}
    assert lexicon.scale == f"-{reach} to {reach}"
    assert f"The scores of words-en.tsv are read as a scale from -{reach} to {reach}; 0 is neutral." in lexicon.notes


@settings(max_examples=30)
@given(
    st.floats(-100, 100).flatmap(
        lambda low: st.tuples(
            st.just(low), st.floats(low + 0.1, 200), st.lists(st.floats(0, 1), min_size=1, max_size=3)
        )
    )
)
def test_a_stated_scale_maps_its_ends_to_minus_one_and_one(scale):
    low, high, shares = scale
    scores = [low, high, *(low + share * (high - low) for share in shares)]
    rows = [f"w{index}\t{min(max(score, low), high)!r}" for index, score in enumerate(scores)]
    found = valences(read_table(table("word\tscore", *rows), scale=Scale(low, high)))
    assert (found["w0"], found["w1"]) == pytest.approx((-1, 1), abs=1e-12)
    for index, share in enumerate(shares, start=2):
        assert math.isclose(found[f"w{index}"], 2 * share - 1, abs_tol=1e-6)


@pytest.mark.parametrize(
    ("scores", "problem"),
    [
        ((0.2, 0.9), r"go from 0.2 to 0.9, none below 0, so their neutral middle is unknown. State it behind the path"),
        ((1, 5), r"go from 1 to 5, none below 0"),
        ((-3.9, 3.4), r"go from -3.9 to 3.4, which ends at no whole number.* such as #scale=-5..5 or #scale=0..1"),
        ((0, 0), r"Every score of words-en.tsv is 0, so no word has a polarity. Choose a list that has both"),
        ((-0.5, 0.25, 4), r"on two scales: -0.5 looks like one from -1 to 1, and 4 does not. Bring them to one scale"),
        ((-1, math.inf), r"Line 3 of words-en.tsv has an infinite score. Give a number"),
    ],
)
def test_a_scale_in_doubt_is_asked_for(scores, problem):
    with pytest.raises(CorpusError, match=problem):
        read_table(table("word\tscore", *(f"w{index}\t{score}" for index, score in enumerate(scores))))


def test_languages_on_different_scales_are_refused():
    rows = ["good\ten\t0.75", "bad\ten\t-0.5", "gut\tde\t3.5", "schlecht\tde\t-4"]
    with pytest.raises(CorpusError, match=r"\(eng and deu\) are on two scales: 0.75 looks like .* and 3.5 does not"):
        read_table(table("word\tlanguage\tscore", *rows))


def test_whole_scores_of_a_cautious_language_are_on_the_common_scale():
    rows = ["good\ten\t1", "bad\ten\t-1", "gut\tde\t5", "schlecht\tde\t-4"]
    assert valences(read_table(table("word\tlanguage\tscore", *rows)))["good"] == 0.2


@pytest.mark.parametrize("scale", [Scale(-1, 1), Scale(0, 2)])
def test_scores_outside_a_stated_scale_are_refused(scale):
    with pytest.raises(CorpusError, match=r"1 scores of words-en.tsv lie outside the scale .* first is -3 of 'bad'"):
        read_table(table("word\tscore", "good\t1", "bad\t-3"), scale=scale)


@pytest.mark.parametrize("text", ["", "5", "5..-5", "1..1", "a..b", "-5:5"])
def test_a_scale_that_is_none_says_how_to_write_one(text):
    with pytest.raises(CorpusError, match=r"is no scale of scores. Write the lowest and the highest .*: -5..5 or 0..1"):
        parse_scale(text)


def test_words_without_a_score_are_left_out_and_counted():
    lexicon = read_table(table("word\tscore", "good\t1", "what\t", "bad\t-1", "hm\tNaN"))
    assert valences(lexicon) == {"good": 1, "bad": -1}
    assert "Words of words-en.tsv left out, as they have no score: 2." in lexicon.notes


def test_rows_in_unknown_languages_are_left_out_and_counted():
    lexicon = read_table(table("word\tlang\tscore", "gut\tde\t1", "x\tqqq\t1", "y\tqqq\t-1", "schlecht\tde\t-1"))
    assert lexicon.languages == ("deu",)
    assert "Rows of words-en.tsv left out, as their language is unknown: 2 ('qqq' 2)." in lexicon.notes


def test_a_stated_language_keeps_one_of_several():
    rows = table("word\tlang\tscore", "gut\tde\t1", "good\ten\t1", "bad\ten\t-1")
    assert read_table(rows, language="English").languages == ("eng",)


@pytest.mark.parametrize(
    ("name", "language"),
    [("en.tsv", "eng"), ("AFINN-sv-165.txt", "swe"), ("danish-list.tsv", "dan")],
)
def test_a_file_may_be_named_by_its_language_and_the_notes_say_so(name, language):
    stream = table("word\tscore", "a\t1", "b\t-1", name=name)
    lexicon = read_table(stream)
    assert lexicon.languages == (language,)
    assert any(f"The words of {name} are taken for" in note for note in lexicon.notes)


@pytest.mark.parametrize("name", ["list.tsv", "en-de.tsv"])
def test_a_language_in_doubt_is_asked_for(name):
    with pytest.raises(CorpusError, match=rf"{name} does not say which language .* #language=deu, give it a column"):
        read_table(table("word\tscore", "a\t1", "b\t-1", name=name))


def test_a_wide_table_has_one_concept_a_row():
    lexicon = read_table(
        table("concept\tpos\tvalence\tdeu\tEnglish", "GOOD\tadj\t1\tgut | besser\tgood", "BAD\tadj\t-1\t\tbad :| ")
    )
    assert lexicon.languages == ("deu", "eng")
    assert [(entry.term, entry.lemma, entry.concepts) for entry in lexicon["deu"]] == [
        ("gut", "gut", ("GOOD",)),
        ("besser", "gut", ("GOOD",)),
    ]
    assert valences(lexicon) == {"good": 1, "bad :|": -1}
    assert "Rows of words-en left out, as they have no word: 1." in lexicon.notes


def test_rows_of_a_wide_table_without_names_are_numbered():
    lexicon = read_table(table("valence\tdeu\teng", "1\tgut\tgood", "-1\tschlecht\tbad"))
    assert set(lexicon.concepts) == {"1", "2"}


def test_both_shapes_give_the_same_lexicon():
    wide = read_table(table("concept\tvalence\tdeu\teng", "g\t1\tgut\tgood", "b\t-1\tschlecht\tbad"))
    rows = ["gut\tdeu\tg\t1", "schlecht\tdeu\tb\t-1", "good\teng\tg\t1", "bad\teng\tb\t-1"]
    assert read_table(table("word\tlanguage\tconcept\tvalence", *rows)).digest == wide.digest


def test_forms_of_a_word_share_its_score_and_a_phrase_keeps_to_itself():
    lexicon = read_table(table("headword\tscore\tforms", "go\t1\tgo goes went", "give up\t-1\tgive up gives up"))
    assert [(entry.term, entry.lemma) for entry in lexicon["eng"]] == [
        ("go", "go"),
        ("goes", "go"),
        ("went", "go"),
        ("give up", "give up"),
    ]


@pytest.mark.parametrize("pack", [bytes, lzma.compress, gzip.compress])
def test_packed_lists_are_read(pack, tmp_path):
    path = tmp_path / "en.tsv"
    path.write_bytes(pack(b"word\tscore\ngood\t1\nbad\t-1\n"))
    assert valences(read_table(path)) == {"good": 1, "bad": -1}


def test_a_column_of_row_numbers_without_heading_is_passed_over():
    assert valences(read_table(table(",word,score", "0,good,1", "1,bad,-1"))) == {"good": 1, "bad": -1}


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", r"words-en.tsv is empty. Give a file that holds words and their scores"),
        (b"word\tscore\n", r"headings but no rows. Put one word and its score on each line"),
        (b"word\tword\na\tb\n", r"two columns headed 'word'. Rename or delete one"),
        (b"word\tscore\na\t1\nb\n", r"Line 3 of words-en.tsv has 1 cells, but there are 2 headings. .* extra tabs"),
        (b"word,score\na,1,2\n", r"Line 2 .* has 3 cells.* extra commas"),
        (b'word,score\n"a,1\n', r"stops being a table at line .*quotation mark that opens and never closes"),
        (b"word\tpos\na\tn\n", r"no column of scores, so its words have no polarity; its columns are word, pos. Head"),
        (b"colour\tscore\na\t1\n", r"has the column 'colour', which is neither a language nor one of term, word"),
        (b"concept\tscore\na\t1\n", r"no column of words; its columns are concept, score. Head one term or word"),
        (b"score\tde\tger\n1\ta\tb\n", r"has two columns for German: de and ger. Delete one"),
        (b"word\tscore\na\t1\nb\t0,5\n", r"Line 3 of words-en.tsv has the score '0,5', which is neither a number"),
        (b"word\tscore\na\tpositive\nb\t-1\n", r"mixes labels \(line 2: positive\) and numbers \(line 3: -1\)"),
        (b"word\tscore\na\t\nb\tnan\n", r"every cell of it is empty, so no word has a polarity. Give a number"),
        (b"word\tlang\tscore\na\tqqq\t1\n", r"names no known language in its column 'lang': qqq. Write ISO 639"),
        ("word\tscore\na\t1\nGrüße\t1\n".encode("latin-1"), r"not UTF-8: line 3 has the byte 0xFC.*Save it again"),
        ("word\tscore\na\t1\n".encode("utf-16-le"), r"looks like UTF-16 without a byte order mark"),
        (b"word\tscore\na\t1\nb\t50%\n", r"Line 3 of words-en.tsv has the score '50%', which is neither a number"),
        (b"word\tscore\na\t1_0\nb\t-1\n", r"Line 2 of words-en.tsv has the score '1_0', which is neither a number"),
        (
            "word\tscore\na\t1\nb\t−3\n".encode(),
            r"Line 3 of words-en.tsv has the score '−3', which is neither a number",
        ),
        (b"word\tscore\na\tinf\n", r"Line 2 of words-en.tsv has an infinite score"),
        (b"word\tscore\na\t95\nb\t5\n", r"go from 5 to 95, none below 0, so their neutral middle is unknown. State"),
        (b"sep=;\n", r"words-en.tsv has headings but no rows"),
        (b"PK\x03\x04\x14", r"words-en.tsv is a ZIP archive or an Excel workbook"),
        (b"sep=;\nword;score\na;1;2\n", r"Line 3 of words-en.tsv has 3 cells, .* extra semicolons"),
        (b"sep=|\nword|score\na|x\n", r"Line 3 of words-en.tsv has the score 'x'"),
        (
            b"Abbau|NN\t-0.058\tAbbaus,Abbaues\nAbbruch|NN\t-0.0048\n",
            r"Line 2 of .* Its first line was taken as headings \(abbau\|nn, -0.058, abbaus,abbaues\) but holds a "
            r"number: put headings such as word and score above it. SentiWS opens as sentiws:PATH, EmoLex as emolex:",
        ),
        (b"aback\tanger\t0\naback\tjoy\t0\n", r"has the column 'aback'.* Its first line was taken as headings \(aback"),
        (b"word\t0.5\ngood\t1\n", r"no column of scores, .* Its first line was taken as headings \(word, 0.5\)"),
    ],
)
def test_a_bad_list_says_what_is_wrong_and_what_to_do(content, problem):
    stream = io.BytesIO(content)
    stream.name = "words-en.tsv"
    with pytest.raises(CorpusError, match=problem):
        read_table(stream)


def test_a_hundred_thousand_words_are_read_whole():
    rows = (f"wört{index}\t{EVERY_SCORE[index % 6]}" for index in range(100_000))
    assert len(read_table(table("word\tscore", *rows))) == 100_000


def test_more_words_than_the_limit_are_refused(monkeypatch):
    monkeypatch.setattr(tables, "MAX_ENTRIES", 2)
    with pytest.raises(CorpusError, match=r"words, which is the limit. Keep fewer languages, or the frequent words"):
        read_table(table("word\tscore", "a\t1", "b\t-1", "c\t1"))


@pytest.mark.slow
def test_a_million_words_are_read_in_seconds():
    import time

    content = "\n".join(["word\tscore", *(f"wört{index}\t{EVERY_SCORE[index % 6]}" for index in range(1_000_000))])
    start = time.process_time()
    assert len(read_table(table(content))) == 1_000_000
    assert time.process_time() - start < 10


@pytest.mark.parametrize("first", ["", "term\tscore\n"])
def test_afinn_lists_are_read_with_and_without_headings(tmp_path, first):
    write(tmp_path, AFINN_en_165__txt=f"{first}good\t3\nbad\t-3\n")
    lexicon = read_afinn(tmp_path / "AFINN-en-165.txt")
    assert valences(lexicon) == {"good": 0.6, "bad": -0.6}
    assert lexicon.scale == "-5 to 5"


def test_a_folder_of_afinn_lists_is_one_lexicon_and_emoticons_are_set_aside(tmp_path):
    write(tmp_path, da__tsv="term\tscore\ngod\t3\n", sv__tsv="term\tscore\nbra\t3\n", README__md="about")
    write(tmp_path, emoticon__tsv="term\tscore\n:)\t2\n", licence__txt="terms")
    lexicon = read_afinn(tmp_path)
    assert lexicon.languages == ("dan", "swe")
    assert "emoticon.tsv is set aside, because its name tells no language." in lexicon.notes
    assert read_afinn(tmp_path / "emoticon.tsv", language="dan").languages == ("dan",)
    assert read_afinn(tmp_path, language="dan").languages == ("dan",)


def test_a_score_beyond_afinns_scale_is_refused(tmp_path):
    write(tmp_path, en__tsv="good\t3\nbest\t7\n")
    with pytest.raises(CorpusError, match=r"outside the scale -5 to 5, the first is 7 of 'best'"):
        read_afinn(tmp_path / "en.tsv")


def test_a_folder_without_lists_says_what_it_should_hold(tmp_path):
    with pytest.raises(CorpusError, match=r"has no word lists. Give a folder with files such as en.tsv and de.tsv"):
        read_afinn(tmp_path)


def test_vaders_list_is_read_as_it_is(tmp_path):
    write(tmp_path, list__txt="$:\t-1.5\t0.80623\t[-1, -1, -1, -1, -3]\ngreat\t3.1\t0.7\t[2, 4, 3, 3, 4]\n")
    lexicon = read_vader(tmp_path / "list.txt")
    assert valences(lexicon) == pytest.approx({"$:": -0.375, "great": 0.775})
    assert (lexicon.licence, lexicon.scale) == ("MIT", "-4 to 4")


@pytest.mark.parametrize(("low", "middle", "scale"), [("0.1", "0.5", "0 to 1"), ("-0.8", "0.0", "-1 to 1")])
def test_both_versions_of_nrc_vad_tables_have_the_same_valences(tmp_path, low, middle, scale):
    high = "0.9" if low == "0.1" else "0.8"
    write(
        tmp_path,
        v__txt=f"Word\tValence\tArousal\tDominance\ngood\t{high}\t1\t1\nbad\t{low}\t0\t0\nrow\t{middle}\t0\t0\n",
    )
    lexicon = read_nrc_vad(tmp_path / "v.txt")
    assert valences(lexicon) == pytest.approx({"good": 0.8, "bad": -0.8, "row": 0})
    assert lexicon.scale == scale
    assert "no redistribution" in lexicon.licence
    assert lexicon.concepts == {}


@pytest.mark.parametrize(
    ("headings", "rest", "stated", "scale", "reason"),
    [
        ("term\tvalence\tarousal\tdominance", "\t.1\t.2", None, "-1 to 1", "version 2 heads its words 'term'"),
        ("Word\tValence\tArousal\tDominance", "\t-.1\t.2", None, "-1 to 1", "scores of it are below 0"),
        (
            "Word\tValence\tArousal\tDominance",
            "\t.1\t.2",
            None,
            "0 to 1",
            "no score is below 0 and version 1 heads its",
        ),
        ("Word\tValence\tArousal\tDominance", "\t.1\t.2", "-1..1", "-1 to 1", "is stated"),
        ("term\tvalence\tarousal\tdominance", "\t.1\t.2", "0..1", "0 to 1", "is stated"),
        ("lemma\tvalence", "", "-1..1", "-1 to 1", "is stated"),
    ],
)
def test_the_scale_of_nrc_vad_is_that_of_the_whole_file_and_always_told(
    tmp_path, headings, rest, stated, scale, reason
):
    """Of a part of the file, perhaps with positive words only."""
    write(tmp_path, v__txt=f"{headings}\nlove\t.9{rest}\nnice\t.5{rest}\n")
    lexicon = open_lexicon(f"nrc-vad:{tmp_path}/v.txt" + (f"#scale={stated}" if stated else ""))
    expected = {"love": 0.9, "nice": 0.5} if scale == "-1 to 1" else {"love": 0.8, "nice": 0}
    assert valences(lexicon) == pytest.approx(expected)
    assert lexicon.scale == scale
    assert lexicon.notes[0].startswith(f"The valences of v.txt are read on the scale {scale}, as {reason}")
    assert lexicon.notes[0].endswith("stated behind the path, such as #scale=-1..1.")


def test_nrc_vad_scores_on_an_unknown_scale_are_asked_for(tmp_path):
    write(tmp_path, v__txt="lemma\tvalence\nlove\t.9\nnice\t.5\n")
    with pytest.raises(CorpusError, match=r"from 0 to 1, or from -1 to 1\? State it behind the path, such as #scale"):
        read_nrc_vad(tmp_path / "v.txt")


@pytest.mark.parametrize("line", ["sep=;", "SEP=;", '"sep=;"'])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_separator_that_a_spreadsheet_declares_is_used(line, end):
    assert valences(read_table(table(end.join([line, "word;score", "a, b;1", "c;-1"])))) == {"a, b": 1, "c": -1}


def test_words_that_nobody_sees_are_none_and_words_like_nan_are_words():
    lexicon = read_table(table("\ufeffword\u200b\tscore", "nan\t2", "\u200b\t-3", "null\t-3"))
    assert set(valences(lexicon)) == {"nan", "null"}
    assert "Rows of words-en left out, as they have no word: 1." in lexicon.notes


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_lists_are_read_whatever_their_line_ends_and_marked_encoding(tmp_path, end, encoding):
    (tmp_path / "f.txt").write_bytes(SENTIWS.replace("\n", end).encode(encoding))
    assert valences(open_lexicon(f"sentiws:{tmp_path}/f.txt"), "deu")["Lobes"] == 0.37


SENTIWS = "Lob|NN\t0.37\tLobe,Lobes\nnett|ADJX\t0.5\tnette,netter\nFlop|NN\t-0.81\n"


def test_sentiws_has_german_words_with_their_forms(tmp_path):
    positive, negative = SENTIWS.splitlines(keepends=True)[:2], SENTIWS.splitlines(keepends=True)[2:]
    write(tmp_path, **{"all__txt": SENTIWS})
    (tmp_path / "both").mkdir()
    write(tmp_path / "both", README__txt="about")
    for name, lines in (("Positive", positive), ("Negative", negative)):
        (tmp_path / "both" / f"SentiWS_v2.0_{name}.txt").write_text("".join(lines), encoding="utf-8")
    lexicon = open_lexicon(f"sentiws:{tmp_path}/all.txt")
    assert valences(lexicon, "deu") == {
        "Lob": 0.37, "Lobe": 0.37, "Lobes": 0.37, "nett": 0.5, "nette": 0.5, "netter": 0.5, "Flop": -0.81,
    }  # fmt: skip
    assert {entry.term: entry.lemma for entry in lexicon["deu"]}["Lobes"] == "Lob"
    assert (lexicon.scale, lexicon.languages) == ("-1 to 1", ("deu",))
    assert valences(open_lexicon(f"sentiws:{tmp_path}/both"), "deu") == valences(lexicon, "deu")
    with pytest.raises(CorpusError, match=r"no words in English"):
        open_lexicon(f"sentiws:{tmp_path}/all.txt#language=eng")
    with pytest.raises(CorpusError, match=r"has no SentiWS lists. Give a folder with SentiWS_v2.0_Positive.txt"):
        open_lexicon(f"sentiws:{tmp_path}")


def test_emolex_takes_positive_and_negative_words(tmp_path):
    flags = {"love": (1, 0), "abandon": (0, 1), "aback": (0, 0), "abundance": (1, 1)}
    lines = [f"{word}\t{kind}\t{flag}" for word, pair in flags.items() for kind, flag in
             zip(("positive", "negative", "joy"), (*pair, 1), strict=True)]  # fmt: skip
    write(tmp_path, e__txt="\n".join(lines), prose__txt="Terms of use\n\n1. Cite\n" + "\n".join(lines))
    lexicon = open_lexicon(f"emolex:{tmp_path}/e.txt")
    assert valences(lexicon) == {"love": 1, "abandon": -1, "aback": 0}
    assert lexicon.notes == ("Words of EmoLex left out, as it lists them as positive and as negative: 1 (abundance).",)
    prose = open_lexicon(f"emolex:{tmp_path}/prose.txt#language=de")
    assert valences(prose, "deu") == valences(lexicon)
    assert prose.notes[0] == "Lines above the first word of prose.txt that are passed over: 3."


@pytest.mark.parametrize(
    ("kind", "text", "problem"),
    [
        (
            "sentiws",
            SENTIWS + "gut\t0.5\n",
            r"Line 4 of f.txt is no line of SentiWS: 'gut\\t0.5'. It has a word with its",
        ),
        ("sentiws", SENTIWS + "gut|ADJX\t5\n", r"Line 4 of f.txt is no line of SentiWS"),
        ("emolex", "a\tjoy\t1\na\tpositive\t2\n", r"Line 2 of f.txt is no line of EmoLex: 'a\\tpositive\\t2'. It has"),
        ("emolex", "a\tjoy\t1\n", r"EmoLex has no usable word"),
        ("emolex", "word\tscore\na\t1\n", r"Line 1 of f.txt is no line of EmoLex"),
    ],
)
def test_other_lists_are_no_sentiws_and_no_emolex(tmp_path, kind, text, problem):
    write(tmp_path, f__txt=text)
    with pytest.raises(CorpusError, match=problem):
        open_lexicon(f"{kind}:{tmp_path}/f.txt")


@pytest.mark.parametrize("heading", ["German Word", "German", "German-Word", "German Translation (Google Translate)"])
def test_translations_of_nrc_vad_are_linked_by_the_english_word(tmp_path, heading):
    write(
        tmp_path, v__txt=f"English Word\tValence\t{heading}\ngood\t1\tgut\nbad\t0\tschlecht\nrow\t.5\tNO TRANSLATION\n"
    )
    lexicon = read_nrc_vad(tmp_path / "v.txt")
    assert valences(lexicon, "deu") == {"gut": 1, "schlecht": -1}
    assert lexicon.concepts["good"]["deu"][0].term == "gut"
    assert "Words without German translation: 1." in lexicon.notes
    assert read_nrc_vad(tmp_path / "v.txt", language="de").languages == ("deu",)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "Word\tArousal\ngood\t1\n",
            r"no column of valences; its columns are word, arousal. Head one valence. A lexicon",
        ),
        ("Valence\tArousal\n1\t1\n", r"no column of words; .* Or head it by its language, such as German Word"),
        ("Word\tValence\ngood\t9\n", r"outside the scale 0 to 1, the first is 9 of 'good'"),
    ],
)
def test_other_tables_are_no_nrc_vad(tmp_path, text, problem):
    write(tmp_path, v__txt=text)
    with pytest.raises(CorpusError, match=problem):
        read_nrc_vad(tmp_path / "v.txt")


@pytest.fixture
def indonesian():
    return read_table(table("word\tscore", "Baik\t1", "buruk\t-1", name="ind.tsv"))


@pytest.mark.parametrize("form", ["indonesian\tterm\n", "indonesian\tacehnese\n"])
def test_nusax_pairs_take_the_valence_of_the_indonesian_word(tmp_path, indonesian, form):
    write(tmp_path, ace__tsv=f"{form}baik\tget\nburuk\tbrok\nabu\tabee\n", ban__tsv=f"{form}baik\tbecik\n")
    lexicon = read_nusax(tmp_path, indonesian)
    assert valences(lexicon, "ace") == {"get": 1, "brok": -1}
    assert {code: entries[0].term for code, entries in lexicon.concepts["baik"].items()} == {
        "ind": "baik",
        "ace": "get",
        "ban": "becik",
    }
    assert lexicon.notes == ("Pairs with Acehnese left out, as ind has no valence for their Indonesian word: 1 of 3.",)
    assert lexicon.licence == "CC BY-SA 4.0 (word pairs); not stated (valences)"


def test_the_original_layout_of_nusax_names_the_language_in_its_heading(tmp_path, indonesian):
    (tmp_path / "lexicon.csv").write_text(",indonesian,acehnese\n0,baik,get\n", encoding="utf-8")
    assert valences(read_nusax(tmp_path / "lexicon.csv", indonesian), "ace") == {"get": 1}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "indonesian\tterm\nabu\tabee\n",
            r"ind has a valence for none of the Indonesian words at .*more Indonesian words",
        ),
        (
            "word\tterm\nbaik\tget\n",
            r"no column of Indonesian words beside one of translations; its columns are word, t",
        ),
    ],
)
def test_other_tables_are_no_nusax_lists(tmp_path, indonesian, text, problem):
    write(tmp_path, ace__tsv=text)
    with pytest.raises(CorpusError, match=problem):
        read_nusax(tmp_path / "ace.tsv", indonesian)


def test_a_nusax_list_that_tells_no_language_is_an_error(tmp_path, indonesian):
    write(tmp_path, pairs__tsv="indonesian\tterm\nbaik\tget\n")
    with pytest.raises(CorpusError, match=r"pairs.tsv does not say which language it translates into. Name it such as"):
        read_nusax(tmp_path / "pairs.tsv", indonesian)


def test_valences_for_nusax_come_from_indonesian_only(tmp_path):
    write(tmp_path, ace__tsv="indonesian\tterm\nbaik\tget\n")
    with pytest.raises(CorpusError, match=r"no words in Indonesian \(ind\)"):
        read_nusax(tmp_path / "ace.tsv", read_table(table("word\tscore", "a\t1", "b\t-1")))
