#!/usr/bin/env python
"""Save a config's model as one checkpoint, for machines without network and for MMPretrain's own tools/test.py."""

import argparse
import sys
from pathlib import Path

import torch
from mmengine.config import Config
from mmengine.runner.checkpoint import weights_to_cpu
from mmpretrain.registry import MODELS

import mmneglabel
from mmneglabel.engine.launch import find_config, one_line_errors
from mmneglabel.errors import DataError


def save_checkpoint(config_path: str, checkpoint: Path) -> None:
    """Build the model of ``config_path`` with its pretrained weights and write its state dict to ``checkpoint``."""
    if not checkpoint.absolute().parent.is_dir():
        raise DataError(
            f"No folder {str(checkpoint.absolute().parent)!r} to write {checkpoint.name} into: make it first."
        )
    config = Config.fromfile(find_config(config_path))
    model = MODELS.build(config.model)
    meta = {"mmneglabel": mmneglabel.__version__, "backbone": config.model.backbone.to_dict()}
    temporary = checkpoint.with_name(f".{checkpoint.name}.part")
    try:
        torch.save({"meta": meta, "state_dict": weights_to_cpu(model.state_dict())}, temporary)
        temporary.replace(checkpoint)
    finally:
        temporary.unlink(missing_ok=True)
    print(f"Saved {sum(p.numel() for p in model.parameters()):,} parameters to {checkpoint}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("config", help="config file")
    parser.add_argument("checkpoint", type=Path, help="file to write, such as clip-vit-b16.pth")
    arguments = parser.parse_args()
    sys.exit(one_line_errors(lambda: save_checkpoint(arguments.config, arguments.checkpoint)))
