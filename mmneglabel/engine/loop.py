"""The loop of a test: over images, over images whose features are kept, or over kept features instead of images."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from logging import Logger
from typing import Any

import torch
from mmengine.dataset import DefaultSampler
from mmengine.evaluator import Evaluator
from mmengine.registry import LOOPS
from mmengine.runner import Runner, TestLoop
from mmengine.runner.amp import autocast
from mmpretrain.registry import DATASETS
from torch import nn
from torch.utils.data import DataLoader

from mmneglabel.engine.checks import check_test, model_of, unwrapped
from mmneglabel.engine.loading import LoadingTime
from mmneglabel.engine.mining_hook import NegLabelMiningHook
from mmneglabel.errors import ConfigError, DataError, NegLabelError
from mmneglabel.evaluation.ood_metric import OODMetric
from mmneglabel.features import (
    FeatureCollector,
    KeptFeatures,
    KeptImages,
    check_images,
    feature_recipe,
    feature_store,
    list_images,
)
from mmneglabel.models import NegLabelClassifier
from mmneglabel.models.banks import predicting
from mmneglabel.models.scored import on_gpu
from mmneglabel.scores.score import LOCAL
from mmneglabel.storage.fingerprints import fingerprint

_BLOCK = 1024


@LOOPS.register_module()
class OODTestLoop(TestLoop):
    """Test once all was checked that would change a number unseen; see :func:`mmneglabel.engine.checks.check_test`.

    Hooks and metrics see a test like any other, also of kept features. Around a plain ``TestLoop`` the same checks are
    made by :class:`OODReportHook`; without either of them there are none.

    On a GPU a batch is read, and hooks and metrics see it, once the next one is launched, so that the device need not
    wait for Python: ``before_test_iter`` of that one comes first. Where all metrics are :class:`OODMetric`, and no
    hook but MMEngine's and ours may look, samples carry no ``pred_score``.

    Args:
        runner, evaluator: as in every test.
        dataloader: the test dataloader or its config; of "kept" features it says which images are meant, and is not
            built.
        fp16: whether the towers run, or ran, under autocast.
        features: "pass" them on, "keep" them in the cache as well, or score "kept" ones instead of images.
        cache_dir: folder of the caches; None is the one of :class:`NegLabelMiningHook`, else ``$MMNEGLABEL_CACHE`` or
            the user's cache folder.
    """

    def __init__(
        self,
        runner: Runner,
        dataloader: DataLoader | Mapping[str, Any],
        evaluator: Evaluator | dict | list,
        fp16: bool = False,
        features: str = "pass",
        cache_dir: str | None = None,
    ) -> None:
        if features not in ("pass", "keep", "kept"):
            raise ConfigError(f"OODTestLoop: features={features!r}; choose 'pass', 'keep' or 'kept'.")
        self._features, self._store = features, feature_store(cache_dir or _cache_of_banks(runner))
        if features != "pass":
            self._model = model_of(runner, NegLabelClassifier, f"OODTestLoop(features={features!r})")
        if features == "kept":
            # The weights decide which features are meant; the Runner, which would load them later, does so only once.
            runner.load_or_resume()
            _leave_out_local(self._model, runner.logger)
            dataloader = self._loader_of_kept(runner, dataloader, fp16)
        super().__init__(runner, dataloader, evaluator, fp16)

    def run(self) -> dict[str, float]:
        """Check, test, and keep the features if so wished.

        Raises:
            ConfigError: nobody gives a NegLabelClassifier its banks.
        """
        check_test(self.runner, self.dataloader.dataset, self.evaluator)
        model = unwrapped(self.runner)
        if isinstance(model, NegLabelClassifier) and model.head is None and not list(_mining_hooks(self.runner)):
            raise ConfigError(
                "There is no NegLabelMiningHook, which brings banks and pixels: add it to custom_hooks, where a "
                "list takes the place of the base config's."
            )
        keeps = self._features == "keep"
        self._collector = FeatureCollector(self.dataloader.dataset) if keeps else None
        metrics = self._tested(model)
        if self._features != "kept" and (advice := self._loading.advice(self.dataloader.num_workers)):
            self.runner.logger.info(advice)
        if keeps and (kept := self._collector.of_all(self._recipe)) and (path := self._store.save(kept)):
            count = len(kept.features)
            self.runner.logger.info(f"Features of {count} images kept as {path}: tools/rescore.py reads them.")
        return metrics

    def _tested(self, model: nn.Module) -> dict[str, float]:
        """What the test finds, once the model does as this loop reads it."""
        self._behind, self._open, self._loading = on_gpu(model), None, LoadingTime()
        wishes = {"says_probabilities": self._asked_for_probabilities(), "reads_later": self._behind}
        if self._features == "keep":
            wishes["keep_features"] = True
        with _told(model, **wishes):
            try:
                return super().run()
            except Exception:
                self._finish()  # what is wrong with the batch before is told first
                raise

    @torch.no_grad()
    def run_iter(self, idx: int, data_batch: Any) -> None:
        """Score one batch of images, or one block of kept features; on a GPU finish the one before."""
        self._loading.got()
        self.runner.call_hook("before_test_iter", batch_idx=idx, data_batch=data_batch)
        outputs = self._launch(data_batch)
        self._finish()
        self._open = (idx, data_batch, outputs)
        if not self._behind or idx + 1 == len(self.dataloader):
            self._finish()
        self._loading.done()

    def _launch(self, data_batch: Any) -> Any:
        """What the model says of a batch; a GPU may not have got to it yet."""
        if self._features == "kept":
            features = data_batch["features"].to(self._model.backbone.device)
            return self._model.predict_features(features, data_batch["data_samples"])
        with autocast(enabled=self.fp16):
            return self.runner.model.test_step(data_batch)

    @torch.no_grad()
    def _finish(self) -> None:
        """Hand on the batch that is open, if one is."""
        if self._open is None:
            return
        (idx, data_batch, outputs), self._open = self._open, None
        outputs = list(outputs)
        if self._features == "keep":
            if idx == 0:  # not in the end: EMAHook takes its weights away before
                self._recipe = feature_recipe(self._model, self.runner.cfg.test_dataloader.dataset, self.fp16)
            self._collector.add(outputs)
        self.evaluator.process(data_samples=outputs, data_batch=data_batch)
        self.runner.call_hook("after_test_iter", batch_idx=idx, data_batch=data_batch, outputs=outputs)

    def _asked_for_probabilities(self) -> bool:
        """Whether a metric or a hook may read ``pred_score``."""
        hooks = (type(hook).__module__.partition(".")[0] for hook in self.runner.hooks)
        return not (
            all(type(metric) is OODMetric for metric in self.evaluator.metrics)
            and all(package in ("mmengine", "mmneglabel") for package in hooks)
        )

    def _loader_of_kept(self, runner: Runner, dataloader: Mapping[str, Any], fp16: bool) -> DataLoader:
        """A loader of the kept features of the images that ``dataloader`` means, seen by the runner's model."""
        dataset, mend = dataloader["dataset"], f"run `python tools/test.py {runner.cfg.filename} --save-features`"
        mend += " with the same checkpoint and options"
        key = fingerprint(feature_recipe(self._model, dataset, fp16))
        if (kept := self._store.load(key)) is None:
            folder = self._store.folder
            raise DataError(f"No features of these images by this model are kept in {folder}: {mend} first.")
        if unchecked := _unchecked(kept, dataset, mend):
            runner.logger.warning(f"Scoring the kept features without a look at the images: {unchecked}.")
        runner.logger.info(f"{len(kept.features)} images, features from {self._store.path(key)}.")
        images = KeptImages(kept, dataset.get("groups") or {})
        return DataLoader(images, _BLOCK, sampler=DefaultSampler(images, shuffle=False), collate_fn=_as_it_is)


