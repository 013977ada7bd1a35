"""Scores of images against texts, and what every score is: one pure class a method, higher = more in-distribution."""

from mmneglabel.scores.adaneg import AdaNegScore
from mmneglabel.scores.concepts import EOEScore, GLMCMScore, MCMScore
from mmneglabel.scores.logits import EnergyScore, MaxLogitScore, MSPScore
from mmneglabel.scores.neglabel import NegLabelScore, Shares
from mmneglabel.scores.negrefine import MultiMatchingScore, NegRefineScore
from mmneglabel.scores.oodd import OODDScore
from mmneglabel.scores.score import Score
from mmneglabel.scores.similarities import Similarities, TextFeatures, group_order
from mmneglabel.scores.stream import ORDERS, Stream, StreamScore
from mmneglabel.scores.tanl import TANLScore

__all__ = [
    "ORDERS",
    "AdaNegScore",
    "EOEScore",
    "EnergyScore",
    "GLMCMScore",
    "MCMScore",
    "MSPScore",
    "MaxLogitScore",
    "MultiMatchingScore",
    "NegLabelScore",
    "NegRefineScore",
    "OODDScore",
    "Score",
    "Shares",
    "Similarities",
    "Stream",
    "StreamScore",
    "TANLScore",
    "TextFeatures",
    "group_order",
]
