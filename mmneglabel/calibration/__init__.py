"""From a score to a decision: a threshold that promises how many good images pass, and what it does to labels."""

from mmneglabel.calibration.labelled import ClassAcceptance, aurc, by_class, kept_and_refused, oscr, risk_coverage
from mmneglabel.calibration.threshold import Calibration, Cut, calibrate, flagged, images_wanted

__all__ = [
    "Calibration",
    "ClassAcceptance",
    "Cut",
    "aurc",
    "by_class",
    "calibrate",
    "flagged",
    "images_wanted",
    "kept_and_refused",
    "oscr",
    "risk_coverage",
]
