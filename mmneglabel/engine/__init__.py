"""Hooks before and after testing, the wrapper for distributed tests, and the launch behind ``tools/test.py``."""

from mmneglabel.engine.frozen_wrapper import FrozenModelWrapper
from mmneglabel.engine.mining_hook import NegLabelMiningHook
from mmneglabel.engine.report_hook import OODReportHook

__all__ = ["FrozenModelWrapper", "NegLabelMiningHook", "OODReportHook"]
