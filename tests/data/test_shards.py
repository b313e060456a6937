"""Every row of a large table is in exactly one shard, however it is cut."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlfa_core.data import CorpusError
from dlfa_core.data.shards import read_shard, table_of

WORD = st.text(st.characters(blacklist_categories=["Cs", "Cc", "Zs", "Zl", "Zp", "Cf", "Cn"]), min_size=1, max_size=9)
ROWS = st.lists(st.tuples(WORD, WORD), min_size=1, max_size=30)


def saved(folder, rows, ending, line_end="\n", closed=True):
    """A table of English and German, and a column that is no language."""
    path = folder / f"table.{ending}"
    if ending == "parquet":
        frame = pd.DataFrame({"eng": [a for a, _ in rows], "source": "x", "de": [b for _, b in rows]})
        frame.to_parquet(path, row_group_size=4)
        return path
    text = line_end.join(["eng\tsource\tde", *(f"{a}\tx\t{b}" for a, b in rows)]) + line_end * closed
    path.write_bytes(text.encode())
    return path


def read(path, of, most=3, languages=("eng", "deu")):
    found = []
    for number in range(of):
        for chunk in read_shard(path, languages, number, of, most):
            assert 0 < len(chunk["eng"]) <= most
            found += zip(*chunk.values(), strict=True)
    return found


@pytest.mark.parametrize("ending", ["tsv", "parquet"])
@settings(max_examples=30)
@given(rows=ROWS, of=st.integers(1, 9), line_end=st.sampled_from(["\n", "\r\n"]), closed=st.booleans())
def test_every_row_is_in_one_shard_and_the_order_stays(tmp_path_factory, ending, rows, of, line_end, closed):
    path = saved(tmp_path_factory.mktemp("table"), rows, ending, line_end, closed)
    assert read(path, of) == [(a.strip(), b.strip()) for a, b in rows]


@pytest.mark.parametrize("ending", ["tsv", "parquet"])
def test_languages_come_in_the_order_in_which_they_are_asked_for(tmp_path, ending):
    path = saved(tmp_path, [("one", "eins")], ending)
    (chunk,) = read_shard(path, ("German", "en"), 0, 1, 10)
    assert chunk == {"deu": ["eins"], "eng": ["one"]}


@pytest.mark.parametrize("ending", ["tsv", "parquet"])
def test_rows_that_lack_a_sentence_are_left_out(tmp_path, ending):
    path = saved(tmp_path, [("one", "eins"), ("two", " "), ("", "drei"), ("four", "vier")], ending)
    assert read(path, 2) == [("one", "eins"), ("four", "vier")]


@pytest.mark.parametrize(
    ("name", "said"), [("a.csv", "cannot be cut at any row"), ("a.tsv.gz", "is packed"), ("nowhere.tsv", "nothing at")]
)
def test_what_cannot_be_cut_is_refused(tmp_path, name, said):
    if "nowhere" not in name:
        (tmp_path / name).write_text("eng,deu\na,b\n")
    with pytest.raises(CorpusError, match=said):
        table_of(f"table:{tmp_path / name}")


def test_a_language_that_is_not_there_is_named(tmp_path):
    path = saved(tmp_path, [("one", "eins")], "tsv")
    with pytest.raises(CorpusError, match=r"table\.tsv has no column for hin\. Choose from eng, deu"):
        list(read_shard(path, ("eng", "hin"), 0, 1, 10))


def test_a_ragged_row_and_text_that_is_not_utf8_are_named_by_their_place(tmp_path):
    path = tmp_path / "table.tsv"
    path.write_bytes(b"eng\tdeu\none\teins\ntwo\n")
    with pytest.raises(CorpusError, match=r"row at byte 17 of table\.tsv has 1 cells, but there are 2 headings"):
        read(path, 1)
    path.write_bytes(b"eng\tdeu\none\te\xffns\n")
    with pytest.raises(CorpusError, match=r"not UTF-8 at byte 13: save it again"):
        read(path, 1)
