"""What lessons say of the bundled results: fields such as `{layers.best cka}`, filled from the results themselves.

So a lesson stays true when results are computed anew, and says what the pages say.
"""

import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

from dlfa_core.experiments import attribute, gates, lexicon, profile, project, recommend
from dlfa_core.figures.sentences import gates as gates_said
from dlfa_core.figures.sentences import lexicon as lexicon_said
from dlfa_core.figures.sentences import numbers, systems
from dlfa_core.figures.sentences import prediction as prediction_said
from dlfa_core.figures.sentences import profile as profile_said
from dlfa_core.figures.sentences import project as project_said
from dlfa_core.figures.sentences import recommend as advice
from dlfa_core.languages import find
from dlfa_core.runtime import store
from dlfa_core.runtime.experiment import Experiment
from dlfa_core.tables import highest, lowest

Read = Callable[[Experiment, str], Any]  # the stored result with a key; raises LookupError where there is none
MISSING = "(not computed on this machine)"
_FIELD = re.compile(r"\{([^{}]*)\}")
_MODEL = "demo"
_SPECS = {  # what the pages show at first
    profile: profile.Spec(),
    project: project.Spec(),
    gates: gates.Spec(),
    lexicon: lexicon.Spec(),
    attribute: attribute.Spec(target="positive", against="negative", limit=20),
}


class Fact(NamedTuple):
    """One kind of field: which experiment it is read from, what it takes, and what it says."""

    experiment: Experiment
    takes: tuple[str, ...]
    say: Callable[..., str]


def fields_of(text: str) -> list[str]:
    """The fields of a text, without their braces."""
    return _FIELD.findall(text)


def fill(text: str, read: Read) -> str:
    """Fill the fields of a text; what is not stored is said to be missing.

    Args:
        read: gives a stored result, such as `ui.kept.result`.

    Raises:
        ValueError: a field takes other values than it has.
    """
    return _FIELD.sub(lambda found: _filled(found[1], read), text)


def fused_layers(task: str, read: Read) -> tuple[int, ...]:
    """The layers that a class can choose among for a task; empty where its sweep is not stored."""
    try:
        return prediction_said.layers(_sweep(task, read))
    except LookupError:
        return ()


def prediction(task: str, layer: int, read: Read) -> str:
    """Say what became of a layer that was chosen for a task; empty where its sweep is not stored.

    Raises:
        ValueError: this layer was not fused.
    """
    try:
        return prediction_said.compared(_sweep(task, read), layer)
    except LookupError:
        return ""


def _filled(field: str, read: Read) -> str:
    name, *values = field.split()
    fact = FACTS[name]
    if len(values) != len(fact.takes):
        raise ValueError(f"{{{field}}} needs {' and '.join(fact.takes) or 'nothing'} after its name.")
    try:
        result = _sweep(values[0], read) if fact.experiment is recommend else _result(fact.experiment, read)
    except LookupError:
        return MISSING
    try:
        return fact.say(result, *values)
    except (LookupError, ValueError, AttributeError) as error:
        raise ValueError(f"{{{field}}} cannot be filled: {error}") from error


def _result(experiment: Experiment, read: Read) -> Any:
    return read(experiment, store.key_of(experiment, _SPECS[experiment]))


def _sweep(task: str, read: Read) -> recommend.Result:
    """The frozen sweep of the bundled encoder over the layers, for a task such as "pos"; bundled ones come first."""
    for entry in store.listing(recommend):
        if (entry.spec.model, entry.spec.task.partition(":")[0], entry.spec.mode) == (_MODEL, task, "frozen"):
            return read(recommend, entry.key)
    raise LookupError(f"no sweep of {task}")


def _best(result: profile.Result, measure: str) -> str:
    return str(profile_said.meeting(result, measure).layer)


def _value(result: profile.Result, measure: str, layer: str) -> str:
    rows = result.means[result.means["measure"] == measure]
    return numbers.with_interval(rows[rows["layer"] == _layer(result, measure, layer)].iloc[0])


def _layer(result: profile.Result, measure: str, layer: str) -> int:
    """A layer by its number, or as "best" by this measure or "last"."""
    if layer == "best":
        return profile_said.meeting(result, measure).layer
    return profile_said.layer_range(result)[1] if layer == "last" else int(layer)


def _chance(result: profile.Result, measure: str) -> str:
    return numbers.plain(profile_said.meeting(result, measure).null_high)


def _pair(pick: Callable[..., Any], result: profile.Result, measure: str, layer: str) -> str:
    rows = result.pairs[result.pairs["measure"] == measure]
    rows = rows[rows["layer"] == _layer(result, measure, layer)]
    row = pick(rows, rows["value"])
    return f"{find(row['source']).name} and {find(row['target']).name} ({numbers.plain(row['value'])})"


