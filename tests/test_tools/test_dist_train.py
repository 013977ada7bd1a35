"""dist_train.sh: what several processes train, validate and save is one model."""

import json
import re

import pytest
from training_stand_in import EPOCHS, write_training_config


@pytest.mark.smoke
def test_two_processes_train_one_model(tool, ranks, pictures, tmp_path, unused_port):
    config, work = write_training_config(tmp_path / "train.py", pictures), tmp_path / "work"
    done = tool("dist_train.sh", config, 2, "--work-dir", work, "--seed", 1, PORT=str(unused_port()))
    assert done.returncode == 0, done.stderr[-3000:]
    assert len(re.findall("^ID set: ", done.stdout, re.MULTILINE)) == EPOCHS
    # 17 ID images and as many jigsaws are 34: two processes with batches of 7 need three steps, one would need five.
    assert re.search(r"Epoch\(train\)\s+\[1\]\[3/3\].*loss_ce.*loss_anchor.*loss_contrastive", done.stdout)
    (curves,) = work.glob("*/vis_data/scalars.json")
    *_, last = map(json.loads, curves.read_text().splitlines())
    # The saved model is the one that both processes validated, batch norm included, and two may test it too.
    both = ranks("test.py", 2, config, work / f"epoch_{EPOCHS}.pth", "--work-dir", tmp_path / "test")
    assert [tested.returncode for tested in both] == [0, 0], [tested.stderr[-3000:] for tested in both]
    metrics = json.loads((tmp_path / "test" / "metrics.json").read_text())
    assert metrics["MSP"]["mean"]["auroc"] == pytest.approx(last["ood/MSP/auroc"])
