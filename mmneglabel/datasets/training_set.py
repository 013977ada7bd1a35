"""What TagFog trains on: ID pictures, their jigsaws and other outliers, each augmented by numbers of its own."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from numbers import Integral
from typing import Any

from mmengine.dataset import Compose
from mmengine.registry import DefaultScope
from mmpretrain.registry import DATASETS, TRANSFORMS

from mmneglabel.datasets.epochs import private_randomness
from mmneglabel.datasets.jigsaw import JIGSAW_SEED
from mmneglabel.datasets.ood_benchmark import step_names
from mmneglabel.datasets.subset import JoinedSets
from mmneglabel.errors import ConfigError, DataError, NegLabelError, whole

_JIGSAW, _AUGMENTATION = range(2)
"""First number of every seed, so that a jigsaw and an augmentation never draw the same numbers."""

Index = int | tuple[int, int]
"""The number of a sample, or the epoch and that number."""


class TrainingImageError(DataError):
    """A training picture cannot be read or does not fit the pipeline; always one line.

    PyTorch raises the error of a worker again, as the same class with the worker's whole traceback for a message. A
    traceback ends with the message of its error, so that line is taken.
    """

    def __init__(self, message: str) -> None:
        if "\nOriginal Traceback (most recent call last):\n" in message:
            message = message.strip().rpartition("\n")[2].partition(": ")[2]
        super().__init__(" ".join(message.split()))


@DATASETS.register_module()
class TrainingSet(JoinedSets):
    """The ID training set, then ``jigsaws_per_image`` jigsaws of each of its pictures, then other outliers.

    All outliers have the label K, the number of ID classes. A jigsaw is made whenever it is asked for, yet is always
    the same one, as if it lay on disk: the order of its tiles depends on ``seed``, the number of its ID picture and
    which of that picture's jigsaws it is. What the pipeline draws depends on ``seed``, the epoch and the number of the
    sample alone. So neither workers, processes nor a resumed run change a picture, and the global random numbers of
    Python, NumPy and PyTorch stay untouched. The epoch comes with the index: :class:`EpochSampler` asks for
    ``(epoch, index)``. Of an index alone the pipeline draws from the global random numbers, since the same pictures in
    every epoch would be worse.

    An unreadable picture stops the training with its name: nothing is learned from black pictures.

    Example of a config::

        dict(
            type='TrainingSet',
            id_set=dict(type='CIFAR10', data_root='data/cifar10', split='train'),
            jigsaws_per_image=2,
            pipeline=[
                dict(type='LoadRGBImage'),
                dict(type='ShuffleTiles', grid=4),
                dict(type='MultiView', num_views=2, transforms=[[...]]),
                dict(type='PackInputs'),
            ],
        )

    Args:
        id_set: Config of a dataset in the DATASETS registry that has labels and class names, without a pipeline.
        pipeline: Transforms of all pictures; needs ``ShuffleTiles`` where there are jigsaws, ends in ``PackInputs``.
        jigsaws_per_image: How many jigsaws of each ID picture. Defaults to 0.
        outliers: Config, or list of configs, of datasets whose pictures are outliers too, such as :class:`Pictures` of
            jigsaws; their labels do not matter. Defaults to None.
        seed: Of jigsaws and augmentations. Defaults to 0.
    """

    knows_epochs = True

    def __init__(
        self,
        id_set: Mapping[str, Any],
        pipeline: Sequence[Mapping[str, Any] | Callable[[dict], dict]],
        jigsaws_per_image: int = 0,
        outliers: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None,
        seed: int = 0,
    ) -> None:
        whole(self, least=0, jigsaws_per_image=jigsaws_per_image, seed=seed)
        _check_shuffled(pipeline, jigsaws_per_image)
        self.jigsaws_per_image = jigsaws_per_image
        self.seed = seed
        self.transforms = _build_transforms(pipeline)
        outliers = [outliers] if isinstance(outliers, Mapping) else list(outliers or ())
        configs = {"TrainingSet: id_set": id_set} | {f"TrainingSet: outliers[{i}]": c for i, c in enumerate(outliers)}
        super().__init__({role: _without_pipeline(config, role) for role, config in configs.items()})
        self._num_classes = len(self.metainfo.get("classes") or ())
        if not self._num_classes:
            raise DataError("TrainingSet: id_set: it knows no class names; give it classes=[...] or metainfo")
        # What a worker of the data loader raises arrives as a traceback: most of what can be wrong with a pipeline
        # shows by the first picture of each kind.
        for first in sorted({0, *self._ends[:-1]} - {len(self)}):
            self._check_packed(self._prepare(first, epoch=0))

    def _sizes(self) -> list[int]:
        """Jigsaws are a part of their own."""
        id_images, *others = super()._sizes()
        return [id_images, id_images * self.jigsaws_per_image, *others]

    @property
    def metainfo(self) -> dict:
        """The ID set's meta information; ``classes`` are the K ID classes."""
        return self.datasets[0].metainfo

    @property
    def pipeline(self) -> Compose:
        """What every picture goes through, as other datasets have it."""
        return Compose(self.transforms)

    def get_data_info(self, idx: int) -> dict:
        """Return what is known of sample ``idx`` before its picture is read, such as ``gt_label`` and ``img_path``."""
        part, local = self._locate(idx)
        if part == 1:
            local, copy = divmod(local, self.jigsaws_per_image)
        info = {**self.datasets[max(part - 1, 0)].get_data_info(local), "sample_idx": idx % len(self)}
        if part == 0:
            return _check_label(info, self._num_classes)
        mark = {JIGSAW_SEED: (_JIGSAW, self.seed, local, copy)} if part == 1 else {}
        return {**info, "gt_label": self._num_classes, **mark}

    def __getitem__(self, idx: Index) -> dict:
        """Return ``inputs`` and ``data_samples`` of a sample, as they are in an epoch if ``idx`` says which.

        Raises:
            TrainingImageError: Its picture cannot be read or does not fit the pipeline.
        """
        epoch, number = idx if isinstance(idx, tuple) else (None, idx)
        try:
            return self._prepare(number, epoch)
        except NegLabelError as err:
            raise TrainingImageError(str(err)) from err

    def _prepare(self, idx: int, epoch: int | None) -> dict:
        info = self.get_data_info(idx)
        seed = (_AUGMENTATION, self.seed, epoch, info["sample_idx"])
        with nullcontext() if epoch is None else private_randomness(seed):
            return self._transform(info, f"training image {info.get('img_path', info['sample_idx'])}")

    def _transform(self, results: dict, name: str) -> dict:
        for transform in self.transforms:
            try:
                results = transform(results)
            except NegLabelError as err:
                raise type(err)(f"{name}: {err}") from err
            if results is None:
                raise DataError(f"{name}: {type(transform).__name__} made nothing of it; check the file")
            # Looked for after every transform, as PackInputs takes it away.
            if results.get("unreadable"):
                raise DataError(f"training image {results['unreadable']}; mend the file or take it out of the set")
        return results

    def _check_packed(self, packed: Mapping[str, Any]) -> None:
        if not {"inputs", "data_samples"} <= packed.keys():
            names = [type(step).__name__ for step in self.transforms]
            raise ConfigError(f"TrainingSet: the pipeline must end in PackInputs; it is {names}")


