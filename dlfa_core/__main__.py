"""The experiments from the command line: `python -m dlfa_core COMMAND --help`.

Every experiment is a command, and the fields of its `Spec` are its options. Numbers are those of the pages: both ask
the same store, and a result that is there already is not computed again. With `DLFA_SCHEDULER` set, both compute there;
with `DLFA_WORKERS` set to more than one, as many processes here compute the parts of a sweep side by side.
"""

import ast
import shutil
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields, make_dataclass
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

from dlfa_core.runtime.command import PROGRAM, command_line, exit_code, renamed
from dlfa_core.runtime.experiment import Experiment, name_of, table_of

EXPERIMENTS = Path(__file__).parent / "experiments"
_ABOUT_RESULTS = {
    "run": "Run what a run file says: FILE.toml with the settings of one or several of the commands above.",
    "report": "One HTML file with everything that is stored of a model, figures and tables for a paper.",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0, 1 for bad input, 2 for a bad command, 130 when interrupted."""
    name, *options = (sys.argv[1:] if arguments is None else arguments) or [""]
    commands = _commands()
    if name in ("-h", "--help"):
        print(_overview(commands | _ABOUT_RESULTS))
        return 0
    if name == "run":
        return exit_code(lambda: _run_files(options, commands))
    if name == "report":
        return exit_code(lambda: _report(options))
    if name not in commands:
        near = get_close_matches(name, commands | _ABOUT_RESULTS, n=1)
        said = f"There is no command {name!r}{f': did you mean {near[0]}?' if near else '.'}" if name else "Which?"
        print(f"{said}\n\n{_overview(commands | _ABOUT_RESULTS)}", file=sys.stderr)
        return 2
    return exit_code(lambda: _run(_experiment(name), options))


def _experiment(name: str) -> Experiment:
    return import_module(f"dlfa_core.experiments.{name}")  # type: ignore[return-value]


def _commands() -> dict[str, str]:
    """Every experiment's name and question, read from its source: importing them all would take seconds."""
    found = {}
    for path in sorted(EXPERIMENTS.glob("*/__init__.py")):
        module = ast.parse(path.read_text(encoding="utf-8"))
        defined = {node.name for node in module.body if isinstance(node, ast.ClassDef | ast.FunctionDef)}
        if {"Spec", "Result", "run"} <= defined:
            found[path.parent.name] = (ast.get_docstring(module) or "").partition("\n")[0]
    return found


def _overview(commands: dict[str, str]) -> str:
    width = max(map(len, commands))
    listed = "\n".join(f"  {name:{width}}  {question}" for name, question in commands.items())
    return f"usage: {PROGRAM} COMMAND [OPTIONS]\n\n{listed}\n\n{PROGRAM} COMMAND --help lists the options of one."


def _run(experiment: Experiment, options: Sequence[str]) -> None:
    spec, out = _parsed(experiment, options)
    write = _writer(experiment, out) if out is not None else None
    if (done := _computed(experiment, spec)) and write is not None:
        write(*done)
        print(f"Written to {out}")


def _run_files(options: Sequence[str], names: Iterable[str]) -> None:
    """Compute what run files say; all of them are read before anything is computed."""
    import tyro

    from dlfa_core.runtime import runfile

    file = tyro.conf.arg(help="Run files, each with the settings of one run or of several.")
    kind = make_dataclass("RunFiles", [("files", tyro.conf.Positional[Annotated[tuple[Path, ...], file]])])
    files = tyro.cli(kind, prog=f"{PROGRAM} run", description=_ABOUT_RESULTS["run"], args=list(options)).files
    if not files:
        raise ValueError(f"Which file? {PROGRAM} run FILE.toml")
    for experiment, spec in [run for file in files for run in runfile.read(file, names, _experiment)]:
        print(command_line(name_of(experiment), spec))
        _computed(experiment, spec)


def _report(options: Sequence[str]) -> None:
    from dlfa_core.report import command

    command.main(options, f"{PROGRAM} report")


def _computed(experiment: Experiment, spec: Any) -> tuple[Any, Path] | None:
    """The result of a spec, and its folder in the store; None in a process that only helps another to compute it."""
    from dlfa_core.figures.sentences import summary
    from dlfa_core.runtime import cluster, jobs, launch, store
    from dlfa_core.runtime.progress import bar, silent

    if not launch.is_main_process():
        store.fetch(experiment, spec, silent)
        return None
    elsewhere = (cluster.address() or cluster.n_workers() > 1) and not launch.is_one_of_several()
    with bar() as progress:
        result = (jobs if elsewhere else store).fetch(experiment, spec, progress)
    folder = store.where(experiment, spec)
    if said := summary(name_of(experiment), result):
        print(said)
    print(f"Stored in {folder}")
    return result, folder


def _parsed(experiment: Experiment, options: Sequence[str]) -> tuple[Any, Path | None]:
    """The spec that the options describe, and where to write the result."""
    import tyro

    options = list(renamed(experiment, options))
    settings = {"prog": f"{PROGRAM} {name_of(experiment)}", "description": experiment.__doc__, "args": options}
    if any(field.name == "out" for field in fields(experiment.Spec)):  # its result is written where the spec says
        return tyro.cli(experiment.Spec, **settings), None
    out = tyro.conf.arg(help="Write the result there, too: " + ", ".join(_FORMATS.values()) + ".")
    both = make_dataclass(
        "Arguments",
        [("spec", tyro.conf.OmitArgPrefixes[experiment.Spec]), ("out", Annotated[Path | None, out], None)],
    )
    found = tyro.cli(both, **settings)
    return found.spec, found.out


_FORMATS = {
    ".csv": "FILE.csv (the first table)",
    ".parquet": "FILE.parquet (the first table)",
    ".tex": "FILE.tex (the first table for LaTeX)",
    ".safetensors": "FILE.safetensors (arrays)",
    "": "or a folder (everything)",
}


def _writer(experiment: Experiment, out: Path) -> Callable[[Any, Path], None]:
    """Return what writes a result to `out`; asked for before the run, so that nobody waits in vain.

    Raises:
        ValueError: the file's kind is unknown, or the result holds nothing of that kind.
        FileNotFoundError: the folder that the file goes to does not exist.
    """
    import numpy as np
    from safetensors.numpy import save_file

    from dlfa_core.tables import holds_frame

    if out.suffix not in _FORMATS:
        raise ValueError(f"--out {out} is of an unknown kind: write {', '.join(_FORMATS.values())}.")
    if not out.suffix:
        return lambda result, folder: shutil.copytree(folder, out, dirs_exist_ok=True)
    if not out.parent.is_dir():
        raise FileNotFoundError(f"--out {out} lies in a folder that does not exist: make {out.parent} first.")
    arrays = out.suffix == ".safetensors"
    fits = (lambda kind: kind is np.ndarray) if arrays else holds_frame
    names = [field.name for field in fields(experiment.Result) if fits(field.type)]
    if not names:
        held = "tables, so write a .csv" if arrays else "arrays, so write a .safetensors"
        raise ValueError(f"--out {out} does not fit: the result holds {held} file or a folder.")
    return {
        ".csv": lambda result, _: table_of(experiment, result, names[0]).to_csv(out, index=False),
        ".parquet": lambda result, _: table_of(experiment, result, names[0]).to_parquet(out, index=False),
        ".tex": lambda result, _: out.write_text(_latex(experiment, result, names[0]), encoding="utf-8"),
        ".safetensors": lambda result, _: save_file({name: getattr(result, name) for name in names}, out),
    }[out.suffix]


def _latex(experiment: Experiment, result: Any, name: str) -> str:
    """The first table as LaTeX; a benchmark's in its own layout.

    Raises:
        ValueError: it is too long to be printed.
    """
    from dlfa_core import report

    if name_of(experiment) == "benchmark":
        return report.latex_suite(result)
    table = table_of(experiment, result, name)
    if len(table) > report.LONGEST:
        raise ValueError(
            f"The table has {len(table):,} rows, too many for LaTeX ({report.LONGEST}): write a .csv file."
        )
    return report.latex(table, f"{name_of(experiment)}: {name}", f"{name_of(experiment)}-{name}")


if __name__ == "__main__":
    sys.exit(main())
