"""Which layouts there are and which settings mean something; free of what lays out, so that pages can list them."""

from collections.abc import Sequence

METHODS = {"umap": "UMAP", "pca": "PCA", "tsne": "t-SNE"}
CHOICES = {
    "method": tuple(METHODS),
    "dims": (2, 3),
    "metric": ("cosine", "euclidean"),
    "alignment": ("aligned", "independent", "aligned_umap"),
}


def check_choice(name: str, value: object, allowed: Sequence[object]) -> None:
    """Raises ValueError for a value that a setting cannot have."""
    if value not in allowed:
        raise ValueError(f"{name}={value!r} is unknown: use one of {', '.join(map(str, allowed))}.")


def check_settings(settings: object) -> None:
    """Refuse what no data could make usable.

    Args:
        settings: has method, dims, metric, alignment, neighbours, min_dist and alignment_regularisation,
            as `LayerProjection` has them.

    Raises:
        ValueError: a setting has no meaning, or none beside another; the message says which.
    """
    for name, allowed in CHOICES.items():
        check_choice(name, getattr(settings, name), allowed)
    if settings.alignment == "aligned_umap" and settings.method != "umap":
        raise ValueError(f"alignment='aligned_umap' is a way of UMAP, not of {METHODS[settings.method]}: use aligned.")
    check_alignment_regularisation(settings.alignment_regularisation)
    if settings.neighbours < 2:
        raise ValueError(
            f"neighbours={settings.neighbours} shows nothing of who is near whom: use 2 or more, such as 15."
        )
    if not 0 <= settings.min_dist <= 1:
        raise ValueError(f"min_dist={settings.min_dist} lies outside 0 to 1: use 0.1, or less for tighter clumps.")


def check_alignment_regularisation(alignment_regularisation: float) -> None:
    """Raises ValueError for what is no share."""
    if not 0 <= alignment_regularisation <= 1:
        raise ValueError(
            f"alignment_regularisation={alignment_regularisation} lies outside 0 (each layer finds its own map) to 1 "
            "(points hardly move)."
        )
