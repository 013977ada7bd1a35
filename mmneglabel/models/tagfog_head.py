"""TagFog's head: K + 1 classes, and a projection beside the texts of the K."""

from collections.abc import Sequence

import torch
from mmpretrain.models.heads import ClsHead
from mmpretrain.registry import MODELS
from mmpretrain.structures import DataSample
from torch import Tensor, nn
from torch.nn import functional

from mmneglabel.errors import ConfigError, not_negative, positive, whole
from mmneglabel.losses import anchor_loss, supervised_contrastive_loss


@MODELS.register_module()
class TagFogHead(ClsHead):
    """Loss = CE over K + 1 classes + ``anchor_weight`` · anchor loss + ``contrastive_weight`` · SupCon.

    Class K are the outliers of training (jigsaws). The linear classifier reads the encoder's feature as it is;
    anchor loss and SupCon read its projection, which is dropped after training. ``forward`` and so predictions and
    most scores know the first K logits alone; the softmax of MSP and ODIN is over ``all_logits``, as the authors'.
    Losses are computed in float32 whatever autocast says.

    The anchors are state: a checkpoint carries them, so that resuming and testing need no text tower. TextAnchorHook
    sets them before training.

    TagFog: Textual Anchor Guidance and Fake Outlier Generation, AAAI 2024, https://arxiv.org/abs/2412.05292.

    Args:
        num_classes: K, the ID classes.
        in_channels: D, the width of the encoder's feature.
        anchor_dim: the width of the text tower's features, such as 768 for CLIP's ViT-L/14.
        anchor_weight: α, at least 0; with 0 no anchors are needed.
        contrastive_weight: β, at least 0.
        anchor_temperature: of the softmax over the anchors.
        contrastive_temperature: SupCon's τ.
        base_temperature: SupCon's τ_base.
        init_cfg: as in every OpenMMLab module; None leaves PyTorch's own.
    """

    def __init__(
        self,
        num_classes: int,
        in_channels: int,
        anchor_dim: int,
        anchor_weight: float = 1.0,
        contrastive_weight: float = 1.0,
        anchor_temperature: float = 0.1,
        contrastive_temperature: float = 0.1,
        base_temperature: float = 0.07,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg=init_cfg)
        not_negative(self, anchor_weight=anchor_weight, contrastive_weight=contrastive_weight)
        whole(self, num_classes=num_classes, in_channels=in_channels, anchor_dim=anchor_dim)
        temperatures = {"anchor_temperature": anchor_temperature, "contrastive_temperature": contrastive_temperature}
        positive(self, **temperatures, base_temperature=base_temperature)
        self.num_classes, self.anchor_dim = num_classes, anchor_dim
        self.anchor_weight, self.contrastive_weight = anchor_weight, contrastive_weight
        self.anchor_temperature, self.contrastive_temperature = anchor_temperature, contrastive_temperature
        self.base_temperature = base_temperature
        self.fc = nn.Linear(in_channels, num_classes + 1)
        # DistributedDataParallel refuses weights that no loss reads.
        self.projection = _projection(in_channels, anchor_dim) if anchor_weight or contrastive_weight else None
        self._anchors_checked = False
        self.register_buffer("anchors", torch.zeros(num_classes, anchor_dim))

    @property
    def has_anchors(self) -> bool:
        """Whether anchors were set, or came with a checkpoint."""
        return bool(self.anchors.any())

    def set_anchors(self, anchors: Tensor) -> None:
        """Take the text features of the classes (K, anchor_dim); their norm is made one.

        Raises:
            ConfigError: there are more or fewer classes, or the features have another width.
        """
        if anchors.shape != self.anchors.shape:
            raise ConfigError(
                f"The anchors are {len(anchors)} of width {anchors.shape[-1]}, and the head wants {self.num_classes} "
                f"of width {self.anchor_dim}: set model.head.num_classes={len(anchors)} and model.head.anchor_dim="
                f"{anchors.shape[-1]}, or take another text tower."
            )
        self.anchors.copy_(functional.normalize(anchors.float(), dim=-1))

    def forward(self, feats: tuple[Tensor, ...]) -> Tensor:
        """Logits (N, K) of the ID classes."""
        return self.all_logits(feats)[:, : self.num_classes]

    def all_logits(self, feats: tuple[Tensor, ...]) -> Tensor:
        """Logits (N, K + 1), the last of which is the outliers'; PostHocClassifier asks any head for these."""
        return self.fc(self.pre_logits(feats))

    def loss(self, feats: tuple[Tensor, ...], data_samples: Sequence[DataSample]) -> dict[str, Tensor]:
        """The weighted losses by name, each a scalar.

        Args:
            feats: the encoder's output, of which the last is (V · N, D): all first views, then all second views.
            data_samples: N samples with a ``gt_label`` from 0 to K.
        """
        features = self.pre_logits(feats)
        with torch.autocast(features.device.type, enabled=False):
            return self._losses(features if features.dtype == torch.float64 else features.float(), data_samples)

    def _losses(self, features: Tensor, data_samples: Sequence[DataSample]) -> dict[str, Tensor]:
        # As ImagePreprocessor lays views: all first ones, then all second ones, each in the order of the samples.
        labels = self._labels(data_samples).to(features.device).repeat(len(features) // len(data_samples))
        losses = {"loss_ce": functional.cross_entropy(self.fc(features), labels)}
        if self.projection is None:
            return losses
        projected = functional.normalize(self.projection(features), dim=-1)
        if self.anchor_weight:
            anchor = anchor_loss(projected, labels, self._known_anchors(), self.anchor_temperature)
            losses["loss_anchor"] = self.anchor_weight * anchor
        if self.contrastive_weight:
            contrastive = supervised_contrastive_loss(
                projected, labels, self.contrastive_temperature, self.base_temperature
            )
            losses["loss_contrastive"] = self.contrastive_weight * contrastive
        return losses

    def _labels(self, data_samples: Sequence[DataSample]) -> Tensor:
        """Labels (N,), checked: a GPU would only say that an assertion failed."""
        labels = torch.cat([sample.gt_label for sample in data_samples])
        least, most = torch.stack([labels.min(), labels.max()]).tolist()
        if len(labels) != len(data_samples) or not 0 <= least <= most <= self.num_classes:
            raise ConfigError(
                f"TagFogHead: a batch of {len(data_samples)} images has the labels {sorted(set(labels.tolist()))}, but "
                f"each image needs one from 0 to {self.num_classes} (outliers): set model.head.num_classes to the "
                "number of ID classes."
            )
        return labels

    def _known_anchors(self) -> Tensor:
        if not (self._anchors_checked or self.has_anchors):
            raise ConfigError("TagFogHead has no anchors: add TextAnchorHook to custom_hooks, or call set_anchors().")
        self._anchors_checked = True  # once is enough, and looking makes a GPU wait
        return self.anchors


def _projection(width: int, anchor_dim: int) -> nn.Sequential:
    """From the encoder's feature to the space of the anchors."""
    return nn.Sequential(
        nn.Linear(width, 2 * width),
        nn.BatchNorm1d(2 * width),
        nn.ReLU(inplace=True),
        nn.Linear(2 * width, anchor_dim),
    )
