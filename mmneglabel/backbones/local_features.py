"""Local image features of open_clip's own towers: what each patch says by itself, in the space of the text.

GL-MCM (IJCV 2025, arXiv 2304.04521), after MaskCLIP (ECCV 2022): in the last block the value path alone
is followed, so that a patch keeps its own content instead of a mixture over all patches.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from open_clip.modified_resnet import AttentionPool2d, ModifiedResNet
from open_clip.transformer import ResidualAttentionBlock, VisionTransformer
from torch import Tensor, nn
from torch.nn import functional


class ViTPatches:
    """Local features of a vision transformer that reads its image embedding at the class token.

    Args:
        tower: the transformer.
    """

    def __init__(self, tower: VisionTransformer) -> None:
        self._tower, self.mixer = tower, tower.transformer.resblocks[-1]

    def __call__(self, tokens: Tensor) -> Tensor:
        """Raw local features (B, P, D) from the last block's input."""
        tower, block = self._tower, self.mixer
        patches = tokens[:, 1:] if tower.transformer.batch_first else tokens[1:].transpose(0, 1)
        _, _, weight = block.attn.in_proj_weight.chunk(3)
        _, _, bias = block.attn.in_proj_bias.chunk(3)
        values = block.attn.out_proj(functional.linear(block.ln_1(patches), weight, bias))
        patches = patches + block.ls_1(values)
        patches = patches + block.ls_2(block.mlp(block.ln_2(patches)))
        return tower.ln_post(patches) @ tower.proj


class ResNetCells:
    """Local features of a CLIP ResNet: value and output projection of the attention pool, cell by cell.

    As in MaskCLIP the pool's position embedding is left out.

    Args:
        tower: the ResNet.
    """

    def __init__(self, tower: ModifiedResNet) -> None:
        self.mixer: AttentionPool2d = tower.attnpool

    def __call__(self, grid: Tensor) -> Tensor:
        """Raw local features (B, P, D) from the attention pool's input (B, C, h, w)."""
        return self.mixer.c_proj(self.mixer.v_proj(grid.flatten(2).transpose(1, 2)))


def local_reader(tower: nn.Module) -> ViTPatches | ResNetCells | None:
    """What reads the local features of ``tower``, or None where they are not defined.

    Its ``mixer`` is the module that mixes places, whose input it wants.
    """
    if type(tower) is ModifiedResNet and type(tower.attnpool) is AttentionPool2d:
        return ResNetCells(tower)
    if type(tower) is not VisionTransformer or type(tower.transformer.resblocks[-1]) is not ResidualAttentionBlock:
        return None
    plain = tower.attn_pool is None and tower.pool_type == "tok" and not tower.final_ln_after_pool
    return ViTPatches(tower) if plain and tower.proj is not None else None


@contextmanager
def input_of(module: nn.Module) -> Iterator[list[Tensor]]:
    """A list that fills with the first argument of each call of ``module``."""
    seen: list[Tensor] = []
    hook = module.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    try:
        yield seen
    finally:
        hook.remove()
