"""What docs/scale.md says is about every experiment, and shows what the benchmark asks for."""

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import scale
from dlfa_core import __main__ as commands

TEXT = (Path(__file__).parents[1] / "docs" / "scale.md").read_text(encoding="utf-8")
CODE, MEASURED = (TEXT.partition(f"\n## {name}\n")[2].partition("\n## ")[0] for name in ("By the code", "Measured"))
SUMS = {"sweep", "recommend", "buckets", "augment", "train", "benchmark"}  # of what has cases of its own


def rows(text: str) -> list[list[str]]:
    """The cells of a section's table, without its head."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def test_every_experiment_has_its_costs_by_the_code():
    told = {name for row in rows(CODE) for name in re.findall(r"`(\w+)`", row[0])}
    assert told == set(commands._commands())


def test_every_experiment_is_measured_or_the_sum_of_what_is():
    measured = {case.name.partition(",")[0] for case in scale.CASES}
    assert measured | SUMS == set(commands._commands())
    assert not measured & SUMS


def test_the_table_shows_what_the_benchmark_asks_for():
    asked = [
        [case.name, case.axis, " / ".join(f"{size:,}" for size in case.sizes), f"{case.time:g}", f"{case.memory:g}"]
        for case in scale.CASES
    ]
    assert [[row[0], row[1], row[2], row[5], row[8]] for row in rows(MEASURED)] == asked


@pytest.mark.parametrize("case", scale.CASES, ids=lambda case: f"{case.name} {case.axis}")
def test_sizes_grow(case):
    assert list(case.sizes) == sorted(set(case.sizes))
    assert case.sizes[-1] >= 8 * case.sizes[0]


@given(st.floats(0.1, 3), st.floats(1e-2, 1e2), st.floats(0, 10))
def test_the_exponent_of_a_power_is_found_whatever_is_added(power, factor, added):
    sizes = (10, 100, 2000)
    found = scale.exponent(sizes, [added + factor * size**power for size in sizes])
    np.testing.assert_allclose(found, power, rtol=1e-3)


def test_what_grows_as_a_logarithm_has_exponent_0():
    np.testing.assert_allclose(scale.exponent((1, 10, 100), [3.0, 4.0, 5.0]), 0, atol=1e-6)


@pytest.mark.parametrize("values", [(1.0, 1.0, 1.0), (1.0, 2.0, 1.5), (1.0, 1.0, 5.0)])
def test_what_does_not_grow_as_a_power_has_none(values):
    assert np.isnan(scale.exponent((1, 10, 100), values))


def test_a_row_has_medians_and_exponents_of_time_and_memory():
    case = scale.Case("encode", "sentences", (10, 100, 1000), 1, 1, lambda n: lambda: n)
    runs = [[(0.1 * k, 6.0), (1.0 * k, 60.0), (10.0 * k, 600.0)] for k in (1, 2, 9)]
    told = "| encode | sentences | 10 / 100 / 1,000 | 0.2 / 2 / 20 | 1.00 | 1 | 6 / 60 / 600 | 1.00 | 1 |"
    assert scale.row(case, runs) == told


def test_growth_of_little_memory_is_not_told():
    case = scale.Case("encode", "sentences", (10, 100, 1000), 1, 0, lambda n: lambda: n)
    assert scale.row(case, [[(1, 0.0), (2, 20.0), (3, 40.0)]]).endswith("| 0 / 20 / 40 |  | 0 |")


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="peaks of memory cannot be reset here")
def test_a_run_is_measured_at_every_size_after_a_first_one():
    asked = []

    def make(size):
        return lambda: asked.append((size, np.ones(size * 2**17).sum()))

    case = scale.Case("made up", "MB", (1, 200), 1, 1, make)
    found = scale.measure(case)
    assert [size for size, _ in asked] == [1, 1, 200]
    assert all(seconds >= 0 for seconds, _ in found)
    assert found[1][1] >= 150
