"""One dataset out of an ID set and OOD sets, each image tagged with the set it is from."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

import torch
from mmpretrain.registry import DATASETS

from mmneglabel.datasets.files import warn_of_shared_files
from mmneglabel.datasets.subset import JoinedSets
from mmneglabel.errors import ConfigError, did_you_mean
from mmneglabel.evaluation.report import MEAN

NamedConfig = Mapping[str, Any]


@DATASETS.register_module()
class OODBenchmark(JoinedSets):
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
                dict(name='iNaturalist', type='Pictures', data_root='data/iNaturalist/images'),
                dict(name='NINCO', type='Pictures', table='ninco.txt', data_root='data/ninco'),
            ],
            groups=dict(near=['NINCO'], far=['iNaturalist']),
        )

    Args:
        id_set: Config of a dataset in the DATASETS registry, with a ``name`` beside it. Several sets are one with
            ``dict(name=..., type='ConcatDataset', datasets=[dict(type=...), ...])``, as an OOD set too.
        ood_sets: Configs of the OOD sets, each with a ``name``. A list, so that a name given twice is noticed.
        pipeline: Transforms of every set that has no ``pipeline`` of its own; must end in ``PackInputs``. None leaves
            it to ``NegLabelMiningHook``, which makes it from what the model's tower was trained on.
        groups: Group name to the names of its OOD sets; a set may be in several groups or in none.
    """

    def __init__(
        self,
        id_set: NamedConfig,
        ood_sets: Sequence[NamedConfig],
        pipeline: Sequence[dict] | None = None,
        groups: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        configs = [id_set, *ood_sets]
        self.set_names = check_names(configs)
        self.groups = check_groups(groups or {}, self.set_names[1:])
        for config in chain.from_iterable(map(_parts, configs)):
            if (steps := config.get("pipeline", pipeline)) is not None:
                check_pipeline(steps)
        roles = [f"{'OOD' if i else 'ID'} set {name!r}" for i, name in enumerate(self.set_names)]
        super().__init__(dict(zip(roles, configs, strict=True)), pipeline or ())
        warn_of_shared_files(self.set_names, self.datasets)

    @property
    def metainfo(self) -> dict:
        """The ID set's meta information with ``id_set``, ``ood_sets`` (names) and ``groups`` added."""
        names = {"id_set": self.set_names[0], "ood_sets": self.set_names[1:], "groups": self.groups}
        return {**self.datasets[0].metainfo, **names}

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


def _parts(config: NamedConfig) -> Iterator[NamedConfig]:
    """The configs of the sets that read pictures: this one, or those that it puts one behind the other."""
    inner = [part for part in config.get("datasets") or () if isinstance(part, Mapping)]
    yield from chain.from_iterable(map(_parts, inner)) if inner else [config]


def check_names(configs: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """Return the names of the sets, the ID set first.

    Raises:
        ConfigError: There is no OOD set, or a name is missing, reserved, given twice, or holds a ``/``.
    """
    if len(configs) < 2:
        raise ConfigError("OODBenchmark: ood_sets is empty; give at least one dict(name=..., type=..., ...)")
    names: list[str] = []
    for position, config in enumerate(configs):
        where = f"ood_sets[{position - 1}]" if position else "id_set"
        if not isinstance(config, Mapping):
            raise ConfigError(f"OODBenchmark: {where} is {config!r}; give a dict(name=..., type=..., ...)")
        name = config.get("name")
        if not isinstance(name, str) or not name:
            raise ConfigError(f"OODBenchmark: {where} has name={name!r}; give it a name")
        _check_not_reserved(name, "a set")
        if name in names:
            raise ConfigError(f"OODBenchmark: two sets are called {name!r}; give each set a name of its own")
        names.append(name)
    return tuple(names)


def check_groups(groups: Mapping[str, Sequence[str]], ood_names: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return the groups as plain tuples of set names.

    Raises:
        ConfigError: A group is empty, is called like a set or by a reserved name, or holds a name that is doubled or
            that no OOD set has.
    """
    for group, members in groups.items():
        _check_not_reserved(group, "a group")
        if group in ood_names:
            raise ConfigError(f"OODBenchmark: group {group!r} is called like an OOD set; choose another name")
        if isinstance(members, str) or not members or len(set(members)) < len(members):
            raise ConfigError(f"OODBenchmark: group {group!r} is {members!r}; give a list of distinct OOD sets")
        for name in members:
            if name not in ood_names:
                hint = did_you_mean(name, ood_names)
                raise ConfigError(f"OODBenchmark: group {group!r} names {name!r}, which is no OOD set; {hint}")
    return {group: tuple(members) for group, members in groups.items()}


def check_pipeline(pipeline: Sequence[Any], owner: str = "OODBenchmark") -> None:
    """Check that the pipeline packs its results, and packs ``unreadable`` if it loads with ``LoadRGBImage``.

    Raises:
        ConfigError: Without this an unreadable picture would be scored as a black one, in silence; or there are
            several views of a picture.
    """
    names = list(step_names(pipeline))
    if "TestTimeAug" in names:
        raise ConfigError(
            f"{owner}: test-time augmentation (--tta, TestTimeAug) averages class scores and no OOD scores: leave "
            "it out"
        )
    if not names or names[-1] != "PackInputs":
        raise ConfigError(f"{owner}: the pipeline must end in PackInputs; it is {names}")
    last = pipeline[-1]
    packed = last.get("meta_keys", ()) if isinstance(last, Mapping) else last.meta_keys
    if "LoadRGBImage" in names and "unreadable" not in packed:
        raise ConfigError(
            f"{owner}: PackInputs must carry 'unreadable' from LoadRGBImage; add it to meta_keys={packed!r}"
        )


def step_names(steps: Sequence[Any]) -> Iterator[str]:
    """Names of a pipeline's transforms, those within wrappers such as ``MultiView`` too."""
    for step in steps:
        if isinstance(step, Mapping):
            kind = step.get("type")
            yield getattr(kind, "__name__", str(kind)).rpartition(".")[2]
            yield from step_names(step.get("transforms", ()))
        elif isinstance(step, Sequence) and not isinstance(step, str):
            yield from step_names(step)
        else:
            yield type(step).__name__


def _check_not_reserved(name: str, what: str) -> None:
    if name == MEAN or "/" in name:
        raise ConfigError(f"OODBenchmark: {what} is called {name!r}; {MEAN!r} and names with '/' are reserved")
