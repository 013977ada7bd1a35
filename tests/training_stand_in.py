"""A config that trains TagFog on three classes of noise, with a stand-in for the text tower, in seconds."""

from mmengine.config import Config
from small_benchmark import write_config

EPOCHS = 3


def loader(dataset, **settings):
    return {"batch_size": 7, "num_workers": 0, "sampler": {"type": "DefaultSampler", "shuffle": False}} | {
        "dataset": dataset,
        **settings,
    }


def write_training_config(path, pictures, **changes):
    """Written to ``path``, which is returned; ``pictures`` is the fixture's folder."""
    image_steps = [{"type": "LoadRGBImage"}, {"type": "Resize", "scale": 8}]
    benchmark = {
        "type": "OODBenchmark",
        "pipeline": [*image_steps, {"type": "PackInputs", "meta_keys": ["img_path", "unreadable"]}],
        "id_set": {"name": "ID", "type": "CustomDataset", "data_root": str(pictures / "id")},
        "ood_sets": [{"name": "near", "type": "Pictures", "data_root": str(pictures / "near")}],
    }
    views = {"type": "MultiView", "num_views": 2, "transforms": [[{"type": "RandomFlip", "prob": 0.5}]]}
    training_set = {
        "type": "TrainingSet",
        "id_set": {"type": "CustomDataset", "data_root": str(pictures / "id")},
        "jigsaws_per_image": 1,
        "pipeline": [*image_steps, {"type": "ShuffleTiles", "grid": 2}, views, {"type": "PackInputs"}],
    }
    small = {"depth": 18, "stem_channels": 4, "base_channels": 4, "strides": (2, 2, 1, 1)}

    config = Config(
        {
            "custom_imports": {"imports": ["mmneglabel", "stand_in"]},
            "default_scope": "mmpretrain",
            "randomness": {"seed": 0},
            "env_cfg": {"dist_cfg": {"backend": "gloo"}},
            "model": {
                "type": "PostHocClassifier",
                "backbone": {"type": "ResNet_CIFAR", **small},
                "neck": {"type": "GlobalAveragePooling"},
                "head": {"type": "TagFogHead", "num_classes": 3, "in_channels": 32, "anchor_dim": 16},
                "data_preprocessor": {"type": "ImagePreprocessor", "mean": [127.5] * 3, "std": [127.5] * 3},
                "scores": {"MSP": {}, "KNN": {"k": 3}},
            },
            "train_dataloader": loader(training_set, sampler={"type": "EpochSampler", "shuffle": True}),
            "val_dataloader": loader(benchmark),
            "test_dataloader": loader(benchmark),
            "train_cfg": {"by_epoch": True, "max_epochs": EPOCHS, "val_interval": 1},
            "val_cfg": {},
            "test_cfg": {},
            "val_evaluator": {"type": "OODMetric"},
            "test_evaluator": {"type": "OODMetric"},
            "optim_wrapper": {"optimizer": {"type": "SGD", "lr": 0.05, "momentum": 0.9}},
            "param_scheduler": [{"type": "MultiStepLR", "milestones": [2], "by_epoch": True}],
            "custom_hooks": [
                {
                    "type": "TextAnchorHook",
                    "backbone": {"type": "StandInBackbone"},
                    "descriptions": {"type": "PlainPrompts"},
                },
                {"type": "PostHocFitHook", "dataloader": {"dataset": training_set["id_set"]}},
                {"type": "OODReportHook"},
                {"type": "PlainCheckpointHook"},
                {"type": "SyncBuffersHook"},
            ],
            "default_hooks": {
                "logger": {"type": "LoggerHook", "interval": 1},
                "checkpoint": {
                    "type": "CheckpointHook",
                    "interval": 1,
                    "backend_args": {"backend": "atomic"},
                    "save_best": "ood/MSP/auroc",
                    "rule": "greater",
                },
            },
            "visualizer": {
                "type": "UniversalVisualizer",
                "vis_backends": [{"type": "LocalVisBackend"}, {"type": "TensorboardVisBackend"}],
            },
        }
    )
    config.merge_from_dict(changes)
    return write_config(path, config)
