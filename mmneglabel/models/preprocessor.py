"""Pixel normalisation that leaves the labels where the metric reads them."""

from typing import Any

from mmpretrain.models import ClsDataPreprocessor
from mmpretrain.registry import MODELS


@MODELS.register_module()
class ImagePreprocessor(ClsDataPreprocessor):
    """MMPretrain's preprocessor without its handling of labels, which is made for training.

    It moves every label to the GPU, from where the metric would fetch each of them apart and stall it. Takes the
    arguments of ``ClsDataPreprocessor``.
    """

    def forward(self, data: dict[str, Any], training: bool = False) -> dict[str, Any]:
        """Normalise ``data["inputs"]``; the data samples pass unchanged."""
        inputs = super().forward({"inputs": data["inputs"]}, training)["inputs"]
        return {"inputs": inputs, "data_samples": data.get("data_samples")}
