"""The errors that a user can cause, one class a cause, so that tools can print one line; checks of settings; hints."""

import difflib
import math
import re
import traceback
from collections.abc import Callable, Iterable
from inspect import isfunction, signature
from numbers import Real
from typing import Any
from urllib.parse import urlsplit

_LISTED_AT_MOST = 20
# What Python says of arguments that a constructor does not take, or has not got.
_UNKNOWN_SETTING = re.compile(r"(\S+\.__init__)\(\) got an unexpected keyword argument '(\w+)'")
_MISSING_SETTING = re.compile(r"(\S+\.__init__)\(\) missing \d+ required [\w-]+ arguments?: ('(\w+)'.*)")


class NegLabelError(Exception):
    """Base of everything a user can get wrong; the message says what, the value seen and the mend."""


class ConfigError(NegLabelError, ValueError):
    """A setting is out of range, unknown, or disagrees with another setting."""


class DataError(NegLabelError):
    """A file, folder, word list or image is missing, empty, unreadable or of the wrong form."""


class WeightsError(NegLabelError):
    """A model, pretrained tag or checkpoint is unknown, unreachable or does not fit the tower."""


class LanguageModelError(NegLabelError):
    """A language model cannot be reached, or answers in a way that cannot be used."""


def positive(owner: object, **settings: Any) -> None:
    """Refuse settings of ``owner`` that are no finite numbers above 0, as in ``positive(self, beta=self.beta)``."""
    _check(owner, "positive and finite", lambda value: is_number(value) and value > 0, settings)


def not_negative(owner: object, **settings: Any) -> None:
    """Refuse settings of ``owner`` that are no finite numbers from 0 on."""
    _check(owner, "finite and not negative", lambda value: is_number(value) and value >= 0, settings)


def whole(owner: object, least: int = 1, **settings: Any) -> None:
    """Refuse settings of ``owner`` that are no integers from ``least`` on."""
    _check(owner, f"an integer above {least - 1}", lambda value: is_whole(value) and value >= least, settings)


def within(owner: object, low: float, high: float, above: bool = False, **settings: Any) -> None:
    """Refuse settings of ``owner`` that are no numbers from ``low`` (or just ``above`` it) to ``high``."""
    wanted = f"a number above {low} and at most {high}" if above else f"a number from {low} to {high}"

    def fits(value: Any) -> bool:
        return is_number(value) and (low < value if above else low <= value) and value <= high

    _check(owner, wanted, fits, settings)


def seeds(owner: object, **settings: Any) -> None:
    """Refuse settings of ``owner`` that are no seeds of PyTorch's generators."""
    _check(owner, "an integer of 64 bits", lambda value: is_whole(value) and -(2**63) <= value < 2**64, settings)


def flag(owner: object, **settings: Any) -> None:
    """Refuse settings of ``owner`` that are neither True nor False: "no" would count as True."""
    _check(owner, "True or False", lambda value: isinstance(value, bool), settings)


def one_of(owner: object, known: Iterable[str], **settings: Any) -> None:
    """Refuse settings of ``owner`` that are none of the ``known`` words, with the nearest of them."""
    for name, value in settings.items():
        if value not in known:
            raise ConfigError(f"{type(owner).__name__}: {name} is {value!r}; {did_you_mean(str(value), known)}")


def is_number(value: Any) -> bool:
    """Whether it is a finite number; True and False are none."""
    return isinstance(value, Real) and not isinstance(value, bool) and -math.inf < value < math.inf


def is_whole(value: Any) -> bool:
    """Whether it is an integer; True and False are none, though Python counts with them."""
    return isinstance(value, int) and not isinstance(value, bool)


def class_name(kind: Any) -> str | None:
    """The bare name of what a config's ``type`` says: text, with a scope or modules before it or none, or a class."""
    return kind.rpartition(".")[2] if isinstance(kind, str) else getattr(kind, "__name__", None)


def _check(owner: object, wanted: str, fits: Callable[[Any], bool], settings: dict[str, Any]) -> None:
    """Refuse the first setting that does not fit; the default that is named is the paper's in every method."""
    for name, value in settings.items():
        if not fits(value):
            default = getattr(type(owner), name, None)
            usual = "" if default is None else f"; the default is {default!r}"
            raise ConfigError(f"{type(owner).__name__}: {name} must be {wanted}, got {value!r}{usual}.")


def did_you_mean(value: str, known: Iterable[str]) -> str:
    """`did you mean 'a' or 'b'?`, or `known: ...` where nothing comes close."""
    names = sorted(known)
    by_folded = {name.casefold(): name for name in names}
    close = difflib.get_close_matches(value.casefold(), by_folded, n=4, cutoff=0.5)
    if close:
        return f"did you mean {' or '.join(repr(by_folded[name]) for name in close)}?"
    more = f" and {len(names) - _LISTED_AT_MOST} more" if len(names) > _LISTED_AT_MOST else ""
    return f"known: {', '.join(names[:_LISTED_AT_MOST]) or 'none'}{more}"


def misfit(error: Exception, place: str = "") -> str | None:
    """What to say of a setting that a class which MMEngine was building does not take, or lacks; None of other errors.

    ``place`` is the dotted key of the class's config, where that is known.
    """
    unknown = _UNKNOWN_SETTING.search(str(error))
    if not (found := unknown or _MISSING_SETTING.search(str(error))):
        return None
    frames = (frame.f_locals for frame, _ in traceback.walk_tb(error.__traceback__))
    # So do its registries call it; where they come to call it otherwise, Python's own words are all there is.
    for kind in [local["obj_cls"] for local in frames if isinstance(local.get("obj_cls"), type)][::-1]:
        # What a class hands on to those above it, they take.
        made_by = [vars(one)["__init__"] for one in kind.__mro__ if isfunction(vars(one).get("__init__"))]
        if found[1] not in [one.__qualname__ for one in made_by]:
            continue
        where = f"{place}: " if place else ""
        if not unknown:
            option = f" (--cfg-options {place}.{found[3]}=...)" if place else ""
            return f"{where}{kind.__name__} needs {found[2]}: set it{option}"
        known = {name for one in made_by for name in signature(one).parameters} - {"self", "args", "kwargs"}
        return f"{where}{kind.__name__} takes no {found[2]!r}: {did_you_mean(found[2], known)}"
    return None


def one_line(said: object, most: int = 300) -> str:
    """What an error or a server says, on one line of at most ``most`` characters; its class where it says nothing."""
    return " ".join(str(said).split())[:most] or type(said).__name__


def proxy_to(url: str) -> str:
    """The proxy that the environment names for a URL, as ``HTTPS_PROXY=http://host:port``; empty where there is none.

    A password in it is left out.
    """
    from urllib.request import getproxies, proxy_bypass  # takes long to import, and is asked after failures alone

    address, proxies = urlsplit(url), getproxies()
    kind = next((kind for kind in (address.scheme, "all") if kind in proxies), None)
    if kind is None or proxy_bypass(address.hostname or ""):
        return ""
    return f"{kind.upper()}_PROXY={re.sub('^([a-z0-9]+://)?.*@', lambda found: found[1] or '', proxies[kind])}"
