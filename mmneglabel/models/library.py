"""What classifiers of other libraries become: a backbone, with the last layer and the pixels that it brings."""

import logging
from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, ClassVar

import torch
from mmpretrain.models.heads import LinearClsHead
from torch import Tensor, nn

from mmneglabel.backbones import Preprocessing
from mmneglabel.backbones.hub import Place, fetched
from mmneglabel.errors import ConfigError, WeightsError, did_you_mean, one_line, whole
from mmneglabel.models.preprocessor import overridden


class LibraryBackbone(nn.Module, ABC):
    """A classifier of another library without its last linear layer, which waits in :attr:`head`.

    Args:
        model_name: what the library calls the architecture.
        weights: a tag of published weights, which the library fetches; None for random ones (said in the log).
        checkpoint: a file of weights in the library's own names, read in place of fetching; ``weights`` then says
            whose pixels they share, which is needed where those of the published tags differ.
        num_classes: K, of a file or of random weights; None is the library's.
        load_weights: False leaves weights unread because a checkpoint of the whole model follows.

    Attributes:
        preprocessing: the pixels on which the library evaluates the weights.

    Raises:
        ConfigError: settings disagree, the pixels cannot be made, or the network does not end in a linear layer.
        WeightsError: name or tag is unknown (close matches are named), a file does not fit, or a download failed.
    """

    # No module of MMEngine's: their init_weights would call that of timm's networks, and make the weights random again.

    library: ClassVar[str]

    checkpoint_advice = (
        "Give a checkpoint of this very model; a file in the library's own names belongs into "
        "model.backbone.checkpoint."
    )
    """What to do about a checkpoint that does not fit a model with this backbone."""

    def __init__(
        self,
        model_name: str,
        weights: str | None = None,
        checkpoint: str | None = None,
        num_classes: int | None = None,
        load_weights: bool = True,
    ) -> None:
        super().__init__()
        self._called = f"{self.library}'s {model_name!r}"
        if model_name not in (known := self.names()):
            raise WeightsError(
                f"{self.library} knows no classifier {model_name!r}: set backbone.model_name to one of its "
                f"list_models(); {did_you_mean(model_name, known)}"
            )
        self.preprocessing = self._find_pixels(self.published(model_name), weights, checkpoint)
        if num_classes is not None:
            whole(self, num_classes=num_classes)
            if weights and not checkpoint:  # timm would put a random layer in the place of theirs, without a word
                raise ConfigError(
                    f"The weights {weights!r} of {self._called} bring their classes, and backbone.num_classes is "
                    f"{num_classes}: leave it out, or set backbone.checkpoint to a file with so many."
                )
        settings = {"name": model_name, "tag": weights, "num_classes": num_classes}
        self.network = self._read(settings, checkpoint) if load_weights else self.build(**settings)
        # In a tuple, since its weights are those of the model that it becomes the head of.
        self._parted = (_part_last_layer(self.network.eval(), self.preprocessing.size, self._called),)

    @property
    def head(self) -> LinearClsHead:
        """A head of MMPretrain's around the library's own last layer, for what :meth:`forward` gives."""
        return self._parted[0]

    def forward(self, pixels: Tensor) -> tuple[Tensor]:
        """Penultimate features (N, D) of normalised pixels (N, 3, H, W), in a tuple like every backbone's."""
        return (self.network(pixels),)

    @staticmethod
    @abstractmethod
    def names() -> Collection[str]:
        """All architectures."""

    @staticmethod
    @abstractmethod
    def published(name: str) -> Mapping[str, Any]:
        """What the library knows of an architecture's weights, by their tags."""

    @staticmethod
    @abstractmethod
    def pixels(published: Any) -> Preprocessing:
        """The pixels on which it evaluates one of :meth:`published`."""

    @staticmethod
    @abstractmethod
    def build(
        name: str, tag: str | None, num_classes: int | None, fetch: bool = False, file: str | None = None
    ) -> nn.Module:
        """The network: with published weights that are fetched, with those of a file, or with random ones."""

    def _find_pixels(self, tags: Mapping[str, Any], tag: str | None, checkpoint: str | None) -> Preprocessing:
        """Those of the tag or, for a file without one, what all tags agree on."""
        if tag:
            if tag not in tags:
                raise WeightsError(
                    f"{tag!r} is no tag of {self._called}: set backbone.weights to one, or backbone.checkpoint to a "
                    f"file; {did_you_mean(tag, tags)}"
                )
            return self.pixels(tags[tag])
        if not checkpoint:  # weights that nobody trained want no pixels in particular
            return self.pixels(next(iter(tags.values())))
        by_pixels: dict[Preprocessing, str] = {}
        for name, published in tags.items():
            by_pixels.setdefault(self.pixels(published), name)
        if len(by_pixels) > 1:
            told = "; ".join(f"{name}: {pixels}" for pixels, name in by_pixels.items())
            raise ConfigError(
                f"{checkpoint!r} may be of any published weights of {self._called}, and their pixels differ ({told}): "
                "set backbone.weights to the tag whose pixels it shares."
            )
        return next(iter(by_pixels))

    def _read(self, settings: Mapping[str, Any], checkpoint: str | None) -> nn.Module:
        """The network with its weights, and a word where they are nobody's."""
        if checkpoint:
            return self._read_file(settings, Path(checkpoint).expanduser())
        if tag := settings["tag"]:
            what, mend = f"weights {tag!r} of {self._called}", "Set backbone.checkpoint to a file that holds them"
            return fetched(Place(tag, local=False), lambda *_, **__: self.build(**settings, fetch=True), what, mend)
        logging.getLogger(__name__).warning(
            "%s has random weights (weights=None): its scores mean nothing.", self._called
        )
        return self.build(**settings)

    def _read_file(self, settings: Mapping[str, Any], path: Path) -> nn.Module:
        if not path.is_file():
            raise WeightsError(f"There is no file {str(path)!r}: set backbone.checkpoint to one.")
        try:
            return self.build(**settings, file=str(path))
        except Exception as error:  # whatever the library or a file format raises becomes one line
            raise WeightsError(
                f"The checkpoint {str(path)!r} does not fit {self._called} or cannot be read "
                f"({one_line(error).rstrip('.')}). Set backbone.model_name and backbone.num_classes as they were when "
                "it was saved."
            ) from error


