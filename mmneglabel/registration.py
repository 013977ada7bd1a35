"""Puts the pure classes into MMPretrain's registries; the OpenMMLab adapters register themselves on import."""

from mmpretrain.registry import MODELS, TASK_UTILS

from mmneglabel import backbones, mining, scores

for backbone in (backbones.OpenCLIPBackbone,):
    MODELS.register_module(module=backbone)
for miner in (mining.CSP, mining.LabelsOnly, mining.NegMining, mining.RandomWords, mining.ReadyList):
    TASK_UTILS.register_module(module=miner)
for score in (
    scores.EOEScore,
    scores.EnergyScore,
    scores.GLMCMScore,
    scores.MCMScore,
    scores.MaxLogitScore,
    scores.MultiMatchingScore,
    scores.NegLabelScore,
    scores.NegRefineScore,
):
    TASK_UTILS.register_module(module=score)
