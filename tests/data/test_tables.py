import bz2
import csv
import gzip
import io
import lzma
import tarfile
import time
import timeit
import zipfile
from functools import partial

import pyarrow
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlfa_core.data import CorpusError, files, tables
from dlfa_core.data.parallel import VISIBLE
from dlfa_core.data.readers import read_table
from dlfa_core.languages import LANGUAGES

cell = st.text(st.characters(codec="utf-8", exclude_characters="\t\r\n", exclude_categories=["Cc"]), min_size=1)
rows = st.lists(st.tuples(cell, cell).filter(lambda row: all(map(VISIBLE.search, row))), min_size=1)
PACKERS = [
    bytes,
    lzma.compress,
    partial(gzip.compress, mtime=0),
    bz2.compress,
    lambda data: pyarrow.compress(data, "zstd", asbytes=True),
]


def zipped() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(zipfile.ZipInfo("sentences.tsv"), "en\tde\na\tb\n")
    return packed.getvalue()


def tarred() -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:xz") as archive:
        archive.addfile(tarfile.TarInfo("sentences.tsv"))
    return packed.getvalue()


def table(*lines: str, end: str = "\n") -> io.BytesIO:
    return io.BytesIO(end.join(lines).encode())


@given(rows)
def test_a_tsv_gives_its_sentences_back(rows):
    corpus = read_table(table("eng\tdeu", *("\t".join(row) for row in rows)))
    assert corpus["eng"] == tuple(row[0].strip() for row in rows)
    assert corpus["deu"] == tuple(row[1].strip() for row in rows)


@given(rows, st.sampled_from(",;"))
def test_a_csv_gives_its_sentences_back(rows, separator):
    text = io.StringIO()
    csv.writer(text, delimiter=separator).writerows([("eng", "deu"), *rows])
    corpus = read_table(io.BytesIO(text.getvalue().encode()))
    assert list(zip(corpus["eng"], corpus["deu"], strict=True)) == [(a.strip(), b.strip()) for a, b in rows]


def test_the_separator_that_a_spreadsheet_declares_is_used_and_lines_are_counted_from_it():
    assert read_table(table("sep=;", "en;de", "a, b, c;d"))["eng"] == ("a, b, c",)
    assert read_table(table("sep=|", "en|de", "a;b|d"))["deu"] == ("d",)
    with pytest.raises(CorpusError, match="Line 3 of The table has 1 cells"):
        read_table(table("sep=|", "en|de", "a;b"))


@pytest.mark.parametrize("mark", ["\ufeff", "\u200b", "\xa0", " ", "\u200e"])
def test_invisible_marks_around_headings_do_no_harm(mark):
    assert read_table(table(f"{mark}{mark}en{mark}\tde{mark}", "a\tb")).languages == ("eng", "deu")


def test_quotation_marks_mean_nothing_in_a_tsv():
    assert read_table(table("en\tde", '"No,\t"Nein'))["eng"] == ('"No,',)


def test_a_csv_sentence_may_hold_commas_quotes_and_line_breaks():
    assert read_table(table("en,de", '"a, ""b""\nc",d'))["eng"] == ('a, "b"\nc',)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_byte_order_mark_blank_lines_and_line_ends_do_no_harm(end):
    corpus = read_table(table("\ufeffen\tde", "a\tb", "", "c\td", "", end=end))
    assert corpus["deu"] == ("b", "d")


def test_a_tsv_with_carriage_returns_alone_is_cut_at_its_tabs_however_many_commas_follow():
    assert read_table(table("en\tde", "a, b, c, d\te, f", end="\r"))["deu"] == ("e, f",)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "utf-16-le", "utf-16-be"])
def test_a_byte_order_mark_tells_the_encoding(encoding):
    mark = "\ufeff" if encoding.endswith("e") else ""
    assert read_table(io.BytesIO(f"{mark}en\tde\nGrüße\t家\n".encode(encoding)))["eng"] == ("Grüße",)


@pytest.mark.parametrize("pack", PACKERS)
def test_packed_tables_are_read_whatever_they_are_called(pack, tmp_path):
    path = tmp_path / "sentences.tsv"
    path.write_bytes(pack(b"en\tde\na\tb\n"))
    assert read_table(path)["deu"] == read_table(io.BytesIO(path.read_bytes()))["deu"] == ("b",)


def test_columns_that_are_no_languages_become_ids_topics_and_sentiment():
    corpus = read_table(table("ID\tcategory\tsentiment\tdoc\tsplit\ten\tde", "x7\tfood\tpositive\td\ttest\ta\tb"))
    assert corpus.ids == ("x7",)
    assert corpus.languages == ("eng", "deu")
    assert corpus.meta.to_dict("list") == {"topic": ["food"], "sentiment": ["positive"]}


def test_rows_without_ids_are_numbered_before_gaps_are_left_out():
    assert read_table(table("en\tde", "a\t", "b\tc")).ids == ("2",)


