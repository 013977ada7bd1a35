"""Sets that papers take as in-distribution, as data: where they come from, how they lie, how many pictures."""

from mmneglabel.catalogue.takes import (
    HENDRYCKS,
    IMAGENET_TERMS,
    PictureSet,
    Take,
    as_they_are,
    cifar_lists,
    in_classes,
    joined,
    openood,
)

_ILSVRC = "https://image-net.org/download.php, the validation images of ILSVRC2012"


def _imagenet_part(class_list: str, classes: int, note: str = "") -> PictureSet:
    """Some classes of ImageNet-1k's validation images; no copies and no links are needed."""
    return PictureSet(
        origin=_ILSVRC,
        licence=IMAGENET_TERMS,
        tree="imagenet/val/<WordNet id>/*.JPEG; other class folders may lie beside them",
        takes={
            **in_classes("imagenet/val", class_list, 50 * classes),
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
        licence=IMAGENET_TERMS,
        tree="imagenet/val/<WordNet id>/*.JPEG; or flat, with imagenet/meta/val.txt of 'path label' lines",
        takes={
            "all": Take(read={"type": "ImageNet", "data_root": "imagenet", "split": "val"}, images=50_000),
            **openood("imagenet/test_imagenet", 45_000),
            **joined(
                "full-spectrum",
                *openood("imagenet/test_imagenet", 45_000).values(),
                *openood("imagenet/test_imagenet_v2", 10_000).values(),
                *map(as_they_are, openood("imagenet/test_imagenet_c", 10_000).values()),
                *openood("imagenet/test_imagenet_r", 30_000).values(),
            ),
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
        licence=IMAGENET_TERMS,
        takes=openood("imagenet200/test_imagenet200", 9_000),
        classes="imagenet_r",
        note="ImageNet-R's classes, 45 pictures each.",
    ),
    "ImageNet-A": PictureSet(
        origin=HENDRYCKS.format("imagenet-a"),
        licence="MIT",
        tree="imagenet-a/<WordNet id>/*.jpg",
        takes=in_classes("imagenet-a", "imagenet_a", 7_500, counted=False),
        classes="imagenet_a",
        archives={"imagenet-a.tar": "c3e55429088dc681f30d81f4726b6595"},
        note="CSP's and NegRefine's code prompts with the first word of each name alone.",
    ),
    "ImageNet-R": PictureSet(
        origin=HENDRYCKS.format("imagenet-r"),
        licence="MIT",
        tree="imagenet-r/<WordNet id>/*.jpg",
        takes=in_classes("imagenet-r", "imagenet_r", 30_000),
        classes="imagenet_r",
        archives={"imagenet-r.tar": "a61312130a589d0ca1a8fca1f2bd3337"},
    ),
    "ImageNet-Sketch": PictureSet(
        origin="https://github.com/HaohanWang/ImageNet-Sketch (Google Drive, Kaggle)",
        licence="MIT (the repository); the pictures' not stated",
        tree="sketch/<WordNet id>/*.JPEG",
        takes=in_classes("sketch", "imagenet1k", 50_889, counted=False),
        classes="imagenet1k",
    ),
    "ImageNet-V2": PictureSet(
        origin="https://huggingface.co/datasets/vaishaal/ImageNetV2, matched frequency",
        licence="MIT",
        tree="imagenetv2-matched-frequency-format-val/<0 to 999>/*.jpeg",
        takes=in_classes("imagenetv2-matched-frequency-format-val", None, 10_000),
        classes="imagenet1k",
        note="The folders are label numbers, which most readers sort as text: 0, 1, 10, 100.",
    ),
    "CUB-200": PictureSet(
        origin="https://www.vision.caltech.edu/datasets/cub_200_2011/, CUB_200_2011.tgz",
        licence="not stated",
        tree="CUB_200_2011/{images/<001.Black_footed_Albatross>/*.jpg,images.txt,image_class_labels.txt,"
        "train_test_split.txt}",
        takes={
            **in_classes("CUB_200_2011/images", "cub200", 11_788),
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
            **in_classes("food-101/images", "food101", 101_000),
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
        tree="cifar10/cifar-10-batches-py/{data_batch_<1 to 5>,test_batch}",
        takes={
            "all": Take(
                read={"type": "CIFAR10", "data_root": "cifar10", "split": "test", "download": False}, images=10_000
            ),
            **cifar_lists("cifar10", 9_000, 10_000),
        },
        classes="cifar10",
    ),
    "CIFAR-100": PictureSet(
        origin="https://www.cs.toronto.edu/~kriz/cifar.html, the Python version",
        licence="not stated",
        tree="cifar100/cifar-100-python/{train,test}",
        takes={
            "all": Take(
                read={"type": "CIFAR100", "data_root": "cifar100", "split": "test", "download": False}, images=10_000
            ),
            **cifar_lists("cifar100", 9_000, 9_000),
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
