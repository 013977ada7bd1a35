"""The scope of ``_base_ = "mmneglabel::..."``: registries that hold nothing, so that all is found in MMPretrain's."""

from mmengine.config.utils import MODULE2PACKAGE
from mmengine.registry import Registry
from mmpretrain import registry as mmpretrain

_ROOMS = ("datasets", "engine", "evaluation", "models", "visualization")
_LOCATIONS = [f"mmpretrain.{room}" for room in _ROOMS]  # a look-up imports those of the registry that it begins in

MODULE2PACKAGE["mmneglabel"] = "mmneglabel"  # what MMEngine knows as projects that have configs

# Their making is all: a registry puts itself among its parent's children, where MMEngine looks for a config's scope.
for parent in [value for value in vars(mmpretrain).values() if isinstance(value, Registry)]:
    if parent.scope == "mmpretrain":
        Registry(parent.name, parent=parent, scope="mmneglabel", locations=_LOCATIONS)
