"""The pixels that a test shows its backbone: made from its own facts, or compared with them before the first image."""

import random
from collections.abc import Mapping
from dataclasses import asdict
from itertools import product
from logging import Logger
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from mmengine.dataset import Compose
from mmpretrain.registry import TRANSFORMS
from PIL import Image
from torch import Tensor, nn
from torch.utils.data import Dataset

from mmneglabel.backbones import Preprocessing, normalised
from mmneglabel.backbones.pixels import FILTERS, RESIZE_MODES
from mmneglabel.datasets.loading import LoadRGBImage
from mmneglabel.datasets.pixels import check_pipelines, piped_sets, tower_pipeline
from mmneglabel.errors import ConfigError
from mmneglabel.models import NegLabelClassifier, PostHocClassifier
from mmneglabel.models.labeller import FitToLabeller
from mmneglabel.runtime import fit

# A tenth of one of the 256 levels of a pixel: rounding is far below it, another filter far above.
_TOLERANCE = 0.1 / 255


def settle_pixels(
    datasets: Mapping[str, Dataset], model: NegLabelClassifier | PostHocClassifier, logger: Logger | None = None
) -> None:
    """Give each set without a pipeline the backbone's own, and see that every set shows the same pixels.

    Pipeline and preprocessor are tried out on a picture of noise, so that it does not matter how they are written. Of a
    backbone that knows no pixels, see what can be seen of the pipelines.

    Args:
        datasets: what errors call them -> sets, or benchmarks of several.
        model: whose backbone it is.
        logger: told which pixels they are; None where it has been.
    """
    if model.preprocessing is None:
        return check_pipelines(datasets, model.data_preprocessor)
    if logger is not None:
        _tell(model, logger)
    facts, labeller, tried = model.preprocessing, getattr(model, "labeller", None), set()
    model.turns_pictures = False
    picture = _noise(facts.size)
    for name, images in (pair for called, dataset in datasets.items() for pair in piped_sets(dataset, called)):
        if made := not images.pipeline.transforms:
            steps = tower_pipeline(facts)
            if labeller is not None:
                steps = FitToLabeller.put_into(steps, labeller)
            images.pipeline = Compose([TRANSFORMS.build(step) for step in steps])
        elif labeller is not None:
            raise ConfigError(
                f"{name} has a pipeline of its own, in which nothing makes pixels for the classifier of "
                "model.predict_with: leave the pipeline out, and set model.preprocessing_override to depart from it."
            )
        loaders = (step for step in images.pipeline.transforms if isinstance(step, LoadRGBImage))
        model.turns_pictures |= any(step.exif_rotation for step in loaders)
        # Of sets of one kind that were given the same pipeline here, one speaks for all.
        kind = (type(images), made or name)
        if not model.keeps_pipelines and kind not in tried:
            tried.add(kind)
            _check(name, _shown(name, images, picture, model.data_preprocessor), picture, facts)


def _tell(model: NegLabelClassifier | PostHocClassifier, logger: Logger) -> None:
    """Which pixels, and whose wish they are."""
    own, facts = model.backbone.preprocessing, model.preprocessing
    if model.keeps_pipelines:
        logger.warning(f"Pixels: as the pipelines make them, on purpose, whatever the backbone was trained on ({own}).")
    elif facts == own:
        logger.info(f"Pixels: {own}, as the backbone was trained.")
    else:
        changed = ", ".join(f"{name} {value}" for name, value in _differences(asdict(own), facts).items())
        logger.warning(f"Pixels: {facts}, by model.preprocessing_override (the backbone's: {changed}).")


