import json
from pathlib import Path

import pytest
import torch
from paths import TINY_CLIP
from safetensors.torch import save_file

from mmneglabel.backbones import OpenCLIPBackbone

OFFLINE = "Name or service not known"


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    """No test asks the hub, wherever the tests run."""

    def fail(*_, **__):
        raise OSError(OFFLINE)

    monkeypatch.setattr("huggingface_hub.HfApi.model_info", fail)


@pytest.fixture(scope="module")
def tower():
    """The tiny CLIP; a test that changes it builds its own."""
    torch.manual_seed(0)
    return OpenCLIPBackbone(TINY_CLIP)


@pytest.fixture
def architecture(tmp_path):
    """Writes the tiny CLIP's architecture file, changed, and gives its path."""

    def write(name="own.json", vision=None, text=None, **changes):
        config = json.loads(Path(TINY_CLIP).read_text()) | changes
        config["vision_cfg"] |= vision or {}
        config["text_cfg"] |= text or {}
        (tmp_path / name).write_text(json.dumps(config))
        return str(tmp_path / name)

    return write


@pytest.fixture
def folder(tmp_path):
    """Lays out what open_clip wants in a ``local-dir:``, and gives the folder."""

    def write(model=None, architecture=TINY_CLIP, **beside):
        config = {"model_cfg": json.loads(Path(architecture).read_text()), **beside}
        (tmp_path / "open_clip_config.json").write_text(json.dumps(config))
        if model is not None:
            save_file(dict(model.state_dict()), tmp_path / "open_clip_model.safetensors")
        return tmp_path

    return write
