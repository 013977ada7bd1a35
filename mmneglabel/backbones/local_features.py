"""Local image features of open_clip's own towers: what each patch says by itself, in the space of the text.

GL-MCM (IJCV 2025, arXiv 2304.04521), after MaskCLIP (ECCV 2022): in the last block the value path alone
is followed, so that a patch keeps its own content instead of a mixture over all patches.
"""

from collections.abc import Callable
from dataclasses import dataclass

from open_clip.modified_resnet import AttentionPool2d, ModifiedResNet
from open_clip.transformer import ResidualAttentionBlock, VisionTransformer
from torch import Tensor, nn
from torch.nn import functional


@dataclass(frozen=True)
class LocalFeatures:
    """From pixels to image embeddings and local features, in one forward pass.

    Attributes:
        embed_image: the tower's raw image embeddings (B, D) of pixels (B, 3, H, W).
        visual: the image tower.
        mixer: the last module of the tower that mixes places.
        read: raw local features (B, P, D) of P places, from ``visual`` and what the mixer was given.
    """

    embed_image: Callable[[Tensor], Tensor]
    visual: nn.Module
    mixer: nn.Module
    read: Callable[[nn.Module, Tensor], Tensor]

    def __call__(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        """Raw image embeddings (B, D) and local features (B, P, D) of pixels (B, 3, H, W)."""
        given: list[Tensor] = []
        hook = self.mixer.register_forward_pre_hook(lambda _, inputs: given.append(inputs[0]))
        try:
            image = self.embed_image(pixels)
        finally:
            hook.remove()
        return image, self.read(self.visual, given[0])


def local_features(visual: nn.Module, embed_image: Callable[[Tensor], Tensor]) -> LocalFeatures | None:
    """What reads the local features of ``visual``, or None where they are not defined."""
    if type(visual) is ModifiedResNet and type(visual.attnpool) is AttentionPool2d:
        return LocalFeatures(embed_image, visual, visual.attnpool, _cells)
    if type(visual) is not VisionTransformer or type(visual.transformer.resblocks[-1]) is not ResidualAttentionBlock:
        return None
    plain = visual.attn_pool is None and visual.pool_type == "tok" and not visual.final_ln_after_pool
    if not plain or visual.proj is None:
        return None
    return LocalFeatures(embed_image, visual, visual.transformer.resblocks[-1], _patches)


def _patches(visual: VisionTransformer, tokens: Tensor) -> Tensor:
    """Of a transformer that reads its image embedding at the class token, from the last block's input."""
    block = visual.transformer.resblocks[-1]
    patches = tokens[:, 1:] if visual.transformer.batch_first else tokens[1:].transpose(0, 1)
    _, _, weight = block.attn.in_proj_weight.chunk(3)
    _, _, bias = block.attn.in_proj_bias.chunk(3)
    values = block.attn.out_proj(functional.linear(block.ln_1(patches), weight, bias))
    patches = patches + block.ls_1(values)
    patches = patches + block.ls_2(block.mlp(block.ln_2(patches)))
    return visual.ln_post(patches) @ visual.proj


def _cells(visual: ModifiedResNet, grid: Tensor) -> Tensor:
    """Of a CLIP ResNet, from its attention pool's input (B, C, h, w); as in MaskCLIP without position embedding."""
    return visual.attnpool.c_proj(visual.attnpool.v_proj(grid.flatten(2).transpose(1, 2)))
