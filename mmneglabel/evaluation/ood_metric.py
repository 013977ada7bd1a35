"""The OpenMMLab metric that turns scored data samples into an :class:`OODReport`."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from mmengine.evaluator import BaseMetric
from mmengine.logging import MMLogger
from mmpretrain.registry import METRICS
from numpy.typing import NDArray
from torch import Tensor

from mmneglabel.errors import ConfigError, DataError
from mmneglabel.evaluation.report import OODReport
from mmneglabel.evaluation.table import format_table
from mmneglabel.ranks import each_once, from_first_rank, gathered, rows_of_all, rows_on_first
from mmneglabel.results import SHARES, PlayedStreams, Results, only_label

_NAMED_AT_MOST = 10


@METRICS.register_module()
class OODMetric(BaseMetric):
    """Evaluate every configured OOD score on every OOD set of an :class:`OODBenchmark`.

    Each data sample must hold ``ood_set`` (name of its set) and ``sample_idx`` (position in the benchmark), which
    ``OODBenchmark`` adds, ``ood_scores`` (score name → float), and may hold ``pred_label``, ``gt_label``,
    ``unreadable``, ``log_odds`` (score name → float, of scores that are shares) and ``shares`` (of one score the
    largest: tensors ``labels``, ``label_shares``, ``negatives``, ``negative_shares``, all of one length).

    Where :attr:`play` is set, samples must also hold their ``image_feature`` (D,), unit norm, float32.

    After ``evaluate`` the attribute ``report`` holds the :class:`OODReport` on rank 0, and None on the other ranks.

    Args:
        unreadable: What to do with an image that could not be read: ``'stop'`` raises an error that names it,
            ``'skip'`` leaves it out of every metric and counts it. Defaults to ``'stop'``.
        prefix: Prefix of the metric names. Defaults to ``'ood'``.
    """

    default_prefix = "ood"

    play: Callable[[Tensor, Tensor, Sequence[str]], dict[str, PlayedStreams]] | None = None
    """Plays the streams of scores that learn while testing, see :func:`mmneglabel.features.play_streams`; set by who
    knows the model. Called on all processes with all images' features, their sets' positions and the sets' names."""

    def __init__(self, unreadable: str = "stop", prefix: str | None = None) -> None:
        super().__init__(prefix=prefix)
        if unreadable not in ("stop", "skip"):
            raise ConfigError(f"OODMetric: unreadable={unreadable!r}; choose 'stop' or 'skip'")
        self.unreadable = unreadable
        self.report: OODReport | None = None
        self._doubted = False
        self._forget()

    def process(self, data_batch: Any, data_samples: Sequence[dict]) -> None:
        """Keep a row a sample, skipped ones included; of the batch itself nothing is needed."""
        set_names = self._set_names
        for sample in data_samples:
            self._check(sample, set_names)
        if self._layout is None:
            self._layout = _layout(data_samples[0])
            self._names = tuple(tuple(data_samples[0].get(kind, ())) for kind in ("ood_scores", "log_odds"))
        # One array a batch: a million images as tuples of numbers take five times the memory, and longer to gather.
        rows = np.empty(len(data_samples), self._layout)
        rows["index"] = [sample["sample_idx"] for sample in data_samples]
        rows["set"] = [set_names.index(sample["ood_set"]) for sample in data_samples]
        for label in ("pred_label", "gt_label"):
            rows[label] = [only_label(sample.get(label)) for sample in data_samples]
        for kind, names in zip(("ood_scores", "log_odds"), self._names, strict=True):
            rows[kind] = [[sample[kind][name] for name in names] for sample in data_samples]
        for name in SHARES if "shares" in data_samples[0] else ():
            rows[name] = torch.stack([sample["shares"][name] for sample in data_samples])
        self._check_values(rows, data_samples)
        self.results.append(rows)
        if self.play is not None:
            self._features.append(_features(data_samples))

    def evaluate(self, size: int) -> dict[str, float]:
        """Bring all processes' rows together for a benchmark of ``size`` images and compute the report.

        Returns:
            ``<score>/<metric>`` the mean over all OOD sets, ``<score>/<group>/<metric>`` the mean over a group, and
            ``id_accuracy`` if the ID set is labelled. The values per set stand in ``self.report``.
        """
        places = None if self.play is None else [_column(self.results, name) for name in ("index", "set")]
        self.report, rows, mine = None, self._rows_of_all(), []
        from_first_rank(lambda _: mine.append(_in_order(rows, size)))  # checked before streams are played
        rows = None  # a test of ten million images: what has been copied goes
        self._streams = {} if places is None else self._played(*places, size)
        metrics = from_first_rank(lambda _: self.compute_metrics(mine.pop()))
        self._forget()
        return {f"{self.prefix}/{name}": value for name, value in metrics.items()}

    def compute_metrics(self, results: NDArray) -> dict[str, float]:
        """Build and log the report of one row an image of the whole benchmark, in its order; on rank 0 alone."""
        columns = {name: np.ascontiguousarray(results[name]) for name in results.dtype.names}
        del results
        self.report = OODReport(
            Results(
                set_names=self._set_names,
                score_names=self._names[0],
                set_index=columns["set"],
                scores=columns["ood_scores"],
                pred_label=columns["pred_label"],
                gt_label=columns["gt_label"],
                unreadable=dict(sorted(self._unreadable.items())),
                groups={name: tuple(members) for name, members in (self.dataset_meta.get("groups") or {}).items()},
                log_odds_names=self._names[1],
                log_odds=columns["log_odds"],
                shares={name: columns[name] for name in SHARES if name in columns},
                streams=self._streams,
            )
        )
        self._log(self.report)
        return self.report.means()

    @property
    def _set_names(self) -> tuple[str, ...]:
        """The benchmark's sets, the ID set first."""
        meta = self.dataset_meta
        if not meta or "id_set" not in meta or "ood_sets" not in meta:
            raise ConfigError(
                "OODMetric: the test dataset does not name its sets; use dataset=dict(type='OODBenchmark', ...)"
            )
        return (meta["id_set"], *meta["ood_sets"])

    def _forget(self) -> None:
        self.results.clear()
        self._layout: np.dtype | None = None
        self._names: tuple[tuple[str, ...], ...] = ()  # of scores and of log-odds
        self._unreadable: dict[int, str] = {}
        self._features: list[Tensor] = []
        self._streams: dict[str, PlayedStreams] = {}

    def _check(self, sample: dict, set_names: tuple[str, ...]) -> None:
        """Refuse a sample that was not made for this, and note an unreadable image."""
        for key, source in (("ood_set", "OODBenchmark"), ("sample_idx", "OODBenchmark"), ("ood_scores", "the model")):
            if key not in sample:
                raise ConfigError(f"OODMetric: a data sample has no {key!r}, which {source} sets; check the config")
        if sample["ood_set"] not in set_names:
            raise ConfigError(
                f"OODMetric: an image is of set {sample['ood_set']!r}, but the benchmark's sets are "
                f"{', '.join(set_names)}"
            )
        if (message := sample.get("unreadable")) is not None:
            self._unreadable[sample["sample_idx"]] = message
            if self.unreadable == "stop":
                raise DataError(f"unreadable image {message}; mend it, or set unreadable='skip' in OODMetric")

    def _check_values(self, rows: NDArray, samples: Sequence[dict]) -> None:
        """Refuse labels that are none of the model's classes, and scores that are NaN or infinite."""
        classes = samples[0].get("num_classes") or np.inf
        finite = np.isfinite(rows["ood_scores"])
        for place in np.flatnonzero((rows["gt_label"] >= classes) | ~finite.all(1)):
            row, sample = rows[place], samples[place]
            if sample.get("unreadable") is not None:
                continue
            image = sample.get("img_path", sample["sample_idx"])
            if row["gt_label"] >= classes:
                raise DataError(
                    f"image {image} has label {row['gt_label']}, but the model has {classes} class names; labels count "
                    "from 0 in the order of model.class_names"
                )
            column = int(np.argmin(finite[place]))
            raise DataError(
                f"score {self._names[0][column]!r} is {row['ood_scores'][column]} for image {image} of set "
                f"{sample['ood_set']!r}; look for NaN features or an overflow in the model"
            )

    def _rows_of_all(self) -> NDArray | None:
        """All processes' rows on the first one, which learns of all unreadable images, too; takes part in gathering."""
        count = sum(map(len, self.results))
        layouts, names, unreadable, counts = zip(
            *gathered((self._layout, self._names, self._unreadable, count)), strict=True
        )
        self._unreadable = {index: message for part in unreadable for index, message in part.items()}
        # Of a process without images, which knows no layout, the others say it.
        self._layout = next(filter(None, layouts), np.dtype([("index", np.int64)]))
        self._names = next(filter(None, names), ())
        # As bytes, so that every process's numbers arrive with the same bits whatever the columns are.
        mine = np.concatenate([np.empty(0, np.uint8), *(rows.view(np.uint8) for rows in self.results)])
        self.results.clear()
        every = rows_on_first(torch.from_numpy(mine.reshape(count, self._layout.itemsize)), counts)
        return None if every is None else every.numpy().view(self._layout).reshape(-1)

    def _played(self, index: Tensor, sets: Tensor, size: int) -> dict[str, PlayedStreams]:
        """The streams of all images, of which I saw those with these positions; takes part in gathering."""
        width = max(gathered(max((part.shape[1] for part in self._features), default=0)))
        features = rows_of_all(index, torch.cat([torch.empty(0, width), *self._features]), size)
        self._features.clear()
        sets = rows_of_all(index, sets, size)
        sets[list(self._unreadable)] = -1
        return self.play(features, sets, self._set_names)

    def _log(self, report: OODReport) -> None:
        logger, skipped = MMLogger.get_current_instance(), list(report.images.unreadable.values())
        for message in skipped[:_NAMED_AT_MOST]:
            logger.warning(f"skipped an unreadable image: {message}")
        if len(skipped) > _NAMED_AT_MOST:
            logger.warning(f"skipped {len(skipped) - _NAMED_AT_MOST} more unreadable images")
        if (doubt := report.label_doubt) and not self._doubted:
            self._doubted = True  # once, not at every validation
            logger.warning(doubt)
        logger.info("\n" + format_table(report))


