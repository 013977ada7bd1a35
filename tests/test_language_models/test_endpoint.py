"""The endpoint's client against a real server: what goes well, what comes right by itself, what ends in one line."""

import json
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor, wait
from functools import partial

import pytest

from mmneglabel.errors import ConfigError, LanguageModelError
from mmneglabel.language_models import ChatEndpoint
from mmneglabel.language_models.endpoint import Pace, as_answered
from test_language_models.chat_server import chat_server, completion

pytestmark = pytest.mark.usefixtures("quick")


WRONG_HEADER = {"Content-Type": "application/json; charset=zlib"}


def fine(question, nth):
    return 200, completion(f"Yes to {question}"), {}


def ask(server, questions=("a",), **settings):
    endpoint = ChatEndpoint(**{"model": "tiny", "base_url": server.url, "retries": 2, **settings})
    return dict(endpoint.replies("be brief", list(questions)))


def failure(server, **settings):
    """The one line of an endpoint that fails."""
    with pytest.raises(LanguageModelError) as caught:
        ask(server, **settings)
    line = str(caught.value)
    assert "\n" not in line
    assert "secret" not in line
    return line


def test_every_question_gets_its_own_reply():
    questions = [f"q{i}" for i in range(50)]
    with chat_server(fine) as server:
        assert ask(server, questions) == {i: f"Yes to q{i}" for i in range(50)}
        assert sorted(server.asked) == sorted(questions)


def test_what_is_sent():
    with chat_server(fine) as server:
        ask(server, extra_body={"top_k": 1, "max_tokens": 3})
    (body,) = server.bodies
    assert body["model"] == "tiny"
    assert body["temperature"] == 0
    assert (body["top_k"], body["max_tokens"]) == (1, 3)
    assert body["messages"] == [{"role": "system", "content": "be brief"}, {"role": "user", "content": "a"}]
    assert server.keys == ["Bearer sk-secret-key"]


@pytest.mark.parametrize(("settings", "sent"), [({}, 8), ({"max_tokens": 200}, 200)])
def test_length_of_a_reply(settings, sent):
    with chat_server(fine) as server:
        ask(server, **settings)
        assert ChatEndpoint("tiny", server.url, **settings).name == "tiny"
    assert server.bodies[0]["max_tokens"] == sent


def test_no_questions_send_nothing():
    with chat_server(fine) as server:
        assert ask(server, []) == {}
    assert server.asked == []


def test_requests_run_at_the_same_time_and_no_more_than_allowed():
    barrier = threading.Barrier(4, timeout=10)  # broken, and so a failure, unless four requests meet

    def meet(question, nth):
        barrier.wait()
        return fine(question, nth)

    with chat_server(meet) as server:
        assert len(ask(server, [f"q{i}" for i in range(12)], concurrency=4, retries=0)) == 12
    assert server.most_busy == 4


def test_rate_limit_is_kept_retries_included():
    def fail_first(question, nth):
        return fine(question, nth) if nth else (500, {}, {})

    started = time.monotonic()
    with chat_server(fail_first) as server:
        ask(server, ["a", "b", "c"], requests_per_minute=1200)
    assert len(server.times) == 6
    assert max(server.times) - started > 5 * 0.05  # not from the first arrival, which may be late


def test_waits_as_long_as_the_server_says():
    with chat_server(lambda q, nth: fine(q, nth) if nth else (429, {}, {"Retry-After": 1})) as server:
        assert ask(server) == {0: "Yes to a"}
    assert server.times[1] - server.times[0] >= 1


@pytest.mark.parametrize(
    "bad",
    [
        (500, {}),
        (503, "busy"),
        (200, "<html>not json"),
        (200, "{"),
        (200, {"choices": []}),
        (200, {"error": "overloaded"}),
        (200, {"choices": None}),
        (200, completion(None)),
        (200, "[]"),
        (200, "[" * 200_000),
    ],
)
def test_a_passing_fault_is_retried(bad):
    with chat_server(lambda q, nth: fine(q, nth) if nth else (*bad, {})) as server:
        assert ask(server) == {0: "Yes to a"}
    assert len(server.asked) == 2


