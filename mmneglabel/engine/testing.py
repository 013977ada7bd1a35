"""What ``tools/test.py`` and ``tools/rescore.py`` do: command line to config and Runner, with the weights to test."""

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from mmengine.config import Config

from mmneglabel.engine import launch
from mmneglabel.engine.launch import check_started, init_cpu_processes, naming_the_config, read_config
from mmneglabel.engine.resume import CheckpointRunner
from mmneglabel.engine.runner_model import unwrapped
from mmneglabel.errors import WeightsError


def add_arguments(parser: ArgumentParser) -> None:
    """What the tools that test take."""
    parser.add_argument("config", help="config file")
    parser.add_argument("checkpoint", nargs="?", help="checkpoint file; left out or 'none': the weights of the config")
    parser.add_argument("--amp", action="store_true", help="run the network under autocast; scores stay in float32")
    launch.add_arguments(parser)


def run_test(args: Namespace) -> None:
    """Test as ``args`` say; see ``tools/test.py --help``.

    Raises:
        NegLabelError: anything a user can get wrong.
    """
    init_cpu_processes(args.launcher)
    with naming_the_config(args):
        config = test_config(args)
        if args.save_features:
            _drop_feature_hooks(config).append({"type": "FeatureCacheHook", "cache_dir": _cache_dir(config)})
        runner = _runner(config)
        _ = runner.test_loop  # builds the datasets and the metric
    runner.test()


def run_rescore(args: Namespace) -> None:
    """Score kept image features as ``args`` say; see ``tools/rescore.py --help``.

    Raises:
        NegLabelError: anything a user can get wrong.
    """
    check_started("none")
    with naming_the_config(args):
        config = test_config(args)
        _drop_feature_hooks(config)
        fp16 = config.test_cfg.get("fp16", False)
        config.test_cfg = {"type": "KeptFeaturesLoop", "fp16": fp16, "cache_dir": _cache_dir(config)}
        runner = _runner(config)
        _ = runner.test_loop  # finds the features and builds the metric
    runner.test()


def test_config(args: Namespace) -> Config:
    """The config file with the command line merged in.

    Raises:
        ConfigError: there is no config file.
        WeightsError: there is no checkpoint file, or none is given of a config that trains.
    """
    config = read_config(args)
    config.load_from = existing_checkpoint(args.checkpoint) or existing_checkpoint(config.get("load_from"))
    if config.load_from and is_zero_shot(config):
        config.model.backbone.load_weights = False
    if config.get("optim_wrapper"):
        if not args.checkpoint and not config.load_from:
            raise WeightsError(
                f"{args.config} describes a training: give a checkpoint of one (or load_from) for its weights."
            )
        # What training wraps its model in wants a GPU a process.
        config.model_wrapper_cfg = {"type": "FrozenModelWrapper"}
    if args.amp:
        config.test_cfg.fp16 = True
    return config


def is_zero_shot(config: Config) -> bool:
    """Whether the model finds its weights itself; its type may be a name, with or without a scope, or a class."""
    kind = config.model.type
    return getattr(kind, "__name__", str(kind)).rpartition(".")[2] == "NegLabelClassifier"


def existing_checkpoint(path: str | None) -> str | None:
    """The checkpoint's path; "none" is the placeholder that lets scripts count their arguments."""
    if path is None or path.lower() == "none":
        return None
    if not path.startswith(("http://", "https://")) and not Path(path).is_file():
        raise WeightsError(
            f"No checkpoint file at {path!r}; leave it out, or give 'none', to use the config's weights."
        )
    return path


def _runner(config: Config) -> CheckpointRunner:
    """The Runner, and a word where its weights are nobody's."""
    runner = CheckpointRunner.from_cfg(config)
    if not config.load_from and not is_zero_shot(config):
        runner.logger.warning("No checkpoint is loaded: the weights are random where the model's init_cfg names none.")
    model = unwrapped(runner)
    if not config.load_from and (model.init_cfg or not is_zero_shot(config)):
        model.init_weights()  # which MMEngine does before a training alone
    return runner


def _drop_feature_hooks(config: Config) -> list[dict[str, Any]]:
    """The config's hooks without those that keep features: one is enough, and kept features need not be kept."""
    config.custom_hooks = [hook for hook in config.get("custom_hooks", []) if hook["type"] != "FeatureCacheHook"]
    return config.custom_hooks


def _cache_dir(config: Config) -> str | None:
    """The cache folder that the mining hook is given, for the features to lie in too."""
    return next((hook["cache_dir"] for hook in config.custom_hooks if hook.get("cache_dir")), None)