@contextmanager
def _told(model: nn.Module, **wishes: bool) -> Iterator[None]:
    """A model that does as it is told, if it knows the wish, and afterwards as before."""
    before = {name: getattr(model, name) for name in wishes if hasattr(model, name)}
    for name in before:
        setattr(model, name, wishes[name])
    try:
        yield
    finally:
        for name, value in before.items():
            setattr(model, name, value)


def _cache_of_banks(runner: Runner) -> str | None:
    return next((hook.cache_dir for hook in _mining_hooks(runner)), None)


def _mining_hooks(runner: Runner) -> Iterator[NegLabelMiningHook]:
    return (hook for hook in runner.hooks if isinstance(hook, NegLabelMiningHook))


def _unchecked(kept: KeptFeatures, dataset: Mapping[str, Any], mend: str) -> str | None:
    """Why images cannot be compared with those that the features were made from; None if all are the same."""
    try:
        images = list_images(DATASETS.build(dataset))
    except NegLabelError as error:  # the very same settings found the images when the features were made
        return str(error).rstrip(".")
    gone = check_images(kept, images, mend)
    return f"{gone} of {len(images.sets)} are gone" if gone else None


def _as_it_is(block: dict[str, Any]) -> dict[str, Any]:
    """Stands for a collate function."""
    return block


def _leave_out_local(model: NegLabelClassifier, logger: Logger) -> None:
    """Take out the scores that read local image features, which are too large to keep."""
    local = [name for name, score in model.scores.items() if LOCAL in score.needs]
    if len(local) == len(model.scores):
        raise ConfigError(
            f"The scores {', '.join(local)} read local image features, which are not kept: run tools/test.py."
        )
    predicts = predicting(model.predict_with, model.miners)
    for name in local:
        del model.scores[name]
        if name != predicts:
            del model.miners[name]
        logger.warning(f"Score {name!r} is left out: it reads local image features, which are not kept.")
