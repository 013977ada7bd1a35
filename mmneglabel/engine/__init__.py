"""Hooks around training and testing, the loop over kept features, the distributed wrapper, and the tools' launch."""

from mmneglabel.engine.anchor_hook import TextAnchorHook
from mmneglabel.engine.checkpoints import PlainCheckpointHook
from mmneglabel.engine.feature_cache_hook import FeatureCacheHook
from mmneglabel.engine.frozen_wrapper import FrozenModelWrapper
from mmneglabel.engine.mining_hook import NegLabelMiningHook
from mmneglabel.engine.posthoc_hook import PostHocFitHook
from mmneglabel.engine.report_hook import OODReportHook
from mmneglabel.engine.rescore import KeptFeaturesLoop

__all__ = [
    "FeatureCacheHook",
    "FrozenModelWrapper",
    "KeptFeaturesLoop",
    "NegLabelMiningHook",
    "OODReportHook",
    "PlainCheckpointHook",
    "PostHocFitHook",
    "TextAnchorHook",
]
