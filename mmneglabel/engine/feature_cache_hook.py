"""The hook that keeps the image features of a test, for tools/rescore.py to score again and again."""

from collections.abc import Sequence
from typing import Any

import torch
from mmengine.dist import is_main_process
from mmengine.hooks import Hook
from mmengine.runner import Runner
from mmpretrain.registry import HOOKS
from mmpretrain.structures import DataSample
from torch import Tensor

from mmneglabel.engine.feature_cache import FeatureCache, ImageFeatures
from mmneglabel.engine.feature_cache_key import feature_recipe, list_images
from mmneglabel.engine.runner_model import classifier
from mmneglabel.ranks import gathered, rows_of_all


@HOOKS.register_module()
class FeatureCacheHook(Hook):
    """Keep the features of all test images in one file of the cache; ``tools/test.py --save-features`` adds it.

    Args:
        cache_dir: folder of the bank cache, which the features share; None is ``$MMNEGLABEL_CACHE`` or the user's
            cache folder.
    """

    priority = "LOW"

    def __init__(self, cache_dir: str | None = None) -> None:
        self._cache = FeatureCache(cache_dir)
        self._index: list[int] = []
        self._features: list[Tensor] = []
        self._unreadable: dict[int, str] = {}

    def before_test(self, runner: Runner) -> None:
        """Ask the model for its features."""
        classifier(runner).keep_features = True
        self._forget()

    def after_test_iter(
        self, runner: Runner, batch_idx: int, data_batch: Any = None, outputs: Sequence[DataSample] = ()
    ) -> None:
        """Take the features of a batch."""
        self._index += [sample.sample_idx for sample in outputs]
        self._features.append(torch.stack([sample.image_feature for sample in outputs]))
        messages = {sample.sample_idx: sample.get("unreadable") for sample in outputs}
        self._unreadable |= {index: message for index, message in messages.items() if message is not None}

    def after_test_epoch(self, runner: Runner, metrics: dict[str, float] | None = None) -> None:
        """Bring all processes' features together; the first one writes them."""
        model, benchmark = classifier(runner), runner.test_dataloader.dataset
        model.keep_features = False
        features = rows_of_all(torch.tensor(self._index), torch.cat(self._features), len(benchmark))
        unreadable = {index: why for part in gathered(self._unreadable) for index, why in part.items()}
        self._forget()
        if not is_main_process():
            return
        images = list_images(benchmark)
        kept = ImageFeatures(
            features=features,
            sets=images.sets,
            labels=images.labels,
            recipe=feature_recipe(model, runner.cfg.test_dataloader.dataset, runner.test_loop.fp16),
            images=images.checksum,
            set_names=benchmark.set_names,
            classes=benchmark.metainfo.get("classes"),
            unreadable=unreadable,
        )
        if path := self._cache.save(kept):
            runner.logger.info(f"Features of {len(features)} images kept as {path}: tools/rescore.py reads them.")

    def _forget(self) -> None:
        self._index, self._features, self._unreadable = [], [], {}
