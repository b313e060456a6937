import ast
import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import textwrap
import threading
from dataclasses import dataclass, field, fields, make_dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Literal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import dlfa_core
from dlfa_core.runtime import result_files, store
from dlfa_core.runtime.experiment import ADDED
from dlfa_core.runtime.result_files import PARTIAL
from dlfa_core.tables import Table
from tests.runtime import steps

SPEC = steps.Spec(steps=3)


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("DLFA_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(store, "BUNDLED", tmp_path / "bundled")
    return tmp_path / "home"


def result(**fields):
    table = pd.DataFrame({"step": [0, 1], "name": ["a", "b"]})
    return steps.Result(**{"table": table, "squares": np.zeros(2), "meta": {}} | fields)


def stored(**fields):
    store.save(steps, SPEC, result(**fields))
    return store.find(steps, SPEC)


# What comes back


@settings(deadline=None)
@given(
    hnp.arrays(
        hnp.floating_dtypes(sizes=(16, 32, 64), endianness="=")
        | hnp.integer_dtypes(endianness="=")
        | hnp.boolean_dtypes(),
        hnp.array_shapes(min_dims=0, min_side=0),
    )
)
def test_arrays_come_back_bit_for_bit(tmp_path_factory, array):
    own = store.Store(tmp_path_factory.mktemp("store"))
    own.save(steps, SPEC, result(squares=array))
    found = own.find(steps, SPEC).squares
    assert (found.dtype, found.shape, found.tobytes()) == (array.dtype, array.shape, array.tobytes())


def test_arrays_are_views_of_the_mapped_file_and_cannot_be_written():
    found = stored(squares=np.arange(12.0).reshape(3, 4).T).squares
    np.testing.assert_array_equal(found, np.arange(12.0).reshape(3, 4).T)
    base = found
    while isinstance(base.base, np.ndarray):
        base = base.base
    assert isinstance(base, np.memmap)
    with pytest.raises(ValueError, match="read-only"):
        found[0] = 1


@pytest.mark.parametrize(
    "table",
    [
        pd.DataFrame({"value": [1.5, np.nan, np.inf], "name": ["a", None, "ह"], "layer": [0, 1, 2], "ok": [True] * 3}),
        pd.DataFrame({"value": np.array([], float), "name": np.array([], "str")}),
        pd.DataFrame({"value": np.array([1, 2], "float32"), "group": pd.Categorical(["a", "b"])}),
    ],
    ids=["missing values", "empty", "types"],
)
def test_frames_come_back_with_their_types(table):
    pd.testing.assert_frame_equal(stored(table=table).table, table)


@settings(deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_json_values_come_back_infinities_included(tmp_path_factory, value):
    own = store.Store(tmp_path_factory.mktemp("store"))
    own.save(steps, SPEC, result(meta=value))
    assert own.find(steps, SPEC).meta == value


def test_nan_numpy_numbers_and_tuples_are_stored_as_json_has_them():
    meta = stored(meta={"share": np.float32(0.5), "n": np.int64(3), "gap": float("nan"), "pair": ("a", "b")}).meta
    assert np.isnan(meta.pop("gap"))
    assert meta == {"share": 0.5, "n": 3, "pair": ["a", "b"]}


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"table": pd.DataFrame({"a": [1]}, index=["x"])}, r"rows of 'table' have labels.*reset_index\(\) first"),
        ({"squares": np.array(["a"])}, "'squares' is an array of <U1: put what is not a number in a frame"),
        ({"meta": {1, 2}}, "neither a frame, an array nor a JSON value"),
    ],
)
def test_what_cannot_be_stored_is_named_and_leaves_nothing(fields, message, home):
    with pytest.raises(ValueError, match=message):
        store.save(steps, SPEC, result(**fields))
    assert store.find(steps, SPEC) is None
    assert not [path for path in home.rglob("*") if path.is_file()]


# What a key depends on


@dataclass(frozen=True)
class Wide:
    text: str = "a"
    count: int = 1
    rate: float = 0.5
    flag: bool = False
    words: tuple[str, ...] = ("a", "b")
    ceiling: int | None = None


def experiment(version=1, name="package.wide", **inputs):
    return SimpleNamespace(__name__=name, VERSION=version, inputs=lambda spec: inputs)


@pytest.mark.parametrize(
    "change",
    [{"text": "b"}, {"count": 2}, {"rate": 0.25}, {"flag": True}, {"words": ("b", "a")}, {"ceiling": 0}],
    ids=lambda change: next(iter(change)),
)
def test_every_field_changes_the_key(change):
    assert store.key_of(experiment(), Wide()) != store.key_of(experiment(), replace(Wide(), **change))