@pytest.mark.parametrize(
    ("status", "body", "requests", "words"),
    [
        (500, {"error": "boom"}, 3, ["status 500", "boom", "help: 2", "server's own log"]),
        (429, {"error": "slow down"}, 3, ["status 429", "requests_per_minute"]),
        (401, {"error": "wrong key sk-secret-key"}, 1, ["status 401", "***", "api_key_env"]),
        (404, {"error": "no such model"}, 1, ["status 404", "base_url", "model"]),
        (400, {"error": {"message": "max_tokens\nis not known"}}, 1, ["status 400", "max_tokens", "extra_body"]),
        (200, "<html>\nnot json", 3, ["<html>", "chat schema"]),
        (200, {"choices": []}, 3, ["choices", "chat schema"]),
        (200, completion(None), 3, ["null", "chat schema"]),
    ],
)
def test_a_lasting_fault_ends_in_one_line(status, body, requests, words):
    with chat_server(lambda q, nth: (status, body, {})) as server:
        line = failure(server)
        assert server.url in line
        assert "'tiny'" in line
    assert [word for word in words if word not in line] == []
    assert len(server.asked) == requests


def test_timeout():
    with chat_server(fine, delay=0.5) as server:
        line = failure(server, timeout=0.05, retries=1)
    assert "0.05 s" in line
    assert "`timeout`" in line
    assert len(server.asked) == 2


@pytest.mark.parametrize("status", [200, 500])
def test_a_reply_that_drips(status):
    """Each byte comes in good time, the whole never would."""

    def drip(question, nth):
        return status, (time.sleep(0.05) or b" " for _ in range(200)), {}

    with chat_server(drip) as server:
        started = time.monotonic()
        line = failure(server, timeout=0.2, retries=1)
        assert time.monotonic() - started < 2
    assert "no whole reply within 0.2 s" in line
    assert len(server.asked) == 2


@pytest.mark.parametrize("status", [200, 400])
def test_a_reply_without_end_is_not_read_to_its_end(status):
    sent = []

    def flood(question, nth):
        return status, (sent.append(i) or bytes(1 << 20) for i in range(1000)), {}

    with chat_server(flood) as server:
        line = failure(server, retries=0)
        while server.busy:
            time.sleep(0.01)
    assert "more than 4 MiB" in line
    assert "`base_url`" in line
    assert len(sent) < 50  # what the system's buffers took besides


def test_a_reply_is_utf_8_whatever_its_header_says():
    with chat_server(lambda q, nth: (200, '{"choices": [{"message": {"content": "piñata"}}]}', WRONG_HEADER)) as server:
        assert ask(server) == {0: "piñata"}


def test_half_a_character_becomes_one_that_files_take():
    with chat_server(lambda q, nth: (200, completion("Yes \ud800"), {})) as server:
        assert ask(server) == {0: "Yes ?"}


def test_no_server():
    with chat_server(fine) as server:
        pass
    line = failure(server, retries=1)
    assert "check `base_url`" in line
    assert "PROXY" not in line


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "all_proxy"])
def test_a_dead_proxy_is_named_without_its_password(monkeypatch, variable):
    with chat_server(fine) as gone:
        proxy = gone.url.removeprefix("http://").removesuffix("/v1")
    monkeypatch.setenv(variable, f"http://me:secret@{proxy}")
    with chat_server(fine) as server:
        assert ask(server) == {0: "Yes to a"}  # NO_PROXY names this machine
        monkeypatch.delenv("NO_PROXY")
        line = failure(server, retries=0)
    assert f"proxy in between, {variable.upper()}=http://{proxy}" in line


