"""Building an open_clip model so that every mistake a user can make ends in one line that names the mend."""

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import open_clip
from torch import Tensor, nn

from mmneglabel.errors import WeightsError
from mmneglabel.suggestions import did_you_mean

_SCHEMAS = ("hf-hub:", "local-dir:")


def build_open_clip(
    model_name: str,
    pretrained: str | None,
    quick_gelu: bool | None,
    precision: str,
    cache_dir: str | None,
    load_weights: bool,
) -> tuple[nn.Module, Callable[[list[str]], Tensor]]:
    """The model in evaluation mode and its tokenizer.

    Raises:
        WeightsError: see :class:`mmneglabel.backbones.OpenCLIPBackbone`.
    """
    name = _known_name(model_name)
    pretrained = str(Path(pretrained).expanduser()) if pretrained else None
    brings_weights = name.startswith(_SCHEMAS)
    if not brings_weights:
        if load_weights:
            _check_pretrained(name, pretrained)
        if quick_gelu is None and pretrained:
            # open_clip only warns when a tag's activation differs from the architecture's, and the features are
            # then wrong: take the tag's.
            quick_gelu = open_clip.get_pretrained_cfg(name, pretrained).get("quick_gelu")
    try:
        with _quiet():
            model = open_clip.create_model(
                name,
                pretrained=pretrained if load_weights else None,
                load_weights=load_weights,
                precision=precision,
                force_quick_gelu=bool(quick_gelu),
                cache_dir=cache_dir,
                weights_only=True,
                require_pretrained=brings_weights and load_weights,
            )
            tokenizer = open_clip.get_tokenizer(name)
    except Exception as error:  # whatever the library, a file format or the network raises becomes one line
        raise WeightsError(_explain(name, pretrained, error)) from error
    if load_weights and not (pretrained or brings_weights):
        logging.getLogger(__name__).warning("%s has random weights (pretrained=None): its scores mean nothing.", name)
    return model.eval(), tokenizer


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence open_clip and the hub client, which log every retry; what matters comes back as one exception."""
    before = logging.root.manager.disable
    logging.disable(logging.ERROR)
    try:
        yield
    finally:
        logging.disable(before)


def _known_name(model_name: str) -> str:
    """The registered name of a model name, a schema name or an architecture file."""
    if model_name.startswith(_SCHEMAS):
        return model_name
    if model_name.endswith(".json"):
        return _architecture_file(Path(model_name).expanduser())
    name = model_name.replace("/", "-")
    if name not in open_clip.list_models():
        raise WeightsError(
            f"open_clip knows no model {model_name!r}; {did_you_mean(name, open_clip.list_models())} Set "
            "backbone.model_name to one of open_clip.list_models(), 'hf-hub:org/repo' or an architecture file."
        )
    return name


def _architecture_file(path: Path) -> str:
    """Make an architecture file known to open_clip, which would pass over a wrong one in silence."""
    try:
        architecture = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise WeightsError(f"No open_clip architecture file at {str(path)!r} ({error}): check model_name.") from error
    if not isinstance(architecture, dict) or not {"embed_dim", "vision_cfg", "text_cfg"} <= architecture.keys():
        raise WeightsError(f"{str(path)!r} is no open_clip architecture: it needs embed_dim, vision_cfg and text_cfg.")
    open_clip.add_model_config(path)
    return path.stem


def _check_pretrained(name: str, pretrained: str | None) -> None:
    """Refuse a ``pretrained`` that is neither a tag of the model nor a file."""
    if not pretrained or open_clip.is_pretrained_cfg(name, pretrained) or Path(pretrained).is_file():
        return
    tags = open_clip.list_pretrained_tags_by_model(name)
    raise WeightsError(
        f"{pretrained!r} is neither a file nor a pretrained tag of {name!r}; {did_you_mean(pretrained, tags)} Set "
        "backbone.pretrained to a tag or a checkpoint file."
    )


def _explain(name: str, pretrained: str | None, error: Exception) -> str:
    """One line for a failed build: a checkpoint file that does not fit, or a download that did not come."""
    reason = " ".join(str(error).split())[:300]
    if pretrained and Path(pretrained).is_file():
        return (
            f"The checkpoint {pretrained!r} does not fit {name!r} or cannot be read ({reason}). "
            "Set backbone.model_name to the architecture it was saved from."
        )
    if isinstance(error, ImportError) or "pip install" in reason:
        return f"{name!r} needs a package that is not installed ({reason}); try `pip install transformers`."
    return (
        f"The weights of {name!r} (pretrained={pretrained!r}) could not be fetched ({reason}). Without a network, "
        "set backbone.pretrained to a local checkpoint file or fill the download cache beforehand."
    )
