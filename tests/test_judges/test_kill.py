"""A run killed in its midst, through a real server: the server's own list proves what was asked."""

import signal
import time

import pytest
from test_language_models.chat_server import chat_server, completion

from mmneglabel.judges.llm_judge import LLMJudge
from mmneglabel.judges.log_file import read_decisions
from mmneglabel.language_models import ChatEndpoint
from test_judges.scripted import right, start

pytest.importorskip("openai", reason="needs openai: pip install 'mmneglabel[endpoint]'")

THREADS = 4
WORDS = [f"{'W' if i % 3 else 'w'}ord{i}" for i in range(200)]
SCRIPT = """
from mmneglabel.language_models import ChatEndpoint
model = ChatEndpoint("tiny", {url!r}, api_key_env=None, concurrency={threads})
LLMJudge(log={log!r}, model=model).proper_nouns({words!r})
"""


def wait_for(condition):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_killed_and_resumed_asks_nothing_that_was_answered(tmp_path, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    log = tmp_path / "log.jsonl"
    with chat_server(lambda question, nth: (200, completion(right(question)), {}), delay=0.02) as server:
        script = SCRIPT.format(url=server.url, threads=THREADS, log=str(log), words=WORDS)
        with start(script, stderr=-1) as process:
            wait_for(lambda: len(server.answered) >= 60)
            process.send_signal(signal.SIGKILL)
            process.communicate()
        assert process.returncode == -signal.SIGKILL
        wait_for(lambda: server.busy == 0)
        asked_before, answered = list(server.asked), set(server.answered)
        kept = {decision.text for decision in read_decisions(log).decisions}
        # Answers that were still on their way to the log: at most one a thread, and those handed out ahead.
        assert len(answered - kept) <= 2 * THREADS
        assert 40 < len(kept) < len(WORDS)

        endpoint = ChatEndpoint("tiny", server.url, api_key_env=None, concurrency=THREADS)
        verdicts = LLMJudge(log=log, model=endpoint).proper_nouns(WORDS)
        asked_after = server.asked[len(asked_before) :]

    assert verdicts == [word[0] == "W" for word in WORDS]
    assert kept.isdisjoint(asked_after)
    assert len(asked_after) == len(set(asked_after)) == len(WORDS) - len(kept)
    assert len(read_decisions(log).decisions) == len(WORDS)
    assert LLMJudge(log=log).proper_nouns(WORDS) == verdicts


HOLD = """
import time
def wait(question):
    print("asked", flush=True)
    time.sleep(60)
LLMJudge(log={log!r}, model=Scripted(reply=wait)).proper_nouns(["oak"])
"""


def test_a_killed_writer_leaves_no_lock(tmp_path):
    log = tmp_path / "log.jsonl"
    judge = LLMJudge(log=log, model=ChatEndpoint("tiny", "http://127.0.0.1:9", api_key_env=None))
    with start(HOLD.format(log=str(log)), stdout=-1, stderr=-1) as process:
        assert process.stdout.readline() == "asked\n"
        with pytest.raises(Exception, match="being written by another process"):
            judge.proper_nouns(["oak"])
        process.kill()
        process.communicate()
    from test_judges.scripted import Scripted

    assert LLMJudge(log=log, model=Scripted()).proper_nouns(["oak"]) == [False]
