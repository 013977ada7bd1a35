"""Wide residual networks for small images such as CIFAR's, which MMPretrain lacks."""

import torch
from mmpretrain.models.backbones.base_backbone import BaseBackbone
from mmpretrain.registry import MODELS
from torch import Tensor, nn

from mmneglabel.errors import ConfigError, is_number, whole


@MODELS.register_module()
class WideResNet(BaseBackbone):
    """WRN-``depth``-``width``: three stages of (depth - 4) / 6 pre-activated blocks; 16, 32 and 64 × width channels.

    Zagoruyko and Komodakis, Wide Residual Networks, BMVC 2016, https://arxiv.org/abs/1605.07146. The usual WRN-40-2 has
    2,243,546 parameters with its linear layer for ten classes.

    Args:
        depth: 6n + 4 layers, such as 16, 28 or 40.
        width: the paper's k, by which the stages are wider than a ResNet's.
        dropout: between the two convolutions of a block, from 0 to below 1.
        in_channels: of the image.
        init_cfg: as in every OpenMMLab module; the default is the paper's, He's normal for convolutions.
    """

    def __init__(
        self,
        depth: int = 40,
        width: int = 2,
        dropout: float = 0.0,
        in_channels: int = 3,
        init_cfg: dict | list[dict] | None = None,
    ) -> None:
        super().__init__(init_cfg or {"type": "Kaiming", "layer": "Conv2d", "mode": "fan_out"})
        whole(self, least=10, depth=depth)
        if (depth - 4) % 6:
            raise ConfigError(f"WideResNet: depth must be 6n + 4, such as 16, 28 or 40, got {depth!r}.")
        whole(self, width=width)
        if not (is_number(dropout) and 0 <= dropout < 1):
            raise ConfigError(f"WideResNet: dropout must be at least 0 and below 1, got {dropout!r}.")
        channels = [16, 16 * width, 32 * width, 64 * width]
        self.stem = nn.Conv2d(in_channels, 16, 3, padding=1, bias=False)
        self.stages = nn.ModuleList(
            _stage((depth - 4) // 6, channels[i], channels[i + 1], stride, dropout)
            for i, stride in enumerate((1, 2, 2))
        )
        self.norm = nn.BatchNorm2d(channels[-1])

    def forward(self, images: Tensor) -> tuple[Tensor]:
        """The last feature map (N, 64 · width, H / 4, W / 4) of images (N, in_channels, H, W)."""
        features = self.stem(images)
        for stage in self.stages:
            features = stage(features)
        return (torch.relu(self.norm(features)),)


class WideBlock(nn.Module):
    """Norm, ReLU, 3×3 convolution, twice, beside the input, or a 1×1 convolution of it where the shape changes.

    From ``before`` to ``after`` channels; the first convolution and the shortcut have the stride.
    """

    def __init__(self, before: int, after: int, stride: int, dropout: float) -> None:
        super().__init__()
        self.norm1 = nn.BatchNorm2d(before)
        self.conv1 = nn.Conv2d(before, after, 3, stride, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(after)
        self.dropout = nn.Dropout(dropout)
        self.conv2 = nn.Conv2d(after, after, 3, padding=1, bias=False)
        same = before == after and stride == 1
        self.shortcut = None if same else nn.Conv2d(before, after, 1, stride, bias=False)

    def forward(self, features: Tensor) -> Tensor:
        """Features (N, after, H / stride, W / stride) of features (N, before, H, W)."""
        active = torch.relu(self.norm1(features))
        # As in the authors' code: a convolved shortcut starts from the activation, a plain one from the input.
        beside = features if self.shortcut is None else self.shortcut(active)
        return beside + self.conv2(self.dropout(torch.relu(self.norm2(self.conv1(active)))))


def _stage(blocks: int, before: int, after: int, stride: int, dropout: float) -> nn.Sequential:
    """Blocks of one width, the first of which changes the shape."""
    first = WideBlock(before, after, stride, dropout)
    return nn.Sequential(first, *(WideBlock(after, after, 1, dropout) for _ in range(blocks - 1)))
