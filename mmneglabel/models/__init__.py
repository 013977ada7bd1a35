"""OpenMMLab models: towers, banks and scores behind the classifier interface of MMPretrain; heads to train."""

from mmneglabel.models.library_backbones import TimmBackbone, TorchvisionBackbone
from mmneglabel.models.neglabel_classifier import NegLabelClassifier
from mmneglabel.models.posthoc_classifier import PostHocClassifier
from mmneglabel.models.preprocessor import ImagePreprocessor
from mmneglabel.models.score_head import ScoreHead
from mmneglabel.models.tagfog_head import TagFogHead
from mmneglabel.models.wide_resnet import WideResNet

__all__ = [
    "ImagePreprocessor",
    "NegLabelClassifier",
    "PostHocClassifier",
    "ScoreHead",
    "TagFogHead",
    "TimmBackbone",
    "TorchvisionBackbone",
    "WideResNet",
]