def test_version_name_and_inputs_change_the_key():
    variants = [
        experiment(),
        experiment(2),
        experiment(name="package.other"),
        experiment(model="a"),
        experiment(model="b"),
    ]
    assert len({store.key_of(variant, Wide()) for variant in variants}) == len(variants)


def test_equal_specs_have_equal_keys():
    assert store.key_of(experiment(), Wide(rate=1.0)) == store.key_of(experiment(), Wide(rate=1))
    assert store.key_of(experiment(), Wide(words=["a", "b"])) == store.key_of(experiment(), Wide())
    assert store.key_of(experiment(a="1", b="2"), Wide()) == store.key_of(experiment(b="2", a="1"), Wide())


def test_the_key_is_the_same_in_another_process():
    code = """
        from dlfa_core.runtime import store
        from tests.runtime import steps
        print(store.key_of(steps, steps.Spec(steps=3)))
    """
    other = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        env=os.environ | {"PYTHONHASHSEED": "1", "PYTHONPATH": "."},
        capture_output=True,
        text=True,
        check=True,
    )
    assert other.stdout.strip() == store.key_of(steps, SPEC)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {"a": 1}, Path("a"), np.int64(1)])
def test_a_spec_of_anything_but_plain_values_is_refused(value):
    with pytest.raises(ValueError, match=r"text=.* cannot be part of a spec: use text, finite numbers"):
        store.key_of(experiment(), Wide(text=value))


# Where results are looked up


def test_fetch_runs_once_and_gives_the_same_the_second_time(tmp_path):
    spec = replace(SPEC, log=str(tmp_path / "log"))
    first, second = store.fetch(steps, spec), store.fetch(steps, spec)
    assert (tmp_path / "log").read_text() == "a\n"
    assert first.meta == second.meta
    assert type(first.squares) is type(second.squares)


def test_the_bundled_store_is_looked_up_first_and_never_written(home):
    store.Store(store.BUNDLED).save(steps, SPEC, result(meta="bundled"))
    store.save(steps, SPEC, result(meta="own"))
    assert store.find(steps, SPEC).meta == "bundled"
    before = sorted(store.BUNDLED.rglob("*"))
    store.fetch(steps, replace(SPEC, name="new"))
    assert sorted(store.BUNDLED.rglob("*")) == before


@pytest.fixture(params=["a file", "below a file", "/proc/nowhere"])
def unwritable(request, tmp_path, monkeypatch):
    """A home that nobody can write to, not even an administrator."""
    (tmp_path / "file").write_text("")
    place = {"a file": tmp_path / "file", "below a file": tmp_path / "file" / "home"}.get(request.param, request.param)
    if request.param == "/proc/nowhere" and not Path("/proc").is_dir():
        pytest.skip("only Linux has such a folder")
    monkeypatch.setenv("DLFA_HOME", str(place))
    return str(place)


def test_a_home_that_cannot_be_written_to_is_named_before_anything_is_computed(unwritable, monkeypatch):
    monkeypatch.setattr(steps, "run", None)
    said = rf"Nothing can be kept in {unwritable}/results \(.+\)\. DLFA_HOME is {unwritable}: let it name a folder"
    with pytest.raises(OSError, match=said):
        store.fetch(steps, SPEC)
    with pytest.raises(OSError, match=f"DLFA_HOME is {unwritable}"):
        store.save(steps, SPEC, result())


def test_what_ships_is_found_although_home_cannot_be_written_to(unwritable):
    store.Store(store.BUNDLED).save(steps, SPEC, result(meta="bundled"))
    assert store.fetch(steps, SPEC).meta == "bundled"
    assert store.find(steps, replace(SPEC, name="other")) is None
    assert len(store.listing(steps)) == 1
    assert store.stamp(steps)[1] == 0


def test_a_home_that_cannot_be_looked_into_counts_as_empty(monkeypatch, home):
    def refuse(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "is_dir", refuse)
    assert store.own().find(steps, SPEC) is None
    assert store.stamp(steps) == (0, 0)


def test_where_no_home_is_chosen_the_variable_is_named(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.delenv("DLFA_HOME")
    for variable in ("XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(variable, str(tmp_path / "file"))
    with pytest.raises(OSError, match=r"DLFA_HOME is not set: let it name a folder"):
        store.fetch(steps, SPEC)
    with pytest.raises(OSError, match=r"Nothing can be kept in .*file \(.*\): make it a folder that may be written to"):
        store.check_writable(tmp_path / "file")


def test_home_is_the_cache_of_the_user_unless_said_otherwise(monkeypatch, tmp_path):
    monkeypatch.delenv("DLFA_HOME")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path))
    assert store.home() == tmp_path / "dlfa-explorer"


def test_the_folder_says_what_it_holds_and_how_to_rebuild_it():
    about = json.loads((store.save(steps, SPEC, result()) / "spec.json").read_text())
    assert about["command"] == "python -m dlfa_core steps --steps 3"
    assert about["inputs"] == {"words": "one-two"}
    assert (about["experiment"], about["version"], about["spec"]["steps"]) == ("steps", 1, 3)