def _tree(result: project.Result) -> str:
    return project_said.tree_words(result, project_said.meeting_layer(result))


def _nearest(result: project.Result, layer: str) -> str:
    found = project_said.number(result, "translation_nearest", _map_layer(result, layer))
    if found is None:
        raise ValueError("translations were not looked for.")
    return numbers.percent_with_interval(found._asdict())


def _silhouette(result: project.Result, layer: str) -> str:
    found = project_said.number(result, "silhouette_language", _map_layer(result, layer))
    if found is None:
        raise ValueError("there is one language only.")
    return numbers.plain(found.value)


def _map_layer(result: project.Result, layer: str) -> int:
    if layer == "best":
        return project_said.meeting_layer(result)
    return len(result.coordinates) - 1 if layer == "last" else int(layer)


def _of_gates(say: Callable[..., str], result: gates.Result) -> str:
    return say(result, gates_said.model_names(result)[0])


def _first(say: Callable[..., str], result: lexicon.Result) -> str:
    return say(result, systems.first_system(result))


def _strongest(result: attribute.Result, sentence: str, language: str) -> str:
    code = find(language).code
    text = result.texts[(result.texts["id"] == sentence) & (result.texts["language"] == code)].iloc[0]["text"]
    rows = result.words[(result.words["id"] == sentence) & (result.words["language"] == code)]
    row = highest(rows, rows["score"].abs())
    return f"“{text[row['start'] : row['stop']]}” ({numbers.signed_hundredths(row['score'])})"


def _label(result: attribute.Result, sentence: str, language: str) -> str:
    own = (result.texts["id"] == sentence) & (result.texts["language"] == find(language).code)
    return str(result.texts[own].iloc[0]["predicted"])


def _confidence(number: int, result: recommend.Result, task: str) -> str:
    said: Sequence[str] = advice.confidence(result)
    return said[number] if len(said) > number else ""


def _advised(result: recommend.Result, task: str) -> str:
    return str(result.choices[result.choices["against"] == "chosen"].iloc[0]["layer"])


def _predictor(result: recommend.Result, task: str, name: str) -> str:
    rows = result.predictors[(result.predictors["level"] == "targets") & (result.predictors["predictor"] == name)]
    return numbers.with_interval(rows.iloc[0])


FACTS = {
    "layers.answer": Fact(profile, ("a measure",), profile_said.answer),
    "layers.certainty": Fact(profile, ("a measure",), profile_said.certainty),
    "layers.best": Fact(profile, ("a measure",), _best),
    "layers.value": Fact(profile, ("a measure", "a layer"), _value),
    "layers.chance": Fact(profile, ("a measure",), _chance),
    "layers.closest": Fact(profile, ("a measure", "a layer"), partial(_pair, highest)),
    "layers.farthest": Fact(profile, ("a measure", "a layer"), partial(_pair, lowest)),
    "map.answer": Fact(project, (), project_said.map_answer),
    "map.best": Fact(project, (), lambda result: str(project_said.meeting_layer(result))),
    "map.nearest": Fact(project, ("a layer",), _nearest),
    "map.silhouette": Fact(project, ("a layer",), _silhouette),
    "map.tree": Fact(project, (), _tree),
    "lexicon.answer": Fact(lexicon, (), partial(_first, lexicon_said.answer)),
    "lexicon.extremes": Fact(lexicon, (), partial(_first, lexicon_said.extremes_said)),
    "lexicon.last": Fact(lexicon, (), partial(_first, lexicon_said.rival_said)),
    "lexicon.translations": Fact(lexicon, (), partial(_first, lexicon_said.translations_said)),
    "words.strongest": Fact(attribute, ("a sentence", "a language"), _strongest),
    "words.label": Fact(attribute, ("a sentence", "a language"), _label),
    "gates.answer": Fact(gates, (), partial(_of_gates, gates_said.answer)),
    "gates.spread": Fact(gates, (), partial(_of_gates, gates_said.spread_said)),
    "gates.branches": Fact(gates, (), partial(_of_gates, gates_said.shares_said)),
    "gates.similarity": Fact(
        gates,
        ("gate or change",),
        lambda result, measure: gates_said.similarity_said(result, gates_said.model_names(result)[0], measure),
    ),
    "fusion.answer": Fact(recommend, ("a task",), lambda result, task: advice.answer(result)),
    "fusion.layer": Fact(recommend, ("a task",), _advised),
    "fusion.sure": Fact(recommend, ("a task",), partial(_confidence, 0)),
    "fusion.rivals": Fact(recommend, ("a task",), partial(_confidence, 1)),
    "fusion.predictor": Fact(recommend, ("a task", "a predictor"), _predictor),
}
