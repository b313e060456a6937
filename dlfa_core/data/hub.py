"""Parallel sentences from a data set on the Hugging Face hub. Imports `datasets`, and only when called."""

import logging
import re

from dlfa_core.data.parallel import MAX_SENTENCES, CorpusError, ParallelCorpus
from dlfa_core.data.readers import ID_COLUMNS, META_COLUMNS, align_table
from dlfa_core.languages import code_of

AFFIX = re.compile(r"(?:sentence|text|translation)[._](?=.)")  # sentence_deu_Latn, translation.de


def read_hub(
    name: str, config: str | None = None, split: str | None = None, revision: str | None = None
) -> ParallelCorpus:
    """A hub data set with one column per language, or with a column of translations.

    Columns headed by a language are taken, also as sentence_deu_Latn or inside a `translation`
    feature; id, topic and sentiment as in a table; others are left out and named in `notes`. A data
    set that needs code of its own is not loaded.

    Args:
        name: such as "owner/dataset", or a folder with data files.
        config: which part, where there are several.
        split: such as "test" or "test[:1000]"; by default "test", or else the only split.
        revision: commit or tag that pins the content.

    Raises:
        CorpusError: no network, no such data set, config or split, or no two languages in it.
    """
    rows = _load(name, config, split, revision).flatten()
    if rows.num_rows > MAX_SENTENCES:
        raise CorpusError(
            f"{name} has {rows.num_rows:,} rows, but the limit is {MAX_SENTENCES:,}. "
            f"Take a part of it: hub:{name}:{config or 'default'}:{split or 'test'}[:1000]."
        )
    headings = {column: AFFIX.sub("", column, count=1) for column in rows.column_names}
    left = [column for column, heading in headings.items() if not _known(heading)]
    return align_table(
        {
            heading: ["" if cell is None else str(cell) for cell in rows[column]]
            for column, heading in headings.items()
            if column not in left
        },
        name=name.rstrip("/").rpartition("/")[2],
        source=_source(name, config, split, revision),
        licence=rows.info.license or "see the data set's page",
        notes=[f"{name}: left out, because they are no language: {', '.join(left)}."] if left else [],
    )


def load_data_set(name: str, config: str | None, split: str | None, revision: str | None, offline: str, otherwise: str):
    """Return what `datasets.load_dataset` gives, its errors in sentences; code from a data set is never run.

    Args:
        name, config, split, revision: as for `datasets.load_dataset`.
        offline: what to do without a network, after "Connect to the network, or".
        otherwise: what to do where it is there and cannot be loaded, as a sentence.

    Raises:
        CorpusError: no network, no such data set, config or split.
    """
    import datasets

    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)  # what it warns of is said below, in a sentence
    try:
        return datasets.load_dataset(name, config, split=split, revision=revision)
    except ConnectionError as error:
        raise CorpusError(
            f"The hub cannot be reached, so {name} is not there ({_first_line(error).removesuffix('.')}). "
            f"Connect to the network, or {offline}."
        ) from error
    except datasets.exceptions.DatasetNotFoundError as error:
        raise CorpusError(
            f"The hub has no public data set {name!r} at this revision. Check the spelling (owner/name), "
            f"or log in with `hf auth login` if it is private."
        ) from error
    except (datasets.exceptions.DatasetsError, OSError, RuntimeError, ValueError) as error:
        part = f"The part {config} ({split}) of {name}" if config else f"The data set {name}"
        raise CorpusError(f"{part} cannot be loaded: {_first_line(error)} {otherwise}") from error


def _load(name: str, config: str | None, split: str | None, revision: str | None):
    loaded = load_data_set(
        name,
        config,
        split,
        revision,
        offline="use sentences on this machine, such as sample or table:PATH",
        otherwise=f"Name its part and split as hub:{name}:CONFIG:SPLIT, or download it and open it as table:PATH.",
    )
    if not isinstance(loaded, dict):  # of splits
        return loaded
    if "test" in loaded or len(loaded) == 1:
        return loaded.get("test") or next(iter(loaded.values()))
    raise CorpusError(
        f"The data set {name} has the splits {', '.join(loaded)}. "
        f"Choose one: hub:{name}:{config or 'default'}:{next(iter(loaded))}."
    )


def _known(heading: str) -> bool:
    return heading.casefold() in (*ID_COLUMNS, *META_COLUMNS) or code_of(heading) is not None


def _source(name: str, config: str | None, split: str | None, revision: str | None) -> str:
    parts = [name + (f"@{revision}" if revision else ""), config or "", split or ""]
    return ":".join(["hub", *parts]).rstrip(":")


def _first_line(error: Exception) -> str:
    line = str(error).partition("\n")[0].strip()
    return line if line.endswith(".") else f"{line}."
