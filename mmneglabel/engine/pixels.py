"""The pixels that a test shows its tower: made from the tower's facts, or compared with them before the first image."""

import random
from collections.abc import Iterator, Mapping
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
from mmneglabel.backbones.pixels import FILTERS, RESIZE_MODES, fit
from mmneglabel.datasets.loading import LoadRGBImage
from mmneglabel.datasets.pixels import tower_pipeline
from mmneglabel.errors import ConfigError
from mmneglabel.models import NegLabelClassifier

_LOADERS = ("LoadRGBImage", "LoadImageFromFile")
# A tenth of one of the 256 levels of a pixel: rounding is far below it, another filter far above.
_TOLERANCE = 0.1 / 255


def settle_pixels(dataset: Dataset, model: NegLabelClassifier, logger: Logger) -> None:
    """Give each set without a pipeline the tower's own, and see that every other one makes the same pixels.

    Pipeline and preprocessor are tried out on a picture of noise, so that it does not matter how they are written.

    Raises:
        ConfigError: a pipeline makes other pixels than ``model.preprocessing`` says; both values are named.
    """
    own = model.backbone.preprocessing
    if model.keeps_pipelines:
        logger.warning(
            f"Pixels: as the pipelines make them, on purpose, whatever the tower was trained on ({told(own)})."
        )
    elif model.preprocessing == own:
        logger.info(f"Pixels: {told(own)}, as the tower was trained.")
    else:
        changed = ", ".join(f"{name} {value}" for name, value in _differences(own, model.preprocessing).items())
        logger.warning(
            f"Pixels: {told(model.preprocessing)}, by model.preprocessing_override (the tower's: {changed})."
        )
    with TemporaryDirectory() as folder:
        picture = _noise(model.preprocessing.size)
        path = Path(folder, "probe.png")
        picture.save(path, compress_level=1)
        for name, images in _sets(dataset):
            if not images.pipeline.transforms:
                images.pipeline = Compose([TRANSFORMS.build(step) for step in tower_pipeline(model.preprocessing)])
            elif not model.keeps_pipelines:
                shown = _shown(name, images, picture, path, model.data_preprocessor)
                _check(name, shown, picture, model.preprocessing)


def check_pipelines(datasets: Mapping[str, Dataset], preprocessor: nn.Module) -> None:
    """What can be said of the pixels of a trained classifier, whose facts nobody knows.

    Raises:
        ConfigError: a set has no pipeline, or its RGB pictures meet a preprocessor, or other sets, for BGR ones.
    """
    loaders: dict[str, str] = {}
    for name, images in (pair for called, dataset in datasets.items() for pair in _sets(dataset, called)):
        if not (steps := images.pipeline.transforms):
            raise ConfigError(
                f"{name} has no pipeline, and what pixels a trained classifier wants nobody can tell: set "
                "test_dataloader.dataset.pipeline to the one that it was tested with."
            )
        if any(isinstance(step, LoadRGBImage) for step in steps) and getattr(preprocessor, "to_rgb", False):
            raise ConfigError(
                f"The pipeline of {name} loads RGB (LoadRGBImage), and model.data_preprocessor.to_rgb=True takes it "
                "for BGR: set it to False, or load by LoadImageFromFile."
            )
        loaders |= {kind: name for step in steps if (kind := type(step).__name__) in _LOADERS}
    if len(loaders) > 1:
        raise ConfigError(
            f"The pipeline of {loaders[_LOADERS[0]]} loads RGB ({_LOADERS[0]}) and that of {loaders[_LOADERS[1]]} BGR "
            f"({_LOADERS[1]}), and one preprocessor cannot be right for both: load all by the same."
        )


def told(facts: Preprocessing) -> str:
    """Facts on one line."""
    mean, std = ("/".join(f"{value:.4g}" for value in values) for values in (facts.mean, facts.std))
    size = "x".join(map(str, facts.size))
    return f"{size}, {facts.resize_mode}, {facts.interpolation}, mean {mean}, std {std}"


def _sets(dataset: Any, name: str = "the test set") -> Iterator[tuple[str, Any]]:
    """The datasets with a pipeline that a benchmark, or any other wrapper, is made of."""
    if hasattr(dataset, "pipeline"):
        yield name, dataset
    elif inner := getattr(dataset, "datasets", None):
        names = getattr(dataset, "set_names", [name] * len(inner))
        for part, its_name in zip(inner, names, strict=True):
            yield from _sets(part, its_name)
    elif hasattr(dataset, "dataset"):
        yield from _sets(dataset.dataset, name)


