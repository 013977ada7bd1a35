"""From scores to a table: pure metric functions and the report around them; the OpenMMLab metric stands beside them.

That one is imported from its own module, so that who reads results needs no OpenMMLab.
"""

from mmneglabel.evaluation.bootstrap import Resampled, resample
from mmneglabel.evaluation.metrics import METRIC_NAMES, ood_metrics
from mmneglabel.evaluation.report import OODReport

__all__ = ["METRIC_NAMES", "OODReport", "Resampled", "ood_metrics", "resample"]
