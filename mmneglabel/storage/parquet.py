"""Parquet by pyarrow, an extra."""

from typing import Any

from mmneglabel.errors import ConfigError


def pyarrow_parquet(what: str) -> Any:
    """The module ``pyarrow.parquet``, for ``what``.

    Raises:
        ConfigError: it is not installed.
    """
    try:
        from pyarrow import parquet
    except ImportError as error:
        raise ConfigError(f"{what} wants pyarrow: pip install 'mmneglabel[parquet]'") from error
    return parquet
