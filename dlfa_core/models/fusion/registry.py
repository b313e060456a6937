"""Every fusion by name: what it reads, what it promises, and how large it is. Never imports torch."""

from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches

NORMS = ("batch", "layer", None)  # after each linear map of AIF
WEIGHTS = ("literal", "gate")  # what multiplies the lower state: W * gate (the paper's equations), or the gate
Norm = str | None


def _branch(hidden_size: int, n_layers: int, reduction: int, norm: Norm) -> int:
    """Weights of one branch of AIF: two linear maps with bias, two norms with scale and shift."""
    narrow = hidden_size // reduction
    maps = 2 * hidden_size * narrow + narrow + hidden_size
    return maps + (2 * (narrow + hidden_size) if norm else 0)


def _aif(hidden_size: int, n_layers: int, reduction: int, norm: Norm) -> int:
    return 2 * _branch(hidden_size, n_layers, reduction, norm)


def mlp_width(hidden_size: int, n_states: int, reduction: int, norm: Norm) -> int:
    """Return the width with which an MLP of some states is as large as AIF, or less than one unit smaller."""
    available = _aif(hidden_size, 0, reduction, norm) - hidden_size
    return max(1, available // _unit(hidden_size, n_states))


def _unit(hidden_size: int, n_states: int) -> int:
    """Weights of a hidden unit of an MLP."""
    return (n_states + 1) * hidden_size + 1


def _mlp(n_states: int) -> Callable[[int, int, int, Norm], int]:
    def count(hidden_size: int, n_layers: int, reduction: int, norm: Norm) -> int:
        return mlp_width(hidden_size, n_states, reduction, norm) * _unit(hidden_size, n_states) + hidden_size

    return count


def _none(hidden_size: int, n_layers: int, reduction: int, norm: Norm) -> int:
    return 0


@dataclass(frozen=True, eq=False)
class Fusion:
    """One way to make a single state, (batch, seq, hidden), of the states of an encoder with L blocks.

    By default it has neither gate nor parameters and takes each number from between those of the states.
    """

    name: str
    label: str
    reads: str  # "last", "pair" (lower and last) or "all" (states 0 to L)
    explains: str  # one sentence: what it does, or which question it controls for
    source: str
    gated: bool = False  # whether it computes a gate in (0, 1); without one, it fuses each token by itself
    identity: bool = True  # equal states give themselves back
    convex_with: frozenset[str] = frozenset(WEIGHTS)  # so weighted, numbers lie between those of the states it reads
    n_parameters: Callable[[int, int, int, Norm], int] = _none  # of hidden_size, n_layers, reduction, norm
    freezes: bool = False  # whether the encoder's lower half stays as it was; means nothing where all of it does

    @property
    def uses_lower(self) -> bool:
        """Tell whether the choice of a layer changes anything."""
        return self.reads == "pair"

    def needs(self, layer: int | None, n_layers: int) -> tuple[int, ...]:
        """The numbers of the states that the fusion is called with, in its order; state k is the output of block k.

        Args:
            layer: the lower state, 1 to L - 1; ignored by fusions that do not read one.
            n_layers: L, the blocks of the encoder.

        Raises:
            ValueError: the fusion needs a lower state and `layer` is none, or lies outside 1 to L - 1.
        """
        if self.reads == "last":
            return (n_layers,)
        if self.reads == "all":
            return tuple(range(n_layers + 1))
        if n_layers < 2:
            raise ValueError(
                f"{self.label} fuses two blocks but the encoder has only {n_layers}: take a deeper encoder."
            )
        if layer is None:
            raise ValueError(
                f"{self.label} fuses a lower layer with the last: choose a layer from 1 to {n_layers - 1}."
            )
        if not 1 <= layer < n_layers:
            raise ValueError(
                f"Layer {layer} cannot be fused with the last of an encoder with {n_layers} layers: "
                f"choose a layer from 1 to {n_layers - 1}."
            )
        return (layer, n_layers)


def find_fusion(name: str) -> Fusion:
    """The fusion of that name.

    Raises:
        ValueError: unknown name; near matches are listed.
    """
    if name not in FUSIONS:
        near = get_close_matches(name, FUSIONS, n=3, cutoff=0.5)
        hint = f"did you mean {' or '.join(near)}?" if near else f"choose from {', '.join(FUSIONS)}."
        raise ValueError(f"Unknown fusion {name!r}: {hint}")
    return FUSIONS[name]


_LISTED = (
    Fusion(
        "dlfa",
        "DLFA",
        reads="pair",
        gated=True,
        convex_with=frozenset({"gate"}),
        n_parameters=_aif,
        explains="Mixes a lower layer into the last, token by token and dimension by dimension, as AIF decides.",
        source="Chen et al. 2022",
    ),
    Fusion(
        "last",
        "Last layer",
        reads="last",
        explains="The plain baseline: the last layer as it is.",
        source="Devlin et al. 2019",
    ),
    Fusion(
        "average",
        "Average",
        reads="pair",
        explains="The mean of both layers: does it need attention at all?",
        source="control",
    ),
    Fusion(
        "scalar_mix",
        "Scalar mix",
        reads="all",
        n_parameters=lambda hidden_size, n_layers, reduction, norm: n_layers + 1,
        explains="One learnt share for each layer, embeddings included: does the layer have to be chosen?",
        source="Peters et al. 2018",
    ),
    Fusion(
        "concat",
        "Concatenation",
        reads="pair",
        identity=False,
        convex_with=frozenset(),
        n_parameters=lambda hidden_size, n_layers, reduction, norm: 2 * hidden_size**2 + hidden_size,
        explains="A learnt projection of both layers side by side: does it need a gate?",
        source="control",
    ),
    Fusion(
        "concat_mlp",
        "MLP of both layers",
        reads="pair",
        identity=False,
        convex_with=frozenset(),
        n_parameters=_mlp(2),
        explains="An MLP of both layers side by side, as large as DLFA: does it need a gate, or only as many weights?",
        source="control",
    ),
    Fusion(
        "se",
        "Squeeze and excitation",
        reads="pair",
        gated=True,
        convex_with=frozenset({"gate"}),
        n_parameters=_branch,
        explains="DLFA with the global branch alone, one gate a sentence: does it need to look at tokens?",
        source="Hu et al. 2018",
    ),
    Fusion(
        "extra",
        "Extra parameters",
        reads="last",
        gated=True,
        identity=False,
        convex_with=frozenset(),
        n_parameters=_aif,
        explains="AIF on the last layer, which it gates, as large as DLFA: is it the lower layer, or the weights?",
        source="control",
    ),
    Fusion(
        "mlp",
        "MLP on the last layer",
        reads="last",
        identity=False,
        convex_with=frozenset(),
        n_parameters=_mlp(1),
        explains="An MLP on the last layer alone, as large as DLFA, without any gate: is it the added weights?",
        source="control",
    ),
    Fusion(
        "half_frozen",
        "Last layer, lower half frozen",
        reads="last",
        explains="The last layer, with embeddings and lower blocks left untrained: is it enough to change less?",
        source="Wu and Dredze 2019",
        freezes=True,
    ),
)

FUSIONS: dict[str, Fusion] = {listed.name: listed for listed in _LISTED}
