"""What the specs of `train`, `transfer` and `sweep` have in common, and what a setting that is left open means."""

from dataclasses import dataclass, field, fields, replace

from dlfa_core.data.tasks import TASK_FORMATS, Task
from dlfa_core.experiments.sources import labelled
from dlfa_core.models import FUSIONS
from dlfa_core.runtime.experiment import ADDED

MODES = {  # what each of them asks
    "frozen": "The encoder stayed as it was and only heads learnt: this asks what its layers hold for the task.",
    "finetune": "All weights learnt: this asks what training makes of the layers.",
}
MODE_LABELS = {"frozen": "frozen", "finetune": "fine-tuned"}  # of the encoder, for reading
BEYOND = {  # fusions of more layers or gates than the paper's, which a sweep trains where they are named
    name: {"label": fusion.label, "explains": fusion.explains} for name, fusion in FUSIONS.items() if fusion.on_request
}
DIFFERENT = "A frozen and a fine-tuned score answer different questions, so neither is the other's baseline."


@dataclass(frozen=True)
class TrainingSettings:
    """How a model is trained and tested.

    Attributes:
        languages: codes or names to test on; all of the task if none are given.
        reduction: of the gate's width.
        epochs: over the training set at most, of which the best on the dev set is kept; 60 where the encoder is frozen,
            else XTREME's: 10 for ner and pos, 3 for questions, 5 for others.
        patience: checks on the dev set without a better score, after which training ends; 0 trains all epochs. Heads on
            a frozen encoder are checked once an epoch and end each for itself, after 40 steps at the least. If left
            out, 5 where the encoder is frozen, else 0.
        lr: of AdamW at the highest; 0.001 where the encoder is frozen, else XTREME's: 3e-5 for questions, 2e-5 for
            others. It falls to 0 in a line over all epochs; but where heads on a frozen encoder have patience, it
            stays, as none knows how long it will learn.
        batch_size: texts, or tagged sentences, in a step.
        accumulation: when all weights are trained, batches that a step is divided into, one after the other; XTREME's
            if not given: 8 for questions, 4 for others.
        eval_steps: when all weights are trained, steps between two checks on the dev set; an epoch at most. XTREME's
            if not given: 100 for xnli, 200 for pawsx, 500 for pos, 1000 for ner; 0 is once an epoch.
        warmup: when all weights are trained, steps over which the rate rises before it falls; XTREME's if not given:
            500 for questions, 0 for others.
        weight_decay: when all weights are trained, by which matrices shrink, as AdamW has it; XTREME's if not given:
            0.0001 for questions, 0 for others.
        frozen_blocks: when all weights are trained, all but those of so many lower blocks and of the embeddings.
        max_length: subwords; longer texts are cut, longer tagged sentences split.
        window: subwords of a question and of as much of its context as is read at once; XTREME's 384. Contexts that are
            longer are read in windows that overlap.
        stride: subwords from the start of a window's part of the context to that of the next; XTREME's 128.
        train_limit: examples to train on, drawn at random; 0 takes all.
        test_limit: examples to test on in each language; 0 takes all.
        dev_limit: examples to choose on, drawn at random; 0 takes all.
        dev_share: part of the training set to choose on, where the task has no dev set.
        drop_duplicates: leave test examples out whose text, but for capitals and spaces, is trained or chosen on.
        dtype: float32, bfloat16, float16, or auto for what is fastest here: of a frozen encoder, or of the products
            while all weights, which are float32, are trained (not float16 then).
    """

    languages: tuple[str, ...] = ()
    reduction: int = 4
    epochs: int | None = None
    patience: int | None = None
    lr: float | None = None
    batch_size: int = 32
    accumulation: int | None = None
    eval_steps: int | None = None
    frozen_blocks: int = 0
    max_length: int = 128
    train_limit: int = 0
    test_limit: int = 0
    dev_share: float = 0.0
    drop_duplicates: bool = field(default=False, metadata=ADDED)
    dev_limit: int = field(default=0, metadata=ADDED)
    dtype: str = "auto"
    window: int = field(default=384, metadata=ADDED)
    stride: int = field(default=128, metadata=ADDED)
    warmup: int | None = field(default=None, metadata=ADDED)
    weight_decay: float | None = field(default=None, metadata=ADDED)


