"""What a transfer says in words: cautions about how it was trained, and its result in sentences."""

from collections.abc import Iterator

from dlfa_core.data.tasks import Task
from dlfa_core.experiments.sources import cautions
from dlfa_core.experiments.training import Schedule, Trained


def training_cautions(
    model: str, task: Task, trained: Trained, schedule: Schedule, max_length: int, n_seeds: int
) -> Iterator[str]:
    """Say what a reader of the scores should know about the training."""
    yield from cautions.unseen_languages(model, task.languages)
    sizes = {code: len(test) for code, test in task.tests.items()}
    yield from cautions.cut_examples(trained.truncated, sizes, max_length)
    late, heads = int(trained.late.sum()), len(trained.late)
    if late and schedule.patience:
        yield (
            f"{late} of {heads} heads may not have reached their best after {schedule.epochs} epochs: more epochs may "
            "give more."
        )
    elif late > heads / 2 and schedule.epochs > 1:
        yield f"{late} of {heads} heads were best in the last epoch: more epochs may give more."
    if n_seeds < 3:
        yield "Fewer than three seeds say little about how much a score moves when training is repeated."
