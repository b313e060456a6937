"""Files as other programs leave them, and some that mean harm: read with the right values, or refused with advice."""

import bz2
import gzip
import io
import json
import lzma
import re
import zipfile

import pyarrow
import pytest

from dlfa_core.data import CorpusError, files, open_corpus, open_lexicon
from dlfa_core.data.readers import read_table
from dlfa_core.data.tasks import open_task
from dlfa_core.data.tasks.conll import read_conllu
from dlfa_core.data.text import open_text

PLAIN = "eng\tdeu\n" + "".join(f"Sentence {i}.\tSatz {i}.\n" for i in range(5))


def read(content: bytes, name: str = "table.csv"):
    file = io.BytesIO(content)
    file.name = name
    return read_table(file)


def workbook() -> bytes:
    """As much of an .xlsx as its first bytes and files tell: merged cells, a date and a formula."""
    file = io.BytesIO()
    sheet = '<worksheet><sheetData><row><c t="str"><f>A1&amp;"x"</f><v>eng</v></c><c s="1"><v>45000</v></c></row>'
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/worksheets/sheet1.xml", f'{sheet}</sheetData><mergeCell ref="A1:B1"/></worksheet>')
    return file.getvalue()


def zipped_csv() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("table.csv", PLAIN.replace("\t", ","))
    return file.getvalue()


READ = {
    "carriage returns alone and semicolons": (PLAIN.replace("\t", ";").replace("\n", "\r").encode(), "table.csv"),
    "a mark of direction before each heading": (PLAIN.replace("eng", "\u200feng\u200f").encode(), "table.tsv"),
    "headings in two notations": (PLAIN.replace("eng\tdeu", "English\tde_DE").encode(), "table.tsv"),
    "headings in capitals": (PLAIN.replace("eng\tdeu", "ENG\tDeutsch").encode(), "table.tsv"),
    "bzip2 under a name that does not say so": (bz2.compress(PLAIN.encode()), "table.csv"),
    "zstd": (bytes(pyarrow.compress(PLAIN.encode(), codec="zstd", asbytes=True)), "table.tsv.zst"),
    "several packed parts, one after the other": (
        gzip.compress(PLAIN[:40].encode()) + gzip.compress(PLAIN[40:].encode()),
        "table.tsv.gz",
    ),
    "UTF-16 with a byte order mark, as 'Unicode text'": (PLAIN.replace("\n", "\r\n").encode("utf-16"), "table.txt"),
    "blanks behind the cells and blank lines at the end": (
        PLAIN.replace("\n", " \n").encode() + b"\n\n\r\n",
        "table.tsv",
    ),
}


@pytest.mark.parametrize(("content", "name"), READ.values(), ids=READ)
def test_the_same_table_is_read_however_it_was_saved(content, name):
    corpus = read(content, name)
    assert corpus.languages == ("eng", "deu")
    assert corpus["deu"] == tuple(f"Satz {i}." for i in range(5))


def test_headings_that_come_again_are_a_row_and_stay_aligned():
    """As where tables were put one behind the other."""
    corpus = read((PLAIN + PLAIN).encode(), "table.tsv")
    assert corpus["deu"][5] == "deu"
    assert len(corpus) == 11
    assert any("repeat an earlier row" in note for note in corpus.notes)


REFUSED = {
    "UTF-16 without a byte order mark": (PLAIN.encode("utf-16-le"), "looks like UTF-16 without a byte order mark"),
    "Latin-1 with semicolons": (
        "eng;deu\nA fish.;Ein Häring.\n".encode("latin-1"),
        r"is not UTF-8: line 2 has the byte 0xE4.*CSV UTF-8",
    ),
    "quotes that never close": (b'eng,deu\n"Open,Zu\nNext,Weiter\n', r"stops being a table at line .*quotation mark"),
    "an Excel workbook": (workbook(), r"an Excel workbook: unpack it, or save the sheet as 'CSV UTF-8'"),
    "a CSV in a ZIP archive": (zipped_csv(), r"a ZIP archive"),
    "broken deflate data": (gzip.compress(PLAIN.encode())[:10] + b"\xff" * 40, r"cannot be read \(.*Pack it again"),
    "a packed file that is cut off": (lzma.compress(PLAIN.encode())[:-20], r"cannot be read \(.*Pack it again"),
    "blank cells only": (b"\t\t\n\t\t\n", r"Column 1 of .* has no heading|is empty"),
    "blank lines only": (b"\n \n\t\n\r\n", "is empty"),
    "what separates cells, and nothing else": (b"sep=;\n", "no rows"),
    "a hundred thousand columns": (
        "\t".join(f"c{i}" for i in range(100_000)).encode() + b"\nx\n",
        r"Line 2 of .* has 1 cells, but there are 100000 headings",
    ),
    "a hundred thousand equal columns": (b"\t".join([b"eng"] * 100_000) + b"\n", "two columns headed 'eng'"),
    "a cell of 200 kB": (b'eng,deu\n"' + b"x" * 200_000 + b'",y\n', "field larger than field limit"),
}


