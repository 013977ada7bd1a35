"""Pictures, folders, image lists and class lists as users have them."""

import numpy as np
from PIL import Image

from trials.trial import Trial

ID = "test_dataloader.dataset.id_set"
NEAR = "test_dataloader.dataset.ood_sets.0.data_root"
FAR = "test_dataloader.dataset.ood_sets.1.data_root"
KEYS = {"Pictures": "table", "CustomDataset": "ann_file"}
GREY = np.zeros((8, 8), np.uint8)


def image(pixels):
    """A function that saves these pixels at a path."""
    return lambda path: Image.fromarray(pixels).save(path)


def id_root(*names, **changes):
    """The ID set with a picture at each of these names, and with these settings."""
    config = {f"{ID}.data_root": "{here}/id"} | {f"{ID}.{key}": value for key, value in changes.items()}
    return config, {f"id/{name}": image(GREY) for name in names}


def listed_id(text, kind="Pictures"):
    """The ID set as a list with this text."""
    config, files = id_root("a.png", type=kind, **{KEYS[kind]: "{here}/list.txt"})
    return config, {**files, "list.txt": text}


TRIALS = [
    Trial(
        "a hidden folder",
        "the hidden folder '.ipynb_checkpoints' would",
        *id_root("x/a.png", ".ipynb_checkpoints/a.png"),
    ),
    Trial(
        "one folder more",
        "gives 3 names, but the ID set has 4 classes ('train': no class name)",
        {"model.class_names": ["X", "y", "z"], **(extra := id_root("x/a.png", "y/a.png", "z/a.png", "train/a.png"))[0]},
        extra[1],
    ),
    Trial(
        "loose pictures", "id: 1 pictures beside the class", *id_root("a.png", *(f"{i}/a.png" for i in "xyz")), code=0
    ),
    Trial("no folder", "OOD set 'near': folder {here}/gone does not exist", {NEAR: "{here}/gone"}),
    Trial("a flat folder", ("id holds no class folders, its pictures lie flat", "a table"), *id_root("a.png", "b.png")),
    Trial(
        "flat, of a list",
        "such as 'cat', its pictures lie flat",
        *id_root("a.png", type="ClassFolders", class_list=["cat"]),
    ),
    Trial(
        "another order",
        "the same classes in another order: label 0 is 'Z' here and 'x' there",
        {"model.class_names": ["Z", "Y", "X"]},
    ),
    Trial("a name for a list", "did you mean 'cifar10'", {"model.class_names": "cifar-10"}),
    Trial(
        "a data set's setting misspelt",
        "CustomDataset takes no 'data_rot': did you mean 'data_root'",
        {f"{ID}.data_rot": "x"},
    ),
    Trial(
        "a data set's setting left out",
        "ID set 'ID': ClassFolders needs 'data_root': set it",
        {ID: {"_delete_": True, "name": "ID", "type": "ClassFolders"}},
    ),
    Trial("a huge label", "a.png has the label 1180591620717411303424", *listed_id(f"a.png {2**70}\n")),
    Trial(
        "a huge label elsewhere",
        "a.png has the label 1180591620717411303424",
        *listed_id(f"a.png {2**70}\n", "CustomDataset"),
    ),
    Trial(
        "a training that knows no epochs",
        ("train_dataloader.sampler is DefaultSampler", "sampler=dict(type='EpochSampler', shuffle=True)"),
        {"train_dataloader.sampler.type": "DefaultSampler"},
        base="training",
        tool="train",
    ),
    Trial(
        "a training that nobody tells of epochs",
        "default_hooks.sampler_seed is gone",
        {"default_hooks.sampler_seed": None},
        base="training",
        tool="train",
    ),
    Trial(
        "NUL in a path that is skipped",
        r"skipped an unreadable image: '",
        {**(listed := listed_id("a.png 0\n\0a/b\0.png 0\n"))[0], "test_evaluator.unreadable": "skip"},
        listed[1],
        command=("--save-features",),
        code=0,
    ),
    Trial(
        "the ID folder as an OOD set",
        "The same files are in the ID set 'ID' and in OOD sets: 1 of 'near', 1 of 'far'",
        {
            **(files := id_root("x/a.png", "y/b.png", "z/c.png"))[0],
            NEAR: "{here}/id/x",
            FAR: "{here}/link",
        },
        {**files[1], "link": lambda path: path.symlink_to("id/y")},
        code=0,
    ),
]
