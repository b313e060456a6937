"""What a reader should know about how the sentences were read, in sentences; nothing where all is well."""

from collections.abc import Iterable, Iterator, Mapping

from dlfa_core.languages import find

MANY_UNKNOWN = 0.05  # share of a language's subwords


def truncated_sentences(truncated: Mapping[str, int], n: int, max_length: int) -> Iterator[str]:
    """Languages of whose n sentences some were cut."""
    if cut := {code: count for code, count in truncated.items() if count}:
        listed = ", ".join(f"{find(code).name} {count}" for code, count in cut.items())
        yield f"Cut at {max_length} subwords, of {n} sentences each: {listed}. A larger max_length reads them whole."


def cut_examples(truncated: Mapping[str, int], sizes: Mapping[str, int], max_length: int) -> Iterator[str]:
    """Languages of whose test examples some were cut."""
    for code, cut in truncated.items():
        if cut:
            yield (
                f"{cut:,} of {sizes[code]:,} test examples in {find(code).name} were cut at {max_length} subwords. "
                f"A larger max_length reads them whole."
            )


def cut_questions(truncated: Mapping[str, int], sizes: Mapping[str, int], longest: int) -> Iterator[str]:
    """Languages of whose test questions some were cut; their contexts are read whole, in windows."""
    for code, cut in truncated.items():
        if cut:
            asked = f"{cut:,} of {sizes[code]:,} test questions in {find(code).name}"
            yield f"{asked} were cut at {longest} subwords, as XTREME does."


def rising_only(warmup: int, steps: int) -> Iterator[str]:
    """A training that was over before its rate had risen; `steps` of it, 0 for one without a warm-up."""
    if 0 < steps <= warmup:
        yield (
            f"The training had {steps:,} steps and its rate rises over {warmup:,}, as XTREME's does with far more "
            f"questions, so it was never at its height: warmup={steps // 10} would suit it."
        )


def unknown_subwords(unknown: Mapping[str, float]) -> Iterator[str]:
    """Languages with a large share of subwords that the vocabulary does not know."""
    if many := {code: share for code, share in unknown.items() if share > MANY_UNKNOWN}:
        listed = ", ".join(f"{find(code).name} {share:.0%}" for code, share in many.items())
        yield f"The model's vocabulary lacks much of the text: {listed} of the subwords are unknown to it."


def unseen_languages(model: str, languages: Iterable[str]) -> Iterator[str]:
    """Languages outside the training data, for multilingual BERT, whose training languages are known."""
    unseen = [find(code).name for code in languages if not find(code).in_mbert]
    if unseen and "bert-base-multilingual" in model:
        yield f"Multilingual BERT was not trained on {', '.join(unseen)}: read these as unseen languages."


def missing_layers(first: int) -> Iterator[str]:
    """Layers below `first`, which say nothing about a sentence."""
    if first:
        yield "At layer 0 the first token is the same whatever the sentence, so the curves begin at layer 1."
