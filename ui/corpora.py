"""Which sentences are compared: the bundled ones, a table that the visitor brings, a corpus on this machine.

An uploaded table is checked, then kept below `$DLFA_HOME/corpora` under a token that ends in the digest of its content.
The page's address names the token: whoever has the link finds the table again, and nobody else does.
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
from ui import kept
from ui.limits import limits
from ui.text import notes, problem

_KINDS = ["tsv", "csv", "txt", "tmx", "gz", "xz", "bz2", "zst"]  # endings of files that may be uploaded
_TOKEN = re.compile(r"[\w-]{1,40}-[0-9a-f]{20}")
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
        token = st.selectbox(
            "Corpus",
            _offered(),
            format_func=lambda token: "Bundled sentences" if token == "sample" else token,
            key="corpus",
            accept_new_options=limits().any_model,
            help=_HINT if limits().any_model else None,
            **kept.IN_ADDRESS,
        )
    return source_of(token)


def source_of(token: str) -> str:
    """Return what the page's address calls a corpus, as `dlfa_core.data.sources` calls it."""
    table = _table_of(token)
    return f"table:{table}" if table else token


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
    """The corpus of a source; None, with a word on the page, for one that cannot be read."""
    try:
        return read(source)
    except (ValueError, OSError) as error:
        problem(error)
        return None


def keep(name: str, content: bytes) -> str:
    """Check an uploaded table and store it; returns the token that names it.

    Raises:
        CorpusError: the table cannot be read as aligned sentences, or is larger than this app allows.
        OSError: there is no place to keep it.
    """
    allowed = limits()
    if len(content) > allowed.upload_bytes:
        raise CorpusError(
            f"{name} has {len(content) / 2**20:.1f} MB, but this app reads up to {allowed.upload_bytes / 2**20:g} MB. "
            "Upload fewer sentences, or run the app on your own machine."
        )
    stream = io.BytesIO(content)
    stream.name = name
    corpus = readers.read_table(stream)
    if len(corpus) > allowed.sentences:
        raise CorpusError(
            f"{name} has {len(corpus):,} sentences, but this app compares up to {allowed.sentences:,}. "
            "Upload fewer rows, or run the app on your own machine."
        )
    stem = re.sub(r"[\W_]+", "-", Path(name).stem)[:40].strip("-") or "table"
    token = f"{stem}-{hashlib.sha256(content).hexdigest()[:20]}"
    _write(_folder() / f"{token}.tsv", content)
    return token


def _upload() -> None:
    st.caption(
        "A TSV or CSV table: one column per language, headed by its code, and one sentence per row. Or a translation "
        "memory (TMX)."
    )
    file = st.file_uploader("Table", type=_KINDS, key="upload", label_visibility="collapsed")
    if file is None:
        return
    try:
        token = keep(file.name, file.getvalue())
    except (ValueError, OSError) as error:
        problem(error)
        return
    notes(read(source_of(token)).notes)
    if token not in (uploads := kept.visit().uploads):
        uploads.append(token)
        kept.choose("corpus", token)


def _offered() -> list[str]:
    """The bundled sentences, this visitor's tables, and the table that the address names."""
    named = st.query_params.get("corpus", "")
    return list(dict.fromkeys(["sample", *kept.visit().uploads, *([named] if _table_of(named) else [])]))


def _table_of(token: str) -> Path | None:
    """The table that a token names, if it is there."""
    path = _folder() / f"{token}.tsv"
    return path if _TOKEN.fullmatch(token) and path.exists() else None


def _folder() -> Path:
    return store.home() / "corpora"


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all, also when two visitors bring the same table at once."""
    store.check_writable(path.parent)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as unfinished:
        unfinished.write(content)
    os.replace(unfinished.name, path)
