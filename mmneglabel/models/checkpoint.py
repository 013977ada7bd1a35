"""A checkpoint that does not fit is an error, not a line in the log above a table of nonsense."""

from typing import Any

from torch import Tensor, nn

from mmneglabel.errors import WeightsError


def check_fits(module: nn.Module, state_dict: dict[str, Tensor], prefix: str, *_: Any) -> None:
    """Refuse a state dict with missing, unknown or wrongly shaped weights.

    MMEngine loads non-strictly and would only warn. Made for ``register_load_state_dict_pre_hook``.

    Raises:
        WeightsError: names the first weight that does not fit.
    """
    expected = {prefix + name: tensor.shape for name, tensor in module.state_dict().items()}
    given = {name: tensor.shape for name, tensor in state_dict.items() if name.startswith(prefix)}
    wrong = [name for name in expected if given.get(name) != expected[name]] + [n for n in given if n not in expected]
    if not wrong:
        return
    first = wrong[0]
    raise WeightsError(
        f"The checkpoint does not fit the model: {len(wrong)} of {len(expected)} weights are missing, unknown or of "
        f"another shape, first {first!r} ({_shape(given, first)} in the checkpoint, {_shape(expected, first)} in the "
        "model). Give a checkpoint saved by tools/save_checkpoint.py from the same backbone; a bare open_clip "
        "checkpoint belongs into model.backbone.pretrained."
    )


def _shape(shapes: dict[str, Any], name: str) -> str:
    """``(512, 768)``, or "absent"."""
    return str(tuple(shapes[name])) if name in shapes else "absent"
