"""The detectors that read nothing but the logits.

Each is one expression, taken in float64: in float32 the softmax of confident images ties at 1.
"""

from torch import Tensor

from mmneglabel.errors import positive
from mmneglabel.posthoc.detector import Detector
from mmneglabel.posthoc.outputs import Outputs


class MSPDetector(Detector):
    """Maximum softmax probability, ``max_i softmax_i(l / T)`` (ICLR 2017, arXiv 1610.02136).

    The softmax is over all classes, i over the ID classes: what a classifier gives to the outliers that it learned is
    lost to the rest. TagFog's authors have it so.

    Args:
        temperature: T; the paper's is 1.

    Raises:
        ConfigError: T is not above 0.
    """

    def __init__(self, temperature: float = 1.0) -> None:
        positive(self, temperature=temperature)
        self.temperature = temperature

    def __call__(self, outputs: Outputs) -> Tensor:
        """(N,) scores in [0, 1]."""
        return largest_probability(outputs.all_logits, outputs.logits.shape[1], self.temperature)


def largest_probability(logits: Tensor, num_classes: int, temperature: float) -> Tensor:
    """The largest (N,) of the first ``num_classes`` of the softmax over all ``logits`` (N, K + M), in float64."""
    return (logits.double() / temperature).softmax(dim=1)[:, :num_classes].amax(dim=1)


class MaxLogitDetector(Detector):
    """The largest logit, ``max_i l_i`` (ICML 2022, arXiv 1911.11132)."""

    def __call__(self, outputs: Outputs) -> Tensor:
        """(N,) scores."""
        return outputs.logits.amax(dim=1)


class EnergyDetector(Detector):
    """Minus the free energy, ``T log Σ_i exp(l_i / T)`` (NeurIPS 2020, arXiv 2010.03759).

    Args:
        temperature: T; the paper's is 1.

    Raises:
        ConfigError: T is not above 0.
    """

    def __init__(self, temperature: float = 1.0) -> None:
        positive(self, temperature=temperature)
        self.temperature = temperature

    def __call__(self, outputs: Outputs) -> Tensor:
        """(N,) scores."""
        return self.temperature * (outputs.logits.double() / self.temperature).logsumexp(dim=1)
