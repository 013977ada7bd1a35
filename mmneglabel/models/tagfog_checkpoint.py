"""Checkpoints as TagFog's authors released them: the weights of our networks under other names."""

from argparse import Namespace
from typing import Any

from torch import Tensor, nn, serialization

# Their settings lie beside the weights; PyTorch's safe loader wants to be told that these are plain values.
serialization.add_safe_globals([Namespace])

_OURS = {"encoder.": "backbone.", "classifier.": "head.fc.", "addmlp.": "head.projection."}


def read_authors_names(module: nn.Module, state_dict: dict[str, Any], prefix: str, *_: Any) -> None:
    """Put the weights in ``state_dict["model"]`` in its place under our names; leave other checkpoints as they are.

    Made for ``register_load_state_dict_pre_hook``. Their ResNets only: which WRN they released is not known. Anchors
    they keep elsewhere: the model's own stay.
    """
    theirs = state_dict.get("model")
    if prefix or not isinstance(theirs, dict) or not any("addmlp." in name for name in theirs):
        return
    state_dict.clear()
    # An unused projection of SupCon's code, which no loss reads.
    state_dict.update({_our_name(name): weight for name, weight in theirs.items() if not name.startswith("head.")})
    anchors: Tensor | None = getattr(module.head, "anchors", None)
    if anchors is not None:
        state_dict["head.anchors"] = anchors


def _our_name(name: str) -> str:
    """``encoder.module.layer2.0.shortcut.0.weight`` is ``backbone.layer2.0.downsample.0.weight``."""
    name = name.replace("module.", "").replace(".shortcut.", ".downsample.")
    part, _, rest = name.partition(".")
    return _OURS.get(f"{part}.", f"{part}.") + rest
