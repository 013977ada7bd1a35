"""A language model behind HTTP: any endpoint that speaks OpenAI's chat schema."""

import json
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from types import ModuleType
from typing import Any

from mmneglabel.errors import ConfigError, LanguageModelError
from mmneglabel.language_models.bounds import bound
from mmneglabel.language_models.chat_faults import REQUEST, SERVER, STATUS, UNREACHABLE, content, proxy_between
from mmneglabel.language_models.threads import Pace, as_answered

_PAUSE = 0.5  # seconds before a malformed reply is asked for again; doubles each time


@dataclass(frozen=True)
class ChatEndpoint:
    """Asks many questions at once, at temperature 0; what fails for the moment is tried again with growing pauses.

    Args:
        model: the endpoint's name of the model; also what it is called in logs.
        base_url: such as ``http://localhost:8000/v1``; None is OpenAI's, or ``$OPENAI_BASE_URL``.
        api_key_env: the environment variable that holds the key; None for a server that wants none.
        concurrency: requests under way at a time.
        requests_per_minute: the most requests sent, retries included; None for no limit.
        timeout: seconds to wait for a reply to begin, and again for all of it.
        retries: how often a request is repeated after a lost connection, a timeout, a 408, 409, 429 or 5xx, or a
            malformed reply.
        extra_body: more keys for the request's JSON, such as ``chat_template_kwargs``; they replace those sent anyway
            (``temperature``, ``max_tokens``).
        max_tokens: of a reply, which ends there; the default is enough for "Yes" with quotes or asterisks around it.

    Raises:
        ConfigError: a setting is out of range.
    """

    model: str
    base_url: str | None = None
    api_key_env: str | None = "OPENAI_API_KEY"
    concurrency: int = 16
    requests_per_minute: float | None = None
    timeout: float = 60
    retries: int = 6
    extra_body: dict[str, Any] | None = None
    max_tokens: int = 8

    def __post_init__(self) -> None:
        if self.base_url is not None and not self.base_url.startswith(("http://", "https://")):
            raise ConfigError(f"ChatEndpoint.base_url is {self.base_url!r}: begin with http:// or https://")
        for setting, least in {"concurrency": 1, "retries": 0, "max_tokens": 1}.items():
            if getattr(self, setting) < least:
                raise ConfigError(f"ChatEndpoint.{setting} is {getattr(self, setting)}: give {least} or more")
        for setting in ("timeout", "requests_per_minute"):
            value = getattr(self, setting)
            if value is not None and value <= 0:
                raise ConfigError(f"ChatEndpoint.{setting} is {value}: give more than 0")

    @property
    def name(self) -> str:
        """The model's name at the endpoint, and what ``extra_body`` asks of it besides; not where the endpoint is."""
        return f"{self.model} {json.dumps(self.extra_body, sort_keys=True)}" if self.extra_body else self.model

    def check(self) -> None:
        """Refuse to begin without the client or the key, or where the environment lets no client be made.

        Raises:
            LanguageModelError: so it is.
        """
        self._client(Pace(None)).close()

    def replies(self, system: str, questions: Sequence[str]) -> Iterator[tuple[int, str]]:
        """(index, beginning of the reply), each as it arrives; closing the iterator cancels what is not yet sent.

        Raises:
            LanguageModelError: openai or the key is missing, or the endpoint fails beyond the retries.
        """
        pace = Pace(self.requests_per_minute)
        client, pool = self._client(pace), ThreadPoolExecutor(self.concurrency)
        jobs = ((partial(self._ask, client, pace, system, text), index) for index, text in enumerate(questions))
        try:
            yield from as_answered(pool, jobs, ahead=2 * self.concurrency)
        finally:
            # What is under way cannot be stopped and is not waited for; a closed client sends nothing more.
            pace.stop()
            client.close()
            pool.shutdown(wait=False, cancel_futures=True)

    def close(self) -> None:
        """Nothing: connections last as long as the questions of one call."""

    def _client(self, pace: Pace) -> Any:
        """OpenAI's client, whose every request waits its turn and whose every reply has its bounds."""
        openai, key = _openai(), self._key()
        # Hooks, since the client repeats requests and reads replies by itself.
        hooks = {"request": [lambda _: pace.wait()], "response": [partial(bound, seconds=self.timeout)]}
        settings = {"base_url": self.base_url, "timeout": self.timeout, "max_retries": self.retries}
        try:
            return openai.OpenAI(api_key=key, http_client=openai.DefaultHttpxClient(event_hooks=hooks), **settings)
        except Exception as error:  # of several libraries, which share no class of errors
            raise LanguageModelError(
                f"no connection to {self.base_url or 'OpenAI'!r} can be set up ({error}): check `base_url`, and the "
                "environment's ALL_PROXY, HTTP_PROXY, HTTPS_PROXY, SSL_CERT_FILE and SSL_CERT_DIR"
            ) from error

    def _key(self) -> str:
        key = os.environ.get(self.api_key_env, "").strip() if self.api_key_env else "not-needed"
        if not key or not key.isascii() or not key.isprintable():
            raise LanguageModelError(
                f"the environment variable {self.api_key_env} holds no usable key for {self.model}: set it, name "
                "another one by `api_key_env`, or give api_key_env=None for a server that wants none"
            )
        return key

    def _ask(self, client: Any, pace: Pace, system: str, question: str) -> str:
        """One reply; a malformed one counts as a failure like any other, and is asked for again."""
        for failures in range(self.retries + 1):
            body = self._post(client.with_options(max_retries=self.retries - failures), system, question)
            if (reply := content(body)) is not None:
                return reply
            pace.pause(min(_PAUSE * 2**failures, 8) if failures < self.retries else 0)
        raise self._failure(client, f"no reply text in {body!r}", "check that `base_url` speaks OpenAI's chat schema")

    def _post(self, client: Any, system: str, question: str) -> str:
        """The body of a response, unparsed: the client lets malformed ones pass."""
        openai = _openai()
        turns = [{"role": "system", "content": system}, {"role": "user", "content": question}]
        settings = {"temperature": 0, "max_tokens": self.max_tokens, "extra_body": self.extra_body}
        try:
            raw = client.chat.completions.with_raw_response.create(model=self.model, messages=turns, **settings)
        except openai.APIStatusError as error:
            status = error.status_code
            mend = STATUS.get(status, SERVER if status >= 500 else REQUEST)
            raise self._failure(client, f"status {status}, {error.response.text!r}", mend) from error
        except openai.APITimeoutError as error:
            raise self._failure(client, f"no whole reply within {self.timeout} s", STATUS[408]) from error
        except openai.APIConnectionError as error:
            raise self._failure(client, f"no whole reply ({error.__cause__})", UNREACHABLE) from error
        return raw.http_response.content.decode(errors="replace")  # JSON's encoding, whatever the header says

    def _failure(self, client: Any, seen: str, mend: str) -> LanguageModelError:
        """One line; the key is never in it, even where the server repeats it."""
        seen = " ".join(seen.replace(client.api_key, "***").split())[:300]
        mend += proxy_between(str(client.base_url))
        return LanguageModelError(
            f"{client.base_url} gave {seen} for model {self.model!r} (retries where they may help: {self.retries}): "
            f"{mend}"
        )


def _openai() -> ModuleType:
    try:
        import openai
    except ImportError as error:
        raise LanguageModelError(
            f"a chat endpoint needs OpenAI's client ({error}): pip install 'mmneglabel[endpoint]'"
        ) from error
    return openai
