"""What can be wrong with a chat endpoint's reply or the way to it, and what to tell the user to do about it."""

import json
import sys
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from mmneglabel.errors import proxy_to

STATUS = {
    401: "check the key in the environment variable that `api_key_env` names",
    403: "check the key in the environment variable that `api_key_env` names, and its rights",
    404: "check `base_url` (most end in /v1) and `model`",
    408: "raise `timeout` or lower `concurrency`",
    429: "set `requests_per_minute`, lower `concurrency`, or check the account's quota",
}
REQUEST = "mend what the server names, where `model` and `extra_body` decide it"
SERVER = "see the server's own log, or run again later: what was answered is kept"
_SCHEMA = "check that `base_url` speaks OpenAI's chat schema"
_UNREACHABLE = "check `base_url`, and that the server runs"

_MOST_MIB = 4  # a long chain of thought is a tenth of one


def receive(response: Any, seconds: float) -> None:
    """Read a response of httpx's whole, within bounds, and refuse one of good status without a reply: a response hook.

    httpx bounds the wait for each piece alone, so that a server which sends a byte a second would hold it for days.
    The errors are httpx's own, as after a lost connection: OpenAI's client asks again after these.
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
    body = response.read()
    if response.is_success and text_of(body) is None:
        raise httpx.DecodingError(f"no reply text in {body.decode(errors='replace')!r}", request=response.request)


def mend_of(error: BaseException | None) -> str:
    """What to do about an error that kept a reply from being received."""
    return _SCHEMA if type(error).__name__ == "DecodingError" else _UNREACHABLE


def text_of(body: bytes) -> str | None:
    """The reply's text in a chat completion, which is UTF-8 whatever the header says; None where there is none."""
    try:
        text = json.loads(body.decode(errors="replace"))["choices"][0]["message"]["content"]
    except (ValueError, LookupError, TypeError, RecursionError):
        return None
    # JSON can spell half a character, which no file takes.
    return text.encode(errors="replace").decode() if isinstance(text, str) else None


def proxy_between(url: str) -> str:
    """What to add to the advice where the environment names a proxy for a URL."""
    proxy, host = proxy_to(url), urlsplit(url).hostname or ""
    return f"; or check the proxy in between, {proxy}, and whether NO_PROXY should name {host}" if proxy else ""
