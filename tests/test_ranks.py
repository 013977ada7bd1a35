"""Two real processes: one asks, both know; the rows of both come together."""

import ast

import pytest
from test_judges.scripted import start

from mmneglabel.ranks import from_first_rank

SCRIPT = """
import time
import torch
from datetime import timedelta
from torch import distributed
from mmneglabel import ranks

folder, rank = Path({folder!r}), {rank}
(folder / f"ready{{rank}}").touch()
while len(list(folder.glob("ready*"))) < 2:
    time.sleep(0.01)
distributed.init_process_group(
    "gloo", init_method=f"file://{{folder}}/meet", rank=rank, world_size=2, timeout=timedelta(seconds=2)
)

def slow(question):
    time.sleep(0.3)
    return "Yes" if "odd" in question else "No"

# Eight answers take 2.4 seconds, more than a collective may wait: only the beats keep the other rank alive.
ranks._BEAT_EVERY = 0.5
model = Scripted(reply=slow)
words = [f"odd{{i}}" if i % 2 else f"w{{i}}" for i in range(8)]
verdicts = LLMJudge(log=folder / "log", model=model).proper_nouns(words)
print(len(model.asked), verdicts)

class Unpicklable(Exception):
    def __reduce__(self):
        raise TypeError("cannot be pickled")

for error in (LanguageModelError("the server is gone"), Unpicklable("odd")):
    def fail(question):
        raise error
    try:
        LLMJudge(log=folder / "log", model=Scripted(reply=fail)).subcategories([("oak", "tree")])
    except Exception as caught:
        print(type(caught).__name__, caught)
# A sampler gave image 2 to both, and rank 1 fewer images.
index = torch.tensor([[3, 2, 0], [2, 1]][rank])
rows = torch.stack([10.0 * index, index + 0.1], dim=1)
print(ranks.rows_of_all(index, rows, 4).tolist())
first = ranks.rows_on_first(rows)
print(first if first is None else first.tolist())
print(ranks.rows_on_all(rows).tolist())
distributed.destroy_process_group()
"""


def test_what_one_or_both_hold_both_get(tmp_path):
    ranks = [start(SCRIPT.format(folder=str(tmp_path), rank=rank), stdout=-1, stderr=-1) for rank in (0, 1)]
    outputs = [process.communicate(timeout=60) for process in ranks]
    assert [process.returncode for process in ranks] == [0, 0], outputs
    (first, second) = [out.splitlines() for out, _ in outputs]
    verdicts = str([False, True] * 4)
    assert (first[0], second[0]) == (f"8 {verdicts}", f"0 {verdicts}")
    assert first[1] == second[1] == "LanguageModelError the server is gone"
    assert first[2] == "Unpicklable odd"
    assert second[2] == "NegLabelError the first process failed (Unpicklable: odd): see its own error"
    assert len((tmp_path / "log").read_text().splitlines()) == 8
    rows = [[10.0 * i, pytest.approx(i + 0.1)] for i in range(4)]
    assert ast.literal_eval(first[3]) == ast.literal_eval(second[3]) == rows
    assert ast.literal_eval(first[4]) == [rows[i] for i in (3, 2, 0, 2, 1)]
    assert second[4] == "None"
    assert first[5] == second[5] == first[4]


def test_alone_the_work_is_simply_done():
    assert from_first_rank(lambda beat: [beat(), 3]) == [None, 3]
    with pytest.raises(KeyError):
        from_first_rank(lambda beat: {}["x"])
