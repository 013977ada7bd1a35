"""From a score to a decision: a threshold that promises how many good images pass, and what it does to labels."""

from mmneglabel.calibration.labelled import ClassAcceptance, aurc, by_class, kept_and_refused, oscr, risk_coverage
from mmneglabel.calibration.threshold import Calibration, Cut, calibrate, flagged, flagged_up_to, images_wanted
from mmneglabel.calibration.threshold_file import Threshold, detector_facts, load_threshold

__all__ = [
    "Calibration",
    "ClassAcceptance",
    "Cut",
    "Threshold",
    "aurc",
    "by_class",
    "calibrate",
    "detector_facts",
    "flagged",
    "flagged_up_to",
    "images_wanted",
    "kept_and_refused",
    "load_threshold",
    "oscr",
    "risk_coverage",
]
