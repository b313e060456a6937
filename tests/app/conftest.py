"""The app with a bundled result made without a model, a small corpus, and jobs that do as they are told."""

import functools
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from dlfa_core.data import sources
from dlfa_core.experiments import (
    attribute,
    augment,
    buckets,
    gates,
    lens,
    lexicon,
    profile,
    project,
    readout,
    recommend,
    retrieve,
    structure,
    transfer,
)
from dlfa_core.experiments.sources import corpora
from dlfa_core.runtime import jobs, result_files, store
from tests.augmented import small_augmentation
from tests.bucketed import small_buckets
from tests.conftest import LANGUAGES, small_projection
from tests.explained import small_explained, small_lexicon
from tests.lensed import small_lens, small_readout
from tests.looked import small_gates
from tests.recommended import small_recommendation
from tests.sentences import SENTENCES
from tests.structured import small_structure

ROOT = Path(__file__).parents[2]
PAGES = sorted(f"pages/{path.name}" for path in (ROOT / "pages").glob("*.py"))

OF_TESTING = ("missing ScriptRunContext", "No runtime found")  # what Streamlit notes about every AppTest


SWEEP = recommend.Spec()
PROBED = structure.Spec(task="pos:ud-pos")
EXPLAINED = attribute.Spec(target="positive", against="negative", limit=20)


def save_sample(path: Path) -> None:
    """Write 240 sentences in all languages of the small results."""
    rows = ["\t".join(LANGUAGES), *("\t".join(f"{SENTENCES[c]} {i}" for c in LANGUAGES) for i in range(240))]
    path.write_text("\n".join(rows), encoding="utf-8")


def move_in(folder: Path, patch: pytest.MonkeyPatch) -> None:
    """Give the app a home in `folder`; its sentences are in `sample.tsv` there, and what ships with it in `bundled`."""
    table = folder / "sample.tsv"
    patch.setenv("DLFA_HOME", str(folder / "home"))
    patch.setattr(sources, "SAMPLE", table)
    patch.setattr(store, "BUNDLED", folder / "bundled")
    patch.setattr(profile, "inputs", lambda spec: {"model": spec.model, "corpus": corpora.fingerprint(spec.corpus)})
    patch.setattr(transfer, "inputs", lambda spec: {"model": spec.model, "task": spec.task})
    patch.setattr(buckets, "inputs", lambda spec: {"model": spec.model, "task": spec.task})
    patch.setattr(project, "inputs", lambda spec: {"model": spec.model, "corpus": corpora.fingerprint(spec.corpus)})
    patch.setattr(gates, "inputs", lambda spec: {"models": " ".join(spec.models)})
    patch.setattr(augment, "inputs", lambda spec: {"model": spec.model})
    patch.setattr(attribute, "inputs", lambda spec: {"model": spec.model})
    patch.setattr(structure, "inputs", lambda spec: {"model": spec.model, "task": spec.task})
    patch.setattr(lens, "inputs", lambda spec: {"model": spec.model, "fusion": spec.fusion})
    patch.setattr(readout, "inputs", lambda spec: {"model": spec.model})
    patch.setattr(retrieve, "inputs", lambda spec: {"model": spec.model, "dataset": spec.dataset})
    patch.setattr(lexicon, "inputs", lambda spec: {"lexicon": spec.lexicon})
    patch.setattr(jobs, "prepare", lambda wanted, libraries: None)
    st.cache_data.clear()
    st.cache_resource.clear()


def furnish(folder: Path, result, sweep, patch: pytest.MonkeyPatch) -> None:
    """`move_in`, with `result`, a profile, `sweep`, a recommendation, and small results of all else."""
    save_sample(folder / "sample.tsv")
    move_in(folder, patch)
    store.Store(store.BUNDLED).save(profile, profile.Spec(), profile.Result(**vars(result)))
    store.Store(store.BUNDLED).save(recommend, SWEEP, sweep)
    store.Store(store.BUNDLED).save(buckets, buckets.Spec(), small_buckets())
    store.Store(store.BUNDLED).save(gates, gates.Spec(), small_gates())
    store.Store(store.BUNDLED).save(lexicon, lexicon.Spec(), small_lexicon())
    store.Store(store.BUNDLED).save(attribute, EXPLAINED, small_explained())
    store.Store(store.BUNDLED).save(project, project.Spec(), project.Result(**vars(small_projection())))
    store.Store(store.BUNDLED).save(structure, PROBED, small_structure())
    store.Store(store.BUNDLED).save(lens, lens.Spec(language="eng", fusion="demo-pos"), small_lens())
    store.Store(store.BUNDLED).save(readout, readout.Spec(), small_readout())
    store.Store(store.BUNDLED).save(augment, augment.Spec(held_out=("tha", "arb")), small_augmentation())