def test_an_address_without_a_host_behind_a_proxy(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    with pytest.raises(LanguageModelError, match="HTTP_PROXY"):
        next(ChatEndpoint("tiny", "http:///v1", retries=0).replies("", ["a"]))


@pytest.mark.parametrize(
    ("variable", "value"), [("ALL_PROXY", "socks5://127.0.0.1:1"), ("HTTP_PROXY", "ftp://127.0.0.1:1")]
)
def test_an_environment_that_lets_no_client_be_made_is_said_before_anything_is_sent(monkeypatch, variable, value):
    monkeypatch.setitem(sys.modules, "socksio", None)
    monkeypatch.setenv(variable, value)
    with pytest.raises(LanguageModelError, match=variable) as caught:
        ChatEndpoint("tiny", "http://127.0.0.1:1/v1").check()
    assert "\n" not in str(caught.value)


def test_an_error_stops_what_is_not_yet_sent_and_keeps_what_came():
    def fail_third(question, nth):
        return (400, {}, {}) if question == "q2" else fine(question, nth)

    came = []
    with chat_server(fail_third) as server:
        endpoint = ChatEndpoint("tiny", server.url, concurrency=1)
        with pytest.raises(LanguageModelError):
            came.extend(endpoint.replies("", [f"q{i}" for i in range(200)]))  # keeps what came before an error
    assert {0, 1} <= {index for index, _ in came}
    assert len(server.asked) < 10


def test_closing_neither_waits_nor_sends_more():
    gate = threading.Event()

    def first_alone(question, nth):
        if question != "q0":
            gate.wait(10)
        return fine(question, nth)

    with chat_server(first_alone) as server:
        replies = ChatEndpoint("tiny", server.url, concurrency=2).replies("", [f"q{i}" for i in range(100)])
        assert next(replies) == (0, "Yes to q0")
        while len(server.asked) < 3:
            time.sleep(0.01)
        started = time.monotonic()
        replies.close()
        assert time.monotonic() - started < 5
        gate.set()
        while server.busy:
            time.sleep(0.01)
        time.sleep(0.2)
        assert len(server.asked) == 3


@pytest.mark.parametrize("value", [None, "", " \n", "sk-s\u2026cret"])
def test_missing_key_is_said_before_anything_is_sent(monkeypatch, value):
    monkeypatch.delenv("OPENAI_API_KEY")
    if value is not None:
        monkeypatch.setenv("MY_KEY", value)
    with chat_server(fine) as server:
        assert "MY_KEY" in failure(server, api_key_env="MY_KEY")
    assert server.asked == []


def test_a_server_without_keys(monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY")
    with chat_server(fine) as server:
        assert ask(server, api_key_env=None) == {0: "Yes to a"}


def test_missing_package(monkeypatch):
    monkeypatch.setitem(sys.modules, "openai", None)
    with pytest.raises(LanguageModelError, match=r"pip install 'mmneglabel\[endpoint\]'"):
        next(ChatEndpoint("tiny").replies("", ["a"]))


def test_a_key_read_from_a_file_may_end_in_a_line_end(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret-key\n")
    with chat_server(fine) as server:
        ask(server)
    assert server.keys == ["Bearer sk-secret-key"]


@pytest.mark.parametrize(
    "setting",
    [
        {"base_url": "localhost:8000"},
        {"concurrency": 0},
        {"max_tokens": 0},
        {"retries": -1},
        {"timeout": 0},
        {"requests_per_minute": 0},
    ],
    ids=json.dumps,
)
def test_settings_out_of_range(setting):
    with pytest.raises(ConfigError, match=next(iter(setting))):
        ChatEndpoint("tiny", **setting)


def test_check_wants_a_key_and_asks_nothing(monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(LanguageModelError, match="OPENAI_API_KEY holds no usable key"):
        ChatEndpoint("m").check()
    ChatEndpoint("m", api_key_env=None).check()


def test_other_requests_are_another_model_in_logs():
    assert ChatEndpoint("m").name == "m"
    assert ChatEndpoint("m", extra_body={"b": 1, "a": 2}).name == 'm {"a": 2, "b": 1}'


def test_what_ended_beside_a_failure_is_given_first(monkeypatch):
    def fail():
        raise ValueError("job 0")

    monkeypatch.setattr(
        "mmneglabel.language_models.endpoint.wait", lambda jobs, return_when: wait(jobs, return_when="ALL_COMPLETED")
    )
    came = []
    jobs = [fail, lambda: "b", lambda: "c", lambda: "d"]
    with ThreadPoolExecutor(2) as pool, pytest.raises(ValueError, match="job 0"):
        came.extend(as_answered(pool, jobs, ahead=3))  # keeps what came before an error
    assert sorted(came) == [(1, "b"), (2, "c")]


def test_no_more_than_so_many_are_handed_out_ahead():
    handed = []

    def jobs():
        for index in range(20):
            handed.append(index)
            yield partial(str, index)

    with ThreadPoolExecutor(2) as pool:
        answers = as_answered(pool, jobs(), ahead=5)
        first = next(answers)
        assert len(handed) == 5
        assert sorted([first, *answers]) == [(index, str(index)) for index in range(20)]


def test_a_stopped_pace_holds_nobody():
    pace = Pace(1)
    pace.wait()
    waiting = threading.Thread(target=pace.wait)
    waiting.start()
    pace.stop()
    waiting.join(timeout=5)
    assert not waiting.is_alive()
