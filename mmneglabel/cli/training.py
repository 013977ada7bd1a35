"""What ``tools/train.py`` does: command line to config and Runner."""

import warnings
from argparse import Namespace
from functools import reduce
from importlib.util import find_spec

import torch
from mmengine.config import Config
from mmengine.dist import barrier
from mmengine.hooks import DistSamplerSeedHook
from mmengine.runner import EpochBasedTrainLoop, Runner
from mmengine.runner.checkpoint import find_latest_checkpoint

from mmneglabel.cli.config import naming_the_config, read_config
from mmneglabel.cli.launch import init_cpu_processes
from mmneglabel.cli.runner import ToolRunner, read_meta
from mmneglabel.datasets import EpochSampler, TrainingSet
from mmneglabel.engine.checks import unwrapped
from mmneglabel.errors import ConfigError, did_you_mean
from mmneglabel.evaluation.metrics import METRIC_NAMES
from mmneglabel.models import PostHocClassifier


def run_train(args: Namespace) -> None:
    """Train as ``args`` say; see ``tools/train.py --help``."""
    init_cpu_processes(args.launcher)
    with naming_the_config(args):
        config = train_config(args)
        runner = ToolRunner.from_cfg(config)
        _check_loader(runner)  # builds the datasets
        if runner.val_loop is not None:
            _check_best(runner)
        _build_optimizer(runner)
    runner.train()
    barrier()  # or a process that is done first takes the others' group away


def _check_loader(runner: Runner) -> None:
    """Refuse epochs without a batch, which end as if something had been trained, and pictures that know no epoch."""
    loader = runner.train_dataloader
    sampler = getattr(loader.batch_sampler, "sampler", loader.sampler)
    if isinstance(sampler, EpochSampler):
        _check_told(runner)
    elif getattr(loader.dataset, "knows_epochs", False):
        raise ConfigError(
            f"train_dataloader.sampler is {type(sampler).__name__}, and a TrainingSet must know the epoch: set "
            "sampler=dict(type='EpochSampler', shuffle=True)."
        )
    if not len(loader):
        raise ConfigError(
            f"An epoch has no batch: train_dataloader.drop_last=True, and a process has {len(sampler)} training "
            f"images, fewer than batch_size={loader.batch_size}: set a smaller batch_size, or drop_last=False."
        )


def _check_told(runner: Runner) -> None:
    """A loop of epochs leaves it to a hook to tell the sampler of each; a loop of iterations does so itself."""
    told = any(isinstance(hook, DistSamplerSeedHook) for hook in runner.hooks)
    if isinstance(runner.train_loop, EpochBasedTrainLoop) and not told:
        raise ConfigError(
            "default_hooks.sampler_seed is gone, which tells the sampler of each epoch: all would see the pictures of "
            "the first; set it to dict(type='DistSamplerSeedHook')."
        )


def _build_optimizer(runner: Runner) -> None:
    """What ``runner.train()`` would build itself, where nothing names the config."""
    runner.optim_wrapper = runner.build_optim_wrapper(runner.optim_wrapper)
    runner.scale_lr(runner.optim_wrapper, runner.auto_scale_lr)
    runner.auto_scale_lr = None  # once is enough
    if runner.param_schedulers is not None:
        runner.param_schedulers = runner.build_param_scheduler(runner.param_schedulers)


def _check_best(runner: Runner) -> None:
    """Refuse a ``save_best`` that no validation will give, now and not at the first one, or that keeps the worst."""
    model, checkpoint = unwrapped(runner), (runner.cfg.get("default_hooks") or {}).get("checkpoint") or {}
    wanted, rule = checkpoint.get("save_best"), checkpoint.get("rule")
    if not isinstance(model, PostHocClassifier) or not isinstance(wanted, str) or not wanted.startswith("ood/"):
        return
    known, asked = model.scores_without_fit(), f"default_hooks.checkpoint.save_best={wanted!r}"
    score, metric = wanted.split("/")[1], wanted.split("/")[-1]
    if wanted != "ood/id_accuracy" and score not in known:
        raise ConfigError(
            f"{asked}, but validation scores only {', '.join(known)}: choose one of them, or 'ood/id_accuracy'."
        )
    if wanted != "ood/id_accuracy" and metric not in METRIC_NAMES:
        raise ConfigError(f"{asked} is no metric: {did_you_mean(metric, METRIC_NAMES)}")
    if rule not in (None, better := "less" if metric.startswith("fpr") else "greater"):
        raise ConfigError(f"{asked} with rule={rule!r} would keep the worst checkpoint: set rule={better!r}.")


