"""The command line: what to type to rebuild a result, and how a command ends."""

import shlex
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields
from typing import Any

from dlfa_core.runtime.experiment import Experiment, stored_fields

PROGRAM = "python -m dlfa_core"


def command_line(name: str, spec: Any) -> str:
    """Return what to type to get the result of this spec: `python -m dlfa_core profile --languages eng deu`.

    Only fields that differ from their default are written out.
    """
    return shlex.join([*PROGRAM.split(), name, *_options(spec)])


def read_command(line: str, found: Callable[[str], Experiment]) -> tuple[Experiment, Any]:
    """Return the experiment and the spec of a `command_line`.

    Args:
        line: as `command_line` gives it, today or before a field was renamed.
        found: gives the experiment with a name.
    """
    import tyro

    name, *options = shlex.split(line)[len(PROGRAM.split()) :]
    experiment = found(name)
    return experiment, tyro.cli(experiment.Spec, args=list(renamed(experiment, options)))


def renamed(experiment: Experiment, options: Iterable[str]) -> Iterator[str]:
    """Yield the options, those by the old name of a field by its new one."""
    old = {stored: name for stored, name in stored_fields(experiment.Spec).items() if stored != name}
    for option in options:
        flag, equals, value = option.partition("=")
        field = old.get(flag.removeprefix("--").replace("-", "_")) if flag.startswith("--") else None
        yield f"--{field.replace('_', '-')}{equals}{value}" if field else option


def exit_code(command: Callable[[], int | None]) -> int:
    """Run a command and return its exit code, or 1 with the reason on stderr for bad input, 130 when interrupted."""
    try:
        return command() or 0
    except (ValueError, OSError) as error:
        print(" ".join(str(error).split()), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped; what was finished is stored.", file=sys.stderr)
        return 130


def _options(spec: Any) -> Iterator[str]:
    for field in fields(spec):
        value = getattr(spec, field.name)
        if value == field.default:
            continue
        option = "--" + field.name.replace("_", "-")
        if isinstance(value, bool):
            yield option if value else "--no-" + option.removeprefix("--")
            continue
        words = [str(item) for item in value] if isinstance(value, list | tuple) else [str(value)]
        if words and words[0].startswith("-"):  # would look like an option of its own
            option, *words = f"{option}={words[0]}", *words[1:]
        yield from (option, *words)
