"""The OpenMMLab metric that turns scored data samples into an :class:`OODReport`."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from mmengine.evaluator import BaseMetric
from mmengine.logging import MMLogger
from mmpretrain.registry import METRICS

from mmneglabel.errors import ConfigError, DataError
from mmneglabel.evaluation.report import NO_LABEL, OODReport
from mmneglabel.evaluation.table import format_table

_NAMED_AT_MOST = 10

# Position of the sample in the benchmark, of its set, predicted and true class, why it is unreadable, its scores.
SampleResult = tuple[int, int, int, int, str | None, tuple[float, ...]]


@METRICS.register_module()
class OODMetric(BaseMetric):
    """Evaluate every configured OOD score on every OOD set of an :class:`OODBenchmark`.

    Each data sample must hold ``ood_set`` (name of its set) and ``sample_idx`` (position in the benchmark), which
    ``OODBenchmark`` adds, ``ood_scores`` (score name → float), and may hold ``pred_label``, ``gt_label`` and
    ``unreadable``. Exactly one result a sample is kept, skipped ones included, because MMEngine interleaves the ranks'
    results and cuts them to the size of the dataset.

    After ``evaluate`` the attribute ``report`` holds the :class:`OODReport` on rank 0, and None on the other ranks.

    Args:
        unreadable: What to do with an image that could not be read: ``'stop'`` raises an error that names it,
            ``'skip'`` leaves it out of every metric and counts it. Defaults to ``'stop'``.
        collect_device: How ranks exchange results: ``'gpu'`` through the process group, which gloo serves too,
            ``'cpu'`` through files. Defaults to ``'gpu'``, which needs no folder that is writable and shared.
        prefix: Prefix of the metric names. Defaults to ``'ood'``.
        collect_dir: Folder for the files of ``'cpu'``, shared by all ranks. Defaults to one in the working directory.

    Raises:
        ConfigError: ``unreadable`` or ``collect_device`` is unknown.
    """

    default_prefix = "ood"

    def __init__(
        self,
        unreadable: str = "stop",
        collect_device: str = "gpu",
        prefix: str | None = None,
        collect_dir: str | None = None,
    ) -> None:
        if collect_device not in ("cpu", "gpu", "npu"):  # or MMEngine would say so after the whole test
            raise ConfigError(f"OODMetric: collect_device={collect_device!r}; choose 'gpu' or 'cpu'")
        super().__init__(collect_device=collect_device, prefix=prefix, collect_dir=collect_dir)
        if unreadable not in ("stop", "skip"):
            raise ConfigError(f"OODMetric: unreadable={unreadable!r}; choose 'stop' or 'skip'")
        self.unreadable = unreadable
        self.report: OODReport | None = None
        self._score_names: tuple[str, ...] = ()
        self._size = 0
        self._doubted = False

    def evaluate(self, size: int) -> dict[str, float]:
        """Gather all ranks' results for a benchmark of ``size`` images and compute the report."""
        self._size = size
        return super().evaluate(size)

    def process(self, data_batch: Any, data_samples: Sequence[dict]) -> None:
        """Keep one compact result a sample.

        Args:
            data_batch: Not used.
            data_samples: The model's outputs as dictionaries.

        Raises:
            DataError: An image is unreadable and ``unreadable='stop'``, or a score is NaN or infinite.
            ConfigError: The samples do not come from an ``OODBenchmark`` or were not scored.
        """
        self.results.extend(self._result(sample) for sample in data_samples)

    def compute_metrics(self, results: list[SampleResult]) -> dict[str, float]:
        """Build and log the report; called on rank 0 alone.

        Args:
            results: One result a sample of the whole benchmark.

        Returns:
            ``<score>/<metric>`` the mean over all OOD sets, ``<score>/<group>/<metric>`` the mean over a group, and
            ``id_accuracy`` if the ID set is labelled. The values per set stand in ``self.report``.

        Raises:
            DataError: A set has no readable image.
            ConfigError: An image was evaluated twice, so another was not.
        """
        self.report = self._build_report(results)
        logger = MMLogger.get_current_instance()
        skipped = [message for message in self.report.unreadable if message is not None]
        for message in skipped[:_NAMED_AT_MOST]:
            logger.warning(f"skipped an unreadable image: {message}")
        if len(skipped) > _NAMED_AT_MOST:
            logger.warning(f"skipped {len(skipped) - _NAMED_AT_MOST} more unreadable images")
        if (doubt := self.report.label_doubt) and not self._doubted:
            self._doubted = True  # once, not at every validation
            logger.warning(doubt)
        logger.info("\n" + format_table(self.report))
        return self.report.means()

    def _result(self, sample: dict) -> SampleResult:
        for key, source in (("ood_set", "OODBenchmark"), ("sample_idx", "OODBenchmark"), ("ood_scores", "the model")):
            if key not in sample:
                raise ConfigError(f"OODMetric: a data sample has no {key!r}, which {source} sets; check the config")
        message, scores = sample.get("unreadable"), sample["ood_scores"]
        if message is not None and self.unreadable == "stop":
            raise DataError(f"unreadable image {message}; mend it, or set unreadable='skip' in OODMetric")
        self._score_names = tuple(scores)
        if message is None:
            _check_finite(scores, sample)
            _check_label(sample)
        return (
            sample["sample_idx"],
            self._set_position(sample["ood_set"]),
            _only_label(sample.get("pred_label")),
            _only_label(sample.get("gt_label")),
            message,
            tuple(scores[name] for name in self._score_names),
        )

    def _set_position(self, name: str) -> int:
        names = _set_names(self.dataset_meta)
        if name not in names:
            raise ConfigError(
                f"OODMetric: an image is of set {name!r}, but the benchmark's sets are {', '.join(names)}"
            )
        return names.index(name)

    def _build_report(self, results: list[SampleResult]) -> OODReport:
        # Back to dataset order, whichever way the sampler dealt the images out.
        results = sorted(results, key=lambda result: result[0])
        index, set_index, pred_label, gt_label, unreadable, scores = zip(*results, strict=True)
        if len(index) < self._size:
            raise ConfigError(
                f"{self._size - len(index)} of {self._size} images were not evaluated; set drop_last=False and "
                "sampler=dict(type='DefaultSampler', shuffle=False) in the test dataloader"
            )
        if len(set(index)) < len(index):
            raise ConfigError(
                f"{len(index) - len(set(index))} of {len(index)} images were evaluated twice and as many not at all; "
                "use sampler=dict(type='DefaultSampler', shuffle=False) in the test dataloader"
            )
        return OODReport(
            score_names=self._score_names,
            set_names=_set_names(self.dataset_meta),
            set_index=np.array(set_index, dtype=np.int64),
            scores=np.array(scores, dtype=np.float64).reshape(len(results), len(self._score_names)),
            pred_label=np.array(pred_label, dtype=np.int64),
            gt_label=np.array(gt_label, dtype=np.int64),
            unreadable=unreadable,
            groups={name: tuple(members) for name, members in (self.dataset_meta.get("groups") or {}).items()},
        )


