"""A small lens and its readout, made without a model: the hidden word climbs from layer to layer."""

import pandas as pd

from dlfa_core.experiments import lens, readout

N_STATES = 13
WORDS = {  # rank -> subword, languages, how
    1: ("<b>", "", "none"),
    2: ("کتاب", "pes", "seen"),
    3: ("in", "eng deu", "seen"),
    4: ("‑land", "", "letters"),
    5: ("a", "", "several"),
}
RANKS = [4000, 2000, 900, 400, 200, 90, 40, 20, 9, 5, 3, 2, 1]


def small_lens(fusion="demo-pos", text="The book is on the table.", ranks=RANKS) -> lens.Result:
    """A hidden word whose rank falls from 4,000 to 1; the five likeliest words are the same everywhere."""
    states = [("layer", layer) for layer in range(N_STATES)] + [("own_last", 12), ("fused", 6)] * bool(fusion)
    words = pd.DataFrame(
        [
            (state, layer, rank, subword, 0.5 / 2**rank, codes, how)
            for state, layer in states
            for rank, (subword, codes, how) in WORDS.items()
        ],
        columns=["state", "layer", "rank", "subword", "probability", "languages", "how"],
    )
    truth = pd.DataFrame(states, columns=["state", "layer"]).assign(
        rank=[*ranks, *[7, 70] * bool(fusion)],
        probability=[1 / (rank + 1) for rank in [*ranks, *[7, 70] * bool(fusion)]],
    )
    near = pd.DataFrame(
        [
            (layer, rank, f"s{rank}", code, said, 0.9 - 0.1 * rank)
            for layer in range(N_STATES)
            for rank, (code, said) in enumerate([("eng", "A <i>cup</i>."), ("arb", "فنجان.")], start=1)
        ],
        columns=["layer", "rank", "id", "language", "text", "value"],
    )
    about = {
        "name": fusion,
        "fusion": "dlfa",
        "layer": 6,
        "n_layers": 12,
        "frozen_blocks": 8,
        "shares": False,
        "trained_on": "POS",
    }
    meta = {
        "model": "demo",
        "fingerprint": "0" * 64,
        "corpus": "sample",
        "corpus_name": "Sample",
        "licence": "CC BY 4.0",
        "languages": ["eng", "arb"],
        "n": 240,
        "n_states": N_STATES,
        "text": text,
        "start": 12,
        "stop": 14,
        "word": "on",
        "language": "eng",
        "subwords": ["on"],
        "vocabulary": 40_000,
        "fusion": about if fusion else None,
        "warnings": [],
    }
    return lens.Result(words, truth, near, meta)


def small_readout(readable_from=8) -> readout.Result:
    """Losses that fall from 10.5 to 4.5 nats, better than frequencies from one layer on."""
    value = [10.5 - 0.5 * layer for layer in range(N_STATES)]
    losses = pd.DataFrame(
        [
            (layer, code, value[layer], value[layer] - 0.2, value[layer] + 0.2, 500)
            for layer in range(N_STATES)
            for code in ("eng", "arb", "all")
        ],
        columns=["layer", "language", "value", "ci_low", "ci_high", "n"],
    )
    unigrams = pd.DataFrame({"language": ["eng", "arb", "all"], "value": 7.0, "ci_low": 6.9, "ci_high": 7.1, "n": 500})
    gain = [0.5 * (layer - readable_from) + 0.3 for layer in range(N_STATES)]
    gains = pd.DataFrame(
        {"layer": range(N_STATES), "value": gain, "ci_low": [g - 0.2 for g in gain], "ci_high": [g + 0.2 for g in gain]}
    )
    meta = {
        "model": "demo",
        "fingerprint": "0" * 64,
        "corpus": "sample",
        "corpus_name": "Sample",
        "licence": "CC BY 4.0",
        "languages": ["eng", "arb"],
        "n": 240,
        "n_states": N_STATES,
        "chance": 10.6,
        "warnings": [],
    }
    return readout.Result(losses, unigrams, gains, meta)
