"""One dataset out of an ID set and OOD sets, each image tagged with the set it is from."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any

import torch
from mmpretrain.registry import DATASETS
from torch.utils.data import Dataset

from mmneglabel.datasets.annotations import warn_of_shared_files
from mmneglabel.datasets.benchmark_config import check_groups, check_names, check_pipeline
from mmneglabel.datasets.subset import build_subset, load_subset

NamedConfig = Mapping[str, Any]


@DATASETS.register_module()
class OODBenchmark(Dataset):
    """The ID set, then the OOD sets in the order given, for testing only.

    Every data sample gets, as meta information, ``ood_set`` (the name of its set, also for ID images) and
    ``sample_idx`` (its position in the benchmark). OOD images have no class: any label that their set knows is taken
    away. A missing label is an **empty** ``gt_label`` rather than none, because MMPretrain's ``ClsDataPreprocessor``
    stops at a batch in which only some samples have a ``gt_label``.

    Example of a config::

        dict(
            type='OODBenchmark',
            id_set=dict(name='ImageNet-1k', type='ImageNet', data_root='data/imagenet', split='val'),
            ood_sets=[
                dict(name='iNaturalist', type='ImageFolder', data_root='data/iNaturalist/images'),
                dict(name='NINCO', type='ImageList', ann_file='ninco.txt', data_root='data/ninco'),
            ],
            groups=dict(near=['NINCO'], far=['iNaturalist']),
        )

    Args:
        id_set: Config of a dataset in the DATASETS registry, with a ``name`` beside it.
        ood_sets: Configs of the OOD sets, each with a ``name``. A list, so that a name given twice is noticed.
        pipeline: Transforms of every set that has no ``pipeline`` of its own; must end in ``PackInputs``. None leaves
            it to ``NegLabelMiningHook``, which makes it from what the model's tower was trained on.
        groups: Group name to the names of its OOD sets; a set may be in several groups or in none.
        lazy_init: Whether to leave reading the sets to ``full_init``. Defaults to False.

    Raises:
        ConfigError: A name is missing, doubled, reserved or unknown, a dataset type is unknown or refuses its
            arguments, there is no OOD set, or the pipeline loses what the metric needs.
        DataError: A set is missing or empty; the message names it.
    """

    def __init__(
        self,
        id_set: NamedConfig,
        ood_sets: Sequence[NamedConfig],
        pipeline: Sequence[dict] | None = None,
        groups: Mapping[str, Sequence[str]] | None = None,
        lazy_init: bool = False,
    ) -> None:
        configs = [id_set, *ood_sets]
        self.set_names = check_names(configs)
        self.groups = check_groups(groups or {}, self.set_names[1:])
        for config in configs:
            if (steps := config.get("pipeline", pipeline)) is not None:
                check_pipeline(steps)
        self.datasets = [build_subset(config, pipeline or (), role) for config, role in self._with_roles(configs)]
        self._ends: list[int] = []
        self._fully_initialized = False
        if not lazy_init:
            self.full_init()

    def full_init(self) -> None:
        """Read every set; does nothing the second time.

        Raises:
            DataError: A set is missing or empty.
        """
        if self._fully_initialized:
            return
        for dataset, role in self._with_roles(self.datasets):
            load_subset(dataset, role)
        warn_of_shared_files(self.set_names, self.datasets)
        self._ends = list(accumulate(len(dataset) for dataset in self.datasets))
        self._fully_initialized = True

    @property
    def metainfo(self) -> dict:
        """The ID set's meta information with ``id_set``, ``ood_sets`` (names) and ``groups`` added."""
        names = {"id_set": self.set_names[0], "ood_sets": self.set_names[1:], "groups": self.groups}
        return {**self.datasets[0].metainfo, **names}

    def __len__(self) -> int:
        self.full_init()
        return self._ends[-1]

    def get_data_info(self, idx: int) -> dict:
        """Return what is known of image ``idx`` before it is read, such as ``img_path`` and ``ood_set``."""
        position, local = self._locate(idx)
        info = self.datasets[position].get_data_info(local)
        if position:
            info.pop("gt_label", None)
        return {**info, "ood_set": self.set_names[position], "sample_idx": idx % len(self)}

    def __getitem__(self, idx: int) -> dict:
        """Return ``inputs`` and the tagged ``data_samples`` of image ``idx``."""
        position, local = self._locate(idx)
        packed = self.datasets[position][local]
        sample = packed["data_samples"]
        sample.set_metainfo({"ood_set": self.set_names[position], "sample_idx": idx % len(self)})
        if position or "gt_label" not in sample:
            sample.set_gt_label(torch.empty(0, dtype=torch.long))
        return packed

    def _locate(self, idx: int) -> tuple[int, int]:
        """Return which set image ``idx`` is in, and where in it."""
        if not -len(self) <= idx < len(self):
            raise IndexError(f"image {idx} of a benchmark of {len(self)} images")
        idx %= len(self)
        position = bisect_right(self._ends, idx)
        return position, idx - (self._ends[position - 1] if position else 0)

    def _with_roles(self, items: Sequence[Any]) -> list[tuple[Any, str]]:
        """Pair each item, ID set first, with how errors call its set."""
        return [(item, f"{'OOD' if i else 'ID'} set {self.set_names[i]!r}") for i, item in enumerate(items)]
