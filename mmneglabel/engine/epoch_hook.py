"""Tells the training set which epoch it is, so that its random numbers follow from seed, epoch and sample."""

from mmengine.hooks import Hook
from mmengine.runner import EpochBasedTrainLoop, Runner
from mmpretrain.registry import HOOKS

from mmneglabel.errors import ConfigError


@HOOKS.register_module()
class EpochSeedHook(Hook):
    """Call ``set_epoch`` of the training set before every epoch; needed beside ``TrainingSet``.

    Raises:
        ConfigError: The training set has no ``set_epoch``, an epoch has no batch, or training is not counted in epochs.
    """

    priority = "ABOVE_NORMAL"  # before TextAnchorHook makes its tower for nothing

    def before_train(self, runner: Runner) -> None:
        """Check that there is something to tell, and when."""
        if not isinstance(runner.train_loop, EpochBasedTrainLoop):
            kind = type(runner.train_loop).__name__
            raise ConfigError(
                f"EpochSeedHook needs epochs, but the training loop is {kind}; set train_cfg.by_epoch=True"
            )
        if not hasattr(runner.train_dataloader.dataset, "set_epoch"):
            kind = type(runner.train_dataloader.dataset).__name__
            raise ConfigError(f"EpochSeedHook: {kind} has no set_epoch; train on a TrainingSet or leave the hook out")
        check_batches(runner)

    def before_train_epoch(self, runner: Runner) -> None:
        """Say the number of the epoch, the same one after a resume."""
        runner.train_dataloader.dataset.set_epoch(runner.epoch)


def check_batches(runner: Runner) -> None:
    """Refuse an epoch without a batch, which ends as if something had been trained.

    Raises:
        ConfigError: ``drop_last`` drops everything.
    """
    loader = runner.train_dataloader
    if not len(loader):
        raise ConfigError(
            f"An epoch has no batch: train_dataloader.drop_last=True, and a process has {len(loader.sampler)} training "
            f"images, fewer than batch_size={loader.batch_size}: set a smaller batch_size, or drop_last=False."
        )
