"""Bounds on an HTTP reply: its bytes, and the seconds that all of it may take."""

import sys
import time
from collections.abc import Iterator
from typing import Any

_MOST_MIB = 4  # a long chain of thought is a tenth of one


def bound(response: Any, seconds: float) -> None:
    """Let the reading of a response end in an error of its own library where it takes longer, or is far too large.

    httpx bounds the wait for each piece alone, so that a server which sends a byte a second would hold it for days.
    """
    httpx = sys.modules[type(response).__module__.partition(".")[0]]  # or httpx2, as the client has it
    pieces, end = response.iter_bytes, time.monotonic() + seconds

    def bounded() -> Iterator[bytes]:
        size = 0
        for piece in pieces():
            size += len(piece)
            if size > _MOST_MIB << 20:
                raise httpx.ReadError(f"it has more than {_MOST_MIB} MiB", request=response.request)
            if time.monotonic() > end:
                raise httpx.ReadTimeout("", request=response.request)
            yield piece

    response.iter_bytes = bounded  # what `read` joins: a hook cannot hand out another response
