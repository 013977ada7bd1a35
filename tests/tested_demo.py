"""A test of the demo's tower on some of its pictures, with few words, as detectors and thresholds are taken from it."""

import pytest
from paths import ROOT
from test_tools.launching import launch

from mmneglabel.cli.evaluate import run_evaluate

DEMO = ROOT / "demo"
ANIMALS, PLANTS = DEMO / "pictures/animals", DEMO / "pictures/plants"


@pytest.fixture(scope="session")
def tested(tmp_path_factory):
    """Its work dir; batches of 64."""
    folder = tmp_path_factory.mktemp("tested")
    words = folder / "words"
    words.mkdir()
    (words / "noun.act.txt").write_text("\n".join(f"noun {i}" for i in range(300)) + "\n")
    (words / "adj.all.txt").write_text("\n".join(f"adj {i}" for i in range(40)) + "\n")
    tower = ["--backbone", DEMO / "mmneglabel-demo.json", "--weights", DEMO / "mmneglabel-demo.safetensors"]
    options = [f"model.scores.NegLabel.bank.corpus={words}", f"custom_hooks.0.cache_dir={folder / 'cache'}",
               "test_dataloader.batch_size=64", "test_dataloader.num_workers=0"]  # fmt: skip
    command = ["--id", ANIMALS, "--ood", PLANTS, *tower, "--cfg-options", *options, "--work-dir", folder / "work"]
    assert launch(run_evaluate, *command) == 0
    return folder / "work"
