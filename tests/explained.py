"""Small results of `lexicon` and `attribute`, made without a model: scores follow from word, language and layer."""

from functools import cache

import numpy as np
import pandas as pd

from dlfa_core.data.words import word_spans
from dlfa_core.experiments import attribute, lexicon
from dlfa_core.experiments.attribute import faithfulness
from dlfa_core.experiments.lexicon import systems, word_statistics
from dlfa_core.measures import bootstrap_weights
from dlfa_core.measures.erasure import SHARES
from dlfa_core.tables import columns_of
from tests.conftest import LANGUAGES
from tests.sentences import SENTENCES

TEXTS = {code: SENTENCES[code] for code in LANGUAGES}
WORDS = {  # positive, neutral and negative; the choice is for the tests' sake
    "eng": ("again", "train", "late"),
    "deu": ("wieder", "Zug", "Verspätung"),
    "fra": ("encore", "train", "retard"),
    "rus": ("снова", "Поезд", "опаздывает"),
    "hin": ("फिर", "ट्रेन", "देर"),
    "arb": ("مرة", "القطار", "متأخر"),
    "cmn": ("又", "火车", "晚"),
    "tur": ("yine", "Tren", "geç"),
}
CONCEPTS = (("again", "positive", 0.5), ("train", "neutral", 0.0), ("late", "negative", -0.8))
N = 40
LAYERS = (3, 6, 9)
SYSTEMS = (
    systems.System("demo", "last", dev_score=0.7),
    *(systems.System("demo", "dlfa", layer, "literal", 0.8 - 0.01 * abs(layer - 6)) for layer in LAYERS),
    *(systems.System("demo", "average", layer, "", 0.9) for layer in LAYERS),
)


def text_of(language: str, number: int) -> str:
    """The sentence of a row of the corpus, as `tests.app.conftest` writes it."""
    return f"{TEXTS[language]} {number}"


def ids(n: int = N) -> list[str]:
    """Names of the first rows of a table without a column for them."""
    return [str(number + 1) for number in range(n)]


@cache
def small_lexicon(helpful: bool = True) -> lexicon.Result:
    """Seven classifiers on 40 sentences in 8 languages; tests do not change it.

    Args:
        helpful: whether positive words score above negative ones.
    """
    found = _matches()
    weights = bootstrap_weights(N, 50, 0)
    sentences = found[["language", "id", "row"]].drop_duplicates(ignore_index=True)
    sentences.insert(2, "text", [text_of(row.language, row.row) for row in sentences.itertuples()])
    numbers = word_statistics.Numbering.of(sentences, found, weights)
    scores = np.stack([_scores(found, system, helpful) for system in SYSTEMS]).astype(np.float32)
    totals = np.full((len(SYSTEMS), len(sentences)), 4.0, dtype=np.float32)
    frame = systems.frame_of(SYSTEMS)
    random = np.random.default_rng(2).normal(0.1, 0.4, (20, len(found)))  # words in the place of the matches
    rng = np.random.default_rng(1)
    shape = (2 * N, 2, len(SHARES), len(SYSTEMS))
    drops = faithfulness.ProbabilityDrops(0.2 + 0.05 * rng.random(shape), 0.05 + 0.05 * rng.random(shape))
    languages, rows = np.repeat(["eng", "deu"], N), np.concatenate([np.arange(N)] * 2)
    return lexicon.Result(
        scores=systems.named(frame, word_statistics.scores(numbers, found, scores, totals, lambda _: random)),
        translations=systems.named(frame, word_statistics.translations(numbers, found, scores)),
        words=systems.named(frame, word_statistics.words(found, scores)),
        coverage=_coverage(found),
        faithfulness=systems.named(frame, list(faithfulness.frame_of(drops, rows, languages, weights))),
        systems=frame,
        matches=found.drop(columns="row"),
        sentences=sentences.drop(columns="row"),
        match_scores=scores,
        values=np.ones_like(totals),
        predicted=np.ones(totals.shape, dtype=np.uint8),
        totals=totals,
        meta={
            "model": "demo",
            "classifiers": [],
            "task": "sentiment:sample",
            "source_language": "eng",
            "seeds": [0, 1, 2],
            "labels": ["negative", "neutral", "positive"],
            "target": "positive",
            "against": "negative",
            "method": "occlusion",
            "method_label": "Occlusion by word",
            "layer": None,
            "baseline": "mask",
            "baselines": ["mask"],
            "leans": [{"pad": 3.77, "mask": -0.95, "zero": 4.93}],
            "corpus": "sample",
            "corpus_name": "Sample sentences",
            "lexicon": "sample",
            "lexicon_name": "Sample words",
            "licence": "CC BY 4.0",
            "languages": list(TEXTS),
            "n": N,
            "stem": [],
            "truncated": dict.fromkeys(TEXTS, 0),
            "warnings": ["The heads learnt on the English version of some of these very sentences."],
        },
    )


