"""Post-hoc detection for any trained classifier: its logits and features in, one score an image out."""

from mmneglabel.posthoc.detector import Detector
from mmneglabel.posthoc.knn import KNNDetector
from mmneglabel.posthoc.logits import EnergyDetector, MaxLogitDetector, MSPDetector
from mmneglabel.posthoc.mahalanobis import MahalanobisDetector
from mmneglabel.posthoc.odin import ODINDetector
from mmneglabel.posthoc.outputs import LastLayer, Outputs, TrainingFeatures
from mmneglabel.posthoc.react import ReActDetector
from mmneglabel.posthoc.vim import ViMDetector

__all__ = [
    "Detector",
    "EnergyDetector",
    "KNNDetector",
    "LastLayer",
    "MSPDetector",
    "MahalanobisDetector",
    "MaxLogitDetector",
    "ODINDetector",
    "Outputs",
    "ReActDetector",
    "TrainingFeatures",
    "ViMDetector",
]