@dataclass(frozen=True)
class Grid(TrainingSettings):
    """Which heads are trained.

    Attributes:
        fusions: dlfa and its controls; differences are taken to `last`. If none are named, all but those that go
            beyond the paper: dlfa_two, average_two, iterated and dlfa_all.
        layers: lower layers to fuse with the last; all that a fusion can have if none are given.
        weights: of the lower layer in dlfa, se and the like: literal (the paper's equations), gate (a convex mix), or
            both.
        seeds: of the heads' start, and of the order of the data when all weights are trained.
        resamples: of examples and seeds, for the intervals; 0 leaves them out.
    """

    fusions: tuple[str, ...] = tuple(name for name in FUSIONS if name not in BEYOND)
    layers: tuple[int, ...] = ()
    weights: tuple[str, ...] = ("literal", "gate")
    seeds: tuple[int, ...] = (0, 1, 2)
    resamples: int = 500


@dataclass(frozen=True)
class Schedule:
    """The settings that depend on mode and task; fields as in `TrainingSettings`."""

    epochs: int
    lr: float
    accumulation: int
    eval_steps: int
    patience: int = 0
    warmup: int = 0
    weight_decay: float = 0.0


MAY_BE_ZERO = ("eval_steps", "patience", "warmup", "weight_decay")
QUESTIONS = [kind for kind, recipe in TASK_FORMATS.items() if recipe.kind == "question"]
FROZEN = Schedule(epochs=60, lr=1e-3, accumulation=1, eval_steps=0, patience=5)  # the two before the last are not used
ASKED = Schedule(epochs=3, lr=3e-5, accumulation=8, eval_steps=0, warmup=500, weight_decay=1e-4)
XTREME = {  # google-research/xtreme, scripts/train_*.sh, for multilingual BERT
    "xnli": Schedule(epochs=5, lr=2e-5, accumulation=4, eval_steps=100),
    "pawsx": Schedule(epochs=5, lr=2e-5, accumulation=4, eval_steps=200),
    "pos": Schedule(epochs=10, lr=2e-5, accumulation=4, eval_steps=500),
    "ner": Schedule(epochs=10, lr=2e-5, accumulation=4, eval_steps=1000),
    "xcopa": Schedule(epochs=5, lr=2e-5, accumulation=4, eval_steps=0),
    **dict.fromkeys(QUESTIONS, ASKED),
}
OTHER = Schedule(epochs=5, lr=2e-5, accumulation=4, eval_steps=0)


def schedule_of(settings: TrainingSettings, mode: str, task: str) -> Schedule:
    """The settings that depend on mode and task, as given or as usual there.

    Raises:
        ValueError: an unknown mode, or a number with which nothing is trained.
    """
    if mode not in MODES:
        raise ValueError(f"mode={mode!r} is unknown: use {' or '.join(map(repr, MODES))}.")
    usual = FROZEN if mode == "frozen" else XTREME.get(task.partition(":")[0], OTHER)
    names = [field.name for field in fields(Schedule)]
    given = {name: getattr(settings, name) for name in names if getattr(settings, name) is not None}
    schedule = replace(usual, **given)
    for name, value in {"batch_size": settings.batch_size, **vars(schedule)}.items():
        if value < 0 or (value == 0 and name not in MAY_BE_ZERO):
            least = "0 or more" if name in MAY_BE_ZERO else "a number above 0"
            raise ValueError(f"{name}={value} trains nothing: give {least}.")
    return schedule


def checked_norm(norm: str) -> str | None:
    """The norm inside the gate as models know it.

    Raises:
        ValueError: unknown norm.
    """
    if norm not in ("batch", "layer", "none"):
        raise ValueError(f"norm={norm!r} is unknown: use 'batch', 'layer' or 'none'.")
    return None if norm == "none" else norm


def chosen_task(settings: TrainingSettings, task: str, source_language: str) -> Task:
    """The task with the languages and examples that the settings ask for.

    Raises:
        ValueError: no such task or language, broken files, no dev set, or a task that trains nothing.
    """
    opened = labelled.opened(task, source_language, settings.dev_share, settings.drop_duplicates)
    if opened.kind == "retrieval":
        raise ValueError(
            f"{opened.name} trains nothing, so there is no layer to fuse: "
            f"compare its languages with `profile --corpus tatoeba:PATH`."
        )
    return opened.select(settings.languages, settings.train_limit, settings.test_limit, settings.dev_limit)
