"""Scores of images against texts, and what every score is: one pure class a method, higher = more in-distribution."""

from mmneglabel.scores.concepts import EOEScore, GLMCMScore, MCMScore
from mmneglabel.scores.logits import EnergyScore, MaxLogitScore, MSPScore
from mmneglabel.scores.neglabel import NegLabelScore, Shares
from mmneglabel.scores.negrefine import MultiMatchingScore, NegRefineScore
from mmneglabel.scores.score import Score
from mmneglabel.scores.similarities import Similarities, TextFeatures, group_order

__all__ = [
    "EOEScore",
    "EnergyScore",
    "GLMCMScore",
    "MCMScore",
    "MSPScore",
    "MaxLogitScore",
    "MultiMatchingScore",
    "NegLabelScore",
    "NegRefineScore",
    "Score",
    "Shares",
    "Similarities",
    "TextFeatures",
    "group_order",
]
