"""The usual wrong layouts are recognised by name, and right ones are none."""

import shutil
import subprocess
from pathlib import Path

import pytest
import true_layouts

from mmneglabel.catalogue import SETS, find_take
from mmneglabel.datasets.layouts import due_files, layout_fault, misplaced


@pytest.fixture
def fault(tmp_path):
    """Lay out a set, spoil it, and say what is found wrong."""

    def look(name, take=None, spoil=lambda root: None):
        true_layouts.lay_out(name, take, tmp_path)
        spoil(tmp_path)
        return next(filter(None, (layout_fault(part, tmp_path) for part in find_take(name, take).parts)), None)

    return look


@pytest.mark.parametrize("name", [name for name in SETS if "CIFAR" not in name])
def test_right_layouts_are_faultless(name, fault):
    for take in SETS[name].takes:
        assert fault(name, take) is None


def move(one, other):
    def spoil(root):
        (root / other).parent.mkdir(parents=True, exist_ok=True)
        shutil.move(root / one, root / "aside")
        shutil.move(root / "aside", root / other)

    return spoil


def number(folder):
    def spoil(root):
        for label, path in enumerate(sorted((root / folder).iterdir())):
            path.rename(path.with_name(str(label)))

    return spoil


def flatten(folder):
    def spoil(root):
        for path in sorted((root / folder).glob("*/*")):
            path.rename(root / folder / f"{path.parent.name}_{path.name}")
        for path in (root / folder).iterdir():
            if path.is_dir():
                path.rmdir()

    return spoil


def both(*spoils):
    return lambda root: [spoil(root) for spoil in spoils]


WRONG = {
    "nested archive": ("ImageNet-A", move("imagenet-a", "imagenet-a/imagenet-a"), "extra nesting", "/imagenet-a/* "),
    "one folder more": ("CUB-200", move("CUB_200_2011", "CUB_200_2011/CUB_200_2011"), "extra nesting", "mv "),
    "two folders more": ("NINCO", move("NINCO", "a/b/NINCO"), "extra nesting", "a/b/NINCO "),
    "flattened Textures": (
        "Textures",
        both(flatten("dtd/images"), move("dtd/images", "dtd/images_collate")),
        "flattened",
        "images_collate has lost its folders",
    ),
    "flat class folders": ("ImageNet-R", flatten("imagenet-r"), "flat", "holds pictures and no class folders"),
    "numeric folders": ("ImageNet-Sketch", number("sketch"), "numbered folders", "WordNet ids such as 'n01440764'"),
    "numeric val": ("ImageNet-1k", number("imagenet/val"), "numbered folders", "line n + 1 of txtfiles/"),
    "flat val without a list": ("ImageNet-1k", flatten("imagenet/val"), "no list", "meta/val.txt is not there"),
    "val_labeled.txt": (
        "ImageNet-1k",
        both(flatten("imagenet/val"), lambda root: (root / "imagenet" / "val_labeled.txt").touch()),
        "list elsewhere",
        "imagenet/val_labeled.txt ",
    ),
    "MATLAB file beside": (
        "Stanford Cars",
        move("stanford_cars/cars_test_annos_withlabels.mat", "cars_test_annos_withlabels.mat"),
        "list elsewhere",
        "mv ",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_wrong_layouts_are_named(case, fault):
    name, spoil, kind, says = WRONG[case]
    found = fault(name, None, spoil)
    assert found.name == kind
    assert says in str(found)


@pytest.mark.parametrize("case", [case for case in WRONG if WRONG[case][2] in ("extra nesting", "list elsewhere")])
def test_the_move_that_is_told_mends(case, fault, tmp_path):
    """Word for word, in a shell."""
    name, spoil, _, _ = WRONG[case]
    command = fault(name, None, spoil).mend
    subprocess.run(["bash", "-c", command], check=True)
    for empty in sorted(tmp_path.rglob("*"), reverse=True):
        if empty.is_dir() and not any(empty.iterdir()):
            empty.rmdir()
    assert layout_fault(find_take(name).read, tmp_path) is None


def test_other_sets_are_left_alone(fault, tmp_path):
    """Lists and folders of theirs bear the same names."""
    for other in (
        "food-101/meta/test.txt",
        "domainnet/sketch/a/1.jpg",
        "domainnet/real/a/1.jpg",
        "camelyon17/metadata.csv",
    ):
        (tmp_path / other).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / other).touch()
    assert layout_fault(find_take("ImageNet-Sketch").read, tmp_path) is None
    assert fault("Oxford Pets", "test", lambda root: (root / "oxford-iiit-pet/annotations/test.txt").unlink()) is None
    assert fault("Waterbirds", None, lambda root: next(root.glob("waterbird*/metadata.csv")).unlink()) is None


def test_what_a_set_cannot_be_read_without(tmp_path):
    cars = due_files(find_take("Stanford Cars").read, tmp_path)
    assert cars == {tmp_path / "stanford_cars/cars_test_annos_withlabels.mat": None}
    assert len(due_files(find_take("CUB-200", "test").read, tmp_path)) == 3
    batches = due_files(find_take("CIFAR-100").read, tmp_path)
    assert [path.name for path in batches] == ["train", "test"]
    assert all(batches.values())
    assert due_files(find_take("SUN").read, tmp_path) == due_files(find_take("ImageNet-1k").read, tmp_path) == {}


def test_pets_in_class_folders_and_food_without(tmp_path):
    true_layouts.picture(tmp_path / "images" / "Abyssinian" / "Abyssinian_1.jpg")
    found = misplaced(tmp_path / "images" / "Abyssinian_1.jpg")
    assert found.name == "class folders"
    assert f"mv -n {tmp_path}/images/*/* {tmp_path}/images/" in found.mend
    true_layouts.picture(tmp_path / "food" / "1.jpg")
    assert misplaced(tmp_path / "food" / "apple_pie" / "1.jpg").name == "flat"
    assert misplaced(Path(tmp_path, "gone.jpg")) is None
