"""Image features that were computed once: what decides them, how they are kept, a data set that stands for them."""

from mmneglabel.features.collector import FeatureCollector
from mmneglabel.features.dataset import KeptImages
from mmneglabel.features.images import list_images
from mmneglabel.features.kept import KeptFeatures, check_images, feature_store
from mmneglabel.features.play import check_streams, play_streams
from mmneglabel.features.recipe import feature_recipe

__all__ = [
    "FeatureCollector",
    "KeptFeatures",
    "KeptImages",
    "check_images",
    "check_streams",
    "feature_recipe",
    "feature_store",
    "list_images",
    "play_streams",
]
