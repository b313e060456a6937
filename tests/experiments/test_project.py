"""The map's result, from encodings made up here; one test goes through a real (random) model."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from sklearn.manifold import trustworthiness
from sklearn.metrics import silhouette_score

from dlfa_core.experiments import encode, project
from dlfa_core.experiments.project import quality
from dlfa_core.figures.sentences import summary
from dlfa_core.languages import find
from dlfa_core.measures.alignment import drift, spread
from dlfa_core.projection import aligned
from dlfa_core.runtime import store
from dlfa_core.tables import columns_of
from tests.experiments.small import ROWS, save_corpus
from tests.rounding import tolerance

CODES, N, STATES, HIDDEN = ("eng", "deu", "hin"), len(ROWS), 4, 16
ORDER = (*CODES, "fin")


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(aligned, "EPOCHS", 40)
    monkeypatch.setattr(quality, "RESAMPLES", 40)


@pytest.fixture
def vectors():
    """Languages that share more from layer to layer, (3 languages, 4 states, 36 sentences, 16)."""
    rng = np.random.default_rng(0)
    common, own = rng.normal(size=(N, HIDDEN)), rng.normal(size=(3, STATES, N, HIDDEN))
    offset = rng.normal(size=(3, 1, HIDDEN)) * 2
    shares = np.array([0.1, 0.4, 0.7, 0.9])[:, None, None]
    return (5 + shares * common + (1 - shares) * (own + offset[:, None])).astype(np.float32)


@pytest.fixture
def spec(tmp_path, model):
    return project.Spec(model=model, corpus=save_corpus(tmp_path / "corpus.tsv"), neighbours=10)


@pytest.fixture
def mapped(spec, vectors, monkeypatch):
    """Runs the experiment on `vectors`, after a change to them and to the spec."""

    def run(change=lambda vectors: vectors, progress=project.silent, **changes):
        changed = change(vectors.copy())
        wanted = replace(spec, **changes)

        def fetch(experiment, asked, report):
            rows = np.arange(asked.limit or N)
            found = changed[ORDER.index(asked.language)][:, rows]
            counts = np.full(len(rows), 10)
            return encode.Result(found, counts, 0 * counts + (asked.language == "hin"), 0, "float32")

        monkeypatch.setattr(store, "fetch", fetch)
        return project.run(wanted, progress)

    return run


@pytest.fixture
def result(mapped):
    return mapped()


def flat(vectors, layer):
    return vectors[:, layer].reshape(-1, HIDDEN)


def values(result, measure):
    return result.quality.query("measure == @measure").set_index("layer")["value"]


def test_a_model_and_a_corpus_become_a_map(spec):
    result = store.fetch(project, spec)
    assert result.coordinates.shape == (STATES, 3 * N, 2)
    assert result.coordinates.dtype == np.float32
    assert result.points.groupby("id").size().eq(3).all()
    assert "trustworthiness" in summary("project", result)
    again = project.run(spec)
    np.testing.assert_array_equal(again.coordinates, result.coordinates)  # the same operations on what was stored
    pd.testing.assert_frame_equal(again.quality, result.quality)


def test_points_stand_language_by_language_and_sentence_by_sentence(result):
    points = result.points
    assert list(points) == ["id", "language", "text", "topic", "sentiment"]
    assert points["language"].tolist() == [code for code in CODES for _ in range(N)]
    assert points["text"].tolist() == [row[column] for column in range(3) for row in ROWS]
    assert points["id"].tolist() == points["id"].tolist()[:N] * 3
    assert (points[["topic", "sentiment"]] == "").all(axis=None)


def test_topics_and_sentiments_of_the_corpus_are_told(mapped, tmp_path):
    path = tmp_path / "about.tsv"
    rows = [("id", "topic", "sentiment", *CODES)]
    rows += [(f"s{i}", "pets", "positive" if i else "neutral", *row) for i, row in enumerate(ROWS)]
    path.write_text("\n".join("\t".join(row) for row in rows), encoding="utf-8")
    points = mapped(corpus=f"table:{path}").points
    assert points.loc[N, ["id", "topic", "sentiment"]].tolist() == ["s0", "pets", "neutral"]


def test_every_layer_is_centred_and_has_the_same_spread(result):
    np.testing.assert_allclose(result.coordinates.mean(axis=1), 0, atol=tolerance("float32", 3 * N))
    np.testing.assert_allclose([spread(each) for each in result.coordinates], 1, rtol=tolerance("float32", 3 * N))


def test_neighbours_are_those_in_the_layers_own_space(result, vectors):
    rows = flat(vectors, 2).astype(np.float64)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    cosines = rows @ rows.T - 9 * np.eye(len(rows))
    chosen = np.take_along_axis(cosines, result.neighbours[2].astype(int), axis=1)
    nearest = np.sort(cosines, axis=1)[:, ::-1][:, :10]
    np.testing.assert_allclose(chosen, nearest, rtol=0, atol=tolerance("float32", HIDDEN))  # equal ones change places
    assert all(len(set(row)) == 10 for row in result.neighbours[2].tolist())
    assert result.neighbours.dtype == np.int32


RANKS = 1e-4  # equally near points may swap ranks between two ways to add; one rank moves a share by 1e-5


def test_the_numbers_are_those_of_scikit_learn_on_what_is_drawn(result, vectors):
    for layer in range(STATES):
        rows, shown = flat(vectors, layer), result.coordinates[layer]
        assert values(result, "trustworthiness")[layer] == pytest.approx(
            trustworthiness(rows, shown, n_neighbors=10, metric="cosine"), abs=RANKS
        )
        unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        assert values(result, "continuity")[layer] == pytest.approx(
            trustworthiness(shown, unit, n_neighbors=10), abs=RANKS
        )
        labels = {"language": result.points["language"], "sentence": result.points["id"]}
        labels["family"] = [find(code).family for code in labels["language"]]
        for name, of_points in labels.items():
            expected = silhouette_score(rows, of_points, metric="cosine") if len(set(of_points)) > 1 else None
            found = values(result, f"silhouette_{name}").get(layer)
            assert found == (expected and pytest.approx(expected, abs=1e-4))
    np.testing.assert_allclose(values(result, "drift"), drift(result.coordinates), rtol=1e-5)


def test_as_languages_share_more_sentences_gather_and_languages_mix(result):
    assert values(result, "probe_linear")[0] > 0.95
    assert values(result, "probe_nearest")[0] > values(result, "probe_nearest")[3]
    assert values(result, "translation_nearest")[3] > values(result, "translation_nearest")[0]
    assert values(result, "silhouette_sentence")[3] > values(result, "silhouette_sentence")[0]
    assert values(result, "silhouette_language")[3] < values(result, "silhouette_language")[0]


def test_selectivity_is_what_the_probe_finds_beyond_its_control_task(result):
    probe, control = values(result, "probe_linear"), values(result, "probe_control")
    np.testing.assert_allclose(values(result, "selectivity"), probe - control, atol=1e-12)
    assert control[3] > control[0] + 0.1  # where translations gather, their sentence can be learnt by heart
    assert control[0] == pytest.approx(1 / 3, abs=0.15)


def test_intervals_hold_the_values_and_chance_is_told(result):
    rows = result.quality
    assert (rows["ci_low"] <= rows["value"] + 1e-9).all()
    assert (rows["value"] <= rows["ci_high"] + 1e-9).all()
    assert set(rows.query("measure.str.startswith('probe')")["null_mean"]) == {1 / 3}
    assert set(rows.query("measure == 'translation_nearest'")["null_mean"]) == {2 / (3 * N - 1)}


def test_shuffled_sentences_have_translations_near_as_often_as_chance_says(mapped):
    rng = np.random.default_rng(3)
    result = mapped(lambda vectors: rng.normal(size=vectors.shape).astype(np.float32))
    rows = result.quality.groupby("measure")[["value", "null_mean"]].mean()
    for measure in ("translation_nearest", "probe_nearest", "probe_linear", "probe_control"):
        assert rows.loc[measure, "value"] == pytest.approx(rows.loc[measure, "null_mean"], abs=0.06)


def test_the_tree_joins_all_languages_at_every_layer_and_is_tested_against_shuffled_ones(mapped, tmp_path):
    path = tmp_path / "four.tsv"
    rows = [("eng", "deu", "hin", "fin"), *((a, b, c, a) for a, b, c in ROWS)]
    path.write_text("\n".join("\t".join(row) for row in rows), encoding="utf-8")
    far = np.full((1, STATES, N, HIDDEN), 50, np.float32) * np.arange(HIDDEN)

    def with_finnish(vectors):
        german = vectors[:1] + np.float32(0.01) * vectors[1:2]
        return np.concatenate([vectors[:1], german, vectors[2:], far + vectors[:1]])

    result = mapped(with_finnish, corpus=f"table:{path}")
    assert list(result.tree) == ["layer", "a", "b", "height", "size"]
    assert result.tree.groupby("layer").size().tolist() == [3] * STATES
    first = result.tree.query("layer == 0").iloc[0]
    assert (first.a, first.b, first["size"]) == (0, 1, 2)
    agreement = result.quality.query("measure == 'tree_agreement' and layer == 0").iloc[0]
    assert agreement.value == 1
    assert agreement.null_mean == pytest.approx(1 / 3, abs=0.05)
    assert 1 / 1000 <= agreement.p_value < 0.3


@pytest.mark.parametrize("method", ["umap", "pca", "tsne"])
@pytest.mark.parametrize("dims", [2, 3])
def test_every_method_gives_as_many_dimensions_as_asked_for(mapped, method, dims, monkeypatch):
    from dlfa_core.projection import library

    monkeypatch.setattr(library, "FIRST_STEPS", 250)
    monkeypatch.setattr(library, "STEPS", 250)
    result = mapped(method=method, dims=dims)
    assert result.coordinates.shape == (STATES, 3 * N, dims)
    assert np.isfinite(result.coordinates).all()
    assert result.meta["method"] == method
    assert values(result, "trustworthiness").mean() > 0.6  # t-SNE has a quarter of its steps here


def test_a_more_regularised_map_moves_less(mapped):
    moved = [
        values(mapped(alignment_regularisation=alignment_regularisation), "drift").mean()
        for alignment_regularisation in (0.0, 0.5, 1.0)
    ]
    assert moved[0] > moved[1] > moved[2]


def test_without_language_means_languages_cannot_be_told_apart_and_the_tree_stays(mapped):
    plain, without = mapped(), mapped(removal="language_mean")
    assert values(without, "probe_linear").max() < 0.6
    assert values(without, "silhouette_language").max() < 0.05
    pd.testing.assert_frame_equal(plain.tree, without.tree)
    assert without.meta["removed"] == "Each language's mean vector was subtracted at every layer."
    assert plain.meta["removed"] == ""


def test_top_components_are_removed_before_anything_is_near(mapped):
    def with_outlier(vectors):
        vectors[..., 3] += 1000 * np.random.default_rng(1).normal(size=vectors.shape[:-1])
        return vectors

    kept, without = mapped(with_outlier), mapped(with_outlier, removal="top_components", components=1)
    assert values(without, "translation_nearest")[3] > values(kept, "translation_nearest")[3] + 0.3
    assert without.meta["removed"] == "The 1 directions of largest variance were removed at every layer."


def test_the_table_is_what_embedding_atlas_opens(result, tmp_path):
    table = project.table(result)
    assert list(table) == ["x", "y", "text", "language", "family", "layer", "id", "topic", "sentiment"]
    assert len(table) == STATES * 3 * N
    row = table.iloc[2 * 3 * N + N + 5]
    assert (row["layer"], row["language"], row["family"], row["text"]) == (2, "deu", "Indo-European", ROWS[5][1])
    assert row["x"] == result.coordinates[2, N + 5, 0]
    table.to_parquet(tmp_path / "map.parquet", index=False)
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "map.parquet"), table)


def test_a_space_has_a_third_coordinate(mapped):
    assert list(project.table(mapped(dims=3, method="pca")))[:3] == ["x", "y", "z"]


@pytest.mark.parametrize(("limit", "max_points", "shown"), [(1000, 60, 20), (25, 20_000, 25), (0, 20_000, N)])
def test_whole_sentences_are_left_out_and_the_rest_is_told(mapped, limit, max_points, shown):
    result = mapped(limit=limit, max_points=max_points, method="pca")
    meta = result.meta
    assert (meta["n"], meta["n_available"]) == (shown, N)
    assert (meta["n_points"], meta["n_points_available"]) == (3 * shown, 3 * N)
    assert result.points.groupby("id").size().eq(3).all()
    assert len(result.points) == 3 * shown


def test_a_million_points_are_never_encoded(mapped, monkeypatch):
    """What is asked of the encoder is what fits on the map."""
    limits = []
    real = project.all_encoded
    monkeypatch.setattr(project, "all_encoded", lambda *a: limits.append(a[2]) or real(*a))
    mapped(limit=0, max_points=30, method="pca")
    assert limits == [10]


def test_few_points_are_drawn_by_pca_and_it_is_said(mapped):
    result = mapped(limit=4)
    assert result.meta["method"] == "pca"
    assert "UMAP needs 15 points, but there are 12: PCA is drawn instead." in result.meta["warnings"]
    assert any("4 sentences are too few to draw anew" in warning for warning in result.meta["warnings"])
    assert result.quality["ci_low"].isna().all()
    assert result.neighbours.shape == (STATES, 12, 10)


def test_more_neighbours_than_points_are_cut_and_it_is_said(mapped):
    result = mapped(limit=6, neighbours=50)
    assert "Each of the 18 points has 17 others, so 50 neighbours cannot be kept." in result.meta["warnings"]
    assert result.meta["method"] == "umap"


def test_one_language_has_a_map_and_no_tree(mapped):
    result = mapped(languages=("hin",))
    assert result.tree.empty
    assert set(result.quality["measure"]) == {"trustworthiness", "continuity", "drift"}
    assert any("There is one language" in warning for warning in result.meta["warnings"])


def test_unrelated_languages_have_a_tree_that_nothing_is_compared_with(mapped):
    result = mapped(languages=("eng", "deu"))
    assert len(result.tree) == STATES
    assert "tree_agreement" not in set(result.quality["measure"])
    assert any("the tree is compared with nothing" in warning for warning in result.meta["warnings"])


def identical_at(*layers):
    def change(vectors):
        vectors[:, list(layers)] = 1
        return vectors

    return change


@pytest.mark.parametrize("removal", ["none", "language_mean"])
def test_a_layer_of_identical_points_is_drawn_in_one_place(mapped, removal):
    result = mapped(identical_at(0, 2), removal=removal)
    assert not result.coordinates[[0, 2]].any()
    np.testing.assert_allclose([spread(each) for each in result.coordinates[[1, 3]]], 1, rtol=1e-5)
    assert set(result.quality["layer"]) == {1, 3}
    assert (
        "All points are identical at layer 0, 2: they are drawn in one place and not measured."
        in result.meta["warnings"]
    )


def test_some_identical_points_are_no_obstacle(mapped):
    def twins(vectors):
        vectors[:, :, : N // 2] = vectors[:1, :, :1]
        return vectors

    assert np.isfinite(mapped(twins).coordinates).all()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"method": "isomap"}, "method='isomap' is unknown: use one of umap, pca, tsne"),
        ({"dims": 4}, "dims=4 is unknown: use one of 2, 3"),
        ({"removal": "mean"}, "removal='mean' is unknown: use one of none, language_mean, top_components"),
        ({"metric": "l1"}, "metric='l1' is unknown: use one of cosine, euclidean"),
        ({"alignment": "none"}, "alignment='none' is unknown: use one of aligned, independent, aligned_umap"),
        ({"alignment": "aligned_umap", "method": "pca"}, "alignment='aligned_umap' is a way of UMAP, not of PCA"),
        ({"alignment_regularisation": 1.2}, r"alignment_regularisation=1\.2 lies outside 0"),
        ({"neighbours": 1}, "neighbours=1 shows nothing of who is near whom"),
        ({"min_dist": -0.1}, r"min_dist=-0\.1 lies outside 0 to 1"),
        ({"max_points": 2}, "max_points=2 leaves no sentence for 3 languages: raise it to 3 or more"),
        ({"languages": ("hin",), "limit": 2}, "A map needs 3 points or more, but there are 2"),
        ({"removal": "top_components", "components": 16}, "Of 16 dimensions, 1 to 15 top components can be removed"),
        ({"removal": "language_mean", "limit": 1}, "At layer 0: Row 0 is a zero vector"),
    ],
)
def test_a_setting_that_cannot_be_used_is_said(mapped, changes, message):
    with pytest.raises(ValueError, match=message):
        mapped(**changes)


def test_a_vector_that_is_not_finite_is_named(mapped):
    def broken(vectors):
        vectors[1, 2, 7, 3] = np.nan
        return vectors

    with pytest.raises(ValueError, match=r"At layer 2 the vector of sentence 7 in German holds nan \(1 such vectors"):
        mapped(broken)


def test_identical_points_everywhere_are_refused(mapped):
    with pytest.raises(ValueError, match="All points are identical at every layer"):
        mapped(identical_at(0, 1, 2, 3))


def test_progress_never_goes_back_and_is_heard(mapped):
    calls = []
    mapped(progress=lambda fraction, message: calls.append((fraction, message)))
    fractions = [fraction for fraction, _ in calls]
    assert fractions == sorted(fractions)
    assert fractions[-1] < 1
    said = " ".join(message for _, message in calls)
    assert "Laying out 4 layers of 108 points by UMAP" in said
    assert "Measuring layer 3" in said


def test_a_large_map_is_measured_on_some_of_its_sentences(mapped, monkeypatch, result):
    monkeypatch.setattr(quality, "ANCHOR_POINTS", 75)
    some = mapped()
    assert set(some.quality.query("measure == 'trustworthiness'")["n"]) == {75}
    np.testing.assert_allclose(values(some, "trustworthiness"), values(result, "trustworthiness"), atol=0.05)


def test_the_documented_columns_and_measures_are_there(result):
    described = " ".join(project.Result.__doc__.split())
    assert columns_of(project.Result) == {name: tuple(getattr(result, name)) for name in ("points", "quality", "tree")}
    assert all(measure in described for measure in result.quality["measure"].unique())


def test_the_summary_says_what_is_shown_and_what_was_removed(mapped):
    said = summary("project", mapped(limit=20, removal="language_mean", method="pca"))
    assert "60 points at 4 layers by PCA: 20 of 36 sentences in 3 languages." in said
    assert "Each language's mean vector was subtracted at every layer." in said
    assert "drift" in said


def test_a_constructed_language_is_nobodys_relative():
    plan = SimpleNamespace(languages=("epo", "ido", "eng"), seed=0)
    assert quality.Tree(plan).decided == 0