def open_app() -> AppTest:
    """The app, entered as visitors do."""
    return AppTest.from_file(str(ROOT / "app.py"), default_timeout=300)  # seconds, on a busy machine


def opened(page: str, query: Mapping[str, Any] | None = None, **more: Any) -> AppTest:
    """A page as somebody's link opens it, without a visit of home before."""
    app = open_app().switch_page(page)
    app.query_params.update({**(query or {}), **more})
    return app.run()


@dataclass
class FakeJob:
    """A job that stands as the test says."""

    experiment: object
    spec: object
    visitor: str
    now: jobs.Status = field(default_factory=lambda: jobs.Status("queued", position=2))

    def status(self) -> jobs.Status:
        return self.now

    def cancel(self) -> None:
        self.now = jobs.Status("cancelled")


@pytest.fixture(scope="session")
def recommendation() -> recommend.Result:
    """`small_recommendation()`, made once."""
    return small_recommendation()


@pytest.fixture(scope="session")
def furniture(tmp_path_factory, profile_result, recommendation) -> Path:
    """A folder with everything that ships, made once; tests get a copy."""
    folder = tmp_path_factory.mktemp("furniture")
    with pytest.MonkeyPatch.context() as patch:
        furnish(folder, profile_result, recommendation, patch)
    return folder


@pytest.fixture(scope="session", autouse=True)
def components_are_sought_once():
    """Streamlit reads the metadata of all installed packages for each app that is tested, which is most of the time."""
    found = functools.cache(manifest_scanner.scan_component_manifests)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", found)
        yield


READ: dict[tuple, Any] = {}  # by what the files hold


@pytest.fixture(scope="module", autouse=True)
def files_are_read_once():
    """Files that hold the same give the same object in all tests, and so what pages make of that is made once."""

    def read(folder: Path, kind: type) -> Any:
        files = ((path.name, sha256(path.read_bytes()).digest()) for path in folder.iterdir() if path.stem != "spec")
        held = (kind, *sorted(files))
        if held not in READ:
            READ[held] = result_files.read_result(folder, kind)
        return READ[held]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, "read_result", read)
        yield


@pytest.fixture(autouse=True)
def furnished(tmp_path, monkeypatch, furniture):
    monkeypatch.delenv("DLFA_DEMO", raising=False)
    shutil.copytree(furniture, tmp_path, dirs_exist_ok=True)
    move_in(tmp_path, monkeypatch)


@pytest.fixture
def desk(monkeypatch):
    """The jobs that were asked for, oldest first; none of them runs."""
    asked = []

    def submit(experiment, spec, visitor=""):
        asked.append(FakeJob(experiment, spec, visitor))
        return asked[-1]

    monkeypatch.setattr(jobs, "submit", submit)
    return asked


@pytest.fixture(autouse=True)
def streamlit_warns_of_nothing(caplog):
    """Streamlit says in its log what is deprecated or misused."""
    yield
    records = [record for record in caplog.get_records("call") if record.name.startswith("streamlit")]
    said = [record.getMessage() for record in records if not any(text in record.getMessage() for text in OF_TESTING)]
    assert not said


@pytest.fixture
def layers() -> AppTest:
    """The Layers page."""
    return opened("pages/1_Layers.py")


MARKED = re.compile(r'<abbr class="term"[^>]*>(.*?)</abbr>|<span id="card-[^>]*>.*?</span>')


def html(app: AppTest) -> str:
    """All HTML on the page, without marks and cards of the glossary, with plain spaces for those that keep lines."""
    shown = "\n".join(element.body for element in app.get("html"))
    return MARKED.sub(r"\1", shown).replace("\N{NO-BREAK SPACE}", " ")
