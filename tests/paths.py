"""Where the tests find their files; golden vectors of the same form may be put in place of ours."""

import os
from pathlib import Path

import numpy as np
import pytest
import torch

TESTS = Path(__file__).parent
ROOT = TESTS.parent
GOLDEN = Path(os.environ.get("MMNEGLABEL_GOLDEN", TESTS / "golden"))
TINY_CLIP = str(TESTS / "assets" / "tiny-clip.json")


def read_golden(name):
    """A golden file: numbers and truth values as tensors, words as lists of strings."""
    with np.load(GOLDEN / f"{name}.npz") as data:
        return {key: _plain(data[key]) for key in data.files}


def _plain(array):
    return array.tolist() if array.dtype.kind == "U" else torch.from_numpy(array)


def authors(pattern):
    """A file or folder of the methods' authors, which cannot travel with the project, somewhere below a folder."""
    root = os.environ.get("MMNEGLABEL_AUTHORS")
    found = sorted(Path(root).rglob(pattern)) if root else []
    if not found:
        pytest.skip(f"MMNEGLABEL_AUTHORS names no folder with {pattern} somewhere in it")
    return found[0]
