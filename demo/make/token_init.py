"""A text tower that starts as a bag of words with meaning, instead of from noise.

Tokens get the singular vectors of a token x synset matrix (lemmas, gloss, hypernyms); the first block starts as a
plain average over the tokens so far, the others as nothing. Training goes on from there.
"""

from typing import TYPE_CHECKING

import torch
from open_clip.transformer import ResidualAttentionBlock
from torch import Tensor, nn
from words import spoken

if TYPE_CHECKING:
    from collections.abc import Callable

    from nltk.corpus.reader.wordnet import Synset, WordNetCorpusReader

LEMMA, HYPERNYM, GLOSS = 3.0, 1.5, 1.0


def synset_texts(synset: "Synset") -> list[tuple[float, str]]:
    """Texts about a synset with their weights."""
    texts = [(LEMMA, spoken(name)) for name in synset.lemma_names()]
    parents = synset.hypernyms()
    above = [*parents, *(s for parent in parents for s in parent.hypernyms())]
    texts += [(HYPERNYM, spoken(s.lemma_names()[0])) for s in above]
    return [*texts, (GLOSS, synset.definition())]


def token_synset_matrix(
    wordnet: "WordNetCorpusReader", encode: "Callable[[str], list[int]]", vocabulary: int
) -> Tensor:
    """Sparse (vocabulary, synsets) counts, damped and weighted by rarity."""
    tokens, columns, weights = [], [], []
    synsets = [*wordnet.all_synsets("n"), *wordnet.all_synsets("a")]
    for column, synset in enumerate(synsets):
        for weight, text in synset_texts(synset):
            ids = encode(text)
            tokens += ids
            columns += [column] * len(ids)
            weights += [weight] * len(ids)
    shape = (vocabulary, len(synsets))
    matrix = torch.sparse_coo_tensor(
        torch.tensor([tokens, columns]), torch.tensor(weights), shape, check_invariants=False
    )
    matrix = matrix.coalesce()
    rows = matrix.indices()[0]
    rarity = torch.log(shape[1] / (1 + torch.bincount(rows, minlength=vocabulary).float())).clamp_min(0)
    damped = matrix.values().log1p() * rarity[rows]
    return torch.sparse_coo_tensor(matrix.indices(), damped, shape, check_invariants=False).coalesce()


def token_vectors(matrix: Tensor, width: int, seed: int) -> Tensor:
    """Leading left singular vectors, scaled by the root of their singular values, rows of unit variance or zero."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        left, singular, _ = torch.svd_lowrank(matrix, q=width + 32, niter=4)
    vectors = left[:, :width] * singular[:width].sqrt()
    length = vectors.norm(dim=1, keepdim=True)
    return torch.where(length > 1e-6, vectors / length.clamp_min(1e-6), torch.zeros(())) * width**0.5


@torch.no_grad()
def start_as_average(block: ResidualAttentionBlock) -> None:
    """Sets a transformer block to the plain mean over all tokens so far."""
    width = block.attn.embed_dim
    block.attn.in_proj_weight[: 2 * width].normal_(std=0.02)
    block.attn.in_proj_weight[2 * width :].copy_(torch.eye(width))
    block.attn.out_proj.weight.copy_(torch.eye(width))
    block.mlp.c_proj.weight.normal_(std=0.002)


@torch.no_grad()
def start_text_tower(clip: nn.Module, vectors: Tensor) -> None:
    """Gives an open_clip text tower the token vectors and blocks that only average."""
    clip.token_embedding.weight.normal_(std=0.01).add_(vectors * 0.1)
    clip.positional_embedding.normal_(std=0.002)
    start_as_average(clip.transformer.resblocks[0])
    for block in clip.transformer.resblocks[1:]:
        block.attn.out_proj.weight.normal_(std=0.002)
        block.mlp.c_proj.weight.normal_(std=0.002)
    nn.init.orthogonal_(clip.text_projection)
