"""Names of the ID classes for prompts: those of a class list, or of a set that open_clip knows."""

from collections.abc import Callable

from mmneglabel.corpus.class_list import Spec, read_classes
from mmneglabel.corpus.descriptions import is_wordnet_id
from mmneglabel.errors import ConfigError


def read_class_names(spec: Spec) -> tuple[str, ...]:
    """The class names in label order. Repeats are legal: ImageNet-1k has 'missile' and 'sunglasses' twice.

    Args:
        spec: 'imagenet' for open_clip's 1,000 names, or a class list as `read_classes` takes it.

    Raises:
        ConfigError: as `read_classes`, or a class is named by its WordNet id alone.
        DataError: as `read_classes`.
    """
    if isinstance(spec, str) and spec in _KNOWN_SETS:
        return _KNOWN_SETS[spec]()
    names = tuple(listed.name for listed in read_classes(spec, "class_names", known=_KNOWN_SETS))
    if ids := [name for name in names if is_wordnet_id(name)]:
        raise ConfigError(
            f"class_names: {len(ids)} of {len(names)} are WordNet ids, first {ids[0]!r}, which no text tower knows: "
            f"write its name behind it, as in 'n01440764 tench'"
        )
    return names


def _imagenet() -> tuple[str, ...]:
    # open_clip brings torch along: only who asks for its names pays for the import.
    from open_clip import IMAGENET_CLASSNAMES

    return tuple(IMAGENET_CLASSNAMES)


_KNOWN_SETS: dict[str, Callable[[], tuple[str, ...]]] = {"imagenet": _imagenet}
