"""ODIN: softmax at a high temperature, of images that were pushed towards their predicted class."""

from typing import ClassVar

import torch
from torch import Tensor
from torch.nn import functional

from mmneglabel.errors import not_negative, positive
from mmneglabel.posthoc.outputs import Outputs
from mmneglabel.scores.logits import largest_probability
from mmneglabel.scores.score import PIXELS, Score


class ODINScore(Score):
    """``max_i softmax_i(l(x') / T)``, ``x' = x - ε sign(∇_x CE(l(x) / T, argmax l(x)))`` (ICLR 2018, arXiv 1706.02690).

    The softmax is taken in float64, since at T = 1000 all scores lie close together. As in MSP it is over all classes,
    while i and the argmax are ID classes: the step never goes towards learned outliers.

    It costs two more forward passes and a backward one for every image, in float32 whatever autocast says, and the
    memory of a training step. The network's parameters collect no gradients.

    Args:
        temperature: T; the paper's is 1000.
        epsilon: ε in units of pixels from 0 to 1, before the normalisation, as the authors count it: the step on
            normalised pixels is ε / std. At least 0; their choice for their networks lies near 0.0014.
    """

    needs: ClassVar[frozenset[str]] = frozenset({PIXELS})

    def __init__(self, temperature: float = 1000.0, epsilon: float = 0.0014) -> None:
        positive(self, temperature=temperature)
        not_negative(self, epsilon=epsilon)
        self.temperature, self.epsilon = temperature, epsilon

    def __call__(self, outputs: Outputs) -> Tensor:
        """(N,) scores."""
        count = outputs.logits.shape[1]
        # Gradients pass through no tensor that was made in inference mode: a copy is made outside of it.
        with torch.inference_mode(False), torch.enable_grad():
            pixels = outputs.pixels.detach().clone().requires_grad_()
            logits = outputs.classify(pixels) / self.temperature
            loss = functional.cross_entropy(logits, logits[:, :count].argmax(dim=1))
            (gradient,) = torch.autograd.grad(loss, pixels)
        step = self.epsilon * (gradient.sign() / outputs.pixel_std[:, None, None])
        with torch.no_grad():
            return largest_probability(outputs.classify(pixels.detach() - step), count, self.temperature)