def test_an_upload_is_called_by_its_name():
    upload = table("en\tde", "a\tb")
    upload.name = "my words.tsv"
    corpus = read_table(upload)
    assert (corpus.name, corpus.source) == ("my words", "upload my words.tsv")


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "The table is empty. Give a file that holds sentences."),
        (b" \n\n", "The table is empty"),
        (b"en\tde\n", "headings but no rows. Put one sentence"),
        (b"en\none\n", "sentences in 1 language, but languages are compared in pairs. Give at least two"),
        (b"id\n1\n", "sentences in 0 languages"),
        (b"en\tde\na\tb\nc\n", "Line 3 of The table has 1 cells, but there are 2 headings.*missing or extra tabs"),
        (b"en,de\na,b,c\n", "Line 2 .* has 3 cells.* extra commas"),
        (b"en\t\tde\na\tb\tc\n", "Column 2 of The table has no heading. Head it with a language code, or delete"),
        (b"en\ten\na\tb\n", "two columns headed 'en'. Rename or delete one"),
        (b"id\ten\tde\n1\ta\tb\n1\tc\td\n", "1 ids more than once, 1 among them.*Indonesian is ind"),
        (b"en\tGermn\na\tb\n", r"column or file for 'Germn'.*German \(deu\)"),
        (b'en,de\n"a,b\nc,d\n', "stops being a table at line .*quotation mark that opens and never closes"),
        ("en\tde\na\tGrüße\n".encode("latin-1"), "not UTF-8: line 2 has the byte 0xFC.*Save it again as UTF-8"),
        ("en\rde\ra\rGrüße\r".encode("latin-1"), "not UTF-8: line 4 has the byte 0xFC"),
        ("en\tde\na\tGrüße".encode("utf-16")[:-1], "not UTF-16: line 2 has the byte 0x65"),
        (
            "en\tde\na\tGrüße\n".encode("utf-16-le"),
            "looks like UTF-16 without a byte order mark: of its first 28 bytes, 14 are NUL. Save it again as UTF-8",
        ),
        (b"\xef\xbb\xbf", "The table is empty"),
        (zipped(), "The table is a ZIP archive or an Excel workbook: unpack it, or save the sheet as 'CSV UTF-8'"),
        (tarred(), "The table is a tar archive: unpack it"),
        (b"%PDF-1.7\n%\xe2\xe3", "The table is a PDF: give a text file"),
        (b"PAR1\x15\x04", "The table is a Parquet table: write it as CSV"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "The table is an old Excel or Word document: save it as 'CSV UTF-8'"),
        (b"version https://git-lfs.github.com/spec/v1\noid x\n", "pointer of Git LFS .*: run `git lfs pull`"),
        (b"\n<!DOCTYPE html>\n<html>", "The table is a web page: download the file itself"),
        ("en\tde\na\tb\n".encode("utf-16-be"), "looks like UTF-16 without a byte order mark"),
        ("en\tja\na\t日本語の文章です\n".encode("utf-16-le"), "not UTF-8: line 2"),
        ("en\tzh\na\t汉语\n".encode("gb18030"), "not UTF-8: line 2"),
        (b"en\tde\na\t\xed\xa0\xbd\n", "not UTF-8: line 2 has the byte 0xED"),
        (b"en\tde\t\na\tb\t\n", "Column 3 of The table has no heading"),
        (b"# words\nen\tde\na\tb\n", "Line 2 of The table has 2 cells, but there are 1 headings"),
        *((pack(b"en\tde\na\tb\n" * 99)[:-20], "cannot be read .* Pack it again") for pack in PACKERS[1:]),
        (b"\x1f\x8b\x08" + bytes(6) + b"\xffdamaged", "cannot be read .* Pack it again"),
    ],
)
def test_a_bad_table_says_what_is_wrong_and_what_to_do(content, problem):
    with pytest.raises(CorpusError, match=rf"(?s){problem}"):
        read_table(io.BytesIO(content))


def test_a_million_rows_are_refused_by_the_limit_and_fast():
    content = io.BytesIO(b"en\tde\n" + b"one\teins\n" * 1_000_000)
    start = time.process_time()  # to which other processes add nothing
    with pytest.raises(CorpusError, match=r"more than 200,000 sentences, which is the limit. Keep a random sample"):
        read_table(content)
    assert time.process_time() - start < 5


def test_an_archive_that_unpacks_to_too_much_is_refused(monkeypatch):
    monkeypatch.setattr(files, "MAX_BYTES", 1 << 20)
    with pytest.raises(CorpusError, match=r"more than .* GiB of text. Keep a sample"):
        read_table(io.BytesIO(lzma.compress(b"en\tde\n" + b"one\teins\n" * 200_000)))


def test_the_limit_itself_is_allowed(monkeypatch):
    monkeypatch.setattr(tables, "MAX_SENTENCES", 2)
    assert len(read_table(table("en\tde", "a\tb", "c\td"))) == 2


def test_a_missing_file_says_where_it_looked(tmp_path):
    with pytest.raises(CorpusError, match=r"There is nothing at .*none.tsv. Check the spelling"):
        read_table(tmp_path / "none.tsv")


def test_a_folder_is_not_a_table(tmp_path):
    with pytest.raises(CorpusError, match=r"cannot be read .* check that it is a file"):
        read_table(tmp_path)


def test_twenty_languages_are_read_in_less_than_50_ms(tmp_path):
    codes = [code for code, language in LANGUAGES.items() if language.in_xtreme_r][:20]
    headings = ["id", "topic", "sentiment", *codes]
    cells = ["food", "neutral", *["Ein Satz von gewöhnlicher Länge, der etwas sagt."] * 20]
    path = tmp_path / "sample.tsv"
    lines = ["\t".join(headings), *("\t".join([f"s{row}", *cells]) for row in range(252))]
    path.write_text("\n".join(lines), encoding="utf-8")
    assert min(timeit.repeat(lambda: read_table(path), timer=time.process_time, number=1, repeat=5)) < 0.05
