"""What a list of answers says in words."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dlfa_core.figures.sentences.numbers import counted, percent, percent_with_interval, thousandths
from dlfa_core.languages import find

if TYPE_CHECKING:
    from dlfa_core.experiments import answer

NOTHING = "no answer here"
ISOLATE, END = "\u2068", "\u2069"  # else full stops and numbers beside an Arabic answer change places
SHOWN = 5  # answers that the command line shows


def best_said(result: "answer.Result") -> str:
    """One sentence: the likeliest answer to a typed question, how sure the model is of it, and what comes next."""
    answers = result.answers
    if answers.empty:
        return "The model finds nothing in the passage that may be an answer."
    first = answers.iloc[0]
    listed = counted(len(answers), "answer")
    said = f"The likeliest answer is {written(first['text'])}, with {percent(first['probability'])} of the probability"
    if len(answers) == 1:
        return f"{said}, as the only one."
    second = answers.iloc[1]
    return f"{said} of the {listed} listed; next is {written(second['text'])}, {percent(second['probability'])}."


def written(text: str) -> str:
    """An answer in quotation marks, or what says that there is none; it runs its own way amid a sentence."""
    return f"“{ISOLATE}{text}{END}”" if text else NOTHING


def summary(result: "answer.Result") -> Iterator[str]:
    """Yield the likeliest answers to a typed question, or how many questions of a task they answer."""
    meta = result.meta
    if not meta["task"]:
        yield best_said(result)
        for row in result.answers.to_dict("records")[:SHOWN]:
            yield f"  {row['rank']}. {written(row['text'])} {thousandths(row['probability'])}"
        return
    yield f"{meta['model']} on {meta['task']}, {counted(meta['n'], 'question')}, {meta['n_best']} answers each:"
    for code, rows in result.found.groupby("language", sort=False):
        first, listed = (rows[rows["measure"] == name].iloc[0] for name in ("first", "listed"))
        yield (
            f"  {find(code).name}: the first is right in {percent_with_interval(first)}, one of those listed in "
            f"{percent_with_interval(listed)}, n = {first['n']:,}"
        )
