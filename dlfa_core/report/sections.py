"""A part of a report for each stored result: its answer, figures and tables."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from dlfa_core import figures
from dlfa_core.figures import augmentation, evidence, fusion, gains, retrieval
from dlfa_core.figures import gates as gate_figures
from dlfa_core.figures import lexicon as word_figures
from dlfa_core.figures.sentences import augment as augment_said
from dlfa_core.figures.sentences import buckets as buckets_said
from dlfa_core.figures.sentences import gates as gates_said
from dlfa_core.figures.sentences import lexicon as lexicon_said
from dlfa_core.figures.sentences import profile as profile_said
from dlfa_core.figures.sentences import project as project_said
from dlfa_core.figures.sentences import recommend as recommend_said
from dlfa_core.figures.sentences import retrieve as retrieve_said
from dlfa_core.figures.sentences import structure as structure_said
from dlfa_core.figures.sentences import systems
from dlfa_core.report.stored import Stored
from dlfa_core.runtime.experiment import name_of

Figure = tuple[str, go.Figure, str]  # heading, figure, how to read it
_DRAWN = ("cka", "anc", "retrieval_cosine")
_BUCKETS = ("length", "resources")  # drawn; the table has all of them


@dataclass(frozen=True)
class Content:
    """What a result shows.

    Attributes:
        label: tells it from other results of the same question.
        answer: the computed sentence.
        more: further sentences.
        figures: in order.
        tables: by their names.
    """

    label: str
    answer: str
    more: tuple[str, ...]
    figures: tuple[Figure, ...]
    tables: Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class Section:
    """A part of a report.

    Attributes:
        name: for anchors and files, such as "profile" or "recommend-2".
        question: the page's.
        stored: the result that it shows.
        content: what it shows of it.
    """

    name: str
    question: str
    stored: Stored
    content: Content

    def file(self, title: str) -> str:
        """Return how the file of a figure or a table is called, and its anchor."""
        return f"{self.name}-{slug(title)}"

    @property
    def warnings(self) -> list[str]:
        """What a reader must know before believing the pictures."""
        return self.stored.result.meta.get("warnings", [])

    @property
    def settings(self) -> dict[str, str]:
        """All fields of the spec in words, those at their default too."""
        spec = self.stored.entry.spec
        return {field.name.replace("_", " "): _told(getattr(spec, field.name)) for field in fields(spec)}


def sections_of(found: Iterable[Stored]) -> list[Section]:
    """Return a section for each result, numbered where there are several of an experiment."""
    made: list[Section] = []
    for each in found:
        experiment = name_of(each.experiment)
        question, content_of = _QUESTIONS[experiment]
        earlier = sum(name_of(section.stored.experiment) == experiment for section in made)
        name = f"{experiment}-{earlier + 1}" if earlier else experiment
        made.append(Section(name, question, each, content_of(each)))
    return made


def slug(title: str) -> str:
    """Return a title as the name of a file: small letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")


def differing(spec: Any) -> str:
    """Return the settings that are not as usual, in words; the model aside."""
    own = [field for field in fields(spec) if field.name not in ("model", "models")]
    unusual = [field for field in own if getattr(spec, field.name) != field.default]
    return ", ".join(f"{field.name.replace('_', ' ')} {_told(getattr(spec, field.name))}" for field in unusual)


