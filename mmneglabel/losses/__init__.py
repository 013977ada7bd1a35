"""What an encoder is trained with beside cross-entropy: text anchors, and pictures of one class drawn together."""

from mmneglabel.losses.anchor import anchor_loss
from mmneglabel.losses.contrastive import supervised_contrastive_loss

__all__ = ["anchor_loss", "supervised_contrastive_loss"]
