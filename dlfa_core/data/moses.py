"""Moses' parallel text, as OPUS and WMT publish it: a file per language beside each other, one sentence a line."""

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from dlfa_core.data.files import expanded, read_lines, unpacked_name
from dlfa_core.data.parallel import CorpusError, ParallelCorpus, align
from dlfa_core.data.readers import check_lengths, numbered
from dlfa_core.languages import code_of


def read_moses(path: str | Path) -> ParallelCorpus:
    """Files that share a name and end in their language: europarl.de and europarl.en, packed or not.

    Args:
        path: one of the files, the name that they share, or a folder with one such set.

    Raises:
        CorpusError: also for a file that stands alone, a folder with several sets, and different numbers of lines.
    """
    location = expanded(path)
    files, notes = _one_per_language(_one_set(location) if location.is_dir() else moses_files(location))
    if len(files) < 2:
        found = f"only {next(iter(files.values())).name}" if files else "no such set"
        raise CorpusError(
            f"Moses text is two files or more that share a name and end in their language, such as europarl.de and "
            f"europarl.en, but {found} is at {location}. Put the translation beside it, or check the spelling."
        )
    columns = {ending: read_lines(file) for ending, file in sorted(files.items())}
    name, ending = _shared_name(next(iter(files.values())))
    check_lengths(columns, files, name)
    return align(
        columns,
        numbered(len(columns[ending])),
        name=name,
        source=f"moses:{path}",
        notes=notes,
    )


def moses_files(path: Path) -> list[Path]:
    """The files of a set, found by one of them or by the name that they share; empty where there are none."""
    name, ending = _shared_name(path)
    named = name if path.is_file() and _is_language(ending) else path.name
    beside = path.parent.glob("*") if path.parent.is_dir() else ()
    return [file for file in sorted(beside) if file.is_file() and _belongs(file, named)]


def is_one_of_a_set(path: Path) -> bool:
    """Tell whether a file's name ends in a language."""
    return _is_language(_shared_name(path)[1])


def _one_set(folder: Path) -> list[Path]:
    sets: dict[str, list[Path]] = defaultdict(list)
    for file in sorted(folder.iterdir()):
        name, ending = _shared_name(file)
        if file.is_file() and _is_language(ending):
            sets[name].append(file)
    several = [name for name, files in sets.items() if len(files) > 1]
    if len(several) > 1:
        raise CorpusError(
            f"{folder} has {len(several):,} sets of Moses files, which are not one corpus. "
            f"Choose one: {', '.join(f'moses:{folder / name}' for name in several[:3])}."
        )
    return sets[several[0]] if several else []


def _one_per_language(files: Iterable[Path]) -> tuple[dict[str, Path], list[str]]:
    """Ending -> file, and notes on those set aside: of europarl.de and europarl.de.gz the shorter name is taken."""
    chosen: dict[str, Path] = {}
    notes = []
    for file in sorted(files, key=lambda file: (len(file.name), file.name)):
        used = chosen.setdefault(_shared_name(file)[1], file)
        if used != file:
            notes.append(f"{file.name} is set aside, because {used.name} has the same language.")
    return chosen, notes


def _shared_name(file: Path) -> tuple[str, str]:
    """A file's name before its last dot, and what stands behind it: its language, in a set."""
    name, _, ending = unpacked_name(file).rpartition(".")
    return name, ending


def _belongs(file: Path, name: str) -> bool:
    shared, ending = _shared_name(file)
    return shared == name and _is_language(ending)


def _is_language(ending: str) -> bool:
    return ending != "tar" and code_of(ending) is not None  # Central Tarahumara, too
