"""Training and post-hoc scores: what trains nothing, what diverges, what a run begins with, what hooks draw."""

import pickle
from functools import partial

import torch

from trials.trial import Trial

TRAIN = partial(Trial, base="training", tool="train")
BEST = "default_hooks.checkpoint.save_best"
LOADED = {"load_from": "{here}/a.pth"}
# The first picture, which has a label, and one of an OOD set, which has none.
DRAWN = {
    "default_hooks.visualization": {
        "type": "mmpretrain.VisualizationHook",
        "enable": True,
        "interval": 20,
        "out_dir": "{here}/drawn",
    }
}


def saved(value):
    return lambda path: torch.save(value, path)


TRIALS = [
    TRAIN(
        "a batch larger than the data",
        ("An epoch has no batch", "34 training images", "batch_size=35"),
        {"train_dataloader.batch_size": 35, "train_dataloader.drop_last": True},
    ),
    TRAIN("learning rate 0", "optim_wrapper.optimizer.lr=0.0: it must be above 0", {"optim_wrapper.optimizer.lr": 0.0}),
    TRAIN("no epoch", "train_cfg.max_epochs=0", {"train_cfg.max_epochs": 0}),
    TRAIN("validation every 0 epochs", "train_cfg.val_interval=0", {"train_cfg.val_interval": 0}),
    TRAIN("the best of a metric that is none", "did you mean 'auroc'", {BEST: "ood/MSP/aurok"}),
    TRAIN("the worst for the best", "set rule='less'", {BEST: "ood/MSP/fpr95_id_positive"}),
    TRAIN("an unknown scheduler", "MultistepLR is not in", {"param_scheduler.0.type": "MultistepLR"}),
    TRAIN("an optimizer's setting", "momentun", {"optim_wrapper.optimizer.momentun": 0.9}),
    TRAIN(
        "a loss that is no number",
        ("The loss_contrastive is nan in iteration 2", "set a smaller optim_wrapper.optimizer.lr"),
        {"optim_wrapper.optimizer.lr": 1e30},
    ),
    TRAIN("load_from a pickle", "cannot be read (UnpicklingError", LOADED, {"a.pth": pickle.dumps(print, protocol=2)}),
    TRAIN("load_from nothing", "There is no checkpoint", LOADED),
    TRAIN(
        "load_from another library",
        (
            "116 of its 138 weights are missing",
            "and 2 of the checkpoint's unknown, first 'backbone.conv1.weight' (absent",
        ),
        LOADED,
        {"a.pth": saved({"model": {"conv.weight": torch.ones(1)}, "epoch": 3})},
    ),
    Trial("another library's checkpoint", "weights are missing", LOADED, {"a.pth": saved({"net": {}})}, base="posthoc"),
    Trial("init_cfg of nothing", "gone.pth can not be found", {"model.pretrained": "{here}/gone.pth"}, base="posthoc"),
    Trial(
        "init_cfg of a zero-shot model",
        "gone.pth can not be found",
        {"model.init_cfg": {"type": "Pretrained", "checkpoint": "gone.pth"}},
    ),
    Trial(
        "a head of other classes",
        "model.head.num_classes is 5, but the ID set has 3 classes",
        {"model.head.num_classes": 5, "model.scores": {"_delete_": True, "MSP": {}}},
        base="posthoc",
    ),
    Trial("a list for a checkpoint", "cannot be read", LOADED, {"a.pth": saved([1, 2])}, base="posthoc"),
    Trial("drawing in a test", "metrics.json and results.safetensors written to", DRAWN, base="posthoc", code=0),
    TRAIN("drawing in validation", "Saving checkpoint at 1 epochs", {**DRAWN, "visualizer": None}, code=0),
]
