"""What ``tools/save_checkpoint.py`` does: the weights that a config would be tested with, in one file."""

from argparse import Namespace

import torch
from mmengine.registry import DefaultScope
from mmengine.runner.checkpoint import load_checkpoint, weights_to_cpu
from mmpretrain.registry import MODELS

from mmneglabel import __version__
from mmneglabel.cli.config import finds_weights, is_zero_shot, naming_the_config, test_config
from mmneglabel.engine.checkpoints import naming_the_checkpoint
from mmneglabel.errors import DataError, WeightsError
from mmneglabel.storage.text_files import written_whole


def run_save(args: Namespace) -> None:
    """Build the model as ``args`` say, with its weights, and write them; see ``tools/save_checkpoint.py --help``."""
    if not args.file.absolute().parent.is_dir():
        raise DataError(
            f"No folder {str(args.file.absolute().parent)!r} to write {args.file.name} into: make it first."
        )
    with naming_the_config(args):
        config = test_config(args)
        if not config.load_from and not finds_weights(config):
            raise WeightsError(
                f"{args.config} names no checkpoint, so that random weights would be saved: set load_from."
            )
        with DefaultScope.overwrite_default_scope(config.get("default_scope") or "mmpretrain"):
            model = MODELS.build(config.model)
    if config.load_from:
        with naming_the_checkpoint(config.load_from):
            load_checkpoint(model, config.load_from, map_location="cpu")
    elif model.init_cfg:
        model.init_weights()
    meta = {"mmneglabel": __version__, "backbone": config.model.backbone.to_dict()}
    if is_zero_shot(config):
        meta["tower"] = model.tower_facts()
    with written_whole(args.file) as part:
        torch.save({"meta": meta, "state_dict": weights_to_cpu(model.state_dict())}, part)
    count = sum(weights.numel() for weights in model.parameters())
    print(f"Saved {count:,} parameters to {args.file}")
