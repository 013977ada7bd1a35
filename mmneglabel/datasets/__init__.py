"""Pictures to test and train on: sets by folder or table, the benchmark of ID and OOD sets, the training set."""

from mmneglabel.datasets.epochs import EpochSampler
from mmneglabel.datasets.jigsaw import ShuffleTiles
from mmneglabel.datasets.loading import LoadRGBImage
from mmneglabel.datasets.ood_benchmark import OODBenchmark
from mmneglabel.datasets.pictures import ClassFolders, Pictures
from mmneglabel.datasets.pixels import FitToTower
from mmneglabel.datasets.training_set import TrainingSet

__all__ = [
    "ClassFolders",
    "EpochSampler",
    "FitToTower",
    "LoadRGBImage",
    "OODBenchmark",
    "Pictures",
    "ShuffleTiles",
    "TrainingSet",
]
