"""The hook that gives TagFog's head its text anchors before training."""

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from mmengine.hooks import Hook
from mmengine.runner import Runner
from mmpretrain.registry import HOOKS, MODELS
from torch import Tensor, nn

from mmneglabel.backbones import VisionLanguageBackbone, cut_texts, encode_words
from mmneglabel.building import build
from mmneglabel.corpus.descriptions import write_descriptions
from mmneglabel.engine.checks import unwrapped
from mmneglabel.errors import ConfigError, WeightsError
from mmneglabel.mining.select import has_direction
from mmneglabel.ranks import from_first_rank


@HOOKS.register_module()
class TextAnchorHook(Hook):
    """Encode one text a class with a text tower, and give the unit-norm features to ``model.head.set_anchors``.

    The first process alone builds the tower, encodes and frees it again, so that the anchors are the same on any
    number of processes; random numbers go on as if no tower had been built. What was encoded is written to
    ``<work_dir>/anchors.txt``, which :class:`DescriptionFile` reads back where no two classes share a name. A resumed
    run keeps the anchors of its checkpoint, and builds no tower.

    Args:
        backbone: config of a tower, such as ``dict(type="OpenCLIPBackbone", model_name="ViT-L-14",
            pretrained="openai")``.
        descriptions: config of what says the texts: ``DescriptionFile``, ``WordNetGlosses`` or ``PlainPrompts``. The
            class names are the training set's ``metainfo["classes"]``, WordNet ids its ``metainfo["folders"]``.
    """

    priority = "NORMAL"

    def __init__(self, backbone: Mapping[str, Any], descriptions: Mapping[str, Any]) -> None:
        kind = backbone.get("type") if isinstance(backbone, Mapping) else None
        if isinstance(kind, str):
            kind = MODELS.get(kind)
        if not (isinstance(kind, type) and issubclass(kind, VisionLanguageBackbone)):
            raise ConfigError(
                f"TextAnchorHook: backbone is {backbone!r}, which is no text tower: give one such as "
                "dict(type='OpenCLIPBackbone', model_name='ViT-L-14', pretrained='openai')."
            )
        self._backbone = dict(backbone)
        self._source = build(descriptions) if isinstance(descriptions, Mapping) else descriptions
        if not hasattr(self._source, "describe"):
            raise ConfigError(
                f"TextAnchorHook: descriptions is {descriptions!r}: give dict(type='DescriptionFile', path=...), "
                "dict(type='WordNetGlosses') or dict(type='PlainPrompts')."
            )

    def before_train(self, runner: Runner) -> None:
        """Set the anchors, unless the run goes on where another one stopped, or its loss wants none."""
        head = _head(runner)
        # Weights that a new run merely begins with may come with the anchors of other classes.
        if head.has_anchors and runner.iter > 0:
            runner.logger.info("Text anchors: those of the checkpoint, since the run is resumed.")
            return
        if not getattr(head, "anchor_weight", 1):
            runner.logger.info("Text anchors: none, since model.head.anchor_weight is 0.")
            return
        head.set_anchors(from_first_rank(lambda beat: self._made(runner, head, beat)))

    def _made(self, runner: Runner, head: nn.Module, beat: Callable[[], None]) -> Tensor:
        """The anchors (K, D), float32 on the CPU."""
        started = time.perf_counter()
        names, texts = self._texts(runner, head.num_classes)
        path = Path(runner.work_dir) / "anchors.txt"
        write_descriptions(path, zip(names, texts, strict=True))
        for warning in shared_texts(names, texts):
            runner.logger.warning(warning)
        device = next(head.parameters()).device
        with torch.random.fork_rng([device] if device.type == "cuda" else []):
            tower = MODELS.build(self._backbone).to(device)
        if cut := cut_texts(tower.tokenize, texts):
            runner.logger.warning(_too_long(names, cut))
        anchors = encode_words(tower, texts, progress=lambda done: beat())
        if not (has := has_direction(anchors)).all():
            raise WeightsError(
                f"{type(tower).__name__} gives text features that are no numbers, or zeros, for the class "
                f"{names[int(has.int().argmin())]!r}: try precision='fp32' or another text."
            )
        del tower
        torch.cuda.empty_cache()  # nothing where there is no GPU
        runner.logger.info(
            f"Text anchors: {len(texts)} by {type(self._source).__name__} and {self._backbone['type']}, width "
            f"{anchors.shape[1]}, in {time.perf_counter() - started:.2f} s; the texts are in {path}."
        )
        return anchors

    def _texts(self, runner: Runner, num_classes: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Class names and their texts."""
        metainfo = runner.train_dataloader.dataset.metainfo
        names = tuple(metainfo.get("classes") or ())
        if len(names) != num_classes:
            raise ConfigError(
                f"The training set names {len(names)} classes and model.head.num_classes is {num_classes}: set it to "
                "the number of ID classes, and give a training set without names metainfo=dict(classes=[...])."
            )
        return names, self._source.describe(names, metainfo.get("folders"))


def _head(runner: Runner) -> nn.Module:
    """The model's head."""
    model = unwrapped(runner)
    head = getattr(model, "head", None)
    if not hasattr(head, "set_anchors"):
        raise ConfigError(
            f"TextAnchorHook needs a head that takes text anchors, and the {type(model).__name__} has "
            f"{'none' if head is None else type(head).__name__}: set model.head to TagFogHead, or leave the hook out."
        )
    return head


def shared_texts(names: Sequence[str], texts: Sequence[str]) -> list[str]:
    """A warning for each text that several classes have: one anchor cannot tell them apart."""
    by_text: dict[str, list[str]] = {}
    for name, text in zip(names, texts, strict=True):
        by_text.setdefault(text, []).append(name)
    return [
        f"The classes {', '.join(map(repr, same))} have the same text and so the same anchor: {text!r}."
        for text, same in by_text.items()
        if len(same) > 1
    ]


def _too_long(names: Sequence[str], cut: Sequence[int]) -> str:
    return (
        f"{len(cut)} of {len(names)} class texts are longer than the text tower reads, and were cut: "
        f"{', '.join(repr(names[number]) for number in cut[:5])}{' and others' if len(cut) > 5 else ''}."
    )
