"""A config of ours made small enough to train an epoch in a second or two: its pictures, channels and neighbours."""

import numpy as np
from mmpretrain.registry import DATASETS
from PIL import Image

from mmneglabel.corpus.class_list import read_class_list

CHANNELS = 8
SIDE = 32  # of CIFAR's pictures; what is larger in a pipeline is scaled up to


def make_pictures(root, noise):
    """Folders of one and two pictures."""
    for count in (1, 2):
        (root / str(count)).mkdir(parents=True)
        for i in range(count):
            pixels = noise.integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(root / str(count) / f"{i}.png")
    return root


def generated_cifar(self):
    """For MMPretrain's CIFAR sets in place of reading the archives: a picture a class, the first with two."""
    noise = np.random.default_rng(0)
    labels = [0, *range(len(self.CLASSES))]
    return [{"img": noise.integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8), "gt_label": y} for y in labels]


def class_lines(dataset):
    """The classes of a labelled set, as lines of a class list, without its files."""
    if dataset.type == "ClassFolders":
        return [f"{listed.folder}\t{listed.name}" for listed in read_class_list(dataset.class_list)]
    return list(DATASETS.get(dataset.type).METAINFO["classes"])


def stand_in(dataset, pictures, folder):
    """The same classes with a picture each, the first with two: scores want all classes, and some variance."""
    if dataset.type.startswith("CIFAR"):
        return {key: value for key, value in dataset.items() if key != "name"}  # read by generated_cifar
    lines = class_lines(dataset)
    root = folder / str(len(lines))
    for number, line in enumerate(lines):
        link = root / line.partition("\t")[0]
        link.parent.mkdir(exist_ok=True)
        if not link.exists():
            link.symlink_to(pictures / ("1" if number else "2"))
    return {"type": "ClassFolders", "data_root": str(root), "class_list": lines}


def shrink_network(model):
    """A ResNet's channels in proportion, so that a head of the wrong width still shows; no weights from elsewhere."""
    if model.backbone.type.startswith("ResNet"):
        model.head.in_channels //= model.backbone.get("base_channels", 64) // CHANNELS
        model.backbone.update(base_channels=CHANNELS, stem_channels=CHANNELS)
    model.scores.update(KNN={"k": 1}, ViM={"dim": 1})


def shrink_benchmark(loader, pictures, folder):
    """Four ID pictures, and one or two of every OOD set."""
    benchmark = loader.dataset
    id_set = stand_in(benchmark.id_set, pictures, folder) | {"indices": [0, 1, 2, 3]}
    benchmark.id_set = {"name": benchmark.id_set.name, **id_set}
    for ood_set in benchmark.ood_sets:
        if ood_set.type == "Pictures":
            ood_set.update(data_root=str(pictures / "1"), data_prefix="", table=None)
        else:
            ood_set.update(stand_in(ood_set, pictures, folder), indices=[0, 1])
    loader.update(batch_size=4, num_workers=0)


def shrink_training(config, pictures, folder):
    """The config's own steps, classes, texts, schedule, hooks and scores."""
    shrink_network(config.model)
    training = stand_in(config.train_dataloader.dataset.id_set, pictures, folder)
    collate = {"type": "default_collate"}  # what tools/train.py adds, as MMPretrain's does
    config.train_dataloader.update(batch_size=4, num_workers=0, collate_fn=collate)
    config.train_dataloader.dataset.id_set = training | {"indices": [0, 1, 2, 3]}
    for loader in (config.val_dataloader, config.test_dataloader):
        shrink_benchmark(loader, pictures, folder)
    for hook in config.custom_hooks:
        if hook.type == "TextAnchorHook" and hook.backbone.pretrained == "openai":
            hook.backbone.pretrained = None
        if hook.type == "PostHocFitHook":
            hook.dataloader.dataset = training
    config.train_cfg.update(max_epochs=1, val_interval=1)
    config.default_hooks.checkpoint.interval = 1
    config.work_dir = str(folder / "work")
    return config
