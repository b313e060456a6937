"""Which sentences are compared: the bundled ones, a table that the visitor brings, a corpus on this machine.

An uploaded table is checked, then kept below `$DLFA_HOME/corpora` under its own name, in a folder that is called after
its content. The page's address names the file: on one's own machine its link opens it again, in public only in the
visit that brought it.
"""

import hashlib
import io
import os
import re
import tempfile
from pathlib import Path

import streamlit as st

from dlfa_core.data import readers
from dlfa_core.data.parallel import CorpusError, ParallelCorpus
from dlfa_core.experiments.sources import corpora
from dlfa_core.runtime import store
from ui import address, kept
from ui.limits import limits
from ui.text import notes, problem

_KINDS = ["tsv", "csv", "txt", "tmx", "gz", "xz", "bz2", "zst"]  # endings of files that may be uploaded
_LONGEST = 60  # characters of a file's name
_NAME = re.compile(r"\w[\w.-]*")
_HINT = (
    "The bundled sentences, or a corpus on this machine: `pud:FOLDER`, `folder:FOLDER`, `moses:FILE`, `table:FILE`, "
    "`tmx:FILE`, `tatoeba:FILE`."
)


def choose() -> str:
    """The corpus of the sidebar, as a source that `dlfa_core.data` opens; an upload is offered below it."""
    box = st.container()
    with st.expander("Your own sentences", icon=":material/upload_file:"):
        _upload()
    with box:
        if not limits().any_model and (said := _missing(st.query_params.get("corpus", ""))):
            address.above(said)
        name = st.selectbox(
            "Corpus",
            _offered(),
            format_func=lambda name: "Bundled sentences" if name == "sample" else name,
            key="corpus",
            accept_new_options=limits().any_model,
            help=_HINT if limits().any_model else None,
            **kept.IN_ADDRESS,
        )
    return source_of(name)


def source_of(name: str) -> str:
    """Return what the page's address calls a corpus, as `dlfa_core.data.sources` calls it."""
    table = _table_of(name)
    return f"table:{table}" if table else name


def read(source: str) -> ParallelCorpus:
    """The corpus of a source, read again only when its file has changed.

    Raises:
        CorpusError: it cannot be read; or it is on the hub, which this process does not talk to.
    """
    if source.startswith("hub:"):
        raise CorpusError(
            f"The page does not download {source}. Use it from the command line, "
            f"as `python -m dlfa_core profile --corpus {source}`, or upload it as a table."
        )
    return corpora.opened(source)


def readable(source: str) -> ParallelCorpus | None:
    """The corpus of a source; None, with a word over all else on the page, for one that cannot be read."""
    try:
        return read(source)
    except (ValueError, OSError) as error:
        address.above(_missing(source) or error)
        return None


def keep(name: str, content: bytes) -> Path:
    """Check an uploaded table and store it; returns where it is, under its own name.

    Raises:
        CorpusError: the table cannot be read as aligned sentences, or is larger than this app allows.
        OSError: there is no place to keep it.
    """
    allowed = limits()
    if len(content) > allowed.upload_bytes:
        raise CorpusError(
            f"{name} has {len(content) / 2**20:.1f} MB, but uploads may have up to "
            f"{allowed.upload_bytes / 2**20:g} MB. {_larger('sentences')}"
        )
    stream = io.BytesIO(content)
    stream.name = name
    corpus = readers.read_table(stream)
    if len(corpus) > allowed.sentences:
        raise CorpusError(
            f"{name} has {len(corpus):,} sentences, but uploads may have up to {allowed.sentences:,}. {_larger('rows')}"
        )
    path = _folder() / hashlib.sha256(content).hexdigest()[:20] / _tame(name)
    _write(path, content)
    return path


def _larger(what: str) -> str:
    """Say what to do with a table that is too large."""
    if limits().any_model:
        return (
            f"A file on this machine is read whole: type its path into “Corpus”, as table:FILE, or upload fewer {what}."
        )
    return f"Upload fewer {what}, or run the app on your own machine, where a path to the file is enough."


def _tame(name: str) -> str:
    """Return the name of a file without what means something in addresses and paths, its ending kept."""
    stem, dot, ending = re.split(r"[/\\\\]", name)[-1].partition(".")
    stem = re.sub(r"[\W_]+", "-", stem)[:_LONGEST].strip("-") or "table"
    return stem + dot + re.sub(r"[^\w.]+", "", ending)[:_LONGEST]


def _upload() -> None:
    st.caption(
        "A TSV or CSV table: one column per language, headed by its code, and one sentence per row. Or a translation "
        "memory (TMX)."
    )
    file = st.file_uploader("Table", type=_KINDS, key="upload", label_visibility="collapsed")
    if file is None:
        return
    try:
        path = keep(file.name, file.getvalue())
    except (ValueError, OSError) as error:
        problem(error)
        return
    notes(read(f"table:{path}").notes)
    if (uploads := kept.visit().uploads).get(path.name) != path:
        uploads[path.name] = path
        kept.choose("corpus", path.name)


def _offered() -> list[str]:
    """The bundled sentences, this visitor's tables, and the table that the address names."""
    named = st.query_params.get("corpus", "")
    return list(dict.fromkeys(["sample", *kept.visit().uploads, *([named] if _table_of(named) else [])]))


def _table_of(name: str) -> Path | None:
    """The table that a visitor brought under this name: in this visit, or on one's own machine the newest one."""
    if name in (uploads := kept.visit().uploads):
        return uploads[name]
    if not limits().any_model or not _NAME.fullmatch(name):
        return None
    return max(_folder().glob(f"*/{name}"), key=lambda path: path.stat().st_mtime_ns, default=None)


def _missing(name: str) -> str:
    """Say that a table is not here which a link names as an upload is named; empty for all else."""
    if not _NAME.fullmatch(name) or not name.endswith(tuple(_KINDS)) or _table_of(name) or Path(name).exists():
        return ""
    return f"The table {name} is not here: what somebody uploads, nobody else can open. Upload it yourself."


def _folder() -> Path:
    return store.home() / "corpora"


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all, also when two visitors bring the same table at once."""
    store.check_writable(path.parent)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as unfinished:
        unfinished.write(content)
    os.replace(unfinished.name, path)
