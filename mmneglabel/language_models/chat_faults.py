"""What goes wrong behind a chat endpoint, and what to tell the user to do about it."""

import json
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

STATUS = {
    401: "check the key in the environment variable that `api_key_env` names",
    403: "check the key in the environment variable that `api_key_env` names, and its rights",
    404: "check `base_url` (most end in /v1) and `model`",
    408: "raise `timeout` or lower `concurrency`",
    429: "set `requests_per_minute`, lower `concurrency`, or check the account's quota",
}
REQUEST = "mend what the server names, where `model` and `extra_body` decide it"
SERVER = "see the server's own log, or run again later: what was answered is kept"
UNREACHABLE = "check `base_url`, and that the server runs"


def content(body: str) -> str | None:
    """The reply's text in a chat completion's JSON; None where there is none."""
    try:
        text = json.loads(body)["choices"][0]["message"]["content"]
    except (ValueError, LookupError, TypeError, RecursionError):
        return None
    # JSON can spell half a character, which no file takes.
    return text.encode(errors="replace").decode() if isinstance(text, str) else None


def proxy_between(url: str) -> str:
    """What to add to the advice where the environment names a proxy for a URL; its password is left out."""
    address, proxies = urlsplit(url), getproxies()
    scheme = next((scheme for scheme in (address.scheme, "all") if proxies.get(scheme)), None)
    host = address.hostname or ""
    if scheme is None or proxy_bypass(host):
        return ""
    proxy = proxies[scheme].rpartition("@")[2]
    return (
        f"; or check the proxy in between, {proxy} in {scheme.upper()}_PROXY, and whether NO_PROXY should name {host}"
    )
