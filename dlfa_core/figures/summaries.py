"""What the command line says of results whose sentences the pages show too; other experiments have a `summary`."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from dlfa_core.figures import advice, answers, gates

if TYPE_CHECKING:
    from dlfa_core.experiments.gates import Result as GatesResult
    from dlfa_core.experiments.profile import Result as ProfileResult
    from dlfa_core.experiments.recommend import Result as RecommendResult


def summary(name: str, result: Any) -> str:
    """What a person wants to read of a result of the experiment with this name; "" where nothing stands here."""
    if name not in _SUMMARIES:
        return ""
    return "\n".join([*_SUMMARIES[name](result), *(f"Note: {warning}" for warning in result.meta["warnings"])])


def _of_profile(result: "ProfileResult") -> Iterator[str]:
    for name in dict.fromkeys(result.means["measure"]):
        yield " ".join(filter(None, [answers.answer(result, name), answers.certainty(result, name)]))


def _of_recommend(result: "RecommendResult") -> Iterator[str]:
    yield from (advice.answer(result), *advice.sureness(result))


def _of_gates(result: "GatesResult") -> Iterator[str]:
    say = gates.typed_answer if result.meta["typed"] else gates.answer
    yield from (f"{model}: {say(result, model)}" for model in gates.model_names(result))


_SUMMARIES = {"profile": _of_profile, "recommend": _of_recommend, "gates": _of_gates}
