"""Sets that papers take as out-of-distribution, as data: where they come from, how they lie, how many pictures."""

from mmneglabel.catalogue.takes import HENDRYCKS, IMAGENET_TERMS, PictureSet, all_pictures, cifar_lists, openood

_MOS = "http://pages.cs.wisc.edu/~huangrui/imagenet_ood_dataset/{}.tar.gz, made for MOS (CVPR 2021)"
_NINCO = "https://zenodo.org/records/8013288, NINCO_all.tar.gz"
_NINCO_ARCHIVE = {"NINCO_all.tar.gz": "b9ffae324363cd900a81ce3c367cd834"}

OOD_SETS: dict[str, PictureSet] = {
    **{
        name: PictureSet(
            origin=_MOS.format(name),
            licence="that of the set that it is a part of",
            tree=f"{name}/images/*.jpg",
            takes=all_pictures(name, 10_000),
        )
        for name in ("SUN", "Places")
    },
    "iNaturalist": PictureSet(
        origin=_MOS.format("iNaturalist"),
        licence="that of the set that it is a part of",
        tree="iNaturalist/images/*.jpg",
        takes=all_pictures("iNaturalist", 10_000) | openood("imagenet/test_inaturalist", 10_000),
    ),
    "Textures": PictureSet(
        origin="https://www.robots.ox.ac.uk/~vgg/data/dtd/, dtd-r1.0.1.tar.gz",
        licence="not stated",
        tree="dtd/images/<banded>/*.jpg",
        archives={"dtd-r1.0.1.tar.gz": "fff73e5086ae6bdbea199a49dfb8a4c1"},
        takes={
            **all_pictures("dtd/images", 5_640),
            **openood("imagenet/test_textures", 5_160, "images_classic"),
            **cifar_lists("texture", 5_640, 5_640),
        },
        note="Beside ImageNet, OpenOOD and ViM leave out four classes: 5,160 pictures.",
    ),
    "OpenImage-O": PictureSet(
        origin="https://github.com/haoqiwang/vim, a list of Open Images' test set",
        licence="not stated",
        tree="openimage_o/*.jpg",
        takes=all_pictures("openimage_o", 17_632) | openood("imagenet/test_openimage_o", 15_869),
    ),
    "NINCO": PictureSet(
        origin=_NINCO,
        licence="MIT (the repository)",
        tree="NINCO/NINCO_OOD_classes/<64 folders>/*",
        takes={
            **all_pictures("NINCO/NINCO_OOD_classes", 5_879),
            # One picture is a GIF, which torchvision's ImageFolder, and so NegRefine's code, passes over.
            "no-gif": all_pictures("NINCO/NINCO_OOD_classes", 5_878, extensions=[".jpg", ".jpeg", ".png"])["all"],
            **openood("imagenet/test_ninco", 5_879),
        },
        archives=_NINCO_ARCHIVE,
    ),
    "Clean": PictureSet(
        origin=_NINCO,
        licence="MIT (the repository)",
        tree="NINCO/NINCO_popular_datasets_subsamples/<11 folders>/*",
        takes=all_pictures("NINCO/NINCO_popular_datasets_subsamples", 2_715),
        archives=_NINCO_ARCHIVE,
    ),
    "SSB-hard": PictureSet(
        licence=IMAGENET_TERMS,
        takes=openood("imagenet/test_ssb_hard", 49_000),
        note="Of ImageNet-21K's fall11 release; winter21 lacks some of its classes.",
    ),
    "ImageNet-O": PictureSet(
        origin=HENDRYCKS.format("imagenet-o"),
        licence="MIT",
        tree="imagenet-o/<WordNet id>/*.JPEG",
        takes=all_pictures("imagenet-o", 2_000),
        archives={"imagenet-o.tar": "86bd7a50c1c4074fb18fc5f219d6d50b"},
        note="A folder says what a ResNet-50 takes its pictures for, not what is in them.",
    ),
    "Places background": PictureSet(
        origin="the authors' Google Drive, which https://github.com/deeplearning-wisc/MCM (issue 7) links",
        licence="not stated",
        tree="placesbg/*.jpg",
        takes=all_pictures("placesbg", 10_000, counted=False),
    ),
    "SVHN": PictureSet(
        licence="not stated",
        takes=cifar_lists("svhn", 26_032, 26_032),
        note="OpenOOD's copy as files; Stanford's test_32x32.mat is no folder of pictures.",
    ),
    "iSUN": PictureSet(
        origin="linked from https://github.com/facebookresearch/odin, iSUN.tar.gz",
        licence="not stated",
        tree="iSUN/iSUN_patches/*.jpeg",
        takes=all_pictures("iSUN/iSUN_patches", 8_925, counted=False),
    ),
    "LSUN-C": PictureSet(
        origin="https://www.dropbox.com/s/raw/fhtsw1m3qxlwj6h/LSUN.tar.gz, ODIN's copy",
        archives={"LSUN.tar.gz": "458a0a0ab8e5f1cb4516d7400568e460"},
        licence="not stated",
        tree="LSUN/test/*.jpg",
        takes=all_pictures("LSUN/test", 10_000),
    ),
    "LSUN-R": PictureSet(
        origin="https://www.dropbox.com/s/raw/moqh2wh8696c3yl/LSUN_resize.tar.gz, ODIN's copy",
        archives={"LSUN_resize.tar.gz": "278b7b31c8cb7e804a1465a8ce03a2dc"},
        licence="not stated",
        tree="LSUN_resize/LSUN_resize/*.jpg",
        takes=all_pictures("LSUN_resize/LSUN_resize", 10_000),
    ),
    "Places365": PictureSet(
        origin="http://places2.csail.mit.edu, 10,000 of test_256.tar",
        licence="Places2's terms: research and education, not commercial",
        tree="places365/test_subset/*.jpg",
        takes={
            **all_pictures("places365/test_subset", 10_000),
            **cifar_lists("places365", 35_195, 33_773),
        },
        note="Nobody published which 10,000 TagFog drew; OpenOOD's are another set of the same name.",
    ),
    "MNIST": PictureSet(
        licence="not stated",
        takes=cifar_lists("mnist", 70_000, 70_000),
    ),
    "Tiny ImageNet": PictureSet(
        licence=IMAGENET_TERMS,
        takes=cifar_lists("tin", 7_793, 6_526, counted=True),
        note="7,793 remain beside CIFAR-10, 6,526 beside CIFAR-100.",
    ),
}
"""Sets that papers take as out-of-distribution; ID sets may stand in their place."""
