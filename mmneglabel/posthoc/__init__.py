"""Post-hoc scores of any trained classifier: its logits, features or pixels in, one number an image out."""

from mmneglabel.posthoc.activations import ODINScore, ReActScore, ViMScore
from mmneglabel.posthoc.distances import KNNScore, MahalanobisScore
from mmneglabel.posthoc.outputs import FittedScore, LastLayer, Outputs, TrainingFeatures

__all__ = [
    "FittedScore",
    "KNNScore",
    "LastLayer",
    "MahalanobisScore",
    "ODINScore",
    "Outputs",
    "ReActScore",
    "TrainingFeatures",
    "ViMScore",
]
