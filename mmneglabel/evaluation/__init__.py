"""From scores to a table: pure metric functions, the report around them, and the OpenMMLab metric on top."""

from mmneglabel.evaluation.metrics import METRIC_NAMES, ood_metrics
from mmneglabel.evaluation.ood_metric import OODMetric
from mmneglabel.evaluation.report import OODReport

__all__ = ["METRIC_NAMES", "OODMetric", "OODReport", "ood_metrics"]
