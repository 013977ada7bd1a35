"""A language model whose replies are known, and Python processes that start without what the judges do not need."""

import subprocess
import sys

from paths import ROOT, TESTS


class Scripted:
    """Says yes to words with a capital letter and to ("oak", "tree"); keeps what it was asked."""

    def __init__(self, name="scripted", reply=None, fail_after=None):
        self.name, self.reply, self.fail_after = name, reply or right, fail_after
        self.asked, self.closed = [], False

    def replies(self, system, questions):
        try:
            for index in reversed(range(len(questions))):
                if len(self.asked) == self.fail_after:
                    raise KeyboardInterrupt
                self.asked.append(questions[index])
                yield index, self.reply(questions[index])
        finally:
            self.closed = True

    def check(self):
        self.checked = True

    def close(self):
        self.released = True


def right(question):
    quoted = question.split('"')[1::2]
    yes = quoted[0] != quoted[0].lower() if "proper noun" in question else quoted[:2] == ["oak", "tree"]
    return "Yes" if yes else "No"


# What `import mmneglabel` would import beside the judges takes seconds.
PRELUDE = f"""
import sys, types
sys.path[:0] = [{str(ROOT)!r}, {str(TESTS)!r}]
package = sys.modules["mmneglabel"] = types.ModuleType("mmneglabel")
package.__path__ = [{str(ROOT / "mmneglabel")!r}]
from pathlib import Path
from mmneglabel.judges.llm_judge import LLMJudge
from mmneglabel.errors import LanguageModelError
from test_judges.scripted import Scripted
"""


def start(script, **options):
    """A process of its own that runs PRELUDE and then the script."""
    return subprocess.Popen([sys.executable, "-c", PRELUDE + script], text=True, **options)
