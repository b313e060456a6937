"""What each layer would say in the place of a hidden word, in words."""

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from dlfa_core import languages as lang
from dlfa_core.data.letters import script_of
from dlfa_core.figures.scripts import script_name
from dlfa_core.figures.sentences.numbers import counted, listed, plain

if TYPE_CHECKING:
    from dlfa_core.experiments import lens

TOP = 5  # words that the answer looks at
LAYER, OWN_LAST, FUSED = "layer", "own_last", "fused"
_MANY = "of several languages"
_LETTERS = " letters"  # behind the name of a script, where nothing tells the language


def truth_of(result: "lens.Result", state: str = LAYER) -> "lens.Truth":
    """How the hidden subword fares, at the encoder's layers or at a state of the fusion model."""
    return result.truth[result.truth["state"] == state].sort_values("layer")


def asked(result: "lens.Result") -> str:
    """Return the hidden word as it is asked for: its first subword, where it has several."""
    first = result.meta["subwords"][0]
    return f"“{result.meta['word']}”" if len(result.meta["subwords"]) == 1 else f"“{first}”"


def answer(result: "lens.Result") -> str:
    """Say from which layer on the hidden word is among the first five."""
    rows, what = truth_of(result), asked(result)
    if len(result.meta["subwords"]) > 1:
        what = f"{what}, the first part of “{result.meta['word']}”,"
    of = f"{result.meta['vocabulary']:,} subwords"
    within = (rows["rank"] <= TOP).to_numpy()
    if not within.any():
        best = rows.iloc[int(rows["rank"].to_numpy().argmin())]
        return (
            f"{what} is at no layer among the {TOP} likeliest; layer {best['layer']} ranks it {best['rank']:,} of {of}."
        )
    last = rows.iloc[-1]
    if not within[-1]:
        layers = [str(layer) for layer in rows["layer"][within]]
        where = f"layer{'s' if len(layers) > 1 else ''} {listed(layers)}"
        return f"{what} is among the {TOP} likeliest of {of} at {where}, but the last layer ranks it {last['rank']:,}."
    first = int(rows["layer"].iloc[len(within) - int((within[::-1].cumprod()).sum())])
    where = f"From layer {first} on" if first < last["layer"] else f"Only at the last layer, {first}"
    return f"{where}, {what} is among the {TOP} likeliest of {of}; the last layer ranks it {last['rank']:,}."


def middle(n_states: int) -> tuple[int, int]:
    """The first and the last of the middle third of an encoder's layers."""
    return (n_states - 1) // 3, max(2 * (n_states - 1) // 3, (n_states - 1) // 3)


def middle_said(result: "lens.Result") -> str:
    """Say which languages the likeliest words of the middle layers are of."""
    low, high = middle(result.meta["n_states"])
    rows = result.words[(result.words["state"] == LAYER) & (result.words["rank"] <= TOP)]
    rows = rows[(rows["layer"] >= low) & (rows["layer"] <= high)]
    found: Counter[str] = Counter()
    for row in rows.to_dict("records"):
        codes = row["languages"].split()
        if row["how"] == "letters":
            found[f"{letters_of(row['subword'])}{_LETTERS}"] += 1
        elif row["how"] != "none":
            found[lang.find(codes[0]).name if len(codes) == 1 else _MANY] += 1
    if not found:
        return ""
    most = found.most_common(3)
    known = [f"{n} {'is' if n == 1 else 'are'} {name}" for name, n in most if not name.endswith(_LETTERS)]
    unknown = [f"the language of {n} in {name} is unknown" for name, n in most if name.endswith(_LETTERS)]
    where = f"layers {low} to {high}" if high > low else f"layer {low}"
    of = "; ".join([*([listed(known)] if known else []), *unknown])
    return f"Of the {len(rows)} likeliest subwords at {where}, {of}."


def letters_of(subword: str) -> str:
    """Return what the script of a subword is called."""
    return script_name(script_of(subword) or "") or "mixed"


def hidden_said(result: "lens.Result") -> str:
    """Say how the word is hidden; the output for masked words knows subwords only."""
    subwords, word = result.meta["subwords"], result.meta["word"]
    if len(subwords) == 1:
        return f"“{word}” is one subword of the model's vocabulary, and one mask takes its place."
    return (
        f"“{word}” is {len(subwords)} subwords, {listed([f'“{each}”' for each in subwords])}: each is behind a mask of "
        "its own, and the words shown are those for the first, whole subwords every one."
    )


def fused_said(result: "lens.Result", called: str) -> str:
    """Say what the fused state is, whose weights made it, and how the hidden word fares there; empty without one.

    Args:
        called: what the page calls the fusion model.
    """
    about = result.meta["fusion"]
    if about is None:
        return ""
    fused = truth_of(result, FUSED).iloc[0]
    below = about.get("below", f"layer {about['layer']}")
    said = (
        f"“{called}” fuses {below} with the last; read through the same head, its fused state ranks "
        f"{asked(result)} {fused['rank']:,}"
    )
    if about["shares"]:
        return f"{said}. Its encoder is this one, unchanged; only its fusion was trained for another task."
    own = truth_of(result, OWN_LAST).iloc[0]
    blocks = f"Blocks {about['frozen_blocks'] + 1} to {about['n_layers']}" if about["frozen_blocks"] else "All blocks"
    return (
        f"{said}, its own last layer before fusing {own['rank']:,}. {blocks} of its encoder were trained for its task "
        f"and are not those of the layers below in the picture: compare its two rows with each other only."
    )


def near_said(result: "lens.Result", layer: int) -> str:
    """Say which languages the nearest sentences are of at a layer."""
    rows = result.near[result.near["layer"] == layer]
    if rows.empty:
        return ""
    names = Counter(lang.find(code).name for code in rows["language"])
    best = rows.sort_values("rank").iloc[0]
    return (
        f"At layer {layer} the {counted(len(rows), 'nearest sentence')} of “{result.meta['corpus_name']}” "
        f"{'is' if len(rows) == 1 else 'are'} in {listed(list(names))}; the first has a centred cosine of "
        f"{plain(best['value'])}."
    )


def summary(result: "lens.Result") -> Iterator[str]:
    """Yield the answer, the likeliest words of every layer, and how the word was hidden."""
    yield answer(result)
    yield middle_said(result)
    for (state, layer), rows in result.words.groupby(["state", "layer"], sort=False):
        said = {LAYER: f"layer {layer}", OWN_LAST: "fusion model, last layer", FUSED: f"fused with layer {layer}"}
        words = [f"{word} {plain(p)}" for word, p in zip(rows["subword"], rows["probability"], strict=True)]
        yield f"{said[state]}: {', '.join(words)}"
    yield hidden_said(result)
    if result.meta["fusion"] is not None:
        yield fused_said(result, result.meta["fusion"]["name"])
