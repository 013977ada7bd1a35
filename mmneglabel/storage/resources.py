"""Folders that travel with the project but lie outside the package: word lists, configs, demo, tools."""

from pathlib import Path

from mmneglabel.errors import ConfigError, DataError, did_you_mean

_PACKAGE = Path(__file__).resolve().parents[1]


def resource(name: str) -> Path:
    """Path of a folder such as 'txtfiles', 'configs', 'demo' or 'tools'.

    In a source checkout it lies beside the package; a wheel carries it in `mmneglabel/.mim`.

    Raises:
        DataError: it is in neither place.
    """
    checkout, wheel = _PACKAGE.parent, _PACKAGE / ".mim"
    # Beside an installed package lies the rest of site-packages, where a folder `tools` may be anybody's: only our
    # own list of checksums marks a checkout. It goes first, lest an old build's copy hide edited files.
    is_checkout = (checkout / "txtfiles" / "SHA256SUMS").is_file()
    for root in (checkout, wheel) if is_checkout else (wheel,):
        if (root / name).exists():
            return root / name
    raise DataError(
        f"no folder {name!r} came with mmneglabel (looked in {wheel} and a source checkout): "
        "reinstall the wheel or run from a complete checkout"
    )


def user_or_shipped(path: str | Path) -> Path:
    """A file of the user's or, where there is none, what came with mmneglabel as ``txtfiles/...``; any folder will do.

    A path that leads nowhere comes back as it is, for the reader to name it.
    """
    path = Path(path).expanduser()
    if path.exists() or path.is_absolute() or path.parts[:1] != ("txtfiles",):
        return path
    return resource("txtfiles").parent / path


def shipped_config(path: str) -> str:
    """Path of a config that came with mmneglabel, such as "neglabel/neglabel_demo.py"; `configs/` may stand before it.

    Raises:
        ConfigError: none is called so; the nearest is named.
    """
    configs = resource("configs")
    for candidate in (configs.parent / path, configs / path):
        if candidate.is_file():
            return str(candidate)
    names = (file.relative_to(configs.parent).as_posix() for file in configs.glob("[!_]*/**/*.py"))
    raise ConfigError(f"No config file at {path!r}, nor among the shipped ones: {did_you_mean(path, names)}")
