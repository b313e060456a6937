"""Which sweep over layers is shown: a stored one, or a new one."""

from streamlit.delta_generator import DeltaGenerator

from dlfa_core.experiments import recommend
from ui import stored, sweeps
from ui.fusion import form
from ui.limits import is_demo


def choose(model: str, corpus: str, place: DeltaGenerator) -> stored.Shown | None:
    """Ask which sweep is shown, and for a new one what is trained; None where there is nothing to show yet.

    Args:
        model: of the sidebar.
        corpus: of the sidebar, on which a new sweep measures how close the languages are.
        place: for what is asked about a new one, which needs room.
    """
    entries = {
        name: entry for name, entry in sweeps.stored_sweeps(model).items() if sweeps.is_compared(entry) or not is_demo()
    }
    name = stored.choose(sweeps.KIND, model, entries)
    if name is None:
        return None
    with place:
        if name == stored.new_of(sweeps.KIND):
            asked = form.asked()
            if asked is None:
                return None
            spec = recommend.Spec(model=model, corpus=corpus, **asked)
            return stored.computed(recommend, spec, form.in_words(spec))
        entry = entries[name]
        if sweeps.is_compared(entry):
            return stored.read(recommend, entry)
        spec = recommend.Spec(**vars(entry.spec), corpus=corpus)
        return stored.computed(
            recommend, spec, f"{name} is trained; its layers would be compared, which takes seconds."
        )


def names_files(spec: recommend.Spec) -> bool:
    """Tell whether the task is a relative path, which means something in one folder only."""
    path = spec.task.partition(":")[2]
    return path != "sample" and not path.startswith(("hub", "/", "~"))
