"""Pictures to test and train on: the benchmark of ID and OOD sets, the training set, folders, lists, the loader."""

from mmneglabel.datasets.class_folders import ClassFolders
from mmneglabel.datasets.image_folder import ImageFolder
from mmneglabel.datasets.image_list import ImageList
from mmneglabel.datasets.jigsaw import ShuffleTiles
from mmneglabel.datasets.loading import LoadRGBImage
from mmneglabel.datasets.ood_benchmark import OODBenchmark
from mmneglabel.datasets.pixels import FitToTower
from mmneglabel.datasets.training_set import TrainingSet

__all__ = [
    "ClassFolders",
    "FitToTower",
    "ImageFolder",
    "ImageList",
    "LoadRGBImage",
    "OODBenchmark",
    "ShuffleTiles",
    "TrainingSet",
]
