"""What an entry of the tables of picture sets says, and the usual ways that sets lie on the disk."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Take:
    """Which pictures of a set a paper takes.

    Attributes:
        read: config of the reader; ``data_root`` relative to the folder of all data. Of several sets, read one behind
            the other, it has ``datasets``, MMEngine's ``ConcatDataset``.
        images: how many pictures that is.
        counted: whether somebody counted them; else the number is hearsay, and a difference no fault.
        origin: where to get it, if that is another place than the set's.
        tree: how it lies below the folder of all data, if otherwise than the set.
    """

    read: Mapping[str, Any]
    images: int
    counted: bool = True
    origin: str = ""
    tree: str = ""

    @property
    def parts(self) -> Sequence[Mapping[str, Any]]:
        """Configs of the sets that are read one behind the other; mostly one."""
        return self.read.get("datasets", [self.read])


@dataclass(frozen=True, kw_only=True)
class PictureSet:
    """A set as its makers release it.

    Attributes:
        licence: what its makers say, "not stated" where they do not.
        takes: takes by name; a paper takes "all", or the first where there is no such, unless its protocol says other.
        origin: where to get it, unless each take says so.
        tree: how it lies below the folder of all data, unless each take says so.
        classes: the class list of an ID set, None for sets that are only OOD.
        archives: the MD5 of the archives that it is released in, where somebody published it.
        note: what goes wrong with it.
    """

    licence: str
    takes: Mapping[str, Take]
    origin: str = ""
    tree: str = ""
    classes: str | None = None
    archives: Mapping[str, str] = field(default_factory=dict)
    note: str = ""


OPENOOD = "OpenOOD v1.5's download script (https://github.com/Jingkang50/OpenOOD)"


def all_pictures(folder: str, images: int, counted: bool = True, **more: Any) -> dict[str, Take]:
    """All pictures below a folder, whatever its subfolders."""
    return {"all": Take(read={"type": "Pictures", "data_root": folder, **more}, images=images, counted=counted)}


def in_classes(folder: str, class_list: str | None, images: int, counted: bool = True) -> dict[str, Take]:
    """The pictures in class folders."""
    read = {"type": "ClassFolders", "data_root": folder} | ({"class_list": class_list} if class_list else {})
    return {"all": Take(read=read, images=images, counted=counted)}


def openood(table: str, images: int, prefix: str = "images_largescale", *, take: str = "openood", counted: bool = True
            ) -> dict[str, Take]:  # fmt: skip
    """An image list of OpenOOD v1.5, read as it is, of pictures in the folders that it names below ``prefix``."""
    table = f"benchmark_imglist/{table}.txt"
    read = {"type": "Pictures", "data_root": "openood", "data_prefix": prefix, "table": table}
    tree = f"openood/{{{table},{prefix}/<the list's paths>}}"
    return {take: Take(read=read, images=images, counted=counted, origin=OPENOOD, tree=tree)}


def cifar_lists(name: str, cifar10: int, cifar100: int, counted: bool = False) -> dict[str, Take]:
    """OpenOOD v1.5's two lists of a set: beside CIFAR-10, and beside CIFAR-100, whose classes others overlap with."""
    lists = (("cifar10", cifar10), ("cifar100", cifar100))
    takes = (
        openood(f"{by}/test_{name}", n, "images_classic", take=f"openood-{by}", counted=counted) for by, n in lists
    )
    return {take: what for one in takes for take, what in one.items()}


def joined(name: str, *takes: Take) -> dict[str, Take]:
    """Lists of OpenOOD v1.5 one behind the other, as the take ``name``."""
    read = {"type": "ConcatDataset", "datasets": [take.read for take in takes]}
    tree = ", ".join(take.tree for take in takes)
    return {name: Take(read=read, images=sum(take.images for take in takes), origin=OPENOOD, tree=tree)}


def as_they_are(take: Take) -> Take:
    """Pictures that have the size of the tower's already, and are not resized."""
    packed = {"type": "PackInputs", "meta_keys": ["img_path", "unreadable", "digest"]}
    return replace(take, read={**take.read, "pipeline": [{"type": "LoadRGBImage"}, packed]})


IMAGENET_TERMS = "ImageNet's terms: research only"
HENDRYCKS = "https://people.eecs.berkeley.edu/~hendrycks/{}.tar"
