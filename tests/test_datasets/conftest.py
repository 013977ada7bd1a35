from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from mmengine.logging import MMLogger
from PIL import Image


@pytest.fixture
def write_image(tmp_path):
    """Write a small noisy picture below ``tmp_path`` and return its path."""

    def write(name, size=(9, 7), mode="RGB", seed=0, **save_args) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        noise = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 4), dtype=np.uint8)
        Image.fromarray(noise, "RGBA").convert("RGB" if mode in ("CMYK", "P") else mode).convert(mode).save(
            path, **save_args
        )
        return path

    return write


@pytest.fixture
def warned(monkeypatch):
    """What the log warns of."""
    lines = []
    monkeypatch.setattr(MMLogger, "get_current_instance", lambda: SimpleNamespace(warning=lines.append, log=print))
    return lines