def test_inputs_that_change_during_the_run_are_noticed(monkeypatch):
    digests = iter(["before", "before", "after"])
    monkeypatch.setattr(steps, "inputs", lambda spec: {"corpus": next(digests)})
    with pytest.raises(ValueError, match="changed on disk during the run: run it again"):
        store.fetch(steps, SPEC)


# What can go wrong on disk


@pytest.mark.parametrize("name", ["values.json", "table.parquet", "arrays.safetensors"])
@pytest.mark.parametrize(
    "harm", [Path.unlink, lambda path: path.write_bytes(path.read_bytes()[:-9])], ids=["lost", "cut"]
)
def test_a_damaged_result_counts_as_absent_says_so_and_is_mended(name, harm, caplog):
    store.fetch(steps, SPEC)
    folder = store.Store(store.home() / "results").folder(steps, SPEC)
    harm(folder / name)
    with caplog.at_level(logging.WARNING):
        assert store.find(steps, SPEC) is None
    assert f"stored result in {folder} is damaged" in caplog.text
    assert store.fetch(steps, SPEC).squares.tolist() == [0, 1, 4]
    assert store.find(steps, SPEC) is not None


def test_a_writer_killed_on_the_way_leaves_nothing_to_be_found(home):
    script = """
        import os, signal
        from dlfa_core.runtime import result_files, store
        from tests.runtime import steps
        result_files.write_json = lambda *_: os.kill(os.getpid(), signal.SIGKILL)  # of values.json, after the frames
        store.fetch(steps, steps.Spec(steps=3))
    """
    writer = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], env=os.environ | {"PYTHONPATH": "."})
    assert writer.returncode == -signal.SIGKILL
    assert list(home.rglob("*.parquet")), "it was killed before it wrote anything"
    assert not (home / "results" / "steps").exists()
    assert store.find(steps, SPEC) is None


def test_what_a_killed_writer_left_is_swept_away_a_day_later(home):
    old, young = (home / "results" / PARTIAL / name for name in ("old", "young"))
    for folder in (old, young):
        folder.mkdir(parents=True)
    os.utime(old, (0, 0))
    store.save(steps, SPEC, result())
    assert (old.exists(), young.exists()) == (False, True)


