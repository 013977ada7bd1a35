"""Collects the features of a test's images, from all processes, for the disk."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from mmpretrain.structures import DataSample
from numpy.typing import NDArray
from torch import Tensor

from mmneglabel.datasets import OODBenchmark
from mmneglabel.features.images import as_digest, digest_of, list_images, stats
from mmneglabel.features.kept import KeptFeatures
from mmneglabel.ranks import each_once, gathered, rank, rows_on_first

_LOG = logging.getLogger(__name__)


class FeatureCollector:
    """What one process has seen of a benchmark so far; to be made before the first image is read."""

    def __init__(self, benchmark: OODBenchmark) -> None:
        self._benchmark = benchmark
        # A file that changes while the test runs has another time afterwards, whichever of its contents was read.
        self._images = list_images(benchmark) if rank() == 0 else None
        self._stats = stats(self._images.paths) if self._images else None
        self._index: list[int] = []
        self._features: list[Tensor] = []
        self._digests: list[NDArray[np.uint8]] = []
        self._unreadable: dict[int, str] = {}

    def add(self, samples: Sequence[DataSample]) -> None:
        """Take the ``image_feature`` of each sample of a batch, and the ``digest`` of its file if it knows one."""
        self._index += [sample.sample_idx for sample in samples]
        self._features.append(torch.stack([sample.image_feature for sample in samples]))
        self._digests += [as_digest(sample.get("digest")) for sample in samples]
        messages = {sample.sample_idx: sample.get("unreadable") for sample in samples}
        self._unreadable |= {index: message for index, message in messages.items() if message is not None}

    def of_all(self, recipe: Mapping[str, Any]) -> KeptFeatures | None:
        """All processes' features on the first one, None on the others; takes part in gathering."""
        parts = (torch.tensor(self._index), torch.cat(self._features), torch.from_numpy(np.stack(self._digests)))
        index, features, digests = map(rows_on_first, parts)
        unreadable = {index: why for part in gathered(self._unreadable) for index, why in part.items()}
        if self._images is None:
            return None
        order = each_once(index, len(self._benchmark))
        return KeptFeatures.of(
            self._images,
            self._known(digests[order], unreadable),
            features=features[order],
            stats=self._stats,
            recipe=recipe,
            set_names=self._benchmark.set_names,
            classes=self._benchmark.metainfo.get("classes"),
            unreadable=tuple(sorted(unreadable.items())),
        )

    def _known(self, digests: Tensor, unreadable: Mapping[int, str]) -> Tensor:
        """The digests with those filled in that no sample carried: of pictures in memory, and of files read again."""
        paths, known = self._images.paths, digests.bool().any(1, keepdim=True)
        digests = torch.where(known, digests, self._images.digests)
        unknown = torch.nonzero(~digests.bool().any(1)).flatten().tolist()
        again = [index for index in unknown if paths[index]]
        if forgotten := len(set(again) - unreadable.keys()):
            _LOG.warning(
                "%d pictures are read a second time for their digest: name it in the pipeline, "
                "PackInputs(meta_keys=(..., 'digest')).",
                forgotten,
            )
        # Of a file that changed since the test began nobody knows which bytes were decoded.
        for index, now in zip(again, stats(paths[index] for index in again), strict=True):
            if torch.equal(now, self._stats[index]):
                digests[index] = torch.from_numpy(digest_of(paths[index]).copy())
        return digests
