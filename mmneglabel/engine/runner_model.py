"""The runner's model, for the hooks and loops that work with it."""

from mmengine.model import is_model_wrapper
from mmengine.runner import Runner

from mmneglabel.errors import ConfigError
from mmneglabel.models import NegLabelClassifier


def classifier(runner: Runner) -> NegLabelClassifier:
    """The model, out of whatever wrapper it is in.

    Raises:
        ConfigError: it is of another class, which has neither banks nor features that we know.
    """
    model = runner.model.module if is_model_wrapper(runner.model) else runner.model
    if not isinstance(model, NegLabelClassifier):
        raise ConfigError(
            f"The hooks and tools of mmneglabel need a NegLabelClassifier, but the model is {type(model).__name__}."
        )
    return model
