"""What a score is: what a model made of a batch of images in, one number an image out."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar

from torch import Tensor

# What a score may need, and what it then finds: with a model that compares images with texts
TEXTS = "texts"
"""Cosines to the ID labels, as ``Similarities.logits``, which are 100 times these."""
NEGATIVES = "negatives"
"""Negative labels in its bank."""
LOCAL = "local"
"""Features of places in the image: ``Similarities.local``."""
PAIRS = "pairs"
"""A text tower for pairs of labels: ``Similarities.texts.pairs``."""
# with a trained classifier
FIT = "fit"
"""To have learned from the ID training images: :meth:`Score.fit` comes first."""
FEATURES = "features"
"""Penultimate features: ``Outputs.features``."""
LAST_LAYER = "last layer"
"""The layer that makes logits of them: ``Outputs.last_layer``."""
PIXELS = "pixels"
"""To put pixels through the network again, with a gradient: ``Outputs.pixels`` and ``Outputs.classify``."""
# with a model whose image features are at hand when a test is over
STREAM = "stream"
"""To learn from the images before: it is played after the test, see :mod:`mmneglabel.scores.stream`."""
NOISE = "noise"
"""Features of pictures of noise: ``TextFeatures.noise``."""


class Score(ABC):
    """One number an image, higher = more in-distribution, always.

    A score says what it ``needs``; a model computes nothing else, and refuses at once what it cannot give. One that
    reads ``seen.logits`` alone needs nothing, and serves every model::

        @TASK_UTILS.register_module()
        class MarginScore(Score):
            def __call__(self, seen):
                first, second = seen.logits.topk(2, dim=1).values.unbind(1)
                return first - second
    """

    needs: ClassVar[frozenset[str]] = frozenset()

    @abstractmethod
    def __call__(self, seen: Any) -> Tensor:
        """(N,) scores of a batch; ``seen`` is a :class:`Similarities` or :class:`mmneglabel.posthoc.Outputs`."""

    def fit(self, training: Any) -> str:
        """Learn from :class:`mmneglabel.posthoc.TrainingFeatures`; returns in a few words what was learned."""
        return "nothing to fit"


Noise = Callable[[int], Tensor]
"""A seed to unit-norm features (15, D) of pictures of noise, see :func:`mmneglabel.scores.tanl.noise_pictures`."""

Pairs = Callable[[Tensor, Tensor], Tensor]
"""Indices (P,) of labels and (P,) of negatives to unit-norm features (P, D) of the texts "label and negative"."""
