"""How good are the bundled task models on data that they were not trained for?

    python -m benchmarks.task_models PATH_OF_DATA [--only pos ner xnli sentiment] [--limit 500]

Each model is scored on test sets in many languages that chose nothing in its training. Names are scored on PAN-X and
pairs on XNLI, whose licences do not let models that were trained on them be handed on: so the bundled ones learnt from
Universal NER and SNLI.
"""

from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import tyro

from dlfa_core import models
from dlfa_core.data.tasks import LabelledSet
from dlfa_core.experiments.sources import labelled
from dlfa_core.experiments.training import counted
from dlfa_core.languages import find
from dlfa_core.runtime.progress import bar

TESTED = {  # by the task model: the sets, and the measure
    "pos": ("pos:ud-pos", "token_accuracy"),
    "ner": ("ner:ner-panx", "span_f1"),
    "xnli": ("xnli:xnli+nli-open/snli-en.tsv.xz", "accuracy"),
    "sentiment": ("sentiment:sample", "accuracy"),
}
SHIPPED = tuple(name for name in TESTED if f"demo-{name}" in models.bundled_task_models())


def main(data: tyro.conf.Positional[Path], only: tuple[str, ...] = SHIPPED, limit: int = 0) -> None:
    """Print a table for each task model.

    Args:
        data: folder that holds the tasks' files.
        only: which models; those that ship if none are given.
        limit: examples in each language, drawn at random; 0 takes all.
    """
    with chdir(data), bar() as progress:
        for done, name in enumerate(only):
            progress(done / len(only), f"Scoring demo-{name}")
            print("\n".join(table(name, limit)), end="\n\n", flush=True)


def table(name: str, limit: int = 0) -> Iterator[str]:
    """A row for each language, and one for the mean of all but English."""
    task, measure = TESTED[name]
    tests = labelled.opened(task, "eng", 0.0).select(test=limit).tests
    found = scores(f"demo-{name}", tests, measure)
    yield f"| `demo-{name}` on {task} | {measure.replace('_', ' ')} | n |"
    yield "| --- | ---: | ---: |"
    for code, value in found.items():
        yield f"| {find(code).name} | {value:.3f} | {len(tests[code]):,} |"
    rest = [value for code, value in found.items() if code != "eng"]
    yield f"| mean of {len(rest)} | **{np.mean(rest):.3f}** | |"


def scores(name: str, tests: dict[str, LabelledSet], measure: str) -> dict[str, float]:
    """The measure of a task model in each language."""
    model, tokenizer = models.load_task_model(name)
    own = [model.config.id2label[number] for number in range(model.config.num_labels)]
    tuning = models.Tuning(epochs=1, lr=0.0, batch_size=32, accumulation=1, eval_steps=0, seed=0, dtype="auto")
    found = {}
    with TemporaryDirectory() as folder:
        trainer = models.TaskTrainer(model, tokenizer.pad_token_id or 0, Path(folder), tuning)
        for code, test in tests.items():
            number = np.array([test.labels.index(label) for label in own])
            classes = number[trainer.classes(models.read_examples(tokenizer, test, 128))]
            found[code] = float(counted(measure, test, classes[None]).scores()[0])
    return found


if __name__ == "__main__":
    tyro.cli(main)
