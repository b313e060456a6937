"""What reads files and addresses, each with good files to spoil and the call that the app or a command makes."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from itertools import islice
from pathlib import Path
from random import Random
from types import SimpleNamespace

from dlfa_core import glossary, lessons
from dlfa_core.data.lexicons import open_lexicon
from dlfa_core.data.pools import Mixture
from dlfa_core.data.sources import READERS as CORPUS_KINDS
from dlfa_core.data.sources import open_corpus
from dlfa_core.data.tasks import open_task
from dlfa_core.data.tasks.formats import TASK_FORMATS
from dlfa_core.data.text import open_text
from dlfa_core.experiments.pretrain.prepared_text import prepare_text
from dlfa_core.runtime import runfile, store
from dlfa_core.runtime.experiment import name_of
from tests.conftest import small_profile
from tests.load import fuzz_models, fuzz_samples
from tests.load.fuzz_mutations import RARE, TOKENS, spoilt
from tests.load.fuzz_samples import Files
from tests.models.tiny import tiny_tokenizer
from ui import corpora

PAGES = ("Evidence", "Layers", "Map", "Fusion", "Gates", "Lexicon", "Augmentation", "Lens", "Lessons")
EXPERIMENTS = sorted(
    path.parent.name for path in (Path(runfile.__file__).parents[1] / "experiments").glob("*/__init__.py")
)
BOMBS = 0.004  # share of inputs
ENDINGS = (
    ".gz",
    ".xz",
    ".bz2",
    ".zst",
    ".txt",
    ".csv",
    ".tsv",
    ".jsonl",
    ".tmx",
    "",
    ".conllu",
    ".PDF",
    ".tar",
    ".xlsx",
)


@dataclass(frozen=True)
class Reader:
    """Something that reads what a user brings.

    Attributes:
        name: in the table.
        samples: good input, each a folder of files.
        read: reads a folder with these files.
        weight: how often it is tried beside the others.
        spoil: files, a random stream and all samples -> spoilt files.
    """

    name: str
    samples: tuple[Files, ...]
    read: Callable[[Path], object]
    weight: float = 1.0
    spoil: Callable[[Files, Random, list[bytes]], Files] | None = None


def spoil(files: Files, random: Random, others: list[bytes]) -> Files:
    """Spoil one file or several, rename one, leave one out, or pack one."""
    found = dict(files)
    for name in random.sample(sorted(found), random.randint(1, len(found))):
        if random.random() < 0.06:
            found[_renamed(name, random)] = found.pop(name)
        elif random.random() < 0.03 and len(found) > 1:
            del found[name]
        elif random.random() < BOMBS:
            found[name] = random.choice(RARE)(found[name], random, others)
        else:
            found[name] = spoilt(found[name], random, others)
    return found


def _renamed(name: str, random: Random) -> str:
    """Another name in the same folder, which a file system can have."""
    stem, _, ending = name.rpartition(".")
    token = "".join(c for c in random.choice(TOKENS) if c not in "/\0" and not "\ud800" <= c <= "\udfff")[:60]
    return random.choice(
        (
            name + random.choice(ENDINGS),
            f"{stem}{random.choice(ENDINGS)}",
            f"{stem}-{token}.{ending}",
            f"{token or 'x'}.{ending}",
        )
    )


def _first(folder: Path) -> Path:
    return min(path for path in folder.rglob("*") if path.is_file())


def _upload(folder: Path) -> None:
    """As the page keeps a table; it reads the table again from there."""
    path = _first(folder)
    corpora.read(f"table:{corpora.keep(path.name, path.read_bytes())}")


def _task(kind: str) -> Callable[[Path], object]:
    return lambda folder: open_task(f"{kind}:{folder}")


def _text(folder: Path) -> None:
    text = open_text(str(folder))
    for language in text.languages:
        for _ in islice(text.lines(language), 1000):
            pass
    _ = text.digest


def _training(folder: Path) -> None:
    """As `pretrain` cuts text into subwords and draws from it."""
    home = store.home() / "training"
    shutil.rmtree(home, ignore_errors=True)
    text = open_text(str(folder))
    prepared = prepare_text(tiny_tokenizer(), text, home, limit=0, dev_sentences=2, progress=lambda *_: None)
    Mixture(prepared.train).draw(64, seed=0, step=0)


def _lesson(folder: Path) -> None:
    """Read lessons and fill in their numbers from a small profile; there is no other result."""
    results = {"profile": SimpleNamespace(**vars(small_profile()))}

    def stored(experiment: object, key: str) -> object:
        if (result := results.get(name_of(experiment))) is None:
            raise LookupError(key)
        return result

    for name in lessons.names(folder):
        lessons.sheet(lessons.read(name, PAGES, folder), stored)


def _run_file(folder: Path) -> None:
    runfile.read(_first(folder), EXPERIMENTS, lambda name: import_module(f"dlfa_core.experiments.{name}"))


def _glossary(folder: Path) -> None:
    glossary.terms.cache_clear()
    glossary.split("A layer has a gate.", glossary.terms(_first(folder)))


def _opened_by_its_name(read: Callable[[str], object]) -> Callable[[Path], object]:
    """Read what a file's content names, as an address or a spec does."""
    return lambda folder: read(_first(folder).read_text("utf-8", "surrogateescape"))


