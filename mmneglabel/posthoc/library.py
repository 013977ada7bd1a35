"""pytorch-ood, the field's library of detectors: imported only where one of them is used."""

from types import ModuleType

from mmneglabel.errors import ConfigError


def pytorch_ood(wanted_by: str) -> ModuleType:
    """The module ``pytorch_ood.detector``.

    Raises:
        ConfigError: the library is not installed.
    """
    try:
        from pytorch_ood import detector
    except ImportError as error:
        raise ConfigError(
            f"{wanted_by} needs pytorch-ood ({error}): pip install 'mmneglabel[train]', or leave that score out."
        ) from error
    return detector
