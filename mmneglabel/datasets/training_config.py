"""Checks of the training set's config that need no data, and its pipeline."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from mmengine.registry import DefaultScope
from mmpretrain.registry import TRANSFORMS

from mmneglabel.errors import ConfigError


def build_transforms(pipeline: Sequence[Any]) -> list[Callable[[dict], dict | None]]:
    """Return the pipeline with every config in it built."""
    # Wrappers look for what they wrap in the default scope, which outside of a Runner there may not be.
    scope = None if DefaultScope.get_current_instance() else "mmpretrain"
    with DefaultScope.overwrite_default_scope(scope):
        return [TRANSFORMS.build(step) if isinstance(step, Mapping) else step for step in pipeline]


def check_counts(**settings: int) -> None:
    """Check that the settings are integers from 0 on.

    Raises:
        ConfigError: One is not.
    """
    for name, value in settings.items():
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise ConfigError(f"TrainingSet: {name}={value!r}; give an integer from 0 on")


def check_shuffled(pipeline: Sequence[Any], jigsaws_per_image: int) -> None:
    """Check that jigsaws are made where there are any.

    Raises:
        ConfigError: Without ``ShuffleTiles`` whole ID pictures would be learned as outliers, in silence.
    """
    if jigsaws_per_image and "ShuffleTiles" not in _step_names(pipeline):
        raise ConfigError(
            f"TrainingSet: jigsaws_per_image={jigsaws_per_image}, but the pipeline has no ShuffleTiles; "
            "put dict(type='ShuffleTiles', grid=...) after the loading"
        )


def _step_names(steps: Any) -> Iterator[str]:
    """Names of the transforms, those within wrappers such as ``MultiView`` too."""
    for step in steps:
        if isinstance(step, Mapping):
            kind = step.get("type")
            yield getattr(kind, "__name__", str(kind)).rpartition(".")[2]
            yield from _step_names(step.get("transforms", ()))
        elif isinstance(step, Sequence) and not isinstance(step, str):
            yield from _step_names(step)
        else:
            yield type(step).__name__
