"""Hooks around training and testing, the loop of a test, the distributed wrapper, and the tools' launch."""

from mmneglabel.engine.anchor_hook import TextAnchorHook
from mmneglabel.engine.checkpoints import PlainCheckpointHook
from mmneglabel.engine.loop import OODTestLoop
from mmneglabel.engine.mining_hook import NegLabelMiningHook
from mmneglabel.engine.posthoc_hook import PostHocFitHook
from mmneglabel.engine.report_hook import OODReportHook
from mmneglabel.engine.wrapper import PassThroughWrapper

__all__ = [
    "NegLabelMiningHook",
    "OODReportHook",
    "OODTestLoop",
    "PassThroughWrapper",
    "PlainCheckpointHook",
    "PostHocFitHook",
    "TextAnchorHook",
]
