"""Text encoding that all processes share, and that encodes no word twice."""

from collections.abc import Sequence

import torch
from mmengine.dist import all_reduce, get_rank, get_world_size, is_main_process
from torch import Tensor
from tqdm import tqdm

from mmneglabel.backbones import VisionLanguageBackbone
from mmneglabel.backbones.base import unit
from mmneglabel.backbones.text import embed_words

_WORTH_A_BAR = 2000


class SharedTextEncoder:
    """Words to features, each rank encoding its share of the batches; several miners share what one has encoded.

    Args:
        backbone: the towers, the same weights on every rank.
        batch_size: prompts a forward pass.
    """

    def __init__(self, backbone: VisionLanguageBackbone, batch_size: int = 256) -> None:
        self._backbone, self._batch_size = backbone, batch_size
        self._known: dict[tuple[str, ...], tuple[dict[str, int], Tensor]] = {}

    def __call__(self, words: Sequence[str], templates: Sequence[str] = ("{}",)) -> Tensor:
        """Unit-norm features (N, D) of N words, float32 on the CPU, the same bits on every rank.

        See :func:`mmneglabel.backbones.encode_words`.
        """
        templates = tuple(templates)
        rows, features = self._known.get(templates, ({}, torch.empty(0, self._backbone.embed_dim)))
        if new := [word for word in dict.fromkeys(words) if word not in rows]:
            rows |= {word: len(rows) + i for i, word in enumerate(new)}
            features = torch.cat([features, self._encode(new, templates)])
            self._known[templates] = rows, features
        return features[[rows[word] for word in words]]

    def _encode(self, words: list[str], templates: tuple[str, ...]) -> Tensor:
        prompts, world_size = len(words) * len(templates), get_world_size()
        quiet = not is_main_process() or prompts < _WORTH_A_BAR
        with tqdm(total=prompts, desc="Encoding prompts", unit="prompt", disable=quiet) as bar:
            embeddings = embed_words(
                self._backbone,
                words,
                templates,
                batch_size=self._batch_size,
                rank=get_rank(),
                world_size=world_size,
                progress=lambda done: bar.update(done * world_size),
            )
        # The rows of the other ranks are zero, so the sum over all ranks is exact.
        all_reduce(embeddings)
        return unit(embeddings)
