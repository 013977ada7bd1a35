"""ReAct: energy after the features were clipped."""

import torch
from torch import Tensor

from mmneglabel.errors import ConfigError, is_number
from mmneglabel.posthoc.detector import Detector, unfitted
from mmneglabel.posthoc.library import pytorch_ood
from mmneglabel.posthoc.outputs import Outputs, TrainingFeatures


class ReActDetector(Detector):
    """``log Σ_i exp(l_i)`` of the logits ``l = W min(f, c) + b`` (NeurIPS 2021, arXiv 2111.12797); pytorch-ood's.

    c is a quantile of all feature values of the ID training images taken together.

    Args:
        quantile: in (0, 1]; 0.9 is the paper's and TagFog's.

    Raises:
        ConfigError: the quantile is out of range, or pytorch-ood is not installed.
    """

    needs_fit = True
    needs_features = True
    needs_last_layer = True

    def __init__(self, quantile: float = 0.9) -> None:
        if not is_number(quantile) or not 0 < quantile <= 1:
            raise ConfigError(f"ReActDetector: quantile must be above 0 and at most 1, got {quantile!r}.")
        self._library = pytorch_ood("ReActDetector").ReAct(backbone=None, head=None, percentile=quantile)

    def fit(self, training: TrainingFeatures) -> str:
        """Learn c."""
        # The library leaves images with negative labels out, and ours may lack labels altogether.
        self._library.fit_feature_maps(training.features, torch.zeros_like(training.labels))
        return f"features are clipped at {self._library.threshold:.4g}"

    def __call__(self, outputs: Outputs) -> Tensor:
        """(N,) scores."""
        if self._library.threshold is None:
            raise unfitted(self)
        self._library.head = lambda features: outputs.last_layer(features).double()
        return -self._library.predict_feature_maps(outputs.features)
