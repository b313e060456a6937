"""The results that ship with the project, and the command that rebuilds them: `python -m dlfa_core.bundle`."""

import shutil
from types import ModuleType
from typing import Any

from dlfa_core.experiments import profile
from dlfa_core.runtime.command import command_line
from dlfa_core.runtime.progress import Progress, bar, span
from dlfa_core.runtime.store import BUNDLED, Store, name_of

RESULTS: tuple[tuple[ModuleType, Any], ...] = (
    (profile, profile.Spec()),
    (profile, profile.Spec(pooling="cls")),
    (profile, profile.Spec(pooling="max")),
)


def build(store: Store, progress: Progress) -> list[str]:
    """Compute what is listed and not stored yet, and delete what is stored and no longer listed.

    Results of an earlier model are no longer listed: a result's folder is named by the model's fingerprint too.

    Returns:
        The commands of the results that were computed.
    """
    computed = []
    for place, (experiment, spec) in enumerate(RESULTS):
        if store.find(experiment, spec) is None:
            report = span(progress, place / len(RESULTS), (place + 1) / len(RESULTS))
            store.save(experiment, spec, experiment.run(spec, report))
            computed.append(command_line(name_of(experiment), spec))
    wanted = {store.folder(experiment, spec) for experiment, spec in RESULTS}
    for folder in set(store.root.glob("*/*")) - wanted:
        shutil.rmtree(folder)
    return computed


if __name__ == "__main__":
    with bar() as shown:
        commands = build(Store(BUNDLED), shown)
    print("\n".join(commands) or "Every bundled result is up to date.")
