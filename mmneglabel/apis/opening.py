"""From a config, a work dir or a folder to the detector that it names, without a Runner."""

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mmengine.config import Config, ConfigDict
from mmengine.dataset import Compose
from mmengine.registry import DefaultScope
from mmengine.runner import load_checkpoint
from mmpretrain.registry import MODELS, TRANSFORMS

from mmneglabel import runtime
from mmneglabel.datasets import LoadRGBImage
from mmneglabel.datasets.ood_benchmark import check_pipeline
from mmneglabel.datasets.subset import build_subset, load_subset
from mmneglabel.engine.checkpoints import naming_the_checkpoint
from mmneglabel.engine.checks import check_classes
from mmneglabel.engine.mining_hook import names_of_classes
from mmneglabel.engine.pixels import settle_pixels
from mmneglabel.engine.work_dir import config_of
from mmneglabel.errors import ConfigError, DataError, class_name
from mmneglabel.models import NegLabelClassifier
from mmneglabel.storage.resources import shipped_config

_HOOK = "NegLabelMiningHook"


def baked_of(model: Any) -> runtime.Detector | None:
    """The baked detector in a folder, if it is one.

    Raises:
        DataError: it is not whole, or not the one that was made.
    """
    if not isinstance(model, str | Path) or not (Path(model).expanduser() / runtime.SUMS).is_file():
        return None
    try:
        return runtime.Detector(model)
    except runtime.DetectorError as error:
        raise DataError(f"{model}: {error}") from error


def config_of_model(model: str | Path | Config) -> Config:
    """The config that ``model`` names."""
    if isinstance(model, Config):
        return model
    path = Path(model).expanduser()
    if path.is_dir():
        return config_of(path)
    config = Config.fromfile(path if path.is_file() else shipped_config(str(model)))
    object.__setattr__(config, "_format_python_code", False)  # takes seconds, and nobody reads it
    return config


def build_model(config: Config, checkpoint: str | Path | None) -> NegLabelClassifier:
    """The model with its weights and class names.

    Raises:
        ConfigError: it is of another kind, or was tested in half precision.
    """
    if (config.get("test_cfg") or {}).get("fp16"):
        raise ConfigError("The config tests in half precision (--amp), which no threshold is for: test without it.")
    settings, weights = ConfigDict(config.model), checkpoint or config.get("load_from")
    if (kind := class_name(settings.type)) != NegLabelClassifier.__name__:
        raise ConfigError(f"The config's model is a {kind}, and a NegLabelClassifier is wanted.")
    if weights:
        settings.backbone = ConfigDict(settings.backbone, load_weights=False)
    with DefaultScope.overwrite_default_scope("mmpretrain"):
        model = MODELS.build(settings)
    if weights:
        with naming_the_checkpoint(str(weights)):
            load_checkpoint(model, str(weights), map_location="cpu")
    if model.class_names is None:
        id_set = build_subset(config.test_dataloader.dataset.id_set, (), "ID set")
        load_subset(id_set, "ID set")
        model.class_names = names_of_classes(id_set.metainfo)
    if model.labeller is not None:
        known = {"classes": model.class_names}
        check_classes("model.predict_with", model.labeller.classes or model.class_names, known)
    return model


def mining_settings(config: Config | None) -> dict[str, Any]:
    """What the config's ``NegLabelMiningHook`` is told of caches and batches."""
    hooks = [hook for hook in (config or {}).get("custom_hooks", ()) if class_name(hook["type"]) == _HOOK]
    return {key: value for hook in hooks for key, value in hook.items() if key in ("cache_dir", "text_batch_size")}


class _Pictures:
    """The pipeline as :func:`settle_pixels` asks for it."""

    def __init__(self, steps: Sequence[Mapping[str, Any]]) -> None:
        with DefaultScope.overwrite_default_scope("mmpretrain"):
            self.pipeline = Compose([TRANSFORMS.build(step) for step in steps])

    def get_data_info(self, _: int) -> dict[str, Any]:
        """Nothing is known of a picture but where it is."""
        return {}


def test_pipeline(model: NegLabelClassifier, config: Config | None) -> Compose:
    """The pipeline of the ID set in a test, with the tower's pixels.

    Raises:
        ConfigError: it does not load as our tests do, so that arrays would be taken for BGR.
    """
    dataset = {} if config is None else config.test_dataloader.dataset
    if steps := dataset.get("id_set", {}).get("pipeline") or dataset.get("pipeline") or ():
        check_pipeline(steps, "test_dataloader.dataset")
    pictures = _Pictures(steps)
    settle_pixels({"pictures": pictures}, model, logging.getLogger(__name__))
    if not isinstance(pictures.pipeline.transforms[0], LoadRGBImage):
        raise ConfigError("The pipeline does not begin with LoadRGBImage: leave it out, to have the tower's own.")
    return pictures.pipeline
