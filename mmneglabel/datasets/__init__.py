"""Test images: the benchmark of an ID set and OOD sets, folders, image lists, and the loader of pictures."""

from mmneglabel.datasets.image_folder import ImageFolder
from mmneglabel.datasets.image_list import ImageList
from mmneglabel.datasets.loading import LoadRGBImage
from mmneglabel.datasets.ood_benchmark import OODBenchmark

__all__ = ["ImageFolder", "ImageList", "LoadRGBImage", "OODBenchmark"]
