"""Every image once, dealt out to the processes."""

from collections.abc import Iterator, Sized

import torch
from mmengine.dist import get_dist_info
from mmengine.registry import DATA_SAMPLERS  # where the Runner looks
from torch.utils.data import Sampler


@DATA_SAMPLERS.register_module()
class ShareSampler(Sampler):
    """This process's share of all images, or of a random choice of them, in their order and none twice.

    MMEngine's ``DefaultSampler`` gives some images to two processes, so that all have equally many.

    Args:
        dataset: what to choose from.
        max_images: how many to choose; None is all.
        seed: of the choice, which is the same whatever the number of processes.

    Attributes:
        chosen: how many images all processes together read.
        share: the positions of this process's images among the chosen ones.
    """

    def __init__(self, dataset: Sized, max_images: int | None = None, seed: int | None = None) -> None:
        rank, processes = get_dist_info()
        self._images = torch.arange(len(dataset))
        if max_images is not None and max_images < len(dataset):
            order = torch.randperm(len(dataset), generator=torch.Generator().manual_seed(seed or 0))
            self._images = order[:max_images].sort().values
        self.chosen = len(self._images)
        self.share = torch.arange(rank, self.chosen, processes)

    def __iter__(self) -> Iterator[int]:
        return iter(self._images[self.share].tolist())

    def __len__(self) -> int:
        return len(self.share)