def test_many_writers_of_one_key_leave_one_whole_result(home):
    def write(number):
        store.save(steps, SPEC, result(squares=np.full(1000, number), meta=number))

    threads = [threading.Thread(target=write, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = store.find(steps, SPEC)
    assert set(found.squares) == {found.meta}
    assert len(list((home / "results" / "steps").iterdir())) == 1
    assert not list((home / "results" / PARTIAL).iterdir())


def test_nothing_in_the_project_imports_pickle():
    for path in Path(dlfa_core.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names: list[Any] = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) else []
            assert not {"pickle", "cloudpickle", "dill", "joblib"} & set(names), path


# What is there


def test_a_listing_tells_bundled_from_own_and_reads_back_the_spec():
    bundled, own = replace(SPEC, name="b"), replace(SPEC, name="a")
    store.Store(store.BUNDLED).save(steps, bundled, result(meta={"n": 1}))
    store.save(steps, own, result(meta={"n": 2}))
    entries = store.listing(steps)
    assert [(entry.bundled, entry.spec, entry.values) for entry in entries] == [
        (True, bundled, {"meta": {"n": 1}}),
        (False, own, {"meta": {"n": 2}}),
    ]
    assert entries[0].command == "python -m dlfa_core steps --name b --steps 3"
    assert entries[0].inputs == {"words": "one-two"}
    assert [entry.key for entry in entries] == [store.key_of(steps, spec) for spec in (bundled, own)]


def test_a_listing_reads_no_frames_and_no_arrays(monkeypatch):
    store.save(steps, SPEC, result())
    monkeypatch.setattr(pd, "read_parquet", None)
    monkeypatch.setattr(result_files, "_mapped", None)
    assert len(store.listing(steps)) == 1


def test_a_listing_is_in_the_order_of_the_specs():
    for name in ("c", "a", "b"):
        store.save(steps, replace(SPEC, name=name), result())
    assert [entry.spec.name for entry in store.listing(steps)] == ["a", "b", "c"]


def test_what_is_bundled_and_own_is_listed_once():
    store.Store(store.BUNDLED).save(steps, SPEC, result())
    store.save(steps, SPEC, result())
    assert [entry.bundled for entry in store.listing(steps)] == [True]


def test_nothing_stored_is_an_empty_listing():
    assert store.listing(steps) == ()


@pytest.mark.parametrize("name", ["spec.json", "values.json"])
@pytest.mark.parametrize(
    "harm",
    [Path.unlink, lambda path: path.write_bytes(path.read_bytes()[:-9]), lambda path: path.write_text("[1]")],
    ids=["lost", "cut", "other"],
)
def test_a_listing_leaves_out_what_is_damaged_and_says_so(name, harm, caplog):
    folder = store.save(steps, SPEC, result())
    store.save(steps, replace(SPEC, name="whole"), result())
    harm(folder / name)
    with caplog.at_level(logging.WARNING):
        assert [entry.spec.name for entry in store.listing(steps)] == ["whole"]
    assert f"stored result in {folder} cannot be listed" in caplog.text


def test_a_listing_leaves_out_what_was_tampered_with_and_what_an_earlier_version_computed(monkeypatch):
    folder = store.save(steps, SPEC, result())
    about = json.loads((folder / "spec.json").read_text())
    (folder / "spec.json").write_text(json.dumps(about | {"spec": about["spec"] | {"steps": 4}}))
    assert store.listing(steps) == ()
    store.save(steps, replace(SPEC, name="old"), result())
    monkeypatch.setattr(steps, "VERSION", 2)
    assert store.listing(steps) == ()


def test_a_result_is_read_by_its_key():
    store.save(steps, SPEC, result(meta="found"))
    assert store.read(steps, store.key_of(steps, SPEC)).meta == "found"
    assert store.read(steps, "0" * 64) is None


@pytest.mark.parametrize("key", ["", ".", "..", "../steps", "/etc", "A" * 64])
def test_a_text_that_is_no_key_reads_nothing(key):
    store.save(steps, SPEC, result())
    assert store.read(steps, key) is None


@dataclass(frozen=True, eq=False)
class Wider(steps.Result):
    table: Table[Literal["step", "name", "share"]]


def test_a_table_that_lacks_a_column_is_neither_stored_nor_read(monkeypatch, caplog):
    with pytest.raises(ValueError, match="The table 'table' lacks share: it has step, name"):
        store.save(steps, SPEC, Wider(**vars(result())))
    store.save(steps, SPEC, result())
    monkeypatch.setattr(steps, "Result", Wider)
    assert store.find(steps, SPEC) is None
    assert "lacks share" in caplog.text


_Renamed = make_dataclass(
    "_Renamed",
    [
        ("title", str, field(default="a", metadata={"stored_as": "name"})),
        *((each.name, each.type, field(default=each.default)) for each in fields(steps.Spec)[1:]),
    ],
    frozen=True,
)


def test_a_renamed_field_keeps_the_key_and_what_is_stored(monkeypatch):
    folder = store.save(steps, steps.Spec("b", 3), result())
    monkeypatch.setattr(steps, "Spec", _Renamed)
    assert store.where(steps, _Renamed("b", 3)) == folder
    (entry,) = store.listing(steps)
    assert (entry.key, entry.spec) == (folder.name, _Renamed("b", 3))
    shutil.rmtree(folder)
    assert store.save(steps, _Renamed("b", 3), result()) == folder
    assert json.loads((folder / "spec.json").read_text())["spec"]["name"] == "b"


@dataclass(frozen=True)
class _Grown(steps.Spec):
    drop: bool = field(default=False, metadata=ADDED)


def test_a_field_that_was_added_plays_a_part_only_away_from_its_default(monkeypatch):
    folder = store.save(steps, steps.Spec("b", 3), result())
    monkeypatch.setattr(steps, "Spec", _Grown)
    assert store.where(steps, _Grown("b", 3)) == folder
    assert store.where(steps, _Grown("b", 3, drop=True)) is None
    (entry,) = store.listing(steps)
    assert (entry.key, entry.spec) == (folder.name, _Grown("b", 3))
    other = store.save(steps, _Grown("b", 3, drop=True), result())
    about = json.loads((other / "spec.json").read_text())
    assert about["spec"]["drop"] is True
    assert about["command"].endswith(" --drop")
    assert {entry.key: entry.spec.drop for entry in store.listing(steps)} == {folder.name: False, other.name: True}


@pytest.mark.parametrize("setting", [{"steps": -5}, {"seeds": (0, -1)}])
def test_a_number_below_0_is_refused_before_anything_is_computed(setting):
    @dataclass(frozen=True)
    class Counts:
        steps: int = 0
        seeds: tuple[int, ...] = ()
        layers: tuple[int, ...] = (-1,)  # whoever reads these knows which there are
        rate: float = -0.5

    experiment: Any = SimpleNamespace(__name__="counts", VERSION=1, Spec=Counts, inputs=lambda spec: {})
    assert store.key_of(experiment, Counts())
    with pytest.raises(ValueError, match=r"^(steps=-5|seeds=-1) is below 0: give 0 or more\.$"):
        store.key_of(experiment, Counts(**setting))