def _column(batches: Sequence[NDArray], name: str) -> Tensor:
    """One integer column (N,) of all batches."""
    return torch.from_numpy(np.concatenate([np.empty(0, np.int64), *(rows[name] for rows in batches)]))


def _in_order(rows: NDArray, size: int) -> NDArray:
    """One row an image, in the benchmark's order."""
    if len(rows) == size and (rows["index"] == np.arange(size)).all():
        return rows
    # A copy: PyTorch takes a column as it lies only where the bytes of a row are a multiple of its item's.
    return rows[each_once(torch.from_numpy(rows["index"].copy()), size).numpy()]


def _features(samples: Sequence[dict]) -> Tensor:
    """Their features (B, D) on the CPU.

    Raises:
        ConfigError: there are none.
        DataError: one is NaN or infinite.
    """
    if "image_feature" not in samples[0]:
        raise ConfigError("OODMetric: a data sample has no 'image_feature', which the model sets for its streams")
    features = torch.stack([sample["image_feature"] for sample in samples]).float().cpu()
    broken = torch.nonzero(~features.isfinite().all(dim=1)).flatten().tolist()
    if broken := [samples[place] for place in broken if samples[place].get("unreadable") is None]:
        raise DataError(
            f"the feature of image {broken[0].get('img_path', broken[0]['sample_idx'])} of set "
            f"{broken[0]['ood_set']!r} is NaN or infinite; look for an overflow in the model"
        )
    return features


def _layout(sample: Mapping[str, Any]) -> np.dtype:
    """What a row holds: where the image stands, its set and classes, its scores and what explains them."""
    fields = [(name, np.int64, ()) for name in ("index", "set", "pred_label", "gt_label")]
    fields += [(kind, np.float64, (len(sample.get(kind, ())),)) for kind in ("ood_scores", "log_odds")]
    for name, tensor in sample.get("shares", {}).items():
        fields.append((name, np.float32 if tensor.is_floating_point() else np.int32, tuple(tensor.shape)))
    return np.dtype(fields)
