"""tools/test.py on a trained classifier: fitted on the same features whatever the number of processes."""

import json
import re

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.runner import Runner
from mmpretrain.registry import MODELS
from small_posthoc import small_posthoc, write_small_posthoc

from mmneglabel.results import load
from test_tools.launching import TABLE

LEARNED = re.compile(r"Score '\w+': (.*); fitted in")


@pytest.fixture
def checkpoint(pictures, tmp_path):
    """A stock checkpoint: of MMPretrain's own classifier."""
    model = small_posthoc(pictures, tmp_path).model
    del model["scores"]
    torch.manual_seed(0)
    stock = MODELS.build(model | {"type": "ImageClassifier"})
    torch.nn.init.normal_(stock.head.fc.weight)
    torch.save({"state_dict": stock.state_dict()}, tmp_path / "stock.pth")
    return tmp_path / "stock.pth"


def test_two_processes_print_the_table_of_one(ranks, pictures, checkpoint, tmp_path):
    """31 test and 17 training images divide by nothing."""
    path = write_small_posthoc(tmp_path / "posthoc.py", pictures, tmp_path / "one", load_from=str(checkpoint))
    Runner.from_cfg(Config.fromfile(path)).test()
    done, other = ranks("test.py", 2, path, checkpoint, "--work-dir", tmp_path / "two")
    assert (done.returncode, other.returncode) == (0, 0), (done.stderr[-3000:], other.stderr[-3000:])
    (log,) = (tmp_path / "one").glob("*/*.log")
    assert TABLE.findall(done.stdout) == TABLE.findall(log.read_text())
    assert LEARNED.findall(done.stdout) == LEARNED.findall(log.read_text())
    assert len(LEARNED.findall(done.stdout)) == 4
    one, two = (json.loads((tmp_path / name / "metrics.json").read_text()) for name in ("one", "two"))
    assert two == one
    one, two = load(tmp_path / "one"), load(tmp_path / "two")
    assert np.array_equal(one.pred_label, two.pred_label)
    assert np.allclose(one.scores, two.scores, rtol=1e-4, atol=1e-6)
