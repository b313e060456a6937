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


def _two_aifs(hidden_size: int, n_layers: int, reduction: int, norm: Norm) -> int:
    return 2 * _aif(hidden_size, n_layers, reduction, norm)


def _none(hidden_size: int, n_layers: int, reduction: int, norm: Norm) -> int:
    return 0


_READS: dict[str, Callable[[int, int], tuple[int, ...]]] = {  # numbers of states, of the chosen layer and of L
    "last": lambda layer, last: (last,),
    "pair": lambda layer, last: (layer, last),
    "three": lambda layer, last: (layer, (layer + last) // 2, last),  # and the one midway, rounded down
    "blocks": lambda layer, last: tuple(range(1, last + 1)),
    "all": lambda layer, last: tuple(range(last + 1)),  # embeddings included
}


@dataclass(frozen=True, eq=False)
class Fusion:
    """One way to make a single state, (batch, seq, hidden), of the states of an encoder with L blocks.

    By default it has neither gate nor parameters and takes each number from between those of the states.
    """

    name: str
    label: str
    reads: str  # key in `_READS`
    explains: str  # one sentence: what it does, or which question it controls for
    source: str
    gated: bool = False  # whether it computes a gate in (0, 1); without one, it fuses each token by itself
    identity: bool = True  # equal states give themselves back
    convex_with: frozenset[str] = frozenset(WEIGHTS)  # so weighted, numbers lie between those of the states it reads
    n_parameters: Callable[[int, int, int, Norm], int] = _none  # of hidden_size, n_layers, reduction, norm
    freezes: bool = False  # whether the encoder's lower half stays as it was; means nothing where all of it does
    on_request: bool = (
        False  # whether a sweep trains it only where it is named: it goes beyond the paper, and takes time
    )
    gate_shown: str = ""  # which of its gates is looked at, where it has several: a sentence

    @property
    def uses_lower(self) -> bool:
        """Tell whether the choice of a layer changes anything."""
        return self.reads in ("pair", "three")

    @property
    def weighted(self) -> bool:
        """Tell whether the choice among `WEIGHTS` changes anything."""
        return self.gated and self.uses_lower

    def is_share(self, weight: str) -> bool:
        """Tell whether the gate, so weighted, is the share that comes from below."""
        return self.gated and weight in self.convex_with

    def lower_layers(self, n_layers: int) -> range:
        """The layers that it can be asked to fuse, of an encoder with `n_layers` blocks; none if it asks for none."""
        return range(1, n_layers + 2 - len(_READS[self.reads](1, n_layers))) if self.uses_lower else range(0)

    def lower_said(self, layer: int | None, n_layers: int) -> str:
        """Name what is fused with the last layer: "layer 7", "layers 4 and 8", "layers 1 to 11"; "" for nothing."""
        *below, _ = self.needs(layer, n_layers)
        if len(below) > 2:
            return f"layers {below[0]} to {below[-1]}"
        return f"layer{'s' if len(below) > 1 else ''} {' and '.join(map(str, below))}" if below else ""

    def needs(self, layer: int | None, n_layers: int) -> tuple[int, ...]:
        """The numbers of the states that the fusion is called with, in its order; state k is the output of block k.

        Args:
            layer: the lower state, one of `lower_layers`; ignored by fusions that do not ask for one.
            n_layers: L, the blocks of the encoder.

        Raises:
            ValueError: the fusion needs a lower state and `layer` is none, or is none of those that it can fuse.
        """
        fewest = {"pair": 2, "three": 3, "blocks": 2}.get(self.reads, 1)
        if n_layers < fewest:
            raise ValueError(
                f"{self.label} fuses {'three' if fewest == 3 else 'two'} blocks but the encoder has only {n_layers}: "
                "take a deeper encoder."
            )
        if self.uses_lower:
            offered = self.lower_layers(n_layers)
            choose = f"choose a layer from 1 to {offered[-1]}."
            if layer is None:
                raise ValueError(f"{self.label} fuses a lower layer with the last: {choose}")
            if layer not in offered:
                beside = "the last and one between" if self.reads == "three" else "the last"
                raise ValueError(
                    f"Layer {layer} cannot be fused with {beside} of an encoder with {n_layers} layers: {choose}"
                )
        return _READS[self.reads](layer or 0, n_layers)


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
    Fusion(
        "dlfa_two",
        "DLFA of two layers",
        reads="three",
        gated=True,
        convex_with=frozenset({"gate"}),
        n_parameters=_two_aifs,
        explains="DLFA twice: a lower layer is mixed into the one midway to the last, and the outcome into the last.",
        source="after Yu et al. 2018",
        on_request=True,
        gate_shown="Of its two gates, the one that mixes both lower layers, as the other left them, into the last.",
    ),
    Fusion(
        "average_two",
        "Average of three",
        reads="three",
        explains="The mean of two lower layers and the last: does DLFA of two layers need attention at all?",
        source="control",
        on_request=True,
    ),
    Fusion(
        "iterated",
        "Iterated DLFA",
        reads="pair",
        gated=True,
        convex_with=frozenset({"gate"}),
        n_parameters=_two_aifs,
        explains="DLFA with a second gate, which looks at what the first one made of the same layers; as large as DLFA "
        "of two layers: is it the second layer, or the second gate?",
        source="Dai et al. 2021",
        on_request=True,
        gate_shown="Of its two gates, the second, which mixes; the first one makes what it looks at.",
    ),
    Fusion(
        "dlfa_all",
        "DLFA of all layers",
        reads="blocks",
        gated=True,
        n_parameters=_aif,
        explains="DLFA with the same weights from the first layer up to the last: does the layer have to be chosen? "
        "Scalar mix is its control, all layers without attention.",
        source="after Yu et al. 2018",
        on_request=True,
        gate_shown="Of its gates, one for each layer, the one that mixes what the others made into the last.",
    ),
)

FUSIONS: dict[str, Fusion] = {listed.name: listed for listed in _LISTED}
