"""OpenMMLab models: towers, banks and scores behind the classifier interface of MMPretrain."""

from mmneglabel.models.neglabel_classifier import NegLabelClassifier
from mmneglabel.models.posthoc_classifier import PostHocClassifier
from mmneglabel.models.preprocessor import ImagePreprocessor
from mmneglabel.models.score_head import ScoreHead

__all__ = ["ImagePreprocessor", "NegLabelClassifier", "PostHocClassifier", "ScoreHead"]
