"""Where the evidence of an encoder is found: stored results of several questions."""

from collections.abc import Iterator
from contextlib import suppress

import streamlit as st

from dlfa_core import encoders
from dlfa_core.experiments import gates, profile, recommend, structure
from dlfa_core.figures.sentences.evidence import Evidence
from dlfa_core.runtime import store
from ui import beside, kept, models, stored, sweeps
from ui.kept import IN_ADDRESS
from ui.limits import is_demo
from ui.results import result


def gathered(shown: stored.Shown, corpus: str) -> Evidence:
    """Return what is stored of the layers of a sweep's encoder; what is missing is left out.

    Args:
        shown: the sweep.
        corpus: of the sidebar, on which similarity was measured.
    """
    model = shown.spec.model
    asked = profile.Spec(model=model, corpus=corpus)
    found = tuple(_gates(model, shown.spec.task.partition(":")[0], corpus))
    return Evidence(shown.result, _stored(profile, asked), _probes(model, corpus), found)


def offer_probes(model: str, corpus: str) -> None:
    """Offer to probe the layers of a model for which that has not been done."""
    task = "" if is_demo() else _tagged()
    spec = structure.Spec(model=model, corpus=corpus, task=task)
    what = f"Probes for language{' and for parts of speech' if spec.task else ''} at every layer of "
    result(structure, spec, f"{what}{models.label(model)} would be fitted, which takes minutes.", slot="_probes")


def similarity_beside(evidence: Evidence, model: str, corpus: str, other: str) -> None:
    """Hold the similarity of an encoder's layers against another one's."""
    if evidence.profiled is not None:
        asked = profile.Spec(model=model, corpus=corpus)
        beside.similarity(evidence.profiled, asked, evidence.measures, other)


def all_tasks(model: str) -> tuple[list[recommend.Result], list[str]]:
    """Return every stored sweep of a model whose layers were compared, and what each is called."""
    found, names = [], []
    for name, entry in sweeps.compared(model).items():
        with suppress(kept.NotStored):
            found.append(kept.result(recommend, entry.key))
            names.append(name)
    return found, names


def _tagged() -> str:
    """Ask for words with parts of speech, as a spec names them; empty for none."""
    said = "A folder of treebanks in CoNLL-U, or those on the hub; without, there is no probe for parts of speech."
    asked = st.text_input("Tagged words", key="tagged", placeholder="pos:FOLDER or pos:hub", help=said, **IN_ADDRESS)
    return asked.strip()


def _probes(model: str, corpus: str) -> structure.Result | None:
    """The stored probes of a model: on this corpus rather than on another, with words rather than without."""
    entries = [entry for entry in store.listing(structure) if stored.of(model, entry)]
    for entry in sorted(
        entries, key=lambda one: (one.spec.corpus != corpus, not one.spec.task, not one.bundled, one.key)
    ):
        with suppress(kept.NotStored):
            return kept.result(structure, entry.key)
    return None


def _gates(model: str, kind: str, corpus: str) -> Iterator[gates.Result]:
    """Yield the stored gates of the task models of one kind on an encoder."""
    for task, name in encoders.task_models(model).items():
        if task.startswith(kind) and (found := _stored(gates, gates.Spec(models=(name,), corpus=corpus))) is not None:
            yield found


def _stored(experiment, spec):
    """The stored result of a spec, or None."""
    with suppress(kept.NotStored, ValueError, OSError):
        return kept.result(experiment, store.key_of(experiment, spec))
