"""A data set that stands for the images that features were kept of."""

from collections.abc import Mapping, Sequence
from typing import Any

from mmpretrain.structures import DataSample
from torch.utils.data import Dataset

from mmneglabel.datasets.ood_benchmark import check_groups
from mmneglabel.features.kept import KeptFeatures
from mmneglabel.results import NO_LABEL


class KeptImages(Dataset):
    """A benchmark as it was when its features were kept.

    Args:
        kept: the features.
        groups: group name -> its OOD sets.
    """

    def __init__(self, kept: KeptFeatures, groups: Mapping[str, Sequence[str]]) -> None:
        self._kept, self.set_names = kept, kept.set_names
        self._unreadable, self._paths = dict(kept.unreadable), kept.images.paths
        id_set, *ood_sets = kept.set_names
        self.metainfo = {"id_set": id_set, "ood_sets": tuple(ood_sets), "groups": check_groups(groups, ood_sets)}
        if kept.classes is not None:
            self.metainfo["classes"] = kept.classes

    def __len__(self) -> int:
        return len(self._kept.features)

    def __getitems__(self, indices: list[int]) -> dict[str, Any]:
        """Features (B, D) and data samples of a block; PyTorch's loader prefers this to items one by one."""
        return {"features": self._kept.features[indices], "data_samples": [self._sample(i) for i in indices]}

    def get_data_info(self, index: int) -> dict[str, Any]:
        """Path, set and label of an image, as a benchmark has them."""
        name = self.set_names[self._kept.sets[index]]
        return {"img_path": self._paths[index], "ood_set": name, "gt_label": self._kept.labels[index].item()}

    def _sample(self, index: int) -> DataSample:
        label = self._kept.labels[index : index + 1]
        name, unreadable = self.set_names[self._kept.sets[index]], self._unreadable.get(index)
        sample = DataSample(metainfo={"ood_set": name, "sample_idx": index, "unreadable": unreadable})
        return sample.set_gt_label(label if label != NO_LABEL else label[:0])
