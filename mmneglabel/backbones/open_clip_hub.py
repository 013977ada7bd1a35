"""The hub is asked once before open_clip fetches from it: its client says no only after most of a minute of retries."""

import urllib.request
from collections.abc import Sequence
from urllib.parse import urlsplit

import open_clip
from huggingface_hub import HfApi, constants, try_to_load_from_cache
from open_clip.constants import HF_CONFIG_NAME, HF_SAFE_WEIGHTS_NAME, HF_WEIGHTS_NAME

_TIMEOUT = 10  # seconds


def ask_hub(repo: str) -> None:
    """One request for what the hub knows of ``repo``; raises whatever the network, a proxy or the hub says."""
    HfApi().model_info(repo, timeout=_TIMEOUT)


def ask_for_model(name: str, tag: str | None, cache_dir: str | None) -> None:
    """Ask the hub for the weights of a tag or of an ``hf-hub:`` name, unless they are in the cache."""
    if name.startswith("hf-hub:"):
        repo, files = name.removeprefix("hf-hub:"), [HF_CONFIG_NAME]
    elif tag and (place := open_clip.get_pretrained_cfg(name, tag).get("hf_hub")):
        repo, _, file = place.rpartition("/")
        file = file or HF_WEIGHTS_NAME
        files = [file, HF_SAFE_WEIGHTS_NAME, f"{file.rpartition('.')[0]}.safetensors"]
    else:
        return
    if not in_cache(repo, files, cache_dir):
        ask_hub(repo)


def in_cache(repo: str, files: Sequence[str], cache_dir: str | None = None) -> bool:
    """Whether one of ``files`` was fetched from ``repo`` before."""
    return any(isinstance(try_to_load_from_cache(repo, file, cache_dir=cache_dir), str) for file in files)


def proxy_in_use() -> str:
    """Half a sentence that names the proxy on the way to the hub, without its password; empty where there is none."""
    hub, proxies = urlsplit(constants.ENDPOINT), urllib.request.getproxies()
    for kind in (hub.scheme, "all"):
        if kind in proxies and not urllib.request.proxy_bypass(hub.hostname or ""):
            proxy = urlsplit(proxies[kind])
            return f", by way of {kind.upper()}_PROXY={proxy.scheme}://{proxy.netloc.rpartition('@')[2]}"
    return ""
