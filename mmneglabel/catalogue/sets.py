"""The picture sets of the field as data: where they come from, how they lie on the disk, how many pictures they hold.

Nothing here opens a file: a set is a config of the one reader of folders and tables, and what can be said beforehand
of the pictures that it finds. Names, counts and layouts are the makers' own; counts that nobody confirmed are marked.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from mmneglabel.errors import ConfigError, did_you_mean


@dataclass(frozen=True, kw_only=True)
class Take:
    """Which pictures of a set a paper takes.

    Attributes:
        read: config of the reader; ``data_root`` relative to the folder of all data.
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


@dataclass(frozen=True, kw_only=True)
class PictureSet:
    """A set as its makers release it.

    Attributes:
        licence: what its makers say, "not stated" where they do not.
        takes: takes by name; "all" is what a paper takes where its protocol says no other.
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


_OPENOOD = "OpenOOD v1.5's download script (https://github.com/Jingkang50/OpenOOD)"


def _pictures(folder: str, images: int, counted: bool = True, **more: Any) -> dict[str, Take]:
    """All pictures below a folder, whatever its subfolders."""
    return {"all": Take(read={"type": "Pictures", "data_root": folder, **more}, images=images, counted=counted)}


def _classes(folder: str, class_list: str | None, images: int, counted: bool = True) -> dict[str, Take]:
    """The pictures in class folders."""
    read = {"type": "ClassFolders", "data_root": folder} | ({"class_list": class_list} if class_list else {})
    return {"all": Take(read=read, images=images, counted=counted)}


def _openood(table: str, images: int, prefix: str = "images_largescale", counted: bool = True) -> dict[str, Take]:
    """An image list of OpenOOD v1.5, read as it is, of pictures in the folders that it names below ``prefix``."""
    table = f"benchmark_imglist/{table}.txt"
    read = {"type": "Pictures", "data_root": "openood", "data_prefix": prefix, "table": table}
    tree = f"openood/{{{table},{prefix}/<the list's paths>}}"
    return {"openood": Take(read=read, images=images, counted=counted, origin=_OPENOOD, tree=tree)}


_ILSVRC = "https://image-net.org/download.php, the validation images of ILSVRC2012"
_IMAGENET_TERMS = "ImageNet's terms: research only"
_MOS = "http://pages.cs.wisc.edu/~huangrui/imagenet_ood_dataset/{}.tar.gz, made for MOS (CVPR 2021)"
_NINCO = "https://zenodo.org/records/8013288, NINCO_all.tar.gz"
_NINCO_ARCHIVE = {"NINCO_all.tar.gz": "b9ffae324363cd900a81ce3c367cd834"}
_HENDRYCKS = "https://people.eecs.berkeley.edu/~hendrycks/{}.tar"


def _imagenet_part(class_list: str, classes: int, note: str = "") -> PictureSet:
    """Some classes of ImageNet-1k's validation images; no copies and no links are needed."""
    return PictureSet(
        origin=_ILSVRC,
        licence=_IMAGENET_TERMS,
        tree="imagenet/val/<WordNet id>/*.JPEG; other class folders may lie beside them",
        takes={
            **_classes("imagenet/val", class_list, 50 * classes),
            "train": Take(
                read={"type": "ClassFolders", "data_root": "imagenet/train", "class_list": class_list},
                images=1_300 * classes,
                counted=False,
                tree="imagenet/train/<WordNet id>/*.JPEG",
            ),
        },
        classes=class_list,
        note=note or "The pictures must lie in class folders: a flat val/ does for ImageNet-1k alone.",
    )