def train_config(args: Namespace) -> Config:
    """The config file with the command line merged in.

    Raises:
        ConfigError: there is no config file, it trains nothing, or it asks for what this machine lacks.
        WeightsError: the checkpoint to resume from is missing or damaged.
    """
    config = read_config(args)
    if not config.get("train_dataloader") or not config.get("optim_wrapper"):
        raise ConfigError(
            f"{args.config} trains nothing: it has no train_dataloader or optim_wrapper; test it instead."
        )
    if args.amp:
        _mixed_precision(config)
    if args.auto_scale_lr:
        _scale_lr(config)
    if args.no_validate:
        config.val_cfg = config.val_dataloader = config.val_evaluator = None
    if config.launcher != "none":
        _several_processes(config)
    _check_above_zero(config)
    for loader in (config.train_dataloader, config.get("val_dataloader") or {}):
        loader.setdefault("persistent_workers", loader.get("num_workers", 0) > 0)
    _drop_absent_tensorboard(config)
    _seed(config, args.seed, _resume(config, args.resume))
    return config


def _check_above_zero(config: Config) -> None:
    """Refuse what would end without a word, but also without a step."""
    for name in ("train_cfg.max_epochs", "train_cfg.max_iters", "train_cfg.val_interval", "optim_wrapper.optimizer.lr"):
        *parents, last = name.split(".")
        value = reduce(lambda group, key: group.get(key, {}), parents, config).get(last)
        if isinstance(value, int | float) and not value > 0:
            raise ConfigError(f"{name}={value!r}: it must be above 0.")


def _resume(config: Config, given: str | None) -> int | None:
    """Have MMEngine go on from a checkpoint, if that is wished and there is one; returns the seed of that run."""
    path = find_latest_checkpoint(config.work_dir) if given == "auto" else given
    if path is None:
        return None
    meta = read_meta(path, config.work_dir)
    config.resume, config.load_from = True, path
    return meta.get("seed")


def _seed(config: Config, asked: int | None, resumed: int | None) -> None:
    """One number for the weights, the order of the images and their augmentation; a resumed run keeps its own."""
    if asked is not None and resumed not in (None, asked):
        raise ConfigError(f"--seed {asked}, but the run to resume has seed {resumed}: leave --seed out.")
    chosen = resumed if asked is None else asked
    if chosen is not None:
        config.randomness = {**config.get("randomness", {}), "seed": chosen}
    dataset, seed = config.train_dataloader.dataset, config.get("randomness", {}).get("seed")
    if (
        dataset.type in ("TrainingSet", TrainingSet)
        and seed is not None
        and (chosen is not None or "seed" not in dataset)
    ):
        dataset.seed = seed


def _several_processes(config: Config) -> None:
    """What MMEngine's wrapper needs on CPUs, and what our losses need anywhere."""
    if not config.train_dataloader.get("sampler", {}).get("round_up", True):
        raise ConfigError(
            "train_dataloader.sampler.round_up=False: several processes need equally many images; drop it."
        )
    if not torch.cuda.is_available():
        # MMEngine's default names a GPU for every process, and synchronised batch norm knows only those.
        wrapper = {"type": "MMDistributedDataParallel", "broadcast_buffers": False}
        config.model_wrapper_cfg = {**wrapper, **(config.get("model_wrapper_cfg") or {}), "device_ids": None}
        config.sync_bn = None


def _mixed_precision(config: Config) -> None:
    if not torch.cuda.is_available():
        raise ConfigError("--amp needs a GPU to train on, and there is none here: leave it out.")
    config.optim_wrapper.type = "AmpOptimWrapper"
    config.optim_wrapper.setdefault("loss_scale", "dynamic")


def _scale_lr(config: Config) -> None:
    if "base_batch_size" not in config.get("auto_scale_lr", {}):
        raise ConfigError("--auto-scale-lr: the config has no auto_scale_lr.base_batch_size to scale from; set it.")
    config.auto_scale_lr.enable = True


def _drop_absent_tensorboard(config: Config) -> None:
    """Without the package the curves are still in vis_data/scalars.json; training need not stop for it."""
    visualizer = config.get("visualizer") or {}
    kept = [b for b in visualizer.get("vis_backends", []) if b["type"] != "TensorboardVisBackend"]
    if len(kept) < len(visualizer.get("vis_backends", [])) and find_spec("tensorboard") is None:
        warnings.warn("TensorBoard is not installed (pip install 'mmneglabel[train]'): no curves for it.", stacklevel=2)
        visualizer["vis_backends"] = kept
