"""A config of a small network with every post-hoc score, tested and fitted on the generated pictures."""

from uuid import uuid4

from mmengine.config import Config
from small_benchmark import benchmark_loader, write_config

SCORES = {name: {} for name in ("MSP", "MaxLogit", "Energy", "ReAct", "ODIN", "Mahalanobis")}
SCORES |= {"KNN": {"k": 1}, "ViM": {"dim": 4}}


def small_posthoc(pictures, work_dir, **changes):
    """17 ID pictures of three classes, which are also the training images, and 9 + 5 others."""
    id_set = {"type": "CustomDataset", "data_root": str(pictures / "id")}
    config = Config(
        {
            "custom_imports": {"imports": ["mmneglabel"]},
            "default_scope": "mmpretrain",
            "model_wrapper_cfg": {"type": "PassThroughWrapper"},
            "randomness": {"seed": 0},
            "test_cfg": {"type": "OODTestLoop"},
            "test_evaluator": {"type": "OODMetric"},
            "model": {
                "type": "PostHocClassifier",
                "backbone": {"type": "ResNet_CIFAR", "depth": 18, "base_channels": 4, "stem_channels": 4},
                "neck": {"type": "GlobalAveragePooling"},
                "head": {"type": "LinearClsHead", "num_classes": 3, "in_channels": 32},
                "data_preprocessor": {"mean": [127.5] * 3, "std": [63.75] * 3},
                "scores": SCORES,
            },
            "custom_hooks": [
                {"type": "PostHocFitHook", "dataloader": {"dataset": id_set}},
                {"type": "OODReportHook"},
            ],
            "test_dataloader": benchmark_loader(pictures, {"type": "CenterCrop", "crop_size": 10}),
            "work_dir": str(work_dir),
            # MMEngine's default is the time in seconds, and two runs a second are usual here.
            "experiment_name": uuid4().hex,
        }
    )
    config.merge_from_dict(changes)
    return config


def write_small_posthoc(path, pictures, work_dir, **changes):
    """Written to ``path``, which is returned."""
    return write_config(path, small_posthoc(pictures, work_dir, **changes))
