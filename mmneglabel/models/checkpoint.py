"""What may come as a checkpoint: one that does not fit is an error, not a line in the log above a table of nonsense.

Made for ``register_load_state_dict_pre_hook``.
"""

from argparse import Namespace
from typing import Any

from torch import Tensor, nn, serialization

from mmneglabel.errors import WeightsError

# Their settings lie beside the weights that TagFog's authors released; PyTorch's safe loader wants to be told that
# these are plain values.
serialization.add_safe_globals([Namespace])

_OURS = {"encoder.": "backbone.", "classifier.": "head.fc.", "addmlp.": "head.projection."}


def read_authors_names(module: nn.Module, state_dict: dict[str, Any], prefix: str, *_: Any) -> None:
    """Put the weights in ``state_dict["model"]`` in its place under our names; leave other checkpoints as they are.

    As TagFog's authors released them, their ResNets only: which WRN they released is not known. Anchors they keep
    elsewhere: the model's own stay.
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


def check_fits(module: nn.Module, state_dict: dict[str, Tensor], prefix: str, *_: Any) -> None:
    """Refuse a state dict with missing, unknown or wrongly shaped weights.

    MMEngine loads non-strictly and would only warn. The model's ``checkpoint_advice`` says what to give instead.

    Raises:
        WeightsError: names the first weight that does not fit, or the numbers of classes where they are the reason.
    """
    expected = {prefix + name: tensor.shape for name, tensor in module.state_dict().items()}
    own = {name: tensor for name, tensor in state_dict.items() if name.startswith(prefix)}
    prepared = _prepared(module, own, prefix)
    given = {name: tuple(getattr(tensor, "shape", ())) for name, tensor in prepared.items()}
    # Older checkpoints lack BatchNorm's counters; what submodules took out themselves, they make again.
    spared = {name for name in expected if name.endswith("num_batches_tracked")} | (own.keys() - prepared.keys())
    absent = [name for name in expected if name not in given and name not in spared]
    wrong = absent + [name for name in given if given[name] != expected.get(name)]
    if wrong:
        reason = _other_classes(wrong, given, expected, prefix) or _first_wrong(wrong, given, expected)
        raise WeightsError(f"The checkpoint does not fit the model: {reason}. {module.checkpoint_advice}")


def _prepared(module: nn.Module, state_dict: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """The state dict as submodules are about to make it: vision transformers resize their position embeddings."""
    prepared = dict(state_dict)
    # On a copy, since they run again when the weights are loaded: a hook may change nothing but what it is given.
    for name, child in module.named_modules():
        for hook in child._load_state_dict_pre_hooks.values() if child is not module else ():
            hook(prepared, f"{prefix}{name}.", {}, True, [], [], [])
    return prepared


def _other_classes(wrong: list[str], given: dict[str, Any], expected: dict[str, Any], prefix: str) -> str:
    """The reason, if nothing but the number of rows in the head differs."""
    for name in wrong:
        here, there = expected.get(name, ()), given.get(name, ())
        if not (name.startswith(f"{prefix}head.") and here and there and here[1:] == there[1:]):
            return ""
    return (
        f"it was trained for another number of classes, {wrong[0]!r} has {given[wrong[0]][0]} rows in the checkpoint "
        f"and {expected[wrong[0]][0]} in the model (model.head.num_classes)"
    )


def _first_wrong(wrong: list[str], given: dict[str, Any], expected: dict[str, Any]) -> str:
    first, here = wrong[0], sum(name in expected for name in wrong)
    return (
        f"{here} of its {len(expected)} weights are missing or of another shape and {len(wrong) - here} of "
        f"the checkpoint's unknown, first {first!r} ({_shape(given, first)} in the checkpoint, "
        f"{_shape(expected, first)} in the model)"
    )


def _shape(shapes: dict[str, Any], name: str) -> str:
    """``(512, 768)``, or "absent"."""
    return str(tuple(shapes[name])) if name in shapes else "absent"
