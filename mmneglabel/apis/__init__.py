"""A tested detector for pictures of one's own: :class:`NegLabelInferencer`."""

from mmneglabel.apis.inferencer import NegLabelInferencer

__all__ = ["NegLabelInferencer"]