ID_SETS: dict[str, PictureSet] = {
    "ImageNet-1k": PictureSet(
        origin=_ILSVRC,
        licence=_IMAGENET_TERMS,
        tree="imagenet/val/<WordNet id>/*.JPEG; or flat, with imagenet/meta/val.txt of 'path label' lines",
        takes={
            "all": Take(read={"type": "ImageNet", "data_root": "imagenet", "split": "val"}, images=50_000),
            **_openood("imagenet/test_imagenet", 45_000),
        },
        classes="imagenet1k",
    ),
    "ImageNet-10": _imagenet_part("imagenet10", 10),
    "ImageNet-20": _imagenet_part("imagenet20", 20),
    "ImageNet-99": _imagenet_part("imagenet99", 99, "ImageNet-100 without the race car, which ImageNet-10 holds."),
    "ImageNet-100": _imagenet_part("imagenet100_tagfog_1", 100),
    "ImageNet-100-I": _imagenet_part("imagenet100_tagfog_1", 100, "TagFog's first hundred, the same as ImageNet-100."),
    "ImageNet-100-II": _imagenet_part("imagenet100_tagfog_2", 100),
    "ImageNet-200": PictureSet(
        licence=_IMAGENET_TERMS,
        takes=_openood("imagenet200/test_imagenet200", 9_000),
        classes="imagenet_r",
        note="ImageNet-R's classes, 45 pictures each.",
    ),
    "ImageNet-A": PictureSet(
        origin=_HENDRYCKS.format("imagenet-a"),
        licence="MIT",
        tree="imagenet-a/<WordNet id>/*.jpg",
        takes=_classes("imagenet-a", "imagenet_a", 7_500, counted=False),
        classes="imagenet_a",
        archives={"imagenet-a.tar": "c3e55429088dc681f30d81f4726b6595"},
        note="CSP's and NegRefine's code prompts with the first word of each name alone.",
    ),
    "ImageNet-R": PictureSet(
        origin=_HENDRYCKS.format("imagenet-r"),
        licence="MIT",
        tree="imagenet-r/<WordNet id>/*.jpg",
        takes=_classes("imagenet-r", "imagenet_r", 30_000),
        classes="imagenet_r",
        archives={"imagenet-r.tar": "a61312130a589d0ca1a8fca1f2bd3337"},
    ),
    "ImageNet-Sketch": PictureSet(
        origin="https://github.com/HaohanWang/ImageNet-Sketch (Google Drive, Kaggle)",
        licence="MIT (the repository); the pictures' not stated",
        tree="sketch/<WordNet id>/*.JPEG",
        takes=_classes("sketch", "imagenet1k", 50_889, counted=False),
        classes="imagenet1k",
    ),
    "ImageNet-V2": PictureSet(
        origin="https://huggingface.co/datasets/vaishaal/ImageNetV2, matched frequency",
        licence="MIT",
        tree="imagenetv2-matched-frequency-format-val/<0 to 999>/*.jpeg",
        takes=_classes("imagenetv2-matched-frequency-format-val", None, 10_000),
        classes="imagenet1k",
        note="The folders are label numbers, which most readers sort as text: 0, 1, 10, 100.",
    ),
    "CUB-200": PictureSet(
        origin="https://www.vision.caltech.edu/datasets/cub_200_2011/, CUB_200_2011.tgz",
        licence="not stated",
        tree="CUB_200_2011/{images/<001.Black_footed_Albatross>/*.jpg,images.txt,image_class_labels.txt,"
        "train_test_split.txt}",
        takes={
            **_classes("CUB_200_2011/images", "cub200", 11_788),
            "test": Take(
                read={
                    "type": "Pictures",
                    "data_root": "CUB_200_2011",
                    "data_prefix": "images",
                    "table": ["images.txt", "image_class_labels.txt", "train_test_split.txt"],
                    "columns": {"path": 1, "label": 2},
                    "rows": {3: 0},
                    "first_label": 1,
                },
                images=5_794,
                counted=False,
            ),
        },
        classes="cub200",
        note="CSP and NegRefine score all pictures, MCM and EOE the test split.",
    ),
    "Stanford Cars": PictureSet(
        origin="https://www.kaggle.com/datasets/eduardo4jesus/stanford-cars-dataset; the makers' own address is dead",
        licence="not stated",
        tree="stanford_cars/{cars_test/*.jpg,cars_test_annos_withlabels.mat}",
        takes={
            "all": Take(
                read={
                    "type": "Pictures",
                    "data_root": "stanford_cars",
                    "data_prefix": "cars_test",
                    "table": "cars_test_annos_withlabels.mat",
                    "columns": {"path": "annotations.fname", "label": "annotations.class"},
                    "first_label": 1,
                },
                images=8_041,
            )
        },
        classes="stanford_cars",
        note="Per-class copies sort the classes in another order than the labels; all papers take the test split.",
    ),
    "Food-101": PictureSet(
        origin="https://data.vision.ee.ethz.ch/cvl/datasets_extra/food-101/, food-101.tar.gz",
        licence="not stated",
        tree="food-101/{images/<apple_pie>/*.jpg,meta/test.json}",
        takes={
            **_classes("food-101/images", "food101", 101_000),
            "test": Take(
                read={
                    "type": "Pictures",
                    "data_root": "food-101",
                    "data_prefix": "images",
                    "table": "meta/test.json",
                    "ending": ".jpg",
                },
                images=25_250,
            ),
        },
        classes="food101",
        archives={"food-101.tar.gz": "85eeb15f3717b99a5da872d97d918f87"},
        note="The papers' lists put cheesecake before cheese plate, the folders do not: labels are the folders' here.",
    ),
    "Oxford Pets": PictureSet(
        origin="https://www.robots.ox.ac.uk/~vgg/data/pets/, images.tar.gz and annotations.tar.gz",
        licence="CC BY-SA 4.0",
        tree="oxford-iiit-pet/{images/<Abyssinian_1>.jpg,annotations/{list,test}.txt}",
        takes={
            name: Take(
                read={
                    "type": "Pictures",
                    "data_root": "oxford-iiit-pet",
                    "data_prefix": "images",
                    "table": f"annotations/{table}.txt",
                    "columns": {"path": 0, "label": 1},
                    "ending": ".jpg",
                    "first_label": 1,
                },
                images=images,
                counted=False,
            )
            for name, table, images in (("all", "list", 7_349), ("test", "test", 3_669))
        },
        classes="oxford_pets",
        archives={
            "images.tar.gz": "5c4f3ee8e5d25df40f4fd59a7f44e54c",
            "annotations.tar.gz": "95a8c909bbe2e81eed6a22bccdf3f68f",
        },
        note="There are no class folders. MCM and EOE score the test split; CSP's code opens every file of the "
        "folder, of which some 40 are in no list.",
    ),
    "CIFAR-10": PictureSet(
        origin="https://www.cs.toronto.edu/~kriz/cifar.html, the Python version",
        licence="not stated",
        tree="cifar10/cifar-10-batches-py/test_batch",
        takes={
            "all": Take(
                read={"type": "CIFAR10", "data_root": "cifar10", "split": "test", "download": False}, images=10_000
            )
        },
        classes="cifar10",
    ),
    "CIFAR-100": PictureSet(
        origin="https://www.cs.toronto.edu/~kriz/cifar.html, the Python version",
        licence="not stated",
        tree="cifar100/cifar-100-python/test",
        takes={
            "all": Take(
                read={"type": "CIFAR100", "data_root": "cifar100", "split": "test", "download": False}, images=10_000
            )
        },
        classes="cifar100",
    ),
    "Waterbirds": PictureSet(
        origin="https://nlp.stanford.edu/data/dro/waterbird_complete95_forest2water2.tar.gz",
        licence="not stated",
        tree="waterbird_complete95_forest2water2/{<001.Black_footed_Albatross>/*.jpg,metadata.csv}",
        takes={
            name: Take(
                read={
                    "type": "Pictures",
                    "data_root": "waterbird_complete95_forest2water2",
                    "table": "metadata.csv",
                    "columns": {"path": "img_filename", "label": "y"},
                    **({} if split is None else {"rows": {"split": split}}),
                },
                images=images,
                counted=split is None,
            )
            for name, split, images in (("all", None, 11_788), ("val", 1, 1_199), ("test", 2, 5_794))
        },
        classes="waterbirds",
        note="The 200 folders are CUB's and no classes: metadata.csv says which is a water bird.",
    ),
}
"""Sets that papers take as in-distribution, by the names of their tables."""