def _noise(size: tuple[int, int]) -> Image.Image:
    """A picture that no two ways of resizing make the same of: larger than the size, and of another shape."""
    height, width = size
    levels = np.random.default_rng(0).integers(0, 256, (height * 3 // 2 + 5, width * 3 + 3, 3), dtype=np.uint8)
    return Image.fromarray(levels)


def _shown(name: str, images: Any, picture: Image.Image, preprocessor: nn.Module) -> Tensor:
    """What a backbone is shown of ``picture``: (3, H, W)."""
    numbers = _random_state()
    with TemporaryDirectory() as folder:
        path = Path(folder, "probe.png")
        picture.save(path, compress_level=1)
        info = images.get_data_info(0)
        # CIFAR's like hold their pictures in memory, in RGB.
        info |= {"img": np.array(picture)} if "img" in info else {"img_path": str(path)}
        try:
            packed = images.pipeline(info)
            batch = {"inputs": [packed["inputs"]], "data_samples": [packed["data_samples"]]}
            shown = preprocessor(batch, False)["inputs"][0].float().cpu()
        except Exception as error:  # whatever a transform of anybody's raises
            raise ConfigError(
                f"Pipeline and preprocessor of {name} fail on a picture of {picture.width}x{picture.height} "
                f"({type(error).__name__}: {error}): mend them, or leave them out to have the backbone's own."
            ) from error
    if _random_state() != numbers:
        raise ConfigError(
            f"The pipeline of {name} draws random numbers, and no test would be like another: leave out what does, "
            "such as RandomFlip, or set model.preprocessing_override='pipeline' to keep it on purpose."
        )
    return shown


def _random_state() -> tuple[Any, ...]:
    """Of the generators that transforms draw from."""
    _, numbers, *place = np.random.get_state()
    return random.getstate(), numbers.tobytes(), *place, torch.get_rng_state().numpy().tobytes()


def _check(name: str, shown: Tensor, picture: Image.Image, facts: Preprocessing) -> None:
    """Refuse pixels (3, H, W) that are others than the backbone's."""
    wanted = normalised(picture, facts)
    if shown.shape == wanted.shape and (shown - wanted).abs().max() * min(facts.std) <= _TOLERANCE:
        return
    found, order = _recognise(shown, picture, facts.resized_to)
    if not found:
        raise ConfigError(
            f"The pipeline of {name} resizes or cuts otherwise than the backbone was trained ({facts}), and than "
            "Pillow does: leave the pipeline out to have the backbone's own, or set model.preprocessing_override="
            "'pipeline' to keep it on purpose."
        )
    differing = _differences(found, facts)
    both = [f"{fact} is {value} and the backbone's {getattr(facts, fact)}" for fact, value in differing.items()]
    if order == "BGR":
        both.append(
            "the channels are in the order BGR and the backbone's in RGB (LoadRGBImage loads RGB; "
            "LoadImageFromFile wants data_preprocessor=dict(to_rgb=True))"
        )
    differing.pop("size", None)  # which the backbone cannot do without
    on_purpose = f", or set model.preprocessing_override={differing} to depart on purpose" if differing else ""
    raise ConfigError(
        f"Pixels of {name}: {'; '.join(both)}. Leave pipeline and data_preprocessor out to have the backbone's own"
        f"{on_purpose}."
    )


def _differences(here: dict[str, Any], there: Preprocessing) -> dict[str, Any]:
    """The facts of ``here`` that are others ``there``; means and stds are measured, so nearly equal ones are equal."""
    other = {}
    for fact, value in here.items():
        near = fact in ("mean", "std") and np.allclose(value, getattr(there, fact), atol=1e-4)
        if value != getattr(there, fact) and not near:
            other[fact] = tuple(round(v, 4) + 0 for v in value) if isinstance(value, tuple) else value  # no -0.0
    return other


def _recognise(shown: Tensor, picture: Image.Image, resized_to: tuple[int, int] | None) -> tuple[dict[str, Any], str]:
    """The facts that make ``shown`` (3, H, W) of ``picture`` with Pillow, if any do, and the order of the channels.

    Of cuts none and that of the backbone, from ``resized_to``, are tried.

    They are no :class:`Preprocessing`: a preprocessor may have a mean and a std that no backbone wants.
    """
    size = tuple(shown.shape[-2:])
    cuts = dict.fromkeys((None, resized_to))
    for cut, mode, interpolation, order in product(cuts, RESIZE_MODES, FILTERS, ("RGB", "BGR")):
        levels = torch.from_numpy(np.asarray(fit(picture, size, mode, interpolation, cut), dtype=np.float32) / 255)
        levels = levels.permute(2, 0, 1) if order == "RGB" else levels.permute(2, 0, 1).flip(0)
        # Whatever mean and std are, they make a straight line of levels to pixels, a channel.
        std = levels.std((1, 2)) / shown.std((1, 2))
        mean = levels.mean((1, 2)) - std * shown.mean((1, 2))
        made = (levels - mean[:, None, None]) / std[:, None, None]
        if (made - shown).abs().max() * std.min() <= _TOLERANCE:
            line = {"mean": tuple(mean.tolist()), "std": tuple(std.tolist())}
            return {"size": size, **line, "interpolation": interpolation, "resize_mode": mode, "resized_to": cut}, order
    return {}, ""
