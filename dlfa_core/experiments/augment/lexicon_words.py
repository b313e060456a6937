"""What a lexicon has in texts: how much of those that are tested, and sentences as its methods have them."""

from collections.abc import Iterable
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from dlfa_core.data.augment import Switched, pseudo_text
from dlfa_core.data.augment.switching import Span
from dlfa_core.data.lexicons import Lexicon, Matcher
from dlfa_core.data.tasks import ChoiceSet, QuestionSet, TaggedSet, Task
from dlfa_core.data.text import open_text
from dlfa_core.experiments.pretrain import LEAST_REPLACED, lexicon_of, switcher_of
from dlfa_core.languages import find

if TYPE_CHECKING:
    from dlfa_core.experiments.augment import Spec

SHOWN = 3  # sentences of a language that are kept, as they were and as the methods have them


def languages_of(spec: "Spec", task: Task, lexicon: Lexicon) -> pd.DataFrame:
    """`Result.languages`: how much of each language's test texts the lexicon has."""
    rows = []
    for code, test in task.tests.items():
        counts = np.zeros(len(test))
        if code in lexicon:
            matcher = Matcher(lexicon, code, spec.stem)
            counts = np.array([len(matcher.find(text)) for text in _texts(test)])
        entries = len(lexicon[code]) if code in lexicon else 0
        rows.append((code, code in lexicon, float((counts > 0).mean()), float(counts.mean()), entries))
    return pd.DataFrame(rows, columns=["language", "seen", "coverage", "words", "entries"])


def _texts(examples: Any) -> list[str]:
    if isinstance(examples, TaggedSet):
        return [" ".join(words) for words in examples.words]
    if isinstance(examples, ChoiceSet):
        return [" ".join([text, *own]) for text, own in zip(examples.texts, examples.choices, strict=True)]
    if isinstance(examples, QuestionSet):
        return [
            f"{question} {context}" for question, context in zip(examples.questions, examples.contexts, strict=True)
        ]
    return [" ".join(parts) for parts in zip(examples.texts, *filter(None, [examples.seconds]), strict=True)]


def samples_of(spec: "Spec") -> pd.DataFrame:
    """Sentences of the text as they are and as the methods have them; of `valence`, which changes none, nothing."""
    text, rows = open_text(spec.text, spec.text_languages), []
    source = find(spec.pseudo_from).code
    lexicon = lexicon_of(spec)
    for method in spec.methods:
        switcher: Any = None if method in ("mask", "valence") else switcher_of(spec)
        rng = np.random.default_rng([spec.seeds[0], 13])
        for code in text.languages:
            if code not in lexicon or method == "valence" or (method == "replace" and code == source):
                continue
            if method == "replace":
                lines = list(text.lines(source))[: 200 * SHOWN] if source in text.languages else []
                found = _some(
                    (line, one)
                    for line in lines
                    for one in pseudo_text([line], source, code, switcher, LEAST_REPLACED, 1, spec.seeds[0])
                )
            elif method == "switch":
                found = _some(
                    (line, switcher.switch(line, switcher.words(line, code), spec.switch_rate, rng))
                    for line in text.lines(code)
                )
            else:
                matcher = Matcher(lexicon, code, spec.stem)
                found = _some((line, _marked(line, matcher)) for line in text.lines(code))
            rows += [(code, method, original, one.text, _spans(one)) for original, one in found]
    return pd.DataFrame(rows, columns=["language", "method", "original", "changed", "spans"])


def _some(texts: Iterable[tuple[str, Switched]]) -> list[tuple[str, Switched]]:
    """The first texts in which something is changed or marked, behind what they were."""
    return list(islice(((line, one) for line, one in texts if one.n_replaced), SHOWN))


def _marked(text: str, matcher: Matcher) -> Switched:
    """A text with its lexicon words, each as if it replaced itself."""
    spans = [Span(word.start, word.end, word.entry, text[word.start : word.end]) for word in matcher.find(text)]
    return Switched(text, tuple(spans))


def _spans(switched: Switched) -> str:
    return " ".join(f"{one.start}-{one.end}:{one.entry.language}" for one in switched.spans if one.replaced)