@pytest.mark.parametrize(("content", "problem"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_read_says_why_and_what_to_do(content, problem):
    with pytest.raises(CorpusError, match=re.compile(problem, re.DOTALL)) as refused:
        read(content)
    assert len(str(refused.value)) < 1500


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_what_unpacks_to_a_hundred_times_its_size_is_refused_before_memory_is_full(pack, monkeypatch):
    monkeypatch.setattr(files, "FREE_BYTES", 1 << 16)
    with pytest.raises(CorpusError, match=r"unpacks to more than \d+,.*, as no text does"):
        read(pack(bytes(1 << 20)) * 50)
    assert len(read(pack(PLAIN.encode()))) == 5


def test_an_error_that_quotes_a_long_word_leaves_its_middle_out():
    said = str(CorpusError(f"There is {'x' * 5000} here. {'Many words. ' * 500}Mend it."))
    assert said.startswith(f"There is {'x' * 60}…{'x' * 20} here.")
    assert said.endswith("Mend it.")
    assert len(said) < 1500


def test_moses_files_with_blanks_and_windows_line_ends_stay_aligned(tmp_path):
    (tmp_path / "text.en").write_bytes(b"One. \r\nTwo.\r\n")
    (tmp_path / "text.de").write_bytes(b"Eins.\nZwei.\n \n")
    with pytest.raises(CorpusError, match=r"text\.de has 3|text\.en has 2"):
        open_corpus(f"moses:{tmp_path}")
    (tmp_path / "text.de").write_bytes(b"Eins.\nZwei. ")
    assert open_corpus(f"moses:{tmp_path}")["eng"] == ("One.", "Two.")


LAUGHS = '<!DOCTYPE tmx [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE tmx [<!ENTITY b SYSTEM "file:///etc/hostname">]>'
OF_ELSEWHERE = '<!DOCTYPE tmx SYSTEM "http://127.0.0.1:9/tmx14.dtd">'
UNIT = '<tu><tuv xml:lang="en"><seg>A{}</seg></tuv><tuv xml:lang="de"><seg>B</seg></tuv></tu>'


@pytest.mark.parametrize(("head", "used"), [(LAUGHS, "&b;"), (OUTSIDE, "&b;")], ids=["many laughs", "another file"])
def test_a_memory_with_entities_of_its_own_is_refused(tmp_path, head, used):
    path = tmp_path / "memory.tmx"
    path.write_text(f'<?xml version="1.0"?>{head}<tmx version="1.4"><body>{UNIT.format(used)}</body></tmx>')
    with pytest.raises(CorpusError, match=r"declares the entity"):
        open_corpus(f"tmx:{path}")


def test_the_document_type_of_a_memory_is_not_fetched(tmp_path):
    path = tmp_path / "memory.tmx"
    path.write_text(f'<?xml version="1.0"?>{OF_ELSEWHERE}<tmx version="1.4"><body>{UNIT.format("")}</body></tmx>')
    assert open_corpus(f"tmx:{path}")["deu"] == ("B",)


def test_a_treebank_with_fused_words_empty_nodes_and_no_last_line_end_is_read(tmp_path):
    path = tmp_path / "de_x-ud-test.conllu"
    rows = ["# newdoc", "1-2\tim\t_\t_\t_\t_\t_\t_\t_\t_", "1\tin\t_\tADP\t_\t_\t3\t_\t_\t_"]
    rows += ["2\tdem\t_\tDET\t_\t_\t3\t_\t_\t_", "# within", "2.1\tx\t_\tVERB\t_\t_\t_\t_\t_\t_"]
    rows += ["3\tHaus\t_\tNOUN\t_\t_\t0\t_\t_\t_"]
    path.write_bytes("\r\n".join(rows).encode())
    (sentence,), notes = read_conllu(path)
    assert sentence.words == ("im", "Haus")
    assert not notes


def labelled(tmp_path, test: bytes, ending: str = "jsonl") -> str:
    for name in ("train-en", "dev-en"):
        rows = [{"text": f"{name} {label}", "label": label} for label in ("positive", "negative")]
        (tmp_path / f"{name}.jsonl").write_text("\n".join(map(json.dumps, rows)))
    (tmp_path / f"test-de.{ending}").write_bytes(test)
    return f"sentiment:{tmp_path}"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b'[{"text": "Gut.", "label": "positive"}]', "Line 1 .*is not an object"),
        (b'[\n{"text": "Gut.", "label": "positive"}\n]', "Line 1 .*is not JSON"),
        (b'{"text": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "nested too deeply"),
        (b'{"text": ' + b"9" * 5_000 + b', "label": "positive"}', "a number that is too long"),
    ],
    ids=["a list", "a list on lines", "brackets in brackets", "thousands of digits"],
)
def test_json_that_is_no_lines_of_objects_is_refused(tmp_path, content, problem):
    with pytest.raises(CorpusError, match=problem):
        open_task(labelled(tmp_path, content))


