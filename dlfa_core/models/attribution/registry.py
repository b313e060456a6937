"""What can be asked of an attribution: methods, baselines and outputs, as plain values without torch."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from difflib import get_close_matches


@dataclass(frozen=True)
class Method:
    """A way to say what each subword of a text contributes to an output.

    Attributes:
        name: what `method` is called in specs.
        label: for headings.
        gradients: whether it reads gradients, and so can be asked at any layer; else it reads the model with words
            taken out, which has a meaning at the input only.
        explains: one sentence for a reader.
        source: the paper.
        complete: whether the scores of a text add up to the explained difference: "always", "with steps" (the more
            of them, the closer) or "no".
        steps: what `steps` counts, or "" where the method has none.
        default_steps: how many, where the caller does not say.
    """

    name: str
    label: str
    gradients: bool
    explains: str
    source: str
    complete: str = "no"
    steps: str = ""
    default_steps: int = 1


_LISTED = (
    Method(
        "integrated_gradients",
        "Integrated gradients",
        gradients=True,
        complete="with steps",
        steps="points on the way from the baseline to the text",
        default_steps=24,
        explains="Adds up the gradient on the straight way from a text without content to this one.",
        source="Sundararajan et al. 2017",
    ),
    Method(
        "input_x_gradient",
        "Input × gradient",
        gradients=True,
        explains="The slope at the text itself, times the text: fast, and blind to what is saturated.",
        source="Shrikumar et al. 2016",
    ),
    Method(
        "deep_lift",
        "DeepLIFT",
        gradients=True,
        explains=(
            "Follows differences to the baseline instead of slopes, through the activation functions for which "
            "Captum has the rescale rule (ReLU, tanh, sigmoid); attention and normalisation pass on their gradient."
        ),
        source="Shrikumar et al. 2017",
    ),
    Method(
        "gradient_shap",
        "Gradient SHAP",
        gradients=True,
        complete="with steps",
        steps="random points between the baseline and the text, the text blurred a little",
        default_steps=50,
        explains="Integrated gradients at random points around the straight way, so that no single point decides.",
        source="Lundberg and Lee 2017; Erion et al. 2021",
    ),
    Method(
        "occlusion",
        "Occlusion by word",
        gradients=False,
        explains="How much the output falls when one word is replaced by the baseline.",
        source="Zeiler and Fergus 2014",
    ),
    Method(
        "shapley",
        "Shapley value by word",
        gradients=False,
        complete="always",
        steps="random orders in which the words are put in, each also read backwards; few words are computed exactly",
        default_steps=25,
        explains="The mean of what a word adds, over all orders in which the words could be put into an empty text.",
        source="Shapley 1953; Castro et al. 2009",
    ),
)

METHODS: dict[str, Method] = {listed.name: listed for listed in _LISTED}

BASELINES: dict[str, str] = {
    "pad": "every subword of the text is the padding token; [CLS], [SEP] and the like stay",
    "mask": "every subword of the text is the mask token; [CLS], [SEP] and the like stay",
    "zero": "the vector of every subword of the text is zero; [CLS], [SEP] and the like stay",
}

MOST_NEUTRAL = "auto"  # in place of a baseline's name: that of them which the model says least about

OUTPUTS: dict[str, str] = {
    "logit": "the score before the softmax, in which contributions add up",
    "probability": "after the softmax: also moved by what happens to the other classes",
}


def find_method(name: str) -> Method:
    """The method of that name.

    Raises:
        ValueError: unknown name; the valid ones are listed.
    """
    return METHODS[_known("method", name, METHODS)]


def find_baseline(name: str) -> str:
    """The name itself, where it is a baseline, or `MOST_NEUTRAL`.

    Raises:
        ValueError: unknown name; the valid ones are listed.
    """
    return _known("baseline", name, [*BASELINES, MOST_NEUTRAL])


def most_neutral(leans: Mapping[str, float]) -> str:
    """The baseline of which a model says least: whose number is nearest to 0."""
    return min(leans, key=lambda name: abs(leans[name]))


def find_output(name: str) -> str:
    """The name itself, where it is an output.

    Raises:
        ValueError: unknown name; the valid ones are listed.
    """
    return _known("output", name, OUTPUTS)


def _known(kind: str, name: str, known: Collection[str]) -> str:
    if name not in known:
        near = get_close_matches(str(name), known, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]}?" if near else f"choose from {', '.join(known)}."
        raise ValueError(f"Unknown {kind} {name!r}: {hint}")
    return name
