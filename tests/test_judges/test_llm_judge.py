"""The judge with a model whose replies are known: asking, resuming, replaying, refusing."""

import json
import os
import re
from pathlib import Path

import pytest

from mmneglabel.errors import ConfigError, DataError, LanguageModelError
from mmneglabel.judges import Judge
from mmneglabel.judges.decision_log import DecisionLog
from mmneglabel.judges.llm_judge import LLMJudge
from mmneglabel.judges.log_file import locked
from test_judges.scripted import Scripted

WORDS = ["Rome", "oak", "elm", "Rome", "Ada Lovelace"]
PROPER = [True, False, False, True, True]
PAIRS = [("oak", "tree"), ("oak", "table"), ("oak", "tree"), ("tree", "oak")]
KINDS = [True, False, True, False]


@pytest.fixture
def log(tmp_path):
    return tmp_path / "folder" / "log.jsonl"


def entries(log):
    return [json.loads(line) for line in log.read_text().splitlines()]


def test_verdicts_in_order_each_question_asked_once(log):
    model = Scripted()
    judge: Judge = LLMJudge(log=log, model=model)
    assert judge.proper_nouns(WORDS) == PROPER
    assert judge.subcategories(PAIRS) == KINDS
    assert len(model.asked) == len(set(model.asked)) == 4 + 3
    assert judge.proper_nouns([]) == judge.subcategories([]) == []
    assert [(e["word"], e["label"], e["verdict"]) for e in entries(log)[-3:]] == [
        ("tree", "oak", "no"),
        ("oak", "table", "no"),
        ("oak", "tree", "yes"),
    ]
    assert {e["question"] for e in entries(log)} == set(model.asked)
    assert {(e["model"], e["answer"]) for e in entries(log)} == {("scripted", "Yes"), ("scripted", "No")}


def test_what_is_logged_is_not_asked_again(log):
    LLMJudge(log=log, model=Scripted()).proper_nouns(WORDS[:2])
    again = Scripted()
    assert LLMJudge(log=log, model=again).proper_nouns(WORDS) == PROPER
    assert [re.search('"(.+?)"', question)[1] for question in again.asked] == ["Ada Lovelace", "elm"]


def test_what_another_process_logged_meanwhile_is_not_asked(log, monkeypatch):
    LLMJudge(log=log, model=Scripted()).proper_nouns(WORDS)
    monkeypatch.setattr(DecisionLog, "read", lambda self: None)  # as it was before the lock
    model = Scripted()
    assert LLMJudge(log=log, model=model).proper_nouns([*WORDS, "fir"]) == [*PROPER, False]
    assert len(model.asked) == 1


def test_an_interruption_loses_nothing(log):
    first = Scripted(fail_after=2)
    with pytest.raises(KeyboardInterrupt):
        LLMJudge(log=log, model=first).proper_nouns(WORDS)
    assert len(entries(log)) == 2
    second = Scripted()
    assert LLMJudge(log=log, model=second).proper_nouns(WORDS) == PROPER
    assert sorted(first.asked + second.asked) == sorted(set(first.asked + second.asked))


def test_replay_without_a_model(log):
    judge = LLMJudge(log=log, model=Scripted())
    judge.proper_nouns(WORDS)
    judge.subcategories(PAIRS)
    log.chmod(0o444)
    replay = LLMJudge(log=log)
    assert replay.proper_nouns(WORDS) == PROPER
    assert replay.subcategories(PAIRS) == KINDS
    with pytest.raises(LanguageModelError, match=r"no answer to 2 .*\"birch\".*configure `model`") as caught:
        replay.proper_nouns(["oak", "birch", "birch", "fir"])
    assert "\n" not in str(caught.value)


def test_a_finished_log_is_not_even_opened_for_writing(log):
    LLMJudge(log=log, model=Scripted()).proper_nouns(WORDS)
    model = Scripted()
    with locked(log):
        assert LLMJudge(log=log, model=model).proper_nouns(WORDS) == PROPER
    assert model.asked == []


