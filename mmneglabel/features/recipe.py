"""What decides the features of a benchmark's images: the recipe that names their file."""

from collections.abc import Mapping
from typing import Any

from mmengine.config import ConfigDict
from torch import nn

from mmneglabel.models import NegLabelClassifier
from mmneglabel.models.scored import as_json, on_gpu
from mmneglabel.scores.precision import in_tf32


def feature_recipe(model: NegLabelClassifier, dataset: Mapping[str, Any], autocast: bool) -> dict[str, Any]:
    """What decides the features besides the images themselves, as plain JSON.

    The device is left out: features from a GPU may be scored without one.

    Args:
        model: with the weights that it is tested with.
        dataset: config of the benchmark: its sets and its pipelines.
        autocast: whether the towers run in half precision.
    """
    config = ConfigDict(dataset).to_dict()
    sets = {name: config[name] for name in ("id_set", "ood_sets", "pipeline") if name in config}
    coarse = {"tf32": True} if on_gpu(model) and in_tf32() else {}
    return coarse | {
        "image_tower": model.backbone.image_fingerprint(),
        "pixels": as_json(
            model.stated_pixels()
        ),  # of the sets without a pipeline in the config, or that they keep theirs
        "preprocessor": as_json(_module(model.data_preprocessor)),
        "autocast": bool(autocast),
        "dataset": as_json(sets),
    }


def _module(module: nn.Module) -> dict[str, Any]:
    """A module's type, its settings and its buffers, such as mean and std."""
    plain = (bool, int, float, str, tuple, type(None))
    settings = {k: v for k, v in vars(module).items() if isinstance(v, plain) and k != "training"}
    buffers = {name: buffer.flatten().tolist() for name, buffer in module.named_buffers()}
    return {"type": type(module).__qualname__, "settings": settings, "buffers": buffers}
