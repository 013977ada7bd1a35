"""Class names that come from the folders, or from nowhere."""

import numpy as np
from PIL import Image

from trials.trial import Trial

NAMES = {"model.class_names": None}


def picture(path):
    Image.fromarray(np.zeros((12, 10, 3), dtype=np.uint8)).save(path)


def folders(*names):
    return {f"id/{name}/0.png": picture for name in names}


ID = {**NAMES, "test_dataloader.dataset.id_set.data_root": "{here}/id"}
LISTED = {"type": "Pictures", "name": "ID", "table": "{here}/list.txt", "data_root": "{here}/id"}

TRIALS = [
    Trial("from the folders", "Class names: the ID set's 3, first 'x'.", NAMES, code=0),
    Trial("underscores", "Class names: the ID set's 2, first 'polar bear'.", ID, folders("polar_bear", "wolf"), code=0),
    Trial("WordNet ids", "2 of 2 are WordNet ids, first 'n01440764'", ID, folders("n01440764", "n01443537")),
    Trial("numbers", "2 of 2 are numbers, first '0', which no text tower knows", ID, folders("0", "1")),
    Trial("none", "the ID set has no class names", {**NAMES, "test_dataloader.dataset.id_set": LISTED},
          {"id/0.png": picture, "list.txt": "0.png 0\n"}),
]  # fmt: skip
