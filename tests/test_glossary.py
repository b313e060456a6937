"""Words of the glossary in texts: whole words, the longest first, each once; nothing is lost."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlfa_core.glossary import Term, split, terms

GATE = Term("gate", "says", "from", ("gate", "gates"))
DEV = Term("dev set", "says", "from", ("dev set",))
SET = Term("set", "says", "from", ("set",))
AIF = Term("AIF", "says", "from", ("AIF",))
KNOWN = (GATE, DEV, SET, AIF)
WANTED = (
    "AIF,DLFA,gate,layer,state,F1,F1 as XTREME,95 % interval,CKA,ANC,retrieval,zero-shot,source language,"
    "target language,probe,selectivity,Holm,null,attribution,baseline,fusion,control,oracle,dev set,trustworthiness,"
    "nats,perplexity,fertility"
)


def marked(text, **how):
    return [part.text for part in split(text, KNOWN, **how) if part.term]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("A gate.", ["gate"]),
        ("Gates open.", ["Gates"]),
        ("A gate-free MLP, a gated one, a floodgate.", []),
        ("The gate, and gates again.", ["gate"]),
        ("The dev set and a set.", ["dev set", "set"]),
        ("The dev\n  set.", ["dev\n  set"]),
        ("aif is no AIF", ["AIF"]),
        ("(AIF)", ["AIF"]),
        ("", []),
    ],
)
def test_terms_are_whole_words_the_longest_first_and_each_once(text, found):
    assert marked(text) == found


def test_what_was_explained_is_passed_over():
    assert marked("AIF has a gate.", but={"AIF"}) == ["gate"]


@given(st.text(alphabet=st.sampled_from("aAgteFI sdvn-[]0.,=<>&\n"), max_size=60))
def test_the_parts_joined_are_the_text(text):
    parts = split(text)
    assert "".join(part.text for part in parts) == text
    found = [part.term.term for part in parts if part.term]
    assert len(found) == len(set(found))


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("0.51 [0.48, 0.55]", "95 % interval"),
        ("−0.003 [−0.023, +0.017]", "95 % interval"),
        ("15 % [12, 18]", "95 % interval"),
        ("n = 1,653", "n"),
        ("p = 0.025", "p"),
        ("layers 3 to 5", "layer"),
        ("POS F1 (as XTREME) 0.659", "F1 as XTREME"),
    ],
)
def test_what_stands_in_answers_is_found(text, term):
    assert term in [part.term.term for part in split(text) if part.term]


@pytest.mark.parametrize("text", ["[a list]", "a sin = 3", "[[step]]", "n words", "the p of it"])
def test_what_only_looks_like_it_is_not(text):
    assert not {"95 % interval", "n", "p"} & {part.term.term for part in split(text) if part.term}


def test_the_glossary_has_the_words_of_the_app():
    assert set(WANTED.split(",")) <= {term.term for term in terms()}


@pytest.mark.parametrize("term", terms(), ids=lambda term: term.slug)
def test_an_entry_is_one_to_three_sentences_and_says_where_it_is_from(term):
    assert 1 <= len(re.findall(r"[.](?:\s|$)", term.says)) <= 3
    assert len(term.says) < 320
    assert term.source
    assert re.fullmatch(r"[a-z0-9-]+", term.slug)


def test_no_two_entries_have_the_same_id():
    slugs = [term.slug for term in terms()]
    assert len(set(slugs)) == len(slugs)


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ('term = "a"\nsays = "b"', "'a' has no from"),
        ('term = "a"\nsays = "b"\nfrom = "c"\nform = "d"', "'a' has form, which is not known"),
        (
            'term = "ab"\nsays = "b"\nfrom = "c"\n[[term]]\nterm = "cd"\nalso = ["ab"]\nsays = "b"\nfrom = "c"',
            "keep one",
        ),
    ],
)
def test_a_broken_entry_is_named(tmp_path, entry, said):
    path = tmp_path / "glossary.toml"
    path.write_text(f"[[term]]\n{entry}\n", encoding="utf-8")
    with pytest.raises(ValueError, match=said):
        terms(path)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", r"begin each entry with \[\[term\]\]"),
        (b"term = 1", r"begin each entry with \[\[term\]\]"),
        (b"term = [1]", r"begin each entry with \[\[term\]\]"),
        (b"[[term]", "is no glossary, which is TOML: "),
        (b"\xff", "is no glossary, which is TOML: "),
        (b"x = " + b"[" * 2000, "its brackets are nested too deeply"),
        (b"[[term]]\nterm = 1", "has term = 1, which must be text in quotes"),
        (b"[[term]]\nterm = 'a'\nalso = 'b'", "has also = 'b', which must be a list of texts"),
    ],
)
def test_a_file_that_is_no_glossary_is_refused(tmp_path, content, said):
    path = tmp_path / "glossary.toml"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=rf"^glossary\.toml.*{said}"):
        terms(path)
