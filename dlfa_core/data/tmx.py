"""TMX, the exchange format of translation memories (LISA, version 1.4b): XML with a unit for each sentence."""

import re
from pathlib import Path
from xml.parsers import expat

from dlfa_core.data.files import name_of, read_bytes
from dlfa_core.data.parallel import MAX_SENTENCES, CorpusError, ParallelCorpus, align, too_many
from dlfa_core.languages import UnknownLanguage, find

HEAD = 5000  # characters among which a file says that it is TMX
MARKUP = ("bpt", "ept", "it", "ph", "ut", "sub")  # in a sentence: codes of the program that it comes from, not text
LINE_BREAKS = re.compile(r"[ \t\r\n]+")


def read_tmx(file: str | Path) -> ParallelCorpus:
    """A translation memory: every unit is a row, empty in the languages that it lacks.

    Of a unit with several versions of a language, the first one is read. Entities that the file declares itself are
    refused: a few lines of them can stand for gigabytes of text.

    Raises:
        CorpusError: no TMX, damaged XML, a declared entity, or an unknown language; the message names the line.
    """
    return corpus_of(read_bytes(file), name_of(file), f"tmx:{file}")


def is_tmx(text: str) -> bool:
    """Tell whether a text begins like a translation memory."""
    return text.lstrip().startswith("<") and "<tmx" in text[:HEAD]


def corpus_of(content: str | bytes, label: str, source: str, name: str | None = None) -> ParallelCorpus:
    """The corpus in the content of a TMX file, which messages call by `label`."""
    units, repeated = _Units(label).read(content)
    if not units:
        raise CorpusError(f"{label} has no translation units (<tu>). Choose a translation memory that holds some.")
    several = f"Units of {label} with several versions of a language, of which the first is read: {repeated:,}."
    return align(
        {
            code: [unit.get(code, "") for unit in units]
            for code in dict.fromkeys(code for unit in units for code in unit)
        },
        [str(row) for row in range(1, len(units) + 1)],
        name=name or label.split(".")[0],
        source=source,
        notes=[several] if repeated else [],
    )


class _Units:
    """Collects the units of a file while expat reads it."""

    def __init__(self, label: str):
        self._label = label
        self._units: list[dict[str, str]] = []
        self._repeated = 0
        self._unit: dict[str, str] = {}
        self._language, self._text = "", None
        self._twice = self._started = False
        self._markup = 0  # how deep in it the parser is
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        self._parser.EntityDeclHandler = lambda entity, *_: self._refuse_entity(entity, "declares")
        self._parser.SkippedEntityHandler = lambda entity, _: self._refuse_entity(entity, "uses")

    def read(self, content: str | bytes) -> tuple[list[dict[str, str]], int]:
        """Return the units, ISO 639-3 code -> text, and how many of them have a language twice."""
        try:
            self._parser.Parse(content, True)
        except expat.ExpatError as error:
            raise CorpusError(
                f"{self._label} stops being XML at line {error.lineno:,} ({expat.ErrorString(error.code)}). "
                f"Export it again, or mend that line."
            ) from None
        except (LookupError, ValueError) as error:
            if isinstance(error, CorpusError):
                raise
            raise self._error("states an encoding that is not known here", "Save it as UTF-8.") from error
        return self._units, self._repeated

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if not self._started and tag != "tmx":
            raise self._error(f"is XML, but begins with <{tag}> and not with <tmx>", "Export it as TMX.")
        self._started = True
        if tag == "tu":
            self._unit, self._twice = {}, False
        elif tag == "tuv":
            self._language = self._code(attributes.get("xml:lang") or attributes.get("lang", ""))
        elif tag == "seg":
            self._text = []
        elif tag in MARKUP:
            self._markup += 1

    def _end(self, tag: str) -> None:
        if tag == "seg":
            self._twice |= self._language in self._unit
            self._unit.setdefault(self._language, LINE_BREAKS.sub(" ", "".join(self._text or ())))
            self._text = None
        elif tag == "tu":
            if len(self._units) == MAX_SENTENCES:
                raise too_many(self._label)
            self._units.append(self._unit)
            self._repeated += self._twice
        elif tag in MARKUP:
            self._markup -= 1

    def _characters(self, text: str) -> None:
        if self._text is not None and not self._markup:
            self._text.append(text)

    def _code(self, language: str) -> str:
        if not language:
            raise self._error("has a <tuv> without xml:lang", "State the language of every version.")
        try:
            return find(language).code
        except UnknownLanguage as error:
            raise self._error(f"has a <tuv> in {language!r}", str(error)) from None

    def _refuse_entity(self, entity: str, does: str) -> None:
        raise self._error(
            f"{does} the entity {entity!r}, which is not read, as entities can stand for any amount of text",
            "Write the characters themselves, without a DTD of its own.",
        )

    def _error(self, what: str, advice: str) -> CorpusError:
        return CorpusError(f"Line {self._parser.CurrentLineNumber:,} of {self._label} {what}. {advice}")