@pytest.mark.parametrize("key", ["model", "system", "question"])
def test_other_models_and_wordings_do_not_count_for_a_model(log, key):
    LLMJudge(log=log, model=Scripted()).proper_nouns(["oak"])
    log.write_text(json.dumps(entries(log)[0] | {key: "another", "verdict": "yes"}) + "\n")
    assert LLMJudge(log=log).proper_nouns(["oak"]) == [True]
    assert LLMJudge(log=log, model=Scripted()).proper_nouns(["oak"]) == [False]
    assert LLMJudge(log=log).proper_nouns(["oak"]) == [False]  # the last entry counts


def test_several_logs_are_replayed_only(tmp_path):
    (tmp_path / "noun.txt").write_text("rome | proper noun \nelm | table | \nelm | tree | subcategory \n")
    LLMJudge(log=tmp_path / "b", model=Scripted()).subcategories([("oak", "tree")])
    logs = [str(tmp_path / "noun.txt"), tmp_path / "b"]
    judge = LLMJudge(log=logs)
    assert judge.proper_nouns(["rome", "elm"]) == [True, False]
    # What the text form leaves out after a word's first yes changes nothing about that word.
    pairs = [("elm", "table"), ("elm", "tree"), ("elm", "chair"), ("oak", "tree")]
    assert judge.subcategories(pairs) == [False, True, False, True]
    for bad in ({"log": logs, "model": Scripted()}, {"log": []}):
        with pytest.raises(ConfigError, match="logs"):
            LLMJudge(**bad)


def test_the_authors_form_answers_nothing_for_a_model(tmp_path):
    log = tmp_path / "noun.txt"
    log.write_text("rome | proper noun \n")
    assert LLMJudge(log=log).subcategories([("rome", "city")]) == [False]
    with pytest.raises(DataError, match="only replayed"):
        LLMJudge(log=log, model=Scripted()).subcategories([("rome", "city")])


def test_unclear_replies_count_as_no_while_they_are_few(log):
    def odd(question):
        return "Hard to say" if '"w7"' in question or '"w8"' in question else "No"

    judge = LLMJudge(log=log, model=Scripted(reply=odd))
    assert judge.proper_nouns([f"w{i}" for i in range(20)]) == [False] * 20
    assert [e["answer"] for e in entries(log) if e["verdict"] == "unclear"] == ["Hard to say"] * 2
    assert LLMJudge(log=log).proper_nouns(["w7", "w1"]) == [False, False]
    with pytest.raises(LanguageModelError, match=r"3 of 21 questions \(14%\)"):  # those of the first call included
        LLMJudge(log=log, model=Scripted(reply=lambda q: "?")).subcategories([("a", "b")])


def test_one_odd_reply_among_few_proves_nothing(log):
    assert LLMJudge(log=log, model=Scripted(reply=lambda q: "Hm")).proper_nouns(["oak"]) == [False]


def test_a_model_that_does_not_answer_is_stopped_soon(log):
    model = Scripted(reply=lambda question: "Well,\nlet us see")
    judge = LLMJudge(log=log, model=model)
    with pytest.raises(LanguageModelError) as caught:
        judge.proper_nouns([f"w{i}" for i in range(500)])
    assert len(model.asked) == len(entries(log)) == 20
    assert model.closed
    line = str(caught.value)
    assert "\n" not in line
    for part in ("scripted", "20 of 20", "100%", '"w480"', "Well,", "instruction-"):
        assert part in line
    with pytest.raises(LanguageModelError, match="20 of 20"):
        LLMJudge(log=log).proper_nouns(["w490"])


def test_few_answers_are_checked_at_the_end(log):
    with pytest.raises(LanguageModelError, match="3 of 3"):
        LLMJudge(log=log, model=Scripted(reply=lambda q: "Hm")).proper_nouns(["a", "b", "c"])


def test_a_model_that_leaves_questions_out(log):
    class Lazy(Scripted):
        def replies(self, system, questions):
            return [(0, "No")]

    with pytest.raises(LanguageModelError, match="left 3 of 4 questions without a reply"):
        LLMJudge(log=log, model=Lazy()).proper_nouns(WORDS)