def _noise(size: tuple[int, int]) -> Image.Image:
    """A picture that no two ways of resizing make the same of: larger than the size, and of another shape."""
    height, width = size
    levels = np.random.default_rng(0).integers(0, 256, (height * 3 // 2 + 5, width * 3 + 3, 3), dtype=np.uint8)
    return Image.fromarray(levels)


def _shown(name: str, images: Any, picture: Image.Image, path: Path, preprocessor: nn.Module) -> Tensor:
    """What a tower is shown of ``picture``, which lies at ``path``: (3, H, W).

    Raises:
        ConfigError: a transform, or the preprocessor, raises something or draws random numbers.
    """
    info = images.get_data_info(0)
    # CIFAR's like hold their pictures in memory, in RGB.
    info |= {"img": np.array(picture)} if "img" in info else {"img_path": str(path)}
    numbers = _random_state()
    try:
        packed = images.pipeline(info)
        batch = {"inputs": [packed["inputs"]], "data_samples": [packed["data_samples"]]}
        shown = preprocessor(batch, False)["inputs"][0].float().cpu()
    except Exception as error:  # whatever a transform of anybody's raises
        raise ConfigError(
            f"Pipeline and preprocessor of {name} fail on a picture of {picture.width}x{picture.height} "
            f"({type(error).__name__}: {error}): mend them, or leave them out to have the tower's own."
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
    wanted = normalised(picture, facts)
    if shown.shape == wanted.shape and (shown - wanted).abs().max() * min(facts.std) <= _TOLERANCE:
        return
    found, order = _recognise(shown, picture)
    if found is None:
        raise ConfigError(
            f"The pipeline of {name} resizes or cuts otherwise than the tower was trained ({told(facts)}), and than "
            "Pillow does: leave the pipeline out to have the tower's own, or set model.preprocessing_override="
            "'pipeline' to keep it on purpose."
        )
    differing = _differences(found, facts)
    both = [f"{fact} is {value} and the tower's {getattr(facts, fact)}" for fact, value in differing.items()]
    if order == "BGR":
        both.append(
            "the channels are in the order BGR and the tower's in RGB (LoadRGBImage loads RGB; "
            "LoadImageFromFile wants data_preprocessor=dict(to_rgb=True))"
        )
    differing.pop("size", None)  # which the tower cannot do without
    on_purpose = f", or set model.preprocessing_override={differing} to depart on purpose" if differing else ""
    raise ConfigError(
        f"Pixels of {name}: {'; '.join(both)}. Leave pipeline and data_preprocessor out to have the tower's own"
        f"{on_purpose}."
    )


def _differences(here: Preprocessing, there: Preprocessing) -> dict[str, Any]:
    """The facts of ``here`` that are others ``there``; means and stds are measured, so nearly equal ones are equal."""
    other = {}
    for fact, value in asdict(here).items():
        near = isinstance(value[0], float) and np.allclose(value, getattr(there, fact), atol=1e-4)
        if value != getattr(there, fact) and not near:
            other[fact] = tuple(round(v, 4) for v in value) if isinstance(value, tuple) else value
    return other


def _recognise(shown: Tensor, picture: Image.Image) -> tuple[Preprocessing | None, str]:
    """The facts that make ``shown`` (3, H, W) of ``picture`` with Pillow, if any do, and the order of the channels."""
    size = tuple(shown.shape[-2:])
    for mode, interpolation, order in product(RESIZE_MODES, FILTERS, ("RGB", "BGR")):
        levels = torch.from_numpy(np.asarray(fit(picture, size, mode, interpolation), dtype=np.float32) / 255)
        levels = levels.permute(2, 0, 1) if order == "RGB" else levels.permute(2, 0, 1).flip(0)
        # Whatever mean and std are, they make a straight line of levels to pixels, a channel.
        std = levels.std((1, 2)) / shown.std((1, 2))
        mean = levels.mean((1, 2)) - std * shown.mean((1, 2))
        line = (levels - mean[:, None, None]) / std[:, None, None]
        if (line - shown).abs().max() * std.min() <= _TOLERANCE:
            return Preprocessing(size, tuple(mean.tolist()), tuple(std.tolist()), interpolation, mode), order
    return None, ""
