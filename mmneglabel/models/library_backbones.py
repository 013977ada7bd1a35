"""Any classifier of torchvision and timm as a backbone."""

import math
from collections.abc import Collection, Mapping
from typing import Any

import timm
import torchvision
from mmpretrain.registry import MODELS
from timm.data import resolve_data_config
from torch import nn

from mmneglabel.backbones import Preprocessing
from mmneglabel.backbones.hub import ask_unless_cached
from mmneglabel.errors import ConfigError
from mmneglabel.models.library import LibraryBackbone


@MODELS.register_module()
class TorchvisionBackbone(LibraryBackbone):
    """A classifier of torchvision: ``dict(model_name="resnet50", weights="IMAGENET1K_V1")``."""

    library = "torchvision"

    @staticmethod
    def names() -> Collection[str]:
        """Those that classify pictures, and are not quantized."""
        return torchvision.models.list_models(module=torchvision.models)

    @staticmethod
    def published(name: str) -> Mapping[str, Any]:
        """The members of its enumeration of weights, "DEFAULT" among them."""
        return torchvision.models.get_model_weights(name).__members__

    @staticmethod
    def pixels(published: Any) -> Preprocessing:
        """Those of the preset ``weights.transforms()``."""
        preset = published.transforms()
        size, scaled = preset.crop_size * 2, preset.resize_size * 2
        return _cut(size, scaled, preset.mean, preset.std, preset.interpolation.value, "shortest")

    @staticmethod
    def build(
        name: str, tag: str | None, num_classes: int | None, fetch: bool = False, file: str | None = None
    ) -> nn.Module:
        """By its own builder; also from what its reference scripts save."""
        settings = {"num_classes": num_classes} if num_classes else {}
        network = torchvision.models.get_model(name, weights=tag if fetch else None, **settings)
        if file:  # not the running average beside the weights, which has other names
            network.load_state_dict(timm.models.load_state_dict(file, use_ema=False))
        return network


@MODELS.register_module()
class TimmBackbone(LibraryBackbone):
    """A classifier of timm: ``dict(model_name="vit_base_patch16_224", weights="augreg2_in21k_ft_in1k")``.

    timm's way of writing both as one, ``model_name="vit_base_patch16_224.augreg2_in21k_ft_in1k"``, will do as well.
    Pixels are those of the size that the weights were trained in.
    """

    library = "timm"

    def __init__(self, model_name: str, weights: str | None = None, **settings: Any) -> None:
        model_name, _, tag = model_name.partition(".")
        if tag and weights:
            raise ConfigError(f"backbone.model_name has the tag {tag!r} and backbone.weights is {weights!r}: give one.")
        super().__init__(model_name, weights or tag or None, **settings)

    @staticmethod
    def names() -> Collection[str]:
        """All that are not deprecated."""
        return timm.list_models()

    @staticmethod
    def published(name: str) -> Mapping[str, Any]:
        """Its ``PretrainedCfg`` objects; the tag is "" where nobody published any."""
        configs = timm.models.get_arch_pretrained_cfgs(name)
        return {config.tag or "": config for config in configs.values()}

    @staticmethod
    def pixels(published: Any) -> Preprocessing:
        """Those of ``timm.data.create_transform`` for evaluation.

        Raises:
            ConfigError: it pads the pictures.
        """
        facts = resolve_data_config(pretrained_cfg=published.to_dict())
        mode, share = {"center": "shortest", "squash": "squash"}.get(facts["crop_mode"]), facts["crop_pct"]
        if mode is None or share > 1:
            raise ConfigError(
                f"timm pads pictures for '{published.architecture}.{published.tag}' (crop_mode="
                f"{facts['crop_mode']!r}, crop_pct={share}), which is not done here: set backbone.weights to others."
            )
        size = facts["input_size"][1:]
        scaled = tuple(math.floor(edge / share) for edge in size)
        return _cut(size, scaled, facts["mean"], facts["std"], facts["interpolation"], mode)

    @staticmethod
    def build(
        name: str, tag: str | None, num_classes: int | None, fetch: bool = False, file: str | None = None
    ) -> nn.Module:
        """By its own factory; from whatever file it reads."""
        full = f"{name}.{tag}" if tag else name
        if fetch and (repo := timm.get_pretrained_cfg(full).hf_hub_id):
            ask_unless_cached(repo, ["model.safetensors", "pytorch_model.bin"])
        # Told the number of classes of the file, lest it leave another's layer unread.
        own = {"file": file, "custom_load": False, **({"num_classes": num_classes} if num_classes else {})}
        settings = {"pretrained_cfg_overlay": own} if file else {}
        return timm.create_model(full, pretrained=fetch or bool(file), num_classes=num_classes, **settings)


def _cut(size: Any, scaled: Any, mean: Any, std: Any, interpolation: str, mode: str) -> Preprocessing:
    """The facts of pixels; pictures that are not resized to more than the size are not cut."""
    scaled = None if tuple(scaled) == tuple(size) else tuple(scaled)
    return Preprocessing(tuple(size), mean, std, interpolation, mode, scaled)