def _told(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None or value == ():
        return "none given"
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _profile(stored: Stored) -> Content:
    result = stored.result
    measures = [name for name in _DRAWN if name in set(result.means["measure"])] or list(result.means["measure"][:1])
    first = measures[0]
    layer, label = profile_said.meeting(result, first).layer, profile_said.label_of(first)
    return Content(
        differing(stored.entry.spec),
        profile_said.answer(result, first),
        (profile_said.certainty(result, first), profile_said.disagreement(result, first, measures)),
        (
            (
                "Similarity at every layer",
                figures.curves(result, measures),
                "Means over all pairs of languages with 95 % intervals; the grey strip is what unrelated sentences "
                "reach, a ring marks the best layer.",
            ),
            (f"Every pair, {label}, layer {layer}", figures.heatmap(result, first, layer), "Relatives stand together."),
            (
                f"Families, {label}, layer {layer}",
                figures.families(result, first, layer),
                "Filled: pairs within the family; open: pairs with other families.",
            ),
        ),
        {"Best layers": profile_said.best_layers(result), "Curves": result.means, "Pairs": result.pairs},
    )


def _retrieve(stored: Stored) -> Content:
    result = stored.result
    scores = retrieve_said.scores_of(result)
    first = scores[0]
    layer = int(retrieve_said.best_layer(result, first)["layer"])
    said = (
        retrieve_said.certainty(result, first),
        retrieve_said.bias_said(result, first),
        *retrieve_said.gains_said(result, first),
    )
    return Content(
        differing(stored.entry.spec),
        retrieve_said.answer(result, first),
        said,
        (
            (
                "Answers at every layer",
                retrieval.pool_curves(result, scores),
                "Means over the languages of the questions with 95 % intervals; the grey strip is what random orders "
                "reach, diamonds are task models.",
            ),
            (
                f"Languages of questions and answers, layer {layer}",
                retrieval.language_heatmap(result, first, layer),
                "Each answer as if it were the only right one; a diagonal that stands out is same-language bias.",
            ),
        ),
        {"Answers": result.means, "Answers by language": result.pairs, "Bias": result.bias},
    )


def _project(stored: Stored) -> Content:
    result = stored.result
    layer = project_said.meeting_layer(result)
    grouped = {
        "languages": ("Neighbours and probes", "Taken in the model’s own space; dotted lines are what chance gives."),
        "clusters": ("Groups", "A silhouette near 1 says that points form tight groups, 0 that they form none."),
        "trust": ("How far the map can be trusted", "Of the map at each layer, and how far it moved since the last."),
    }
    return Content(
        differing(stored.entry.spec),
        project_said.map_answer(result),
        (project_said.reliability(result, layer), project_said.tree_words(result, layer)),
        tuple((title, figures.trust_curves(result, group), note) for group, (title, note) in grouped.items()),
        {"Layers": project_said.layer_table(result).reset_index(), "Numbers": result.quality},
    )


def _structure(stored: Stored) -> Content:
    result = stored.result
    answer, *more = filter(None, structure_said.summary(result))
    how_to_read = (
        "Selectivity is the accuracy of a linear probe less that for labels given at random; 0 is no more than its "
        "control. Below, 1 − CKA with the last layer, on sentences of one language. Bands are 95 % intervals."
    )
    return Content(
        differing(stored.entry.spec),
        answer,
        (*more, structure_said.read_said(result)),
        (("What a probe reads in each layer", evidence.probe_rows(result), how_to_read),),
        {"Scores": result.scores},
    )


def _recommend(stored: Stored) -> Content:
    result = stored.result
    best = result.choices.iloc[0]
    looked_at = (best["fusion"], best["weight"])
    label = recommend_said.fusion_label(result, *looked_at)
    drawn = [
        one
        for one in fusion.fusions_of(result)
        if recommend_said.fusion_label(result, *one) in fusion.first_drawn(result)
    ]
    points = gains.predictor_points(result, looked_at)
    predicted: tuple[Figure, ...] = (
        (
            "Could it have been known beforehand?",
            points,
            "Whether a predictor puts the layers in the order of their scores: 1 if so, 0 if it says nothing.",
        ),
    )
    return Content(
        recommend_said.run_label(result.meta),
        recommend_said.answer(result),
        recommend_said.confidence(result),
        (
            (
                "Gain of every fused layer",
                fusion.gain_curves(result, drawn),
                "Means over target languages and seeds with 95 % intervals; 0 is the last layer alone.",
            ),
            (
                f"Which languages gain? {label}",
                gains.heatmap(result, looked_at),
                "A sign stands where a gain differs from 0 among all of them at once.",
            ),
            (
                "How sure is the best layer on the tests?",
                gains.best_shares(result),
                "How often each layer is the best of its row when examples and seeds are drawn again, in per cent.",
            ),
            *(predicted if points.data else ()),
        ),
        {
            "Choices": recommend_said.choices_table(result),
            "Scores": result.means,
            "Gains": result.differences,
            "Predictors": result.predictors,
        },
    )


def _buckets(stored: Stored) -> Content:
    result = stored.result
    names = buckets_said.properties(result)
    how_to_read = f"{buckets_said.JOINT} A bucket is scored as a whole, over all target languages."
    return Content(
        recommend_said.run_label(result.meta),
        " ".join(buckets_said.answer(result, name) for name in list(names)[:1]),
        tuple(buckets_said.answer(result, name) for name in list(names)[1:]),
        tuple((names[name], gains.bucket_points(result, name), how_to_read) for name in _BUCKETS if name in names),
        {"Buckets": buckets_said.chosen_table(result), "Buckets of every fusion": result.differences},
    )


def _gates(stored: Stored) -> Content:
    result = stored.result
    model = result.meta["models"][0]["name"]
    drawn: list[Figure] = [
        (
            "Languages",
            gate_figures.by_language(result, model),
            "A thick line holds half of the words, a thin one 90 % of them; the mark is the mean with its interval.",
        ),
        ("Kinds of words", gate_figures.by_class(result, model), gates_said.classes_from(result)),
        ("The word or its sentence?", gate_figures.branches(result, model), gates_said.shares_said(result, model)),
        ("Inside a word", gate_figures.dimensions(result, model), gates_said.dimensions_said(result, model)),
    ]
    if len(result.close):
        said = gates_said.similarity_said(result, model, "cka")
        drawn.append(("Where languages are close", gate_figures.similarity(result, model, "cka"), said))
    return Content(
        ", ".join(gates_said.model_names(result)),
        gates_said.answer(result, model),
        (gates_said.spread_said(result, model),),
        tuple(drawn),
        {"Groups": result.means, "Branches": result.shares, "Similarity": result.close, "Words": result.words},
    )


def _lexicon(stored: Stored) -> Content:
    result = stored.result
    system = systems.first_system(result)
    quantity = "attribution"
    drawn: list[Figure] = [
        (
            "Language by language",
            word_figures.by_language(result, system, quantity),
            f"Grey bars hold 95 % of what random words do. {word_figures.QUANTITIES[quantity].reads}",
        )
    ]
    if systems.layered(result):
        by_layer = word_figures.by_layer(result, "all", quantity)
        drawn.append(("Layer by layer", by_layer, "Each line is a way to fuse a lower layer with the last."))
    if len(result.faithfulness):
        said = lexicon_said.faithful_said(result, system)
        drawn.append(("Words erased", word_figures.erased(result, system), said))
    if len(result.translations):
        said = lexicon_said.translations_said(result, system)
        drawn.append(("Words and their translations", word_figures.pairs(result, system), said))
    return Content(
        differing(stored.entry.spec),
        lexicon_said.answer(result, system),
        (
            lexicon_said.extremes_said(result, system),
            lexicon_said.rival_said(result, system),
            lexicon_said.agreement_said(result, system),
            lexicon_said.random_said(result, system),
            lexicon_said.coverage_said(result),
        ),
        tuple(drawn),
        {
            "Coverage": result.coverage,
            "Scores": result.scores,
            "Translations": result.translations,
            "Faithfulness": result.faithfulness,
            "Words": result.words,
        },
    )


def _augment(stored: Stored) -> Content:
    result = stored.result
    level, called = next(iter(augment_said.levels(result).items()))
    return Content(
        augment_said.run_label(result.meta),
        augment_said.answer(result),
        tuple(augment_said.more(result)),
        (
            (
                f"Scores, {called}",
                augmentation.cells(result, level),
                "From plain pre-training to pre-training with the lexicon, and on to its controls.",
            ),
            (
                f"Differences, {called}",
                augmentation.effects(result, level),
                "Filled where p, corrected by Holm for all of them, is below 0.05; intervals are not corrected.",
            ),
            (
                "Which languages gain?",
                augmentation.coverage(result, False),
                "Every mark is a target language; about one interval in twenty leaves out 0 by chance.",
            ),
            ("How training went", augmentation.training(result), "Thin lines are seeds."),
        ),
        {
            "Languages": augment_said.by_language(result),
            "Scores": result.cells,
            "Differences": result.effects,
            "Correlations": result.correlations,
            "Training": result.curves,
        },
    )


_QUESTIONS: dict[str, tuple[str, Callable[[Stored], Content]]] = {
    "profile": ("At which layer do the languages meet?", _profile),
    "retrieve": ("Are answers found in a pool of all languages?", _retrieve),
    "project": ("Where do the languages come together?", _project),
    "structure": ("What do the layers hold of grammar and of language?", _structure),
    "recommend": ("Which layer should be fused?", _recommend),
    "buckets": ("For which sentences does it help?", _buckets),
    "gates": ("What does AIF let through?", _gates),
    "lexicon": ("Which words carry the sentiment?", _lexicon),
    "augment": ("Do lexicons in pre‑training help transfer?", _augment),
}
