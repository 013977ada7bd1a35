import io

import numpy as np
import pytest
import torch
from mmengine.fileio import get_file_backend
from mmengine.logging import HistoryBuffer

from mmneglabel.engine import PlainCheckpointHook


@pytest.fixture
def atomic():
    return get_file_backend(backend_args={"backend": "atomic"})


def test_a_file_is_replaced_whole(atomic, tmp_path):
    path = tmp_path / "new folder" / "epoch_1.pth"
    atomic.put(b"old", path)
    atomic.put(b"new", str(path))
    assert path.read_bytes() == b"new"
    assert [file.name for file in path.parent.iterdir()] == ["epoch_1.pth"]


def test_an_interrupted_save_leaves_the_old_file(atomic, tmp_path, monkeypatch):
    path = tmp_path / "epoch_1.pth"
    atomic.put(b"old", path)

    def killed(self, data):
        with self.open("wb") as file:
            file.write(data[:1])
        raise KeyboardInterrupt

    monkeypatch.setattr("pathlib.Path.write_bytes", killed)
    with pytest.raises(KeyboardInterrupt):
        atomic.put(b"new", path)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_the_safe_loader_reads_what_the_hook_leaves():
    """As MMEngine makes it, with a running average and NumPy's numbers, PyTorch's loader refuses the checkpoint."""
    hub = {
        "log_scalars": {"train/loss": HistoryBuffer([1.0], [1])},
        "runtime_info": {"best_score": np.float64(0.5), "counts": np.arange(2), "name": "a"},
        "resumed_keys": {"train/loss": True},
    }
    checkpoint = {"state_dict": {"weight": torch.ones(1)}, "message_hub": hub}
    before = io.BytesIO()
    torch.save(checkpoint, before)
    before.seek(0)
    with pytest.raises(Exception, match="Weights only load failed"):
        torch.load(before, weights_only=True)
    PlainCheckpointHook().before_save_checkpoint(None, checkpoint)
    after = io.BytesIO()
    torch.save(checkpoint, after)
    after.seek(0)
    assert torch.load(after, weights_only=True)["message_hub"]["runtime_info"] == {
        "best_score": 0.5,
        "counts": [0, 1],
        "name": "a",
    }
