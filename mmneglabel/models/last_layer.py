"""Finding the linear layer that makes a head's logits, by what it computes rather than by its name."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from mmneglabel.errors import ConfigError, WeightsError
from mmneglabel.posthoc import LastLayer


def find_last_layer(head: nn.Module, features: Tensor, logits: Tensor, wanted_by: Sequence[str]) -> nn.Linear:
    """The head's linear layer whose first K rows turn ``features`` (N, D) into ``logits`` (N, K).

    A head may have others, such as a hidden one before or a projection beside it.

    Raises:
        ConfigError: there is none.
        WeightsError: the logits are no numbers.
    """
    features, logits = features.detach(), logits.detach()
    if not logits.isfinite().all():
        raise WeightsError(
            f"{type(head).__name__} gives NaN or infinite logits: the training diverged, or half precision overflowed."
        )
    count, width = logits.shape[1], features.shape[1]
    for layer in reversed([module for module in head.modules() if isinstance(module, nn.Linear)]):
        if layer.in_features == width and layer.out_features >= count:
            made = last_layer(layer, count)(features)
            if torch.allclose(made, logits, rtol=1e-4, atol=1e-5 + 1e-4 * float(logits.abs().max())):
                return layer
    raise ConfigError(
        f"{type(head).__name__} has no linear layer that turns its pre_logits into its logits, which "
        f"{', '.join(map(repr, wanted_by))} need: leave them out for this head."
    )


def last_layer(layer: nn.Linear, count: int) -> LastLayer:
    """The first ``count`` rows as they are now."""
    weight = layer.weight.detach()[:count]
    return LastLayer(weight, weight.new_zeros(count) if layer.bias is None else layer.bias.detach()[:count])
