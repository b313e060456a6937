"""A corpus in shards: the numbers of a corpus that is held whole."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from dlfa_core.experiments import profile, stream
from dlfa_core.experiments.stream import shard
from dlfa_core.runtime import parts, store
from tests.experiments.small import ROWS

ROOT = Path(__file__).parents[2]


@pytest.fixture
def spec(corpus, model):
    return stream.Spec(corpus=corpus, model=model, languages=("eng", "deu", "hin"), shards=6, dtype="float32")


def test_shards_give_what_a_profile_gives(spec, corpus, model):
    found = stream.run(spec)
    whole = profile.run(
        profile.Spec(
            model=model, corpus=corpus, languages=spec.languages, measures=spec.measures, limit=0, dtype="float32"
        )
    )
    keys = ["layer", "source", "target", "measure"]
    both = found.pairs.merge(whole.pairs, on=keys, suffixes=("", "_whole"))
    assert len(both) == len(found.pairs)
    pd.testing.assert_series_equal(both["value"], both["value_whole"], check_names=False, atol=1e-5)
    assert found.meta["n"] == len(ROWS)
    assert (found.pairs["ci_low"] < found.pairs["ci_high"]).all()


def test_each_shard_is_stored_and_computed_once(spec, monkeypatch):
    store.fetch(stream, spec)
    assert len(store.listing(shard)) == 6
    assert parts.missing(stream, spec) == []
    monkeypatch.setattr(shard, "run", None)
    other = replace(spec, measures=("cka",))
    assert parts.missing(stream, other)[0].spec == other
    assert set(store.fetch(stream, other).pairs["measure"]) == {"cka"}


def test_the_parts_are_the_shards(spec):
    assert [part.spec.number for part in parts.missing(stream, spec)[:-1]] == list(range(6))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"measures": ("retrieval_csls",)}, "retrieval_csls holds each sentence against the others, .* use cka, anc"),
        ({"languages": ("eng",)}, r"compared in pairs, but languages=\('eng',\): name at least two"),
        ({"shards": 3}, "shards=3 are too few for intervals: use 4 or more"),
        ({"shards": 200}, r"Shard \d+ of 200 of corpus.tsv has no row with a sentence in every language"),
    ],
)
def test_what_cannot_be_compared_is_refused(spec, change, said):
    with pytest.raises(ValueError, match=said):
        stream.run(replace(spec, **change))


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak of memory as Linux tells it")
def test_memory_does_not_grow_with_the_corpus(tmp_path):
    """Five times the sentences, the same peak: of a process for each."""
    peaks = {}
    for n in (1_200, 6_000):
        path = tmp_path / f"{n}.tsv"
        rows = "".join(f"Sentence {i} is short.\tSatz {i} ist kurz.\n" for i in range(n))
        path.write_text(f"eng\tdeu\n{rows}", encoding="utf-8")
        code = (
            "from benchmarks.measured import own_peak_memory\n"
            "from dlfa_core.experiments import stream\nfrom dlfa_core.runtime import store\n"
            f"store.fetch(stream, stream.Spec({str(path)!r}, shards=4))\nprint(own_peak_memory())"
        )
        environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
        done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
        peaks[n] = float(done.stdout)
    assert peaks[6_000] < peaks[1_200] + 60, peaks  # MB; of 4,800 pairs more, vectors alone would be 128
