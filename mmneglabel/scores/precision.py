"""Products of float32 as they are, in whatever precision a program lets its networks compute."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

_MATMUL = torch.backends.cuda.matmul
# PyTorch before 2.9 has the older of two settings; later ones refuse to read it where the other one was written.
_SETTING, _FULL, _COARSE = (
    ("fp32_precision", "ieee", "tf32") if hasattr(_MATMUL, "fp32_precision") else ("allow_tf32", False, True)
)


@contextmanager
def full_precision(device: torch.device) -> Iterator[None]:
    """Neither autocast nor TF32, whose ten bits are too coarse for cosines: confident images would tie."""
    before = getattr(_MATMUL, _SETTING)
    setattr(_MATMUL, _SETTING, _FULL)
    try:
        with torch.autocast(device.type, enabled=False):
            yield
    finally:
        setattr(_MATMUL, _SETTING, before)


def in_tf32() -> bool:
    """Whether GPUs multiply float32 in TF32 here, as ``TORCH_ALLOW_TF32_CUBLAS_OVERRIDE=1`` makes them."""
    return getattr(_MATMUL, _SETTING) == _COARSE
