"""What is asked of every tower, above all of one in a user's own file: each breach is one line."""

import inspect
from abc import ABCMeta
from typing import Any

from torch import Tensor, nn

from mmneglabel.backbones.preprocessing import Preprocessing
from mmneglabel.errors import ConfigError


class TowerType(ABCMeta):
    """Looks each tower over once it is built, and leaves it in evaluation mode.

    PyTorch builds modules in training mode, in which the first pictures would change a BatchNorm.
    """

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        """The tower.

        Raises:
            ConfigError: it lacks a method, an attribute or weights, or is given what its constructor does not take.
        """
        takes = inspect.signature(cls.__init__)
        try:
            takes.bind(None, *args, **kwargs)
        except TypeError as error:
            names = ", ".join(list(takes.parameters)[1:])
            raise ConfigError(f"{cls.__name__}: {error}; it takes {names or 'nothing'}.") from error
        if cls.__abstractmethods__:
            raise ConfigError(
                f"{cls.__name__} is no tower yet: write its {', '.join(sorted(cls.__abstractmethods__))}."
            )
        tower = super().__call__(*args, **kwargs)
        _check_attributes(tower)
        return tower.eval()


def _check_attributes(tower: nn.Module) -> None:
    """Refuse a tower that does not say what it is.

    Raises:
        ConfigError: ``embed_dim`` or ``preprocessing`` is missing or of the wrong kind, or there are no weights.
    """
    name, width = type(tower).__name__, getattr(tower, "embed_dim", None)
    if type(width) is not int or width < 1:
        raise ConfigError(
            f"{name}: embed_dim is {width!r}: set self.embed_dim in its __init__ to the number of dimensions that "
            "embed_image and embed_tokens give."
        )
    if not isinstance(pixels := getattr(tower, "preprocessing", None), Preprocessing):
        raise ConfigError(
            f"{name}: preprocessing is {pixels!r}: set self.preprocessing in its __init__, such as "
            "Preprocessing((224, 224), mean=(0.5, 0.5, 0.5), std=(0.5, 0.5, 0.5), interpolation='bicubic')."
        )
    _ = tower.device  # raises where there are no weights


def check_embeddings(tower: nn.Module, embeddings: Tensor, count: int) -> Tensor:
    """The ``embeddings`` (count, ..., D) of a tower of ``embed_dim`` D, as they are.

    Raises:
        ConfigError: they are something else.
    """
    given = tuple(embeddings.shape) if isinstance(embeddings, Tensor) else type(embeddings).__name__
    if not isinstance(given, tuple) or len(given) < 2 or (given[0], given[-1]) != (count, tower.embed_dim):
        raise ConfigError(
            f"{type(tower).__name__} gives embeddings of shape {given} where ({count}, {tower.embed_dim}) is due: its "
            "embed_dim and what embed_image and embed_tokens return must agree."
        )
    return embeddings