OOD_SETS: dict[str, PictureSet] = {
    **{
        name: PictureSet(
            origin=_MOS.format(name),
            licence="that of the set that it is a part of",
            tree=f"{name}/images/*.jpg",
            takes=_pictures(name, 10_000),
        )
        for name in ("SUN", "Places")
    },
    "iNaturalist": PictureSet(
        origin=_MOS.format("iNaturalist"),
        licence="that of the set that it is a part of",
        tree="iNaturalist/images/*.jpg",
        takes=_pictures("iNaturalist", 10_000) | _openood("imagenet/test_inaturalist", 10_000),
    ),
    "Textures": PictureSet(
        origin="https://www.robots.ox.ac.uk/~vgg/data/dtd/, dtd-r1.0.1.tar.gz",
        licence="not stated",
        tree="dtd/images/<banded>/*.jpg",
        archives={"dtd-r1.0.1.tar.gz": "fff73e5086ae6bdbea199a49dfb8a4c1"},
        takes=_pictures("dtd/images", 5_640) | _openood("imagenet/test_textures", 5_160, "images_classic"),
        note="OpenOOD and ViM leave out four classes: 5,160 pictures.",
    ),
    "OpenImage-O": PictureSet(
        origin="https://github.com/haoqiwang/vim, a list of Open Images' test set",
        licence="not stated",
        tree="openimage_o/*.jpg",
        takes=_pictures("openimage_o", 17_632) | _openood("imagenet/test_openimage_o", 15_869),
    ),
    "NINCO": PictureSet(
        origin=_NINCO,
        licence="MIT (the repository)",
        tree="NINCO/NINCO_OOD_classes/<64 folders>/*",
        takes={
            **_pictures("NINCO/NINCO_OOD_classes", 5_879),
            # One picture is a GIF, which torchvision's ImageFolder, and so NegRefine's code, passes over.
            "no-gif": _pictures("NINCO/NINCO_OOD_classes", 5_878, extensions=[".jpg", ".jpeg", ".png"])["all"],
            **_openood("imagenet/test_ninco", 5_879),
        },
        archives=_NINCO_ARCHIVE,
    ),
    "Clean": PictureSet(
        origin=_NINCO,
        licence="MIT (the repository)",
        tree="NINCO/NINCO_popular_datasets_subsamples/<11 folders>/*",
        takes=_pictures("NINCO/NINCO_popular_datasets_subsamples", 2_715),
        archives=_NINCO_ARCHIVE,
    ),
    "SSB-hard": PictureSet(
        licence=_IMAGENET_TERMS,
        takes=_openood("imagenet/test_ssb_hard", 49_000),
        note="Of ImageNet-21K's fall11 release; winter21 lacks some of its classes.",
    ),
    "ImageNet-O": PictureSet(
        origin=_HENDRYCKS.format("imagenet-o"),
        licence="MIT",
        tree="imagenet-o/<WordNet id>/*.JPEG",
        takes=_pictures("imagenet-o", 2_000),
        archives={"imagenet-o.tar": "86bd7a50c1c4074fb18fc5f219d6d50b"},
        note="A folder says what a ResNet-50 takes its pictures for, not what is in them.",
    ),
    "Places background": PictureSet(
        origin="the authors' Google Drive, which https://github.com/deeplearning-wisc/MCM (issue 7) links",
        licence="not stated",
        tree="placesbg/*.jpg",
        takes=_pictures("placesbg", 10_000, counted=False),
    ),
    "SVHN": PictureSet(
        licence="not stated",
        takes=_openood("cifar10/test_svhn", 26_032, "images_classic", counted=False),
        note="OpenOOD's copy as files; Stanford's test_32x32.mat is no folder of pictures.",
    ),
    "iSUN": PictureSet(
        origin="linked from https://github.com/facebookresearch/odin, iSUN.tar.gz",
        licence="not stated",
        tree="iSUN/iSUN_patches/*.jpeg",
        takes=_pictures("iSUN/iSUN_patches", 8_925, counted=False),
    ),
    "LSUN-C": PictureSet(
        origin="https://www.dropbox.com/s/raw/fhtsw1m3qxlwj6h/LSUN.tar.gz, ODIN's copy",
        archives={"LSUN.tar.gz": "458a0a0ab8e5f1cb4516d7400568e460"},
        licence="not stated",
        tree="LSUN/test/*.jpg",
        takes=_pictures("LSUN/test", 10_000),
    ),
    "LSUN-R": PictureSet(
        origin="https://www.dropbox.com/s/raw/moqh2wh8696c3yl/LSUN_resize.tar.gz, ODIN's copy",
        archives={"LSUN_resize.tar.gz": "278b7b31c8cb7e804a1465a8ce03a2dc"},
        licence="not stated",
        tree="LSUN_resize/LSUN_resize/*.jpg",
        takes=_pictures("LSUN_resize/LSUN_resize", 10_000),
    ),
    "Places365": PictureSet(
        origin="http://places2.csail.mit.edu, 10,000 of test_256.tar",
        licence="Places2's terms: research and education, not commercial",
        tree="places365/test_subset/*.jpg",
        takes={
            **_pictures("places365/test_subset", 10_000),
            **_openood("cifar10/test_places365", 36_500, "images_classic", counted=False),
        },
        note="Nobody published which 10,000 TagFog drew; OpenOOD's are another set of the same name.",
    ),
    "MNIST": PictureSet(
        licence="not stated",
        takes=_openood("cifar10/test_mnist", 70_000, "images_classic", counted=False),
    ),
    "Tiny ImageNet": PictureSet(
        licence=_IMAGENET_TERMS,
        takes=_openood("cifar10/test_tin", 7_793, "images_classic"),
        note="7,793 remain beside CIFAR-10, 6,526 beside CIFAR-100.",
    ),
}
"""Sets that papers take as out-of-distribution; ID sets may stand in their place."""

SETS = ID_SETS | OOD_SETS


def find_set(name: str) -> PictureSet:
    """The set of that name.

    Raises:
        ConfigError: there is none.
    """
    if name not in SETS:
        raise ConfigError(f"No picture set {name!r}: {did_you_mean(name, SETS)}")
    return SETS[name]


def find_take(name: str, take: str | None = None) -> Take:
    """What a paper takes of the set ``name``; None means all, or the only take there is.

    Raises:
        ConfigError: the set has no such take, or several and none of all.
    """
    takes = find_set(name).takes
    wanted = take or ("all" if "all" in takes or len(takes) > 1 else next(iter(takes)))
    if wanted not in takes:
        raise ConfigError(f"Picture set {name!r} has no take {wanted!r}: {did_you_mean(wanted, takes)}")
    return takes[wanted]


def set_config(name: str, take: str | None = None, data_root: str = "data") -> dict[str, Any]:
    """The config of a set for ``OODBenchmark``, its folder below ``data_root``."""
    read = dict(find_take(name, take).read)
    return {"name": name, **read, "data_root": str(PurePosixPath(data_root) / read["data_root"])}
