"""The runner's model, for the hooks and loops that work with it."""

from mmengine.model import is_model_wrapper
from mmengine.runner import Runner
from torch import nn

from mmneglabel.errors import ConfigError
from mmneglabel.models import NegLabelClassifier, PostHocClassifier


def classifier(runner: Runner) -> NegLabelClassifier:
    """The zero-shot model, out of whatever wrapper it is in.

    Raises:
        ConfigError: it is of another class, which has neither banks nor features that we know.
    """
    model = unwrapped(runner)
    if not isinstance(model, NegLabelClassifier):
        raise ConfigError(
            f"Mining, kept features and rescoring need a NegLabelClassifier, but the model is {type(model).__name__}."
        )
    return model


def posthoc_classifier(runner: Runner) -> PostHocClassifier:
    """The trained model with post-hoc scores, out of whatever wrapper it is in.

    Raises:
        ConfigError: it is of another class.
    """
    model = unwrapped(runner)
    if not isinstance(model, PostHocClassifier):
        raise ConfigError(f"PostHocFitHook needs a PostHocClassifier, but the model is {type(model).__name__}.")
    return model


def unwrapped(runner: Runner) -> nn.Module:
    """The model, out of whatever wrapper it is in."""
    return runner.model.module if is_model_wrapper(runner.model) else runner.model