def head_of(backbone: nn.Module, neck: Any, head: Any) -> Any:
    """The head of a classifier, or its config: the one given, or the one that a library's network brings.

    Raises:
        ConfigError: there is none, or a library's network would lose its own.
    """
    if isinstance(backbone, LibraryBackbone):
        if given := [name for name, part in (("neck", neck), ("head", head)) if part is not None]:
            raise ConfigError(
                f"PostHocClassifier: {type(backbone).__name__} brings all from the pixels to the logits: set model."
                f"{' and model.'.join(given)} to None."
            )
        return backbone.head
    if head is None:
        raise ConfigError(
            f"PostHocClassifier: model.head is None, and {type(backbone).__name__} brings none as TorchvisionBackbone "
            "and TimmBackbone do, but post-hoc scores need a classifier's head."
        )
    return head


def pixels_of(backbone: nn.Module, override: Mapping[str, Any] | str | None) -> Preprocessing | None:
    """The pixels of a network that knows them, with what a config changes on purpose; None of MMPretrain's.

    Raises:
        ConfigError: there is nothing to change.
    """
    if isinstance(backbone, LibraryBackbone):
        return overridden(backbone.preprocessing, override)
    if override is not None:
        raise ConfigError(
            f"model.preprocessing_override is {override!r}, and {type(backbone).__name__} knows no pixels to depart "
            "from: leave it out, and set pipeline and data_preprocessor."
        )
    return None


def _part_last_layer(network: nn.Module, size: tuple[int, int], called: str) -> LinearClsHead:
    """Take the last linear layer out of a network, put a head of MMPretrain's around it.

    Raises:
        ConfigError: the logits are not what a linear layer gives.
    """
    given: dict[str, Tensor] = {}
    hooks = [
        module.register_forward_hook(lambda _, __, output, name=name: given.update({name: output}))
        for name, module in network.named_modules()
        if isinstance(module, nn.Linear)
    ]
    with torch.no_grad():
        logits = network(torch.zeros(1, 3, *size))
    for hook in hooks:
        hook.remove()
    # The very tensor: whatever its name, and nothing is computed behind it.
    name = next((name for name, output in given.items() if output is logits and output.ndim == 2), None)
    if name is None:
        raise ConfigError(
            f"The logits of {called} are not what one linear layer gives (it has {len(given)}), which post-hoc scores "
            "go by: set backbone.model_name to a classifier that ends with one."
        )
    layer = network.get_submodule(name)
    network.set_submodule(name, nn.Identity())
    head = LinearClsHead(layer.out_features, layer.in_features, init_cfg=None)  # none: the weights are there
    head.fc = layer
    return head