def test_facts_are_what_decides(log, tmp_path):
    facts = LLMJudge(log=log, model=Scripted()).facts()
    assert json.loads(json.dumps(facts)) == facts
    assert facts == LLMJudge(log=tmp_path / "other", model=Scripted()).facts()
    assert facts != LLMJudge(log=log, model=Scripted("another")).facts()
    assert not log.exists()
    with pytest.raises(DataError, match="cannot be read"):
        LLMJudge(log=log).facts()
    LLMJudge(log=log, model=Scripted()).proper_nouns(["oak"])
    before = LLMJudge(log=log).facts()
    assert json.loads(json.dumps(before)) == before
    LLMJudge(log=log, model=Scripted()).proper_nouns(["elm"])
    assert LLMJudge(log=log).facts() != before


def test_a_bar_only_where_there_is_much_to_ask(log, capfd, monkeypatch):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)  # files get none
    judge = LLMJudge(log=log, model=Scripted())
    judge.proper_nouns(["oak"])
    assert capfd.readouterr().err == ""
    judge.proper_nouns([f"w{i}" for i in range(100)])
    assert "100/100" in capfd.readouterr().err


def test_the_authors_files_answer_all():
    folder = os.environ.get("MMNEGLABEL_NEGREFINE")
    if not folder:
        pytest.skip("MMNEGLABEL_NEGREFINE names no folder with NegRefine's published llm_process_{noun,adj}.txt")
    for part, proper, kinds in (("noun", 1748, 275), ("adj", 0, 32)):
        texts = {
            name: Path(folder, f"{name}_{part}.txt") for name in ("llm_process", "initial_neg_labels", "neg_labels")
        }
        judge = LLMJudge(log=[Path(folder, "llm_process_noun.txt"), Path(folder, "llm_process_adj.txt")])
        cleaned = [
            re.sub("[^A-Za-z _-]", "", word).strip() for word in texts["initial_neg_labels"].read_text().splitlines()
        ]
        words = list(dict.fromkeys(cleaned))
        is_proper = dict(zip(words, judge.proper_nouns([f"{word} " for word in words]), strict=True))
        assert sum(is_proper.values()) == proper
        lines = [[f.strip() for f in line.split("|")] for line in texts["llm_process"].read_text().splitlines()]
        pairs = [(fields[0], fields[1]) for fields in lines if len(fields) == 3]
        is_kind = {pair for pair, yes in zip(pairs, judge.subcategories(pairs), strict=True) if yes}
        assert len(is_kind) == kinds
        out = {word for word, _ in is_kind}
        left = [word for word in words if not is_proper[word] and word not in out]
        published = {word.strip() for word in texts["neg_labels"].read_text().splitlines()}
        assert set(left) == published
        label = pairs[0][1]
        assert judge.subcategories([(word, label) for word in out]) == [(word, label) in is_kind for word in out]


def test_close_gives_the_models_memory_back(tmp_path):
    model = Scripted()
    LLMJudge(log=tmp_path / "log.jsonl", model=model).close()
    LLMJudge(log=tmp_path / "log.jsonl").close()
    assert model.released


def test_check_tries_log_and_model_but_no_model_that_has_answered_before(tmp_path):
    model, log = Scripted(), tmp_path / "log.jsonl"
    LLMJudge(log=log, model=model).check()
    assert model.checked
    LLMJudge(log=log, model=model).proper_nouns(["oak"])
    again = Scripted()
    LLMJudge(log=log, model=again).check()
    assert not hasattr(again, "checked")
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="cannot be written"):
        LLMJudge(log=tmp_path / "file" / "log.jsonl", model=model).check()
    with pytest.raises(DataError, match="cannot be read"):
        LLMJudge(log=tmp_path / "nowhere.jsonl").check()


@pytest.mark.parametrize("model", ["Qwen/Qwen2", {"path": "x"}])
def test_a_model_that_is_none(tmp_path, model):
    with pytest.raises(ConfigError, match=r"model is .*: write model=dict"):
        LLMJudge(log=tmp_path / "log.jsonl", model=model)
