"""What lessons say of the bundled results, by a second route; and what their sentences take for granted."""

import re
from pathlib import Path

import pytest

from dlfa_core import lessons
from dlfa_core.experiments import attribute, profile, project, recommend
from dlfa_core.languages import find
from dlfa_core.runtime import store

ROOT = Path(__file__).parents[2]
PAGES = tuple(path.stem.partition("_")[2] for path in sorted((ROOT / "pages").glob("[0-9]*.py")))
SHIPPED = [lessons.read(name, PAGES) for name in lessons.names()]
BY_HAND = re.compile(r"\d[.,]\d|\d ?%|\blayer [1-9]|n = \d")  # numbers of results


def bundled(experiment, key):
    """The bundled result with a key."""
    found = store.Store(store.BUNDLED).read(experiment, key)
    if found is None:
        raise LookupError(key)
    return found


def said(field):
    return lessons.fill(f"{{{field}}}", bundled)


def number(text):
    return float(re.search(r"[+−-]?\d+(?:\.\d+)?", text)[0].replace("−", "-"))


@pytest.fixture(scope="module")
def pairs():
    """The similarity of each pair of languages at each layer."""
    return store.Store(store.BUNDLED).find(profile, profile.Spec()).pairs


@pytest.fixture(scope="module")
def quality():
    found = store.Store(store.BUNDLED).find(project, project.Spec()).quality
    return found.set_index(["measure", "layer"])["value"]


@pytest.fixture(scope="module")
def explained():
    spec = attribute.Spec(target="positive", against="negative", limit=20)
    return store.Store(store.BUNDLED).find(attribute, spec)


@pytest.fixture(scope="module")
def tagging():
    """The sweep over layers for parts of speech."""
    entries = [entry for entry in store.listing(recommend) if entry.spec.task == "pos:ud-pos"]
    return bundled(recommend, next(entry.key for entry in entries if entry.spec.mode == "frozen"))


@pytest.mark.parametrize("measure", ["cka", "anc", "retrieval_cosine", "cosine_gap"])
def test_layers_are_those_of_the_mean_over_pairs(pairs, measure):
    means = pairs[pairs["measure"] == measure].groupby("layer")["value"].mean()
    assert int(said(f"layers.best {measure}")) == means.idxmax()
    for written, layer in (("0", 0), ("best", means.idxmax()), ("last", means.index.max())):
        assert number(said(f"layers.value {measure} {written}")) == pytest.approx(means[layer], abs=0.0051)


@pytest.mark.parametrize("layer", ["0", "best"])
def test_closest_and_farthest_are_the_ends_of_all_pairs(pairs, layer):
    at = int(said("layers.best cka")) if layer == "best" else int(layer)
    own = pairs[(pairs["measure"] == "cka") & (pairs["layer"] == at)].sort_values("value")
    for field, row in (("farthest", own.iloc[0]), ("closest", own.iloc[-1])):
        names = f"{find(row['source']).name} and {find(row['target']).name} ({row['value']:.2f})"
        assert said(f"layers.{field} cka {layer}") == names


def test_the_map_says_its_own_numbers(quality):
    nearest = quality["translation_nearest"]
    assert int(said("map.best")) == nearest.idxmax()
    assert number(said("map.nearest best")) == pytest.approx(100 * nearest.max(), abs=0.51)
    assert number(said("map.silhouette last")) == pytest.approx(quality["silhouette_language"].iloc[-1], abs=0.0051)


@pytest.mark.parametrize(
    ("sentence", "language"), [("home-18", "German"), ("food-01", "Spanish"), ("work-06", "English")]
)
def test_the_strongest_word_is_the_one_with_the_largest_size(explained, sentence, language):
    code = find(language).code
    words = explained.words[(explained.words["id"] == sentence) & (explained.words["language"] == code)]
    best = max(words.to_dict("records"), key=lambda word: abs(word["score"]))
    text = explained.texts[(explained.texts["id"] == sentence) & (explained.texts["language"] == code)]["text"].item()
    shown = said(f"words.strongest {sentence} {language}")
    assert text[best["start"] : best["stop"]] in shown
    assert number(shown.partition("(")[2]) == pytest.approx(best["score"], abs=0.0051)


