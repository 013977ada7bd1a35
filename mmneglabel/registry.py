"""What is ours in others' registries: the pure classes, our configs, and the scope ``mmneglabel::``.

The OpenMMLab adapters register themselves on import. MMEngine imports this module by its name, for the scope.
"""

from mmengine.config.utils import MODULE2PACKAGE
from mmengine.registry import Registry
from mmpretrain import registry as mmpretrain
from mmpretrain.apis import ModelHub
from mmpretrain.registry import MODELS, TASK_UTILS

from mmneglabel import backbones, corpus, judges, language_models, mining, posthoc, scores
from mmneglabel.storage.resources import resource

for tower in (backbones.OpenCLIPBackbone, backbones.TransformersBackbone):
    MODELS.register_module(module=tower)
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
    scores.AdaNegScore,
    scores.EOEScore,
    scores.EnergyScore,
    scores.GLMCMScore,
    scores.MCMScore,
    scores.MSPScore,
    scores.MaxLogitScore,
    scores.MultiMatchingScore,
    scores.NegLabelScore,
    scores.NegRefineScore,
    scores.OODDScore,
    scores.TANLScore,
):
    TASK_UTILS.register_module(module=part)

index = resource("model-index.yml")
ModelHub.register_model_index(index, config_prefix=index.parent)

# The scope of ``_base_ = "mmneglabel::..."``: registries that hold nothing, so that all is found in MMPretrain's.
_ROOMS = ("datasets", "engine", "evaluation", "models", "visualization")
_LOCATIONS = [f"mmpretrain.{room}" for room in _ROOMS]  # a look-up imports those of the registry that it begins in

MODULE2PACKAGE["mmneglabel"] = "mmneglabel"  # what MMEngine knows as projects that have configs

# To make them is all: a registry puts itself among its parent's children, where MMEngine looks for a config's scope.
for parent in [value for value in vars(mmpretrain).values() if isinstance(value, Registry)]:
    if parent.scope == "mmpretrain":
        Registry(parent.name, parent=parent, scope="mmneglabel", locations=_LOCATIONS)
