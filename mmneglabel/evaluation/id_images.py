"""Other metrics beside OODMetric: they see the ID images alone, each once, whatever the number of processes."""

from collections.abc import Mapping, Sequence
from typing import Any

from mmengine.evaluator import BaseMetric, DumpResults, Evaluator

from mmneglabel.errors import ConfigError
from mmneglabel.evaluation.ood_metric import OODMetric
from mmneglabel.ranks import gathered, rank, world_size


class OfIDImages:
    """Stands for a metric in an evaluator's list and keeps images without a class, and unreadable ones, from it.

    Args:
        metric: such as MMPretrain's ``Accuracy``.
    """

    def __init__(self, metric: BaseMetric) -> None:
        self.metric = metric
        self._seen: list[int] = []

    def process(self, data_batch: Any, data_samples: Sequence[dict]) -> None:
        """Pass on the samples of ID images, and their rows of the batch.

        Raises:
            ConfigError: the metric cannot be right in several processes.
        """
        id_set = self.metric.dataset_meta["id_set"]
        rows = [i for i, s in enumerate(data_samples) if s["ood_set"] == id_set and s.get("unreadable") is None]
        if not rows:
            return
        if isinstance(data_batch, Mapping):
            data_batch = {name: [values[i] for i in rows] for name, values in data_batch.items()}
        self._seen += [data_samples[i]["sample_idx"] for i in rows]
        self.metric.process(data_batch, [data_samples[i] for i in rows])
        if world_size() > 1 and len(self.metric.results) != len(self._seen):
            raise ConfigError(
                f"{type(self.metric).__name__} does not keep one result an image, so that images which two processes "
                "saw would count twice: test in one process, or leave it out."
            )

    def evaluate(self, size: int) -> dict[str, float]:
        """What the metric says of the ID images; ``size``, of the whole benchmark, is not needed."""
        seen, self._seen = self._seen, []
        if world_size() == 1:
            return self.metric.evaluate(len(seen))
        # A sampler may have given one image to two processes, and their shares of ID images are not equally large.
        parts = gathered(list(zip(seen, self.metric.results, strict=True)))
        every = dict(sorted((pair for part in parts for pair in part), key=lambda pair: pair[0]))
        self.metric.results = list(every.values()) if rank() == 0 else []
        return self.metric.evaluate(len(every))


def keep_to_id_images(evaluator: Evaluator) -> None:
    """Let the other metrics of an evaluator see ID images alone; ``DumpResults`` measures nothing and gets all.

    Raises:
        ConfigError: two OODMetrics would give their results the same names.
    """
    ours = [metric.prefix for metric in evaluator.metrics if isinstance(metric, OODMetric)]
    if len(set(ours)) < len(ours):
        raise ConfigError(f"Two OODMetrics have the prefix {ours[-1]!r}: leave one out, or set another prefix.")
    evaluator.metrics = [
        metric if isinstance(metric, OODMetric | DumpResults | OfIDImages) else OfIDImages(metric)
        for metric in evaluator.metrics
    ]