def _set_names(meta: dict | None) -> tuple[str, ...]:
    if not meta or "id_set" not in meta or "ood_sets" not in meta:
        raise ConfigError(
            "OODMetric: the test dataset does not name its sets; use dataset=dict(type='OODBenchmark', ...)"
        )
    return (meta["id_set"], *meta["ood_sets"])


def _only_label(label: Sequence[int] | None) -> int:
    """Return the one label in a tensor, or :data:`NO_LABEL` where there is none, more than one, or a negative one."""
    return max(int(label[0]), NO_LABEL) if label is not None and len(label) == 1 else NO_LABEL


def _check_label(sample: dict) -> None:
    label, classes = _only_label(sample.get("gt_label")), len(sample.get("pred_score", ()))
    if label >= classes > 0:
        raise DataError(
            f"image {sample.get('img_path', sample['sample_idx'])} has label {label}, but the model has {classes} "
            "class names; labels count from 0 in the order of model.class_names"
        )


def _check_finite(scores: dict[str, float], sample: dict) -> None:
    for name, value in scores.items():
        if not math.isfinite(value):
            raise DataError(
                f"score {name!r} is {value} for image {sample.get('img_path', sample['sample_idx'])} of set "
                f"{sample['ood_set']!r}; look for NaN features or an overflow in the model"
            )