LEXICONS = {
    "percent": (b"word;score\ngut;50 %\nschlecht;-50 %\n", r"the score '50 %', which is neither a number"),
    "a decimal comma": (b"word;score\ngut;0,5\nschlecht;-0,5\n", r"the score '0,5', .*with a decimal point"),
    "opposite signs": (b"word,score\ngut,1\ngut,-1\n", r"words listed as positive and as negative: 1"),
    "an infinite score": (b"word,score\ngut,1e999\nschlecht,-1\n", r"Line 2 of .* has an infinite score"),
}


@pytest.mark.parametrize(("content", "problem"), LEXICONS.values(), ids=LEXICONS)
def test_a_list_whose_scores_are_none_says_which(tmp_path, content, problem):
    (tmp_path / "words-deu.csv").write_bytes(content)
    with pytest.raises(CorpusError, match=problem):
        open_lexicon(f"table:{tmp_path / 'words-deu.csv'}")


def test_a_home_of_nobody_is_a_place_where_nothing_is():
    for read_source in (open_corpus, open_lexicon, open_task):
        with pytest.raises(CorpusError):
            read_source("table:~nobody-here/x.tsv" if read_source is not open_task else "ner:~nobody-here/x")


TEXTS = {
    "UTF-8 with a mark": "\ufeffEin Satz.\nNoch einer.\n".encode(),
    "UTF-16": "Ein Satz.\r\nNoch einer.\r\n".encode("utf-16"),
    "carriage returns": b"Ein Satz.\rNoch einer.\r",
    "packed under a plain name": gzip.compress(b"Ein Satz.\n\n Noch einer. \n"),
}


@pytest.mark.parametrize("content", TEXTS.values(), ids=TEXTS)
def test_text_to_train_on_is_read_as_tables_are(tmp_path, content):
    (tmp_path / "de.txt").write_bytes(content)
    assert list(open_text(str(tmp_path)).lines("deu")) == ["Ein Satz.", "Noch einer."]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"Gut.\nK\xe4se.\n", r"de\.txt is not UTF-8: behind line \d+ it has the byte 0xE4"),
        (gzip.compress(b"Gut.\n" * 99)[:-12], r"de\.txt cannot be read"),
        (b"x" * (1 << 20) + b"xx", r"Line 1 of de\.txt has more than 1,048,576 characters"),
    ],
    ids=["Latin-1", "cut off", "one line"],
)
def test_text_to_train_on_that_is_damaged_is_refused(tmp_path, content, problem):
    (tmp_path / "de.txt").write_bytes(content)
    with pytest.raises(CorpusError, match=problem):
        list(open_text(str(tmp_path)).lines("deu"))
