"""What models and tokenizers need of the hub: asked once whether it answers, then from the cache or refused at once.

Its client says no only after most of a minute of retries.
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple, TypeVar

from huggingface_hub import HfApi, constants, try_to_load_from_cache

from mmneglabel.errors import WeightsError, one_line, proxy_to

_TIMEOUT = 10  # seconds
T = TypeVar("T")


class Place(NamedTuple):
    """Where files lie.

    Attributes:
        source: a local folder, or a name on the hub.
        local: whether nothing may be fetched: it is a folder, or the hub is silent.
        silent: what the network, a proxy or the hub said instead of an answer.
    """

    source: str
    local: bool
    silent: Exception | None = None


def find_place(source: str) -> Place:
    """Where the files of ``source`` lie, a local folder or a name on the hub, which is asked."""
    folder = Path(source).expanduser()
    if folder.is_dir():
        return Place(str(folder), local=True)
    try:
        ask_hub(source)
    except Exception as error:  # the network's, a proxy's or the hub's own
        return Place(source, local=True, silent=error)
    return Place(source, local=False)


def ask_hub(repo: str) -> None:
    """One request for what the hub knows of ``repo``; raises whatever the network, a proxy or the hub says."""
    HfApi().model_info(repo, timeout=_TIMEOUT)


def ask_unless_cached(repo: str, files: Iterable[str], cache_dir: str | None = None) -> None:
    """As :func:`ask_hub`, unless one of the ``files`` of ``repo`` was fetched before."""
    if not any(isinstance(try_to_load_from_cache(repo, file, cache_dir=cache_dir), str) for file in files):
        ask_hub(repo)


def proxy_in_use() -> str:
    """Half a sentence that names the proxy on the way to the hub; empty where there is none."""
    proxy = proxy_to(constants.ENDPOINT)
    return f", by way of {proxy}" if proxy else ""


def fetched(place: Place, load: Callable[..., T], what: str, mend: str) -> T:
    """What ``load(source, local_files_only=...)`` gives: what was fetched before must do where the hub is silent.

    Args:
        place: where it lies.
        load: the library's own.
        what: what it is called in an error, such as "tokenizer of 'org/name'".
        mend: what a user may do who has it elsewhere, as a sentence without its end.

    Raises:
        WeightsError: there is none, or it cannot be read.
    """
    try:
        return load(place.source, local_files_only=place.local)
    except ImportError as error:  # such as of what reads SigLIP's tokenizer
        raise WeightsError(
            f"The {what} needs a package that is not installed ({one_line(error).rstrip('.')}): pip install "
            "'mmneglabel[hf]'"
        ) from error
    except Exception as error:  # whatever the library or a file format raises becomes one line
        proxy = proxy_in_use() if place.silent else ""
        raise WeightsError(
            f"The {what} cannot be had ({one_line(place.silent or error).rstrip('.')}{proxy}). {mend}, or fill the "
            "download cache beforehand."
        ) from error


def reads_many_languages(tokenizer: object) -> bool:
    """Whether a tokenizer knows many languages: 250,000 tokens and more, where English ones have up to 50,000."""
    return getattr(tokenizer, "vocab_size", 0) > 100_000
