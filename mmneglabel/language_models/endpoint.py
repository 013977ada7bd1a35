"""A language model behind HTTP: any endpoint that speaks OpenAI's chat schema."""

import json
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import partial
from itertools import islice
from types import ModuleType
from typing import Any

from mmneglabel.errors import ConfigError, LanguageModelError, one_line, positive, whole
from mmneglabel.language_models.chat_faults import REQUEST, SERVER, STATUS, mend_of, proxy_between, receive, text_of


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
        whole(self, concurrency=self.concurrency, max_tokens=self.max_tokens)
        whole(self, least=0, retries=self.retries)
        positive(self, timeout=self.timeout)
        if self.requests_per_minute is not None:
            positive(self, requests_per_minute=self.requests_per_minute)

    @property
    def name(self) -> str:
        """The model's name at the endpoint, and what ``extra_body`` asks of it besides; not where the endpoint is."""
        return f"{self.model} {json.dumps(self.extra_body, sort_keys=True)}" if self.extra_body else self.model

    def check(self) -> None:
        """Refuse to begin without the client or the key, or where the environment lets no client be made."""
        self._client(Pace(None)).close()

    def replies(self, system: str, questions: Sequence[str]) -> Iterator[tuple[int, str]]:
        """(index, beginning of the reply), each as it arrives; closing the iterator cancels what is not yet sent."""
        pace = Pace(self.requests_per_minute)
        client, pool = self._client(pace), ThreadPoolExecutor(self.concurrency)
        jobs = (partial(self._ask, client, system, text) for text in questions)
        try:
            yield from as_answered(pool, jobs, ahead=2 * self.concurrency)
        finally:
            # What is under way cannot be stopped and is not waited for; a closed client sends nothing more.
            pace.stop()
            client.close()
            pool.shutdown(wait=False, cancel_futures=True)

    def close(self) -> None:
        """Nothing: connections last as long as the questions of one call."""

    def _client(self, pace: "Pace") -> Any:
        """OpenAI's client, whose every request waits its turn and whose every reply is looked over."""
        openai, key = _openai(), self._key()
        # Hooks, since the client repeats requests by itself, and after whatever they raise.
        hooks = {"request": [lambda _: pace.wait()], "response": [partial(receive, seconds=self.timeout)]}
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

    def _ask(self, client: Any, system: str, question: str) -> str:
        """The beginning of one reply, after as many attempts as there may be."""
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
            cause = error.__cause__
            raise self._failure(client, f"no usable reply ({cause})", mend_of(cause)) from error
        return text_of(raw.http_response.content)

    def _failure(self, client: Any, seen: str, mend: str) -> LanguageModelError:
        """One line; the key is never in it, even where the server repeats it."""
        seen = one_line(seen.replace(client.api_key, "***"))
        mend += proxy_between(str(client.base_url))
        return LanguageModelError(
            f"{client.base_url} gave {seen} for model {self.model!r} (retries where they may help: {self.retries}): "
            f"{mend}"
        )


class Pace:
    """Lets at most ``per_minute`` callers pass a minute, evenly spaced, so that no burst meets a server's limit."""

    def __init__(self, per_minute: float | None) -> None:
        self._seconds = 60 / per_minute if per_minute else 0.0
        self._next = 0.0
        self._lock = threading.Lock()
        self._stopped = threading.Event()

    def wait(self) -> None:
        """Return when it is the caller's turn, or when all was stopped."""
        with self._lock:
            turn = max(self._next, time.monotonic())
            self._next = turn + self._seconds
        self._stopped.wait(turn - time.monotonic())

    def stop(self) -> None:
        """Wake all who wait: nobody wants their requests any more."""
        self._stopped.set()


def as_answered(pool: ThreadPoolExecutor, jobs: Iterable[Callable[[], str]], ahead: int) -> Iterator[tuple[int, str]]:
    """(index, result) of each job as it ends; no more than ``ahead`` are handed out before they are asked for.

    Where one fails, those that ended at the same time are still given before its error is raised.
    """
    numbered, running = enumerate(jobs), {}
    while True:
        running |= {pool.submit(job): index for index, job in islice(numbered, ahead - len(running))}
        if not running:
            return
        done, _ = wait(running, return_when=FIRST_COMPLETED)
        for future in sorted(done, key=lambda ended: ended.exception() is not None):
            yield running.pop(future), future.result()


def _openai() -> ModuleType:
    try:
        import openai
    except ImportError as error:
        raise LanguageModelError(
            f"a chat endpoint needs OpenAI's client ({error}): pip install 'mmneglabel[endpoint]'"
        ) from error
    return openai
