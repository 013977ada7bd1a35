"""A model wrapper for distributed tests of models that have nothing to train."""

from typing import Any

from mmengine.registry import MODEL_WRAPPERS  # the Runner looks a wrapper up in the root registry alone
from torch import nn


@MODEL_WRAPPERS.register_module()
class PassThroughWrapper(nn.Module):
    """Pass every call on to the module.

    DistributedDataParallel refuses a model without a parameter that needs a gradient, and there is nothing to
    synchronise: every rank has loaded the same weights. Set by ``model_wrapper_cfg``.
    """

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.module = module

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """The module's forward."""
        return self.module(*args, **kwargs)

    def test_step(self, data: Any) -> Any:
        """The module's test step."""
        return self.module.test_step(data)

    def val_step(self, data: Any) -> Any:
        """The module's validation step."""
        return self.module.val_step(data)
