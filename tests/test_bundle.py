"""What ships was computed with the model, the sentences and the code that ship."""

import json

import pytest

from dlfa_core import bundle
from dlfa_core.experiments import profile
from dlfa_core.runtime.progress import silent
from dlfa_core.runtime.store import BUNDLED, Store


@pytest.mark.parametrize(("experiment", "spec"), bundle.RESULTS)
def test_every_listed_result_ships_and_is_up_to_date(experiment, spec):
    assert Store(BUNDLED).find(experiment, spec) is not None, "run `make assets` and commit assets/results"


def test_nothing_else_ships():
    wanted = {Store(BUNDLED).folder(experiment, spec) for experiment, spec in bundle.RESULTS}
    assert set(BUNDLED.glob("*/*")) == wanted


def test_the_command_is_recorded_beside_each_result():
    for experiment, spec in bundle.RESULTS:
        about = json.loads((Store(BUNDLED).folder(experiment, spec) / "spec.json").read_text(encoding="utf-8"))
        assert about["command"].startswith("python -m dlfa_core profile")


def test_building_computes_what_is_missing_and_deletes_what_is_not_listed(tmp_path, monkeypatch):
    small = profile.Spec(languages=("eng", "deu"), limit=30, resamples=20, measures=("cka",))
    monkeypatch.setattr(bundle, "RESULTS", ((profile, small),))
    monkeypatch.setenv("DLFA_HOME", str(tmp_path / "home"))
    store = Store(tmp_path / "bundled")
    (tmp_path / "bundled" / "profile" / "stale").mkdir(parents=True)
    assert bundle.build(store, silent) == [
        "python -m dlfa_core profile --languages eng deu --limit 30 --measures cka --resamples 20"
    ]
    assert bundle.build(store, silent) == []
    assert [folder.name for folder in (tmp_path / "bundled" / "profile").iterdir()] != ["stale"]


def test_a_bundled_result_equals_one_computed_now(tmp_path, monkeypatch):
    """Second route: the first sentences of the page, computed again, give the bundled numbers."""
    monkeypatch.setenv("DLFA_HOME", str(tmp_path))
    bundled = Store(BUNDLED).find(profile, profile.Spec())
    small = profile.Spec(languages=("eng", "deu", "hin"), measures=("cka",), resamples=0, dtype="float32")
    fresh = profile.run(small, silent)
    both = fresh.pairs.merge(bundled.pairs, on=["layer", "source", "target", "measure"], suffixes=("", "_bundled"))
    assert len(both) == len(fresh.pairs) == 13 * 3
    assert both.value.to_numpy() == pytest.approx(both.value_bundled.to_numpy(), abs=1e-4)
