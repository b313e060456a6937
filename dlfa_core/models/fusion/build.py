"""From the name of a fusion to its module."""

from torch import nn

from dlfa_core.models.fusion.controls import MLP, Average, Concat, Extra, Last, ScalarMix
from dlfa_core.models.fusion.dlfa import DLFA
from dlfa_core.models.fusion.iterated import AllLayers, Iterated, TwoLayers
from dlfa_core.models.fusion.registry import find_fusion, mlp_width


def build_fusion(
    name: str,
    hidden_size: int,
    n_layers: int,
    reduction: int = 4,
    norm: str | None = "batch",
    weight: str = "literal",
) -> nn.Module:
    """A new module of that fusion: `module(*states, mask=mask)` -> `Fused`.

    The states are those that `find_fusion(name).needs(layer, n_layers)` lists, in that order.

    Args:
        name: key in `FUSIONS`.
        hidden_size: width of a state.
        n_layers: L, the blocks of the encoder.
        reduction, norm, weight: of `DLFA`; a fusion that has no such choice ignores it.

    Raises:
        ValueError: unknown name, norm or weight, or a reduction outside 1 to `hidden_size`.
    """
    match find_fusion(name).name:
        case "dlfa":
            return DLFA(hidden_size, reduction, norm, weight)
        case "se":
            return DLFA(hidden_size, reduction, norm, weight, local=False)
        case "dlfa_all":
            return AllLayers(hidden_size, n_layers, reduction, norm)
        case "dlfa_two":
            return TwoLayers(hidden_size, reduction, norm, weight)
        case "iterated":
            return Iterated(hidden_size, reduction, norm, weight)
        case "extra":
            return Extra(hidden_size, reduction, norm)
        case "concat":
            return Concat(hidden_size)
        case "mlp" | "concat_mlp" as wanted:
            n_states = 1 if wanted == "mlp" else 2
            return MLP(hidden_size, n_states, mlp_width(hidden_size, n_states, reduction, norm))
        case "scalar_mix":
            return ScalarMix(n_layers + 1)
        case "average" | "average_two":
            return Average()
        case "last" | "half_frozen":
            return Last()
