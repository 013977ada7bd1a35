"""What several rooms' tests share: golden vectors, a tiny tower, generated pictures, a runnable config."""

import gc
import logging
import os
import shutil
from uuid import uuid4

# One thread a process, in every process that a test starts too: several at once on the same cores, each with as many
# threads as there are cores, mostly wait for one another. Read when torch is imported.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pytest
from forking import Forking
from hypothesis import settings
from mmengine.config import Config
from paths import ROOT, TESTS, read_golden
from PIL import Image
from small_benchmark import benchmark_loader, write_config

import mmneglabel  # noqa: F401 - registers everything

# A noisy machine must not fail a test, and a failure must come back.
settings.register_profile("steady", deadline=None, derandomize=True)
settings.load_profile("steady")


def pytest_collection_finish():
    """MMEngine collects garbage for every dataset it reads: spare it the million objects that imports left behind."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item, nextitem):
    """And what a module of tests has imported on its way, such as PyTorch's compiler: as many again in the end."""
    if nextitem is None or nextitem.path != item.path:
        gc.collect()
        gc.freeze()


def pytest_unconfigure():
    """Libraries complain of leaks unless everything is collected in the end."""
    gc.unfreeze()


@pytest.fixture(autouse=True)
def plain_logs(monkeypatch):
    """Lines that are not wrapped; and no config laid out for the log, which takes longer than most tests do."""
    monkeypatch.setenv("COLUMNS", "1000")
    for module in ("mmengine.config.config", "yapf.yapflib.yapf_api"):  # newer MMEngines import it when they use it
        monkeypatch.setattr(f"{module}.FormatCode", lambda text, **_: (text, True), raising=False)


@pytest.fixture(autouse=True)
def own_logger(monkeypatch):
    """What one test's tool does with our logger is over with the test."""
    for name, value in (("handlers", []), ("propagate", True)):
        monkeypatch.setattr(logging.getLogger("mmneglabel"), name, value)


@pytest.fixture(autouse=True)
def private_cache(tmp_path_factory, monkeypatch):
    """No test reads or writes the user's cache."""
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("MMNEGLABEL_CACHE", str(folder))
    return folder


@pytest.fixture(scope="session")
def forking():
    """Runs what a test starts in processes of its own, and saves them the seconds in which the package is imported."""
    made = Forking(ROOT, TESTS)
    yield made
    made.close()


@pytest.fixture(scope="session")
def golden():
    """Load a golden file by its name: tensors, and lists of strings."""
    return read_golden


@pytest.fixture(scope="session")
def pictures(tmp_path_factory):
    """Three ID classes and two OOD folders of noise; 17 + 9 + 5 pictures divide by nothing useful."""
    root = tmp_path_factory.mktemp("pictures")
    noise = np.random.default_rng(0)
    for folder, count in (("id/x", 5), ("id/y", 6), ("id/z", 6), ("near", 9), ("far", 5)):
        (root / folder).mkdir(parents=True)
        for i in range(count):
            pixels = noise.integers(0, 256, (12, 10, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(root / folder / f"{i}.png")
    return root


@pytest.fixture
def own_pictures(pictures, tmp_path):
    """A copy of the pictures that a test may change."""
    return shutil.copytree(pictures, tmp_path / "pictures")


@pytest.fixture
def words(tmp_path):
    """A small corpus folder in the authors' format."""
    folder = tmp_path / "words"
    folder.mkdir()
    (folder / "noun.act.txt").write_text("\n".join(f"noun {i}" for i in range(60)) + "\n")
    (folder / "adj.all.txt").write_text("\n".join(f"adj {i}" for i in range(40)) + "\n")
    return folder


@pytest.fixture
def small_config(pictures, words, tmp_path):
    """A config with the stand-in backbone, written to a file that tools can be given; returns its path."""

    def write(name="small.py", **changes):
        config = Config(
            {
                "custom_imports": {"imports": ["mmneglabel", "stand_in"]},
                "default_scope": "mmpretrain",
                "model_wrapper_cfg": {"type": "PassThroughWrapper"},
                "test_cfg": {"type": "OODTestLoop"},
                "test_evaluator": {"type": "OODMetric"},
                "model": {
                    "type": "NegLabelClassifier",
                    "backbone": {"type": "StandInBackbone"},
                    "class_names": ["cat", "dog", "bird"],
                    "scores": {
                        "NegLabel": {"groups": 7, "bank": {"corpus": str(words), "ratio": 0.3}},
                        "MCM": {},
                        "MaxLogit": {},
                        "Energy": {},
                    },
                },
                "custom_hooks": [
                    {"type": "NegLabelMiningHook"},
                    {"type": "OODReportHook"},
                ],
                "test_dataloader": benchmark_loader(
                    pictures,
                    {"type": "ResizeEdge", "scale": 8, "edge": "short", "backend": "pillow"},
                    {"type": "CenterCrop", "crop_size": 8},
                ),
                "work_dir": str(tmp_path / "work"),
                # MMEngine's default is the time in seconds, and two runs a second are usual here.
                "experiment_name": uuid4().hex,
            }
        )
        config.merge_from_dict(changes)
        return write_config(tmp_path / name, config)

    return write


@pytest.fixture
def write_files(tmp_path):
    """Writes a folder of text files: {name: text or bytes} -> its path."""

    def write(files, name="words"):
        folder = tmp_path / name
        folder.mkdir()
        for file, text in files.items():
            (folder / file).write_bytes(text if isinstance(text, bytes) else text.encode())
        return folder

    return write
