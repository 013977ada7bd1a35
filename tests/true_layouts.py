"""Picture sets of the field in their makers' folder layout, with a few small pictures each; returns how many."""

import csv
import json
import pickle
from functools import cache
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image
from scipy.io import savemat

from mmneglabel.catalogue import find_set, find_take
from mmneglabel.corpus.class_list import read_class_list


def picture(path, colour=0):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_jpeg(colour % 16))


@cache
def _jpeg(colour):
    written = BytesIO()
    Image.new("RGB", (8, 8), (16 * colour, 40, 200)).save(written, "JPEG")
    return written.getvalue()


def lay_out(name, take, data_root):
    """Write the take ``take`` of the set ``name`` below ``data_root``."""
    parts = find_take(name, take).parts
    ways = (_openood if part["data_root"] == "openood" else WAYS.get(name, _by_kind) for part in parts)
    return sum(way(name, part, Path(data_root, part["data_root"])) for way, part in zip(ways, parts, strict=True))


def classes_of(name):
    return read_class_list(find_set(name).classes)


def _by_kind(name, read, root):
    if read["type"] == "Pictures":
        folder = "banded" if name == "Textures" else "images"
        return _all(root / folder / f"{number}.jpg" for number in range(2))
    pictures = root / read["split"] if read["type"] == "ImageNet" else root
    folders = [e.folder for e in classes_of(name)] if "class_list" in read or "split" in read else map(str, range(1000))
    return _all(pictures / folder / "a.JPEG" for folder in folders)


def _all(paths):
    written = 0
    for written, path in enumerate(paths, 1):
        picture(path, 7 * written)
    return written


def _openood(name, read, root):
    labels = range(len(classes_of(name))) if find_set(name).classes else [-1, -1]
    table, pictures = root / read["table"], root / read["data_prefix"]
    lines = [f"{table.stem}/{number}.jpg {label}" for number, label in enumerate(labels)]
    _write(table, "\n".join(lines) + "\n")
    return _all(pictures / line.split()[0] for line in lines)


def _write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _cub(name, read, root):
    root = root.parent if root.name == "images" else root
    paths = [f"{entry.folder}/{i}.jpg" for entry in classes_of(name) for i in (0, 1)]
    for file, column in (
        ("images", lambda i: paths[i]),
        ("image_class_labels", lambda i: i // 2 + 1),
        ("train_test_split", lambda i: i % 2),
    ):
        _write(root / f"{file}.txt", "".join(f"{i + 1} {column(i)}\n" for i in range(len(paths))))
    _all(root / "images" / path for path in paths)
    return len(paths) // (2 if "table" in read else 1)


def _cars(name, read, root):
    files = [f"{i:05}.jpg" for i in range(1, len(classes_of(name)) + 1)]
    _all(root / "cars_test" / file for file in files)
    kinds = [("fname", object), ("class", object)]
    rows = np.array([(file, label) for label, file in enumerate(files, 1)], dtype=kinds)
    savemat(root / read["table"], {"annotations": rows})
    return len(files)


def _food(name, read, root):
    root = root.parent if root.name == "images" else root
    listed = {entry.folder: [f"{entry.folder}/1", f"{entry.folder}/2"] for entry in classes_of(name)}
    _all(root / "images" / f"{path}.jpg" for paths in listed.values() for path in paths)
    _write(root / "meta" / "test.json", json.dumps({folder: paths[:1] for folder, paths in listed.items()}))
    return len(listed) * (1 if "table" in read else 2)


def _pets(name, read, root):
    lines = [f"{entry.folder}_{i} {label} 1 1" for label, entry in enumerate(classes_of(name), 1) for i in (1, 2)]
    head = "#Image CLASS-ID SPECIES BREED ID\n#ID: 1:37 Class ids\n"
    _write(root / "annotations" / "list.txt", head + "\n".join(lines) + "\n")
    _write(root / "annotations" / "test.txt", "\n".join(lines[::2]) + "\n")
    _all(root / "images" / f"{line.split()[0]}.jpg" for line in lines)
    return len(lines) if read["table"].endswith("list.txt") else len(lines) // 2


def _birds(name, read, root):
    rows = [(i, f"001.Black_footed_Albatross/{i}.jpg", i % 2, i % 3) for i in range(12)]
    root.mkdir(parents=True, exist_ok=True)
    with (root / "metadata.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("img_id", "img_filename", "y", "split"), *rows])
    _all(root / path for _, path, _, _ in rows)
    return 4 if "rows" in read else 12


def _cifar(name, read, root):
    """The Python batches, which MMPretrain knows by their checksums: tests of them take those away."""
    few = name == "CIFAR-10"
    labels, folder = list(range(10 if few else 100)), root / ("cifar-10-batches-py" if few else "cifar-100-python")
    folder.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(0).integers(0, 256, (len(labels), 3072), dtype=np.uint8)
    batch = {"data": pixels, "labels" if few else "fine_labels": labels}
    (folder / ("test_batch" if few else "test")).write_bytes(pickle.dumps(batch))
    key = "label_names" if few else "fine_label_names"
    (folder / ("batches.meta" if few else "meta")).write_bytes(pickle.dumps({key: [e.name for e in classes_of(name)]}))
    return len(labels)


WAYS = {
    "CUB-200": _cub,
    "Stanford Cars": _cars,
    "Food-101": _food,
    "Oxford Pets": _pets,
    "Waterbirds": _birds,
    "CIFAR-10": _cifar,
    "CIFAR-100": _cifar,
}
