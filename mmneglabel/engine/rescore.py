"""A test loop that reads kept image features instead of images, so that other scores take seconds."""

from collections.abc import Mapping
from logging import Logger
from typing import Any

import torch
from mmengine.dataset import DefaultSampler
from mmengine.evaluator import Evaluator
from mmengine.registry import LOOPS
from mmengine.runner import Runner, TestLoop
from torch.utils.data import DataLoader

from mmneglabel.engine.rescore_images import find_images
from mmneglabel.engine.runner_model import classifier
from mmneglabel.errors import ConfigError
from mmneglabel.models import NegLabelClassifier

_BLOCK = 1024


@LOOPS.register_module()
class KeptFeaturesLoop(TestLoop):
    """Score kept features: ``test_cfg = dict(type="KeptFeaturesLoop")``. Hooks and metrics see a test like any other.

    Args:
        runner: the runner.
        dataloader: the test dataloader's config: it says which images are meant, and is not built.
        evaluator: as in every test.
        fp16: whether the features were made under autocast.
        cache_dir: folder of the bank cache, which the features share.

    Raises:
        ConfigError: every score needs more than is kept; those that do are otherwise left out, and the log says so.
        DataError: no features are kept of these images by this model, or the images changed since.
    """

    def __init__(
        self,
        runner: Runner,
        dataloader: Mapping[str, Any],
        evaluator: Evaluator | dict | list,
        fp16: bool = False,
        cache_dir: str | None = None,
    ) -> None:
        runner.load_or_resume()  # the weights decide which features are meant
        self._model = classifier(runner)
        _leave_out_local(self._model, runner.logger)
        block = _block_size(self._model, dataloader)
        images = find_images(runner, dataloader["dataset"], fp16, cache_dir)
        sampler = DefaultSampler(images, shuffle=False)
        super().__init__(runner, DataLoader(images, block, sampler=sampler, collate_fn=_as_it_is), evaluator, fp16)

    @torch.no_grad()
    def run_iter(self, idx: int, data_batch: dict[str, Any]) -> None:
        """Score one block."""
        self.runner.call_hook("before_test_iter", batch_idx=idx, data_batch=data_batch)
        features = data_batch["features"].to(self._model.backbone.device)
        outputs = self._model.predict_features(features, data_batch["data_samples"])
        self.evaluator.process(data_samples=outputs, data_batch=data_batch)
        self.runner.call_hook("after_test_iter", batch_idx=idx, data_batch=data_batch, outputs=outputs)


def _as_it_is(block: dict[str, Any]) -> dict[str, Any]:
    """Stands for a collate function."""
    return block


def _block_size(model: NegLabelClassifier, dataloader: Mapping[str, Any]) -> int:
    """How many images to score at once: what is fast, or as in the test where a score depends on the images before."""
    stateful = any(getattr(score, "stateful", False) for score, _ in model.scores.values())
    return dataloader["batch_size"] if stateful else _BLOCK


def _leave_out_local(model: NegLabelClassifier, logger: Logger) -> None:
    """Take out the scores that read local image features, which are too large to keep.

    Raises:
        ConfigError: there are no others.
    """
    local = [name for name, (score, _) in model.scores.items() if getattr(score, "needs_local", False)]
    if len(local) == len(model.scores):
        raise ConfigError(
            f"The scores {', '.join(local)} read local image features, which are not kept: run tools/test.py."
        )
    for name in local:
        del model.scores[name]
        logger.warning(f"Score {name!r} is left out: it reads local image features, which are not kept.")
