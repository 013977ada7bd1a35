"""Text encoding that all processes share, and that encodes no prompt twice."""

from collections.abc import Sequence

import torch
from mmengine.dist import all_reduce, get_rank, get_world_size, is_main_process
from torch import Tensor
from tqdm import tqdm

from mmneglabel.backbones import VisionLanguageBackbone, encode_prompts

_WORTH_A_BAR = 2000


class SharedTextEncoder:
    """Prompts to features, each rank encoding its share of the batches; several miners share what one has encoded.

    Args:
        backbone: the towers, the same weights on every rank.
        batch_size: prompts a forward pass.
    """

    def __init__(self, backbone: VisionLanguageBackbone, batch_size: int = 256) -> None:
        self._backbone, self._batch_size = backbone, batch_size
        self._rows: dict[str, int] = {}
        self._features = torch.empty(0, backbone.embed_dim)

    def __call__(self, prompts: Sequence[str]) -> Tensor:
        """Unit-norm features (N, D) of N prompts, float32 on the CPU, the same bits on every rank."""
        if new := [prompt for prompt in dict.fromkeys(prompts) if prompt not in self._rows]:
            self._rows |= {prompt: len(self._rows) + i for i, prompt in enumerate(new)}
            self._features = torch.cat([self._features, self._encode(new)])
        return self._features[[self._rows[prompt] for prompt in prompts]]

    def _encode(self, prompts: list[str]) -> Tensor:
        quiet = not is_main_process() or len(prompts) < _WORTH_A_BAR
        world_size = get_world_size()
        with tqdm(total=len(prompts), desc="Encoding prompts", unit="prompt", disable=quiet) as bar:
            features = encode_prompts(
                self._backbone,
                prompts,
                batch_size=self._batch_size,
                rank=get_rank(),
                world_size=world_size,
                progress=lambda done: bar.update(done * world_size),
            )
        # The rows of the other ranks are zero, so the sum over all ranks is exact.
        all_reduce(features)
        return features