def _corpus_of_address(source: str) -> None:
    corpora.read(corpora.source_of(source))


def _name(files: Files, random: Random, others: list[bytes]) -> Files:
    """A source whose kind is kept or swapped and whose place is spoilt; never one on the hub, nor a whole disk."""
    kinds = [*CORPUS_KINDS, *TASK_FORMATS, "afinn", "vader", "nusax", "untrained", ""]
    ((name, content),) = files.items()
    kind, _, place = content.decode().partition(":")
    place = random.choice(
        (
            place,
            random.choice(TOKENS),
            place + random.choice(TOKENS),
            random.choice(TOKENS) + place,
            place + "#" + random.choice(TOKENS) + "=" + random.choice(TOKENS),
        )
    )
    source = f"{random.choice((kind, random.choice(kinds)))}:{place}" if random.random() < 0.8 else place
    tame = source.replace("hub", "h_b").encode("utf-8", "surrogatepass")
    return {name: b"table:x" if source.rpartition(":")[2].strip() in ("/", "~", ".", "..", "") else tame}


def _sources(*sources: str) -> tuple[Files, ...]:
    return tuple({"source": source.encode()} for source in sources)


def _corpora(kind: str) -> tuple[Files, ...]:
    return tuple(files for name, files in fuzz_samples.CORPORA.items() if name.startswith(kind))


def _lexicon(kind: str) -> Callable[[Path], object]:
    def read(folder: Path) -> object:
        place = folder if kind == "afinn" else _first(folder)
        return open_lexicon(f"nusax:{place}+sample" if kind == "nusax" else f"{kind}:{place}")

    return read


def _stored(folder: Path) -> None:
    """A folder of the store that somebody damaged is absent, and its listing goes on."""
    from dlfa_core.experiments import profile

    box = store.Store(folder)
    for found in (folder / "profile").iterdir():
        box.read(profile, found.name)
    box.listing(profile)


READERS: tuple[Reader, ...] = (
    Reader("upload", tuple(fuzz_samples.TABLES.values()), _upload, 3),
    Reader("table", tuple(fuzz_samples.TABLES.values()), lambda folder: open_corpus(f"table:{_first(folder)}"), 2),
    Reader(
        "corpus, kind guessed",
        (*_corpora("folder"), *_corpora("moses"), *_corpora("pud")),
        lambda folder: open_corpus(str(folder)),
    ),
    *(
        Reader(f"corpus, {kind}", _corpora(kind), lambda folder, kind=kind: open_corpus(f"{kind}:{folder}"))
        for kind in ("folder", "moses", "pud")
    ),
    Reader("corpus, tmx", _corpora("tmx"), lambda folder: open_corpus(f"tmx:{_first(folder)}")),
    Reader("corpus, tatoeba", _corpora("tatoeba"), lambda folder: open_corpus(f"tatoeba:{_first(folder)}")),
    Reader(
        "corpus, by its source",
        _sources("table:x.tsv", "folder:y", "pud:z", "sample", "moses:a.en"),
        _opened_by_its_name(_corpus_of_address),
        1,
        _name,
    ),
    *(Reader(f"task, {kind}", tuple(samples.values()), _task(kind)) for kind, samples in fuzz_samples.TASKS.items()),
    Reader(
        "task, by its source",
        _sources("xnli:x", "sentiment:sample", "ner:y+z", "tatoeba:t"),
        _opened_by_its_name(open_task),
        1,
        _name,
    ),
    *(
        Reader(f"lexicon, {kind}", tuple(samples.values()), _lexicon(kind))
        for kind, samples in fuzz_samples.LEXICONS.items()
    ),
    Reader(
        "lexicon, by its source",
        _sources("table:x.tsv#language=deu", "nusax:x+sample", "sample", "vader:y"),
        _opened_by_its_name(open_lexicon),
        1,
        _name,
    ),
    Reader("text to train on", (fuzz_samples.TEXT,), _text),
    Reader("text, cut and drawn from", (fuzz_samples.TEXT,), _training),
    Reader("run file", tuple(fuzz_samples.RUN_FILES.values()), _run_file, 2),
    Reader("lesson", (fuzz_samples.LESSON,), _lesson),
    Reader("glossary", (fuzz_samples.GLOSSARY,), _glossary),
    Reader("stored result", fuzz_models.stored_results(), _stored, 0.5),
    Reader(
        "model, by its name",
        _sources("demo", "untrained:demo", "xlm-roberta-base", "./x"),
        _opened_by_its_name(fuzz_models.look),
        1,
        _name,
    ),
    Reader(
        "encoder's folder",
        fuzz_models.encoder_folders(),
        lambda folder: fuzz_models.read_encoder(str(folder)),
        0.7,
        fuzz_models.spoil,
    ),
    Reader(
        "classifier's folder",
        fuzz_models.classifier_folders(),
        lambda folder: fuzz_models.read_classifier(str(folder)),
        0.7,
        fuzz_models.spoil,
    ),
)
