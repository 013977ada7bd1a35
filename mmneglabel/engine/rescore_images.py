"""Finding the kept features that a config means, and a dataset that stands for the images they were made from."""

from collections.abc import Mapping, Sequence
from typing import Any

from mmengine.runner import Runner
from mmpretrain.registry import DATASETS
from mmpretrain.structures import DataSample
from torch.utils.data import Dataset

from mmneglabel.datasets.ood_benchmark import check_groups
from mmneglabel.engine.feature_cache import FeatureCache, ImageFeatures
from mmneglabel.engine.feature_cache_key import feature_recipe, list_images
from mmneglabel.engine.runner_model import classifier
from mmneglabel.errors import DataError, NegLabelError
from mmneglabel.evaluation.report import NO_LABEL


class KeptImages(Dataset):
    """A benchmark as it was when its features were kept.

    Args:
        kept: the features.
        groups: group name -> its OOD sets.
    """

    def __init__(self, kept: ImageFeatures, groups: Mapping[str, Sequence[str]]) -> None:
        self._kept, (id_set, *ood_sets) = kept, kept.set_names
        self.metainfo = {"id_set": id_set, "ood_sets": tuple(ood_sets), "groups": check_groups(groups, ood_sets)}
        if kept.classes is not None:
            self.metainfo["classes"] = kept.classes

    def __len__(self) -> int:
        return len(self._kept.features)

    def __getitems__(self, indices: list[int]) -> dict[str, Any]:
        """Features (B, D) and data samples of a block; PyTorch's loader prefers this to items one by one."""
        return {"features": self._kept.features[indices], "data_samples": [self._sample(i) for i in indices]}

    def _sample(self, index: int) -> DataSample:
        label = self._kept.labels[index : index + 1]
        name = self._kept.set_names[self._kept.sets[index]]
        unreadable = self._kept.unreadable.get(index)
        sample = DataSample(metainfo={"ood_set": name, "sample_idx": index, "unreadable": unreadable})
        return sample.set_gt_label(label if label != NO_LABEL else label[:0])


def find_images(runner: Runner, dataset: Mapping[str, Any], fp16: bool, cache_dir: str | None) -> KeptImages:
    """The kept images of the benchmark ``dataset``, seen by the runner's model.

    Raises:
        DataError: there are none, or the images changed since.
    """
    cache, recipe = FeatureCache(cache_dir), feature_recipe(classifier(runner), dataset, fp16)
    mend = f"run `python tools/test.py {runner.cfg.filename} --save-features` with the same checkpoint and options"
    kept = cache.load(recipe)
    if kept is None:
        raise DataError(f"No features of these images by this model are kept in {cache.folder}: {mend} first.")
    if unchecked := _compare(kept, dataset, mend):
        runner.logger.warning(f"Scoring the kept features without a look at the images: {unchecked}.")
    runner.logger.info(f"{len(kept.features)} images, features from {cache.path(recipe)}.")
    return KeptImages(kept, dataset.get("groups") or {})


def _compare(kept: ImageFeatures, dataset: Mapping[str, Any], mend: str) -> str | None:
    """Why the images cannot be compared with those that the features were made from; None if they are the same.

    Where images are gone, the features stand for them.

    Raises:
        DataError: they are all there, and others.
    """
    try:
        images = list_images(DATASETS.build(dataset))
    except NegLabelError as error:  # the very same settings found the images when the features were made
        return str(error).rstrip(".")
    if images.checksum == kept.images:
        return None
    if images.missing:
        return f"{images.missing} of {len(images.sets)} are gone"
    raise DataError(
        f"The images changed since their features were kept ({len(kept.features)} then, {len(images.sets)} now, by "
        f"name, label and size): {mend}."
    )
