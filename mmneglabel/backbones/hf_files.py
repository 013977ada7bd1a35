"""What a model of transformers is made of, read from a folder or the hub: tokenizer, weights, facts of its pixels."""

import logging
from collections.abc import Mapping
from functools import partial
from types import ModuleType
from typing import Any

from PIL import Image
from torch import nn

from mmneglabel.backbones.hub import Place, fetched
from mmneglabel.backbones.open_clip_weights import PIXELS, Facts
from mmneglabel.backbones.pixels import Preprocessing
from mmneglabel.errors import ConfigError, WeightsError

KNOWN_PIXELS: Facts = {"size": (1, 1), **PIXELS, "resized_to": None}
"""The names of all pixel facts, each with a value that can be."""

_ELSEWHERE = "Set backbone.model_name to a local folder that holds it"


def library() -> ModuleType:
    """Transformers, which nobody needs to have who uses no model of it.

    Raises:
        ConfigError: it is not installed.
    """
    try:
        import transformers
    except ImportError as error:
        raise ConfigError(f"TransformersBackbone needs transformers ({error}): pip install 'mmneglabel[hf]'") from error
    return transformers


def read(kind: Any, place: Place, cache_dir: str | None, what: str, mend: str = _ELSEWHERE, **options: Any) -> Any:
    """What one of the library's kinds makes of the files that lie at a place."""
    load = partial(kind.from_pretrained, cache_dir=cache_dir, **options)
    return fetched(place, load, f"{what} of {place.source!r}", mend)


def read_tokenizer(place: Place, cache_dir: str | None) -> Any:
    """The tokenizer, which pads behind the prompt: Gemma's would before it, and neither kind of tower is so trained."""
    mend = "Set backbone.tokenizer to a local folder that holds it"
    return read(library().AutoTokenizer, place, cache_dir, "tokenizer", mend, padding_side="right")


def read_model(config: Any, place: Place, cache_dir: str | None, load_weights: bool) -> nn.Module:
    """The model with all its weights, or with random ones that others will replace."""
    if not load_weights:
        logging.getLogger(__name__).info(
            "%s has random weights (load_weights=False) until a checkpoint of the whole model is read.", place.source
        )
        return library().AutoModel.from_config(config)
    model, found = read(library().AutoModel, place, cache_dir, "weights", output_loading_info=True)
    if missing := sorted(found["missing_keys"]):  # the library would draw them at random, and warn
        raise WeightsError(
            f"The weights of {place.source!r} lack {len(missing)} that {type(model).__name__} has, such as "
            f"{missing[0]}: set backbone.model_name to a model with both towers."
        )
    return model


def read_preprocessing(config: Any, any_size: bool, given: Facts, place: Place, cache_dir: str | None) -> Preprocessing:
    """What the user says of pixels, and the image processor where he leaves something open.

    Raises:
        ConfigError: the image tower takes pictures of another size.
    """
    stated: Facts = {}
    if KNOWN_PIXELS.keys() - given.keys() - {"resized_to"}:
        mend = f"Give {', '.join(KNOWN_PIXELS)} in backbone.preprocess"
        processor = read(library().AutoImageProcessor, place, cache_dir, "image processor", mend)
        stated = stated_pixels(processor.to_dict(), place.source)
    facts = Preprocessing(**{**stated, **given})
    edge = config.vision_config.image_size
    if not any_size and facts.size != (edge, edge):
        raise ConfigError(
            f"The image tower of {place.source!r} takes pictures of {edge}x{edge} alone, and its pixels are to be "
            f"{facts}: set size and resized_to in backbone.preprocess."
        )
    return facts


def stated_pixels(settings: Mapping[str, Any], model_name: str) -> Facts:
    """What the ``settings`` of an image processor say in the words of :class:`Preprocessing`.

    The middle is cut out as CLIP's authors do. Where what is cut away is an odd number of pixels, the processor's own
    cut may begin a pixel before.

    Raises:
        ConfigError: those have no words for it.
    """
    size, cut = settings["size"], settings["crop_size"] if settings.get("do_center_crop") else None
    mode = "shortest" if size.get("shortest_edge") else "squash"
    edges = (size["shortest_edge"],) * 2 if mode == "shortest" else (size.get("height"), size.get("width"))
    wanted = (cut["height"], cut["width"]) if cut else edges
    odd = [name for name in ("do_pad", "include_top") if settings.get(name)]
    if odd or None in edges or not settings["do_resize"] or (mode == "shortest" and cut is None):
        raise ConfigError(
            f"The image processor of {model_name!r} does what no tower's pixels are made by here ({dict(settings)}): "
            f"give {', '.join(KNOWN_PIXELS)} in backbone.preprocess."
        )
    # It computes (level * rescale_factor - offset - mean) / std with levels from 0 to 255; ours go from 0 to 1.
    scale = round(255 * settings["rescale_factor"], 9) if settings["do_rescale"] else 255
    offset = 1 if settings.get("rescale_offset") else 0
    mean, std = (settings["image_mean"], settings["image_std"]) if settings["do_normalize"] else ((0,) * 3, (1,) * 3)
    return {
        "size": wanted,
        "mean": tuple((offset + value) / scale for value in mean),
        "std": tuple(value / scale for value in std),
        "interpolation": Image.Resampling(settings["resample"]).name.lower(),
        "resize_mode": mode,
        "resized_to": None if wanted == edges else edges,
    }
