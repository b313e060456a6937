"""Translation memories."""

import io
import lzma
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlfa_core.data import CorpusError, open_corpus
from dlfa_core.data import tmx as module
from dlfa_core.data.readers import read_table
from dlfa_core.data.tmx import read_tmx

XML = st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff")
sentence = st.text(XML).map(lambda text: f".{text}.")


def tmx(*units, head='<?xml version="1.0" encoding="UTF-8"?>\n'):
    """A file with a unit on each line, from line 4 on."""
    tu = "\n".join(
        "<tu>" + "".join(f'<tuv xml:lang="{lang}"><seg>{seg}</seg></tuv>' for lang, seg in unit) + "</tu>"
        for unit in units
    )
    return f'{head}<tmx version="1.4"><header srclang="en"/>\n<body>\n{tu}\n</body></tmx>'


def opened(tmp_path, text, encoding="utf-8"):
    (tmp_path / "memory.tmx").write_bytes(text.encode(encoding))
    return read_tmx(tmp_path / "memory.tmx")


@given(st.lists(st.tuples(sentence, sentence), min_size=1, max_size=5))
def test_a_memory_gives_its_sentences_back(pairs):
    text = tmx(*([("en", escape(one)), ("de-AT", escape(other))] for one, other in pairs))
    corpus = module.corpus_of(text, "m.tmx", "test")
    single = [tuple(" ".join(filter(None, side.split(" "))) for side in pair) for pair in pairs]  # spaces are one
    assert list(zip(corpus["eng"], corpus["deu"], strict=True)) == single


def test_a_memory_is_known_by_its_ending_and_as_an_upload(tmp_path):
    text = tmx([("en", "one"), ("de", "eins")], head='<!DOCTYPE tmx SYSTEM "tmx14.dtd">\n')
    corpus = opened(tmp_path, text)
    assert corpus.texts == {"eng": ("one",), "deu": ("eins",)}
    assert (corpus.name, corpus.source) == ("memory", f"tmx:{tmp_path / 'memory.tmx'}")
    packed = tmp_path / "memory.tmx.xz"
    packed.write_bytes(lzma.compress(text.encode()))
    for place in (tmp_path / "memory.tmx", packed):
        assert open_corpus(str(place)).digest == corpus.digest
    assert read_table(io.BytesIO(text.encode())).digest == corpus.digest


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "iso-8859-1"])
def test_a_memory_states_its_encoding(tmp_path, encoding):
    head = f'<?xml version="1.0" encoding="{encoding.removesuffix("-sig")}"?>\n'
    corpus = opened(tmp_path, tmx([("en", "one"), ("de", "Grüße")], head=head), encoding)
    assert corpus["deu"] == ("Grüße",)


def test_a_unit_that_lacks_a_language_is_a_gap_and_shifts_nothing(tmp_path):
    corpus = opened(
        tmp_path, tmx([("en", "one"), ("de", "eins")], [("en", "two")], [("EN-GB", "three"), ("de", "drei")])
    )
    assert corpus.ids == ("1", "3")
    assert corpus.texts == {"eng": ("one", "three"), "deu": ("eins", "drei")}
    assert "1 of 3 rows of memory are left out" in corpus.notes[0]


def test_codes_of_programs_and_line_breaks_are_no_text(tmp_path):
    marked = (
        'Press <bpt i="1">&lt;b&gt;</bpt><hi>the\n   red</hi><ept i="1">&lt;/b&gt;</ept> '
        "button\xa0<ph>x<sub>y</sub></ph>now"
    )
    corpus = opened(tmp_path, tmx([("en", marked), ("de", "x &amp; y")]))
    assert corpus["eng"] == ("Press the red button\xa0now",)
    assert corpus["deu"] == ("x & y",)


def test_older_memories_and_plain_blocks_of_text_are_read(tmp_path):
    text = tmx([("EN-US", "<![CDATA[a <b> c]]>"), ("DE", "x")], [("en", ""), ("de", "y")]).replace("xml:lang", "lang")
    corpus = opened(tmp_path, text.replace("<tmx ", '<tmx xmlns="http://www.lisa.org/tmx14" '))
    assert corpus.texts == {"eng": ("a <b> c",), "deu": ("x",)}
    assert "English 1" in corpus.notes[0]


def test_of_two_versions_in_a_unit_the_first_is_read_and_counted(tmp_path):
    corpus = opened(tmp_path, tmx([("en-US", "color"), ("en-GB", "colour"), ("de", "Farbe")]))
    assert corpus["eng"] == ("color",)
    assert corpus.notes == ("Units of memory.tmx with several versions of a language, of which the first is read: 1.",)


BOMB = '<!DOCTYPE tmx [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>\n'
OUTSIDE = '<!DOCTYPE tmx [<!ENTITY a SYSTEM "file:///etc/hostname">]>\n'
PAIR = [("en", "one"), ("de", "eins")]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (tmx([("en", "&b;")], head=BOMB), "Line 1 of memory.tmx declares the entity 'a', which is not read"),
        (tmx([("en", "&a;")], head=OUTSIDE), "Line 1 of memory.tmx declares the entity 'a'"),
        (
            tmx(PAIR, [("en", "caf&eacute;")], head='<!DOCTYPE tmx SYSTEM "tmx14.dtd">\n'),
            "Line 5 of memory.tmx uses the entity 'eacute'.* Write the characters themselves",
        ),
        (tmx(PAIR, [("en", "caf&eacute;")]), r"stops being XML at line 5 \(undefined entity\). Export it again"),
        (tmx(PAIR, [("en", "a < b")]), r"stops being XML at line 5 \(not well-formed"),
        (tmx(PAIR)[:-30], r"stops being XML at line 4 \(unclosed token\)"),
        (tmx(PAIR, [("klingonese", "x")]), "Line 5 of memory.tmx has a <tuv> in 'klingonese'.* Nearest"),
        (tmx(PAIR).replace(' xml:lang="de"', ""), "Line 4 of memory.tmx has a <tuv> without xml:lang. State"),
        (tmx(), r"memory.tmx has no translation units \(<tu>\). Choose"),
        (tmx(PAIR, [("x-none", "y")]), "Line 5 of memory.tmx has a <tuv> in 'x-none'"),
        (tmx(PAIR, [("en", "on&#x1F;e")]), r"stops being XML at line 5 \(reference to invalid character"),
        ("<tmx>" + "<tu>" * 100_000, r"stops being XML at line 1 \(no element found"),
        ("<xliff/>", "Line 1 of memory.tmx is XML, but begins with <xliff> and not with <tmx>. Export it as TMX"),
        (tmx(PAIR, head='<?xml version="1.0" encoding="klingon"?>\n'), "encoding that is not known here. Save it"),
        (tmx([("en", "one")]), "memory has sentences in 1 language"),
        ("en\tde\na\tb\n", "stops being XML at line 1"),
    ],
)
def test_a_bad_memory_names_the_line(tmp_path, text, problem):
    with pytest.raises(CorpusError, match=problem):
        opened(tmp_path, text)


def test_a_memory_with_too_many_units_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "MAX_SENTENCES", 2)
    with pytest.raises(CorpusError, match="more than 200,000 sentences, which is the limit"):
        opened(tmp_path, tmx(PAIR, PAIR, PAIR))
