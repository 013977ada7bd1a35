"""EOE: confidence in the ID labels, less a share of the confidence in imagined outlier classes."""

from dataclasses import dataclass

import torch
from torch import Tensor

from mmneglabel.errors import ConfigError, not_negative, positive
from mmneglabel.scores.similarities import LOGIT_SCALE, Similarities


@dataclass(frozen=True)
class EOEScore:
    """``max_i p_i - beta max_j p_j`` in [-beta, 1], p the softmax over ID labels i and outlier names j together.

    EOE (ICML 2024, arXiv 2406.00806), the score alone: the negatives of the bank are outlier class names
    that somebody, or a language model, has imagined already (``ImaginedList(path=...)``).

    Args:
        beta: weight of the outlier names, not negative; the paper's is 0.25.
        temperature: T on the raw cosines; the paper's is 1.
    """

    beta: float = 0.25
    temperature: float = 1.0

    def __post_init__(self) -> None:
        positive(self, temperature=self.temperature)
        not_negative(self, beta=self.beta)

    def __call__(self, similarities: Similarities) -> Tensor:
        """(N,) scores.

        Raises:
            ConfigError: the bank holds no negatives, or is cut into groups, of which the last negatives fall out.
        """
        if similarities.groups != 1:
            raise ConfigError(
                f"EOEScore compares with all outlier names at once, but its bank has {similarities.groups} groups: "
                "point `bank` at a miner with groups=1, such as ImaginedList(path=...)."
            )
        outliers = torch.cat([block.flatten(1) for block in similarities.negative_logits()], dim=1)
        logits = torch.cat([similarities.id_logits, outliers], dim=1) / (LOGIT_SCALE * self.temperature)
        labels = similarities.id_logits.shape[1]
        inside, outside = logits.softmax(dim=1).tensor_split([labels], dim=1)
        return inside.amax(dim=1) - self.beta * outside.amax(dim=1)