def _without_pipeline(config: Mapping[str, Any], role: str) -> dict[str, Any]:
    if not isinstance(config, Mapping):
        raise ConfigError(f"{role} is {config!r}; give a dict(type=..., ...)")
    if "pipeline" in config:
        raise ConfigError(f"{role} has a pipeline of its own; give TrainingSet the pipeline of all pictures")
    return {"test_mode": False, **config}


def _check_label(info: dict, classes: int) -> dict:
    label = info.get("gt_label")
    if isinstance(label, Integral) and 0 <= label < classes:
        return {**info, "gt_label": int(label)}
    name = info.get("img_path", f"number {info['sample_idx']}")
    raise DataError(f"training image {name}: its label is {label!r}; the {classes} classes are 0 to {classes - 1}")


def _build_transforms(pipeline: Sequence[Any]) -> list[Callable[[dict], dict | None]]:
    # Wrappers look for what they wrap in the default scope, which outside of a Runner there may not be.
    scope = None if DefaultScope.get_current_instance() else "mmpretrain"
    with DefaultScope.overwrite_default_scope(scope):
        return [TRANSFORMS.build(step) if isinstance(step, Mapping) else step for step in pipeline]


def _check_shuffled(pipeline: Sequence[Any], jigsaws_per_image: int) -> None:
    """Without ``ShuffleTiles`` whole ID pictures would be learned as outliers, in silence."""
    if jigsaws_per_image and "ShuffleTiles" not in step_names(pipeline):
        raise ConfigError(
            f"TrainingSet: jigsaws_per_image={jigsaws_per_image}, but the pipeline has no ShuffleTiles; "
            "put dict(type='ShuffleTiles', grid=...) after the loading"
        )