def _matches() -> pd.DataFrame:
    rows = []
    for language in TEXTS:
        for number in range(N):
            text = text_of(language, number)
            for (concept, polarity, valence), form in zip(CONCEPTS, WORDS[language], strict=True):
                start = text.index(form)
                key = (language, ids()[number], start, start + len(form), form, form, concept)
                rows.append((*key, polarity, valence, "as listed", number))
    columns = ["language", "id", "start", "end", "form", "lemma", "concepts", "polarity", "valence", "how", "row"]
    return pd.DataFrame(rows, columns=columns).sort_values(["language", "row", "start"], ignore_index=True)


def _scores(found: pd.DataFrame, system: systems.System, helpful: bool) -> np.ndarray:
    """Higher with the valence, most at layer 6, and a tenth of the words the wrong way round."""
    noise = np.random.default_rng(system.layer or 0).normal(0, 0.4, len(found))
    strength = (1.2 - 0.1 * abs((system.layer or 12) - 6)) if helpful else 0.0
    return strength * found["valence"].to_numpy() + noise + 0.1


def _coverage(found: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for language in TEXTS:
        own = found[found["language"] == language]
        for polarity in ("negative", "neutral", "positive", "all"):
            held = own if polarity == "all" else own[own["polarity"] == polarity]
            rows.append((language, polarity, 9, held["lemma"].nunique(), len(held), held["id"].nunique(), N))
    return pd.DataFrame(rows, columns=["language", "polarity", "lemmas", "found", "matches", "sentences", "n"])


@cache
def small_explained() -> attribute.Result:
    """Every word of the same sentences by the bundled sentiment model; tests do not change it."""
    return explained(
        [(name, code, text_of(code, number)) for code in TEXTS for number, name in enumerate(ids())], "sample"
    )


def explained(texts, corpus: str = "", **meta) -> attribute.Result:
    """An attribution of (id, language, text), whose words score +0.30, −0.20, +0.10, −0.00 … by their position."""
    words, tokens, rows = [], [], []
    for name, language, text in texts:
        scores = [(-1) ** index * (0.3 - 0.1 * (index % 4)) for index in range(len(word_spans(text)))]
        for index, ((start, stop), score) in enumerate(zip(word_spans(text), scores, strict=True)):
            words.append((name, language, index, text[start:stop], 0, start, stop, 1, score))
            tokens.append((name, language, index + 1, text[start:stop], index, score))
        total = sum(scores)
        asked = ("positive", "positive", "negative", total + 0.5, 0.5, total)
        rows.append((name, language, text, "", *asked, 0.001, 0.002, 0.0, 32, False))
    columns = ["id", "language", "text", "second", "predicted", "target", "against", "value", "baseline_value"]
    columns += ["difference", "delta", "relative_delta", "special", "steps", "truncated"]
    return attribute.Result(
        words=pd.DataFrame(
            words, columns=["id", "language", "word", "form", "segment", "start", "stop", "subwords", "score"]
        ),
        tokens=pd.DataFrame(tokens, columns=["id", "language", "position", "token", "word", "score"]),
        texts=pd.DataFrame(rows, columns=columns),
        faithfulness=pd.DataFrame(columns=columns_of(attribute.Result)["faithfulness"]),
        baselines=pd.DataFrame(
            [("pad", 3.77, 0.7, 0.4, 90, 12), ("mask", -0.95, np.nan, np.nan, 0, 0), ("zero", 4.93, 0.6, 0.25, 90, 12)],
            columns=attribute.baselines.COLUMNS,
        ),
        meta={
            "model": "demo-sentiment",
            "fingerprint": "sha256:" + "0" * 64,
            "labels": ["negative", "neutral", "positive"],
            "n_layers": 12,
            "method": "integrated_gradients",
            "method_label": "Integrated gradients",
            "layer": None,
            "baseline": "mask",
            "baseline_text": "",
            "lean": -0.95,
            "leans": {"pad": 3.77, "mask": -0.95, "zero": 4.93},
            "output": "logit",
            "corpus": corpus,
            "corpus_name": "Sample sentences",
            "licence": "CC BY 4.0",
            "languages": list(dict.fromkeys(code for _, code, _ in texts)),
            "n": len(texts),
            "warnings": [],
        }
        | meta,
    )
