"""What ``tools/test.py`` and ``tools/rescore.py`` do: a Runner with the weights to test, on images or features."""

from argparse import Namespace

from mmengine.config import Config

from mmneglabel.cli.config import finds_weights, naming_the_config, test_config
from mmneglabel.cli.launch import check_started, init_cpu_processes
from mmneglabel.cli.runner import ToolRunner
from mmneglabel.engine.checks import unwrapped


def run_test(args: Namespace) -> None:
    """Test as ``args`` say; see ``tools/test.py --help``."""
    init_cpu_processes(args.launcher)
    with naming_the_config(args):
        config = test_config(args)
        if args.save_features:
            _set_loop(config, "keep")
        runner = _runner(config)
        _ = runner.test_loop  # builds the datasets and the metric
    runner.test()


def run_rescore(args: Namespace) -> None:
    """Score kept image features as ``args`` say; see ``tools/rescore.py --help``."""
    check_started("none")
    with naming_the_config(args):
        config = test_config(args)
        _set_loop(config, "kept")
        runner = _runner(config)
        _ = runner.test_loop  # finds the features and builds the metric
    runner.test()


def _runner(config: Config) -> ToolRunner:
    """The Runner, and a word where its weights are nobody's."""
    runner = ToolRunner.from_cfg(config)
    model = unwrapped(runner)
    if not config.load_from and not finds_weights(config):
        runner.logger.warning("No checkpoint is loaded: the weights are random where the model's init_cfg names none.")
    if not config.load_from and (model.init_cfg or not finds_weights(config)):
        model.init_weights()  # which MMEngine does before a training alone
    return runner


def _set_loop(config: Config, features: str) -> None:
    """Test in a loop that keeps features, or reads kept ones."""
    config.test_cfg = {**(config.test_cfg or {}), "type": "OODTestLoop", "features": features}
