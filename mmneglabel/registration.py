"""Puts the pure classes into MMPretrain's registries and our configs into its list of models.

The OpenMMLab adapters register themselves on import.
"""

from mmpretrain.apis import ModelHub
from mmpretrain.registry import MODELS, TASK_UTILS

from mmneglabel import backbones, corpus, judges, language_models, mining, posthoc, scores
from mmneglabel.storage.resources import resource

MODELS.register_module(module=backbones.OpenCLIPBackbone)
for part in (
    corpus.DescriptionFile,
    corpus.PlainPrompts,
    corpus.WordNetGlosses,
    judges.LLMJudge,
    judges.WordNetJudge,
    language_models.ChatEndpoint,
    language_models.LocalLanguageModel,
    mining.CSP,
    mining.ImaginedList,
    mining.LabelsOnly,
    mining.NegFilter,
    mining.NegMining,
    mining.RandomWords,
    mining.ReadyList,
    mining.SavedBank,
    posthoc.KNNScore,
    posthoc.MahalanobisScore,
    posthoc.ODINScore,
    posthoc.ReActScore,
    posthoc.ViMScore,
    scores.EOEScore,
    scores.EnergyScore,
    scores.GLMCMScore,
    scores.MCMScore,
    scores.MSPScore,
    scores.MaxLogitScore,
    scores.MultiMatchingScore,
    scores.NegLabelScore,
    scores.NegRefineScore,
):
    TASK_UTILS.register_module(module=part)

index = resource("model-index.yml")
ModelHub.register_model_index(index, config_prefix=index.parent)
