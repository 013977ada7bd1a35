"""The end of a training whose loss is no number, before it spoils the weights and a picture is blamed for it."""

from collections.abc import Mapping
from math import isfinite

import torch
from mmengine.logging import MessageHub
from torch import Tensor

from mmneglabel.errors import ConfigError


def check_losses(losses: Mapping[str, Tensor]) -> None:
    """Refuse NaN and infinity.

    Args:
        losses: scalars by name, their sum first. One transfer for all: MMEngine's log fetches each of them anyway.

    Raises:
        ConfigError: names the loss and the iteration.
    """
    values = dict(zip(losses, torch.stack([*losses.values()]).tolist(), strict=True))
    for name in reversed(values):  # the sum says least
        if not isfinite(values[name]):
            step = MessageHub.get_current_instance().get_info("iter", 0) + 1
            raise ConfigError(
                f"The {name} is {values[name]} in iteration {step}, so the training diverges: set a smaller "
                "optim_wrapper.optimizer.lr, a warm-up, or optim_wrapper.clip_grad=dict(max_norm=1.0), or do "
                "without --amp."
            )