@pytest.mark.parametrize(
    ("task", "row"), [("pos", "POS"), ("ner", "NER"), ("xnli", "XNLI"), ("pawsx", "PAWS-X"), ("sentiment", "sentiment")]
)
def test_chosen_layers_are_those_of_the_documented_results(task, row):
    table = (ROOT / "docs" / "results.md").read_text(encoding="utf-8").partition("| oracle |")[2]
    chosen = re.search(rf"^\| {row}\b.*?\| DLFA (\d+) \|", table, flags=re.MULTILINE)[1]
    assert said(f"fusion.layer {task}") == chosen


def test_a_prediction_is_told_its_gain_over_the_last_layer(tagging):
    own = tagging.means[tagging.means["level"] == tagging.meta["together"]]
    own = own[own["measure"] == tagging.meta["metric"]]
    last = own.loc[own["fusion"] == "last", "value"].item()
    scores = own[own["fusion"] == "dlfa"].set_index("layer")["value"]
    advised = int(said("fusion.layer pos"))
    assert lessons.fused_layers("pos", bundled) == tuple(sorted(scores.index))
    for layer, score in scores.items():
        told = lessons.prediction("pos", layer, bundled)
        assert told.startswith(
            f"You chose layer {layer}, {'and so does ' if layer == advised else ''}the English dev set"
        )
        gain = re.search(r"yours gains (\S+)|set: (\S+)", told)
        assert number(gain[1] or gain[2]) == pytest.approx(score - last, abs=0.00051)


def test_a_layer_that_was_not_fused_is_refused():
    with pytest.raises(ValueError, match=r"Layer 99 was not fused: take one of 1, 2"):
        lessons.prediction("pos", 99, bundled)


def test_what_is_not_stored_is_said_to_be_missing():
    def nothing(experiment, key):
        raise LookupError(key)

    assert lessons.fill("At {layers.best cka}.", nothing) == "At (not computed on this machine)."
    assert lessons.fused_layers("pos", nothing) == ()
    assert lessons.prediction("pos", 7, nothing) == ""
    assert said("fusion.answer nonsense") == "(not computed on this machine)"


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("layers.best", "{layers.best} needs a measure after its name"),
        ("map.best 3", "{map.best 3} needs nothing after its name"),
        ("layers.best no", "{layers.best no} cannot be filled: the result holds the measures cka"),
        ("layers.value cka x", "{layers.value cka x} cannot be filled: invalid literal"),
        ("words.label nowhere-99 English", "{words.label nowhere-99 English} cannot be filled"),
    ],
)
def test_a_field_that_cannot_be_filled_says_why(field, wrong):
    with pytest.raises(ValueError, match=re.escape(wrong)):
        said(field)


@pytest.mark.parametrize("lesson", SHIPPED, ids=lambda lesson: lesson.name)
def test_every_field_of_what_ships_is_filled_and_no_number_is_written_by_hand(lesson):
    for step in lesson.steps:
        for text in (step.text, step.question, step.answer):
            filled = lessons.fill(text, bundled)
            assert "{" not in filled
            assert "not computed" not in filled
            assert filled.strip() or not text
            assert not BY_HAND.search(re.sub(r"\{[^}]*\}", "", text))


def test_what_the_first_lesson_takes_for_granted(pairs):
    """It lies in the middle; layer 0 is above chance; the cosine gap names another layer than the others."""
    best, last = int(said("layers.best cka")), pairs["layer"].max()
    assert 0 < best < last
    assert float(re.search(r"\[(\S+),", said("layers.value cka 0"))[1]) > float(said("layers.chance cka"))
    assert said("layers.best cosine_gap") not in {
        said(f"layers.best {name}") for name in ("cka", "anc", "retrieval_cosine")
    }


def test_what_the_second_lesson_takes_for_granted(quality):
    """Translations are nearer in the middle than at both ends, and languages can be told apart all the same."""
    best = int(said("map.best"))
    ends = [re.search(r"\[(\d+), (\d+)\]", said(f"map.nearest {layer}")) for layer in ("0", "best", "last")]
    assert max(int(ends[0][2]), int(ends[2][2])) < int(ends[1][1])
    assert quality["probe_linear"][best] > 0.9
    assert quality["silhouette_language"].iloc[-1] > quality["silhouette_language"][best]


def test_what_the_third_lesson_takes_for_granted():
    """A mistake in German and in Spanish, none in English, and words that lead there."""
    assert said("words.label home-18 English") == said("words.label food-01 English") == "positive"
    assert "positive" not in (said("words.label home-18 German"), said("words.label food-01 Spanish"))
    assert "(−" in said("words.strongest home-18 German")
    assert all("(−" in said(f"words.strongest work-06 {language}") for language in ("English", "Spanish"))
