"""A table of parallel sentences that is never held whole: read in shards, a few rows at a time."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow.parquet as pq

from dlfa_core.data.files import PACKED, existing
from dlfa_core.data.parallel import VISIBLE, CorpusError
from dlfa_core.data.tables import bare
from dlfa_core.languages import UnknownLanguage, find

Rows = dict[str, list[str]]


def table_of(source: str) -> Path:
    """The file of a source `table:PATH`, or a path alone, which can be read in shards.

    Raises:
        CorpusError: it is none: only tables with tabs between cells (.tsv) and Parquet can be cut anywhere.
    """
    path = existing(source.removeprefix("table:"))
    if path.suffix not in (".tsv", ".parquet") or not path.is_file():
        kind = "is packed" if path.suffix in PACKED else "cannot be cut at any row"
        raise CorpusError(
            f"{path.name} {kind}, so it cannot be read in shards: save it as a table with tabs between cells (.tsv) or "
            "as Parquet, with one column per language."
        )
    return path


def read_shard(path: Path, languages: Sequence[str], number: int, of: int, most: int) -> Iterator[Rows]:
    """Yield the complete rows of one shard, up to `most` at a time, code of a language -> sentences.

    Every row is in exactly one of the shards. A row that lacks a sentence in one of the languages is left out.

    Args:
        path: of `table_of`.
        languages: codes or names of its columns.
        number: of the shard, from 0.
        of: how many there are.
        most: rows.

    Raises:
        CorpusError: a language that the table lacks, a row with more or fewer cells than headings, or text that is not
            UTF-8.
    """
    rows = _parquet_rows if path.suffix == ".parquet" else _tsv_rows
    for chunk in rows(path, languages, number, of, most):
        complete = [row for row in zip(*chunk.values(), strict=True) if all(map(_is_sentence, row))]
        if complete:
            yield {
                code: [text.strip() for text in texts]
                for code, texts in zip(chunk, zip(*complete, strict=True), strict=True)
            }


def _is_sentence(text: str | None) -> bool:
    return bool(text and VISIBLE.search(text))


def _chosen(headings: Sequence[str], languages: Sequence[str], name: str) -> dict[str, int]:
    """Code -> the number of its column."""
    columns: dict[str, int] = {}
    for number, heading in enumerate(headings):
        try:
            columns.setdefault(find(heading).code, number)
        except UnknownLanguage:
            continue
    codes = [find(language).code for language in languages]
    if missing := [code for code in codes if code not in columns]:
        raise CorpusError(f"{name} has no column for {', '.join(missing)}. Choose from {', '.join(columns)}.")
    return {code: columns[code] for code in codes}


def _tsv_rows(path: Path, languages: Sequence[str], number: int, of: int, most: int) -> Iterator[Rows]:
    """Rows whose first byte is in the shard's share of the file."""
    with path.open("rb") as file:
        headings = [bare(cell) for cell in _text(file.readline(), path, 0).split("\t")]
        columns = _chosen(headings, languages, path.name)
        first, size = file.tell(), path.stat().st_size
        start, end = (first + (size - first) * part // of for part in (number, number + 1))
        file.seek(max(first, start - 1))
        if start > first:
            file.readline()  # the row that the shard before ends with, or what is left of its last byte
        chunk: Rows = {code: [] for code in columns}
        while (place := file.tell()) < end and (line := file.readline()):
            cells = _text(line, path, place).split("\t")
            if cells == [""]:
                continue
            if len(cells) != len(headings):
                raise CorpusError(
                    f"The row at byte {place:,} of {path.name} has {len(cells)} cells, but there are {len(headings)} "
                    "headings. Look for missing or extra tabs there."
                )
            for code, column in columns.items():
                chunk[code].append(cells[column])
            if len(next(iter(chunk.values()))) == most:
                yield chunk
                chunk = {code: [] for code in columns}
        if any(chunk.values()):
            yield chunk


def _text(line: bytes, path: Path, place: int) -> str:
    try:
        return line.decode("utf-8-sig" if place == 0 else "utf-8").rstrip("\r\n")
    except UnicodeDecodeError as error:
        at = place + error.start
        raise CorpusError(f"{path.name} is not UTF-8 at byte {at:,}: save it again as UTF-8.") from None


def _parquet_rows(path: Path, languages: Sequence[str], number: int, of: int, most: int) -> Iterator[Rows]:
    """Rows whose number is in the shard's share; of the others only row groups that it begins or ends in are read."""
    with pq.ParquetFile(path) as file:
        columns = _chosen(file.schema_arrow.names, languages, path.name)
        names = {code: file.schema_arrow.names[column] for code, column in columns.items()}
        n = file.metadata.num_rows
        start, end = n * number // of, n * (number + 1) // of
        at = 0
        for group in range(file.num_row_groups):
            length = file.metadata.row_group(group).num_rows
            if at < end and at + length > start:
                yield from _of_group(file, group, names, max(0, start - at), min(length, end - at), most)
            at += length


def _of_group(
    file: "pq.ParquetFile", group: int, names: dict[str, str], start: int, end: int, most: int
) -> Iterator[Rows]:
    at = 0
    for batch in file.iter_batches(most, row_groups=[group], columns=list(names.values())):
        part = batch.slice(max(0, start - at), max(0, min(end, at + len(batch)) - max(start, at)))
        at += len(batch)
        if len(part):
            yield {code: part.column(name).to_pylist() for code, name in names.items()}
