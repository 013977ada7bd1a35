"""Scores from features and a bank: one pure class a method, (N,) each, higher = more in-distribution."""

from mmneglabel.scores.energy import EnergyScore
from mmneglabel.scores.eoe import EOEScore
from mmneglabel.scores.gl_mcm import GLMCMScore
from mmneglabel.scores.max_logit import MaxLogitScore
from mmneglabel.scores.mcm import MCMScore
from mmneglabel.scores.multi_matching import MultiMatchingScore
from mmneglabel.scores.neglabel import NegLabelScore
from mmneglabel.scores.negrefine import NegRefineScore
from mmneglabel.scores.similarities import Score, Similarities

__all__ = [
    "EOEScore",
    "EnergyScore",
    "GLMCMScore",
    "MCMScore",
    "MaxLogitScore",
    "MultiMatchingScore",
    "NegLabelScore",
    "NegRefineScore",
    "Score",
    "Similarities",
]
