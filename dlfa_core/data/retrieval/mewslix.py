"""Mewsli-X: mentions of entities in news, and the descriptions of entities in many languages as candidates.

Files are those that google-research's `get-mewsli-x.sh` writes. Texts are made as XTREME-R's baseline makes them
(google-research/xtreme, `third_party/utils_mewslix.py`): the mention, then its sentence with the mention in braces.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from dlfa_core.data.files import existing, unpacked_name
from dlfa_core.data.json_lines import broken, check_span, language, rows_of, shown, value
from dlfa_core.data.parallel import CorpusError
from dlfa_core.data.retrieval.checking import checked
from dlfa_core.data.retrieval.values import Candidate, Query, RetrievalSet

ENTITIES = "candidate_set_entities.jsonl"
MENTIONS = ("wikinews_mentions-test.jsonl", "wikinews_mentions-dev.jsonl")
LICENCE = "text from Wikinews (CC BY 2.5) and Wikipedia (CC BY-SA 3.0)"
WITHOUT_TEXT = "the released files leave it out: run get-mewsli-x.sh, which fills it in."


def read_mewslix(location: str, source: str) -> RetrievalSet:
    """Open a folder with `ENTITIES` and the mentions of the test set (or else the dev set), or one file of mentions.

    Raises:
        CorpusError: a file is missing or broken; the message names file and line.
    """
    root = existing(location)
    folder = root.parent if root.is_file() else root
    files = {unpacked_name(path): path for path in sorted(folder.iterdir())}
    mentions = root if root.is_file() else next((files[name] for name in MENTIONS if name in files), None)
    if mentions is None or ENTITIES not in files:
        raise CorpusError(
            f"{folder} has no {ENTITIES if mentions else MENTIONS[0]}. Give the folder that get-mewsli-x.sh writes "
            "its files to."
        )
    candidates = list(_entities(files[ENTITIES]))
    queries = list(_mentions(mentions))
    return RetrievalSet("Mewsli-X", *checked(queries, candidates, "Mewsli-X"), source, LICENCE)


def mention_text(text: str, start: int, end: int) -> str:
    """Return a mention, then its sentence with the mention in braces; other braces there become brackets."""
    left, mention, right = text[:start], text[start:end], text[end:]
    marked = f"{mention}: {_without_braces(left)} {{ {mention} }} {_without_braces(right)}"
    return " ".join(marked.split())


def _without_braces(text: str) -> str:
    return text.replace("{", "(").replace("}", ")")


def _entities(path: Path) -> Iterator[tuple[str, Candidate]]:
    for where, row in rows_of(path):
        description = value(row, "description", str, where, "the description")
        spans = _spans(row, description, where)
        text = " ".join(" ".join(description[start:end] for start, end in spans or [(0, len(description))]).split())
        name = value(row, "entity_id", str, where, "the entity's id, such as Q38768,")
        yield where, Candidate(name, language(row, "description_language", where), text)


def _mentions(path: Path) -> Iterator[tuple[str, Query]]:
    for where, row in rows_of(path):
        context = value(row, "context", dict, where, "the article")
        if context.get("text") == "":
            broken(where, "has no text", f"Its article is missing; {WITHOUT_TEXT}")
        text, code = value(context, "text", str, where, "the article's text"), language(context, "language", where)
        sentences = _spans(context, text, where)
        for mention in value(row, "mentions", list, where, "the mentions"):
            if not isinstance(mention, dict):
                broken(where, f"has {shown(mention)} among its mentions", "Write objects with a mention_span.")
            span = value(mention, "mention_span", dict, where, "where the mention stands")
            start, end = (value(span, side, int, where) for side in ("start", "end"))
            written = value(span, "text", str, where, "the mention")
            check_span(text, start, written, where, "mention")
            if end != start + len(written):
                broken(where, f"ends the mention {shown(written)} at {end:,}", f"It ends at {start + len(written):,}.")
            first = max((begin for begin, _ in sentences if begin <= start), default=0)
            last = min((stop for _, stop in sentences if stop >= end), default=len(text))
            name = value(mention, "example_id", str, where, "the mention's id")
            asked = mention_text(text[first:last], start - first, end - first)
            entity = value(mention, "entity_id", str, where, "the entity's id")
            yield where, Query(name, code, asked, (entity,), group=entity)


def _spans(row: Mapping[str, Any], text: str, where: str) -> list[tuple[int, int]]:
    """Where the sentences of a text begin and end; none if the file does not say."""
    found = []
    for span in row.get("sentence_spans") or []:
        ends = (span.get("start"), span.get("end")) if isinstance(span, dict) else tuple(span)
        if not all(isinstance(end, int) for end in ends) or len(ends) != 2 or not 0 <= ends[0] < ends[1] <= len(text):
            broken(
                where,
                f"has the sentence {shown(span)} in a text of {len(text):,} characters",
                'Write where each sentence begins and ends, as {"start": 0, "end": 42}.',
            )
        found.append(ends)
    return found
