"""Python processes for which the package is imported already: one imports it, and forks for each of them."""

import json
import os
import selectors
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

# What `python ARGUMENTS` does, in a fork; a line in for every few that are to run at once, a line of exit codes out.
_SERVER = """
import gc, json, os, runpy, sys, traceback
sys.path.remove("")  # where this was started; a command has its own
answers = os.fdopen(os.dup(1), "w")  # its own way out, since what is imported may print
os.dup2(2, 1)
import mmneglabel
gc.collect()
gc.freeze()

def run(first, *rest):
    sys.argv = ["-c" if first == "-c" else rest[0] if first == "-m" else first, *rest[first in ("-c", "-m"):]]
    if first == "-c":
        sys.path.insert(0, "")
        exec(compile(rest[0], "<string>", "exec"), {"__name__": "__main__"})
    elif first == "-m":
        sys.path.insert(0, os.getcwd())
        runpy.run_module(rest[0], run_name="__main__", alter_sys=True)
    else:
        sys.path.insert(0, os.path.dirname(first))
        runpy.run_path(first, run_name="__main__")

def exit_code(arguments):
    try:
        run(*arguments)
    except SystemExit as stop:
        if not isinstance(stop.code, (int, type(None))):
            print(stop.code, file=sys.stderr)
        return stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    except BaseException:
        traceback.print_exc()
        return 1
    return 0

def forked(arguments, folder, environment, *output):
    if child := os.fork():
        return child
    for place, path in enumerate((os.devnull, *output)):
        os.dup2(os.open(path, os.O_RDWR | os.O_CREAT), place)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    code = exit_code(arguments)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code & 255)

for line in sys.stdin:
    children = [forked(*asked) for asked in json.loads(line)]
    print([os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children], file=answers, flush=True)
"""


class Forking:
    """The process that imports the package, once the first command comes.

    Args:
        python_path: where it looks for modules.
    """

    def __init__(self, *python_path):
        self._python_path = os.pathsep.join(map(str, python_path))
        self._process = None

    def run(self, *arguments, cwd, **environment):
        """As ``python`` with these arguments, in a folder; returns the finished process with its output as text."""
        (done,) = self.run_together(arguments, cwd=cwd, **environment)
        return done

    def run_together(self, *commands, cwd, timeout=300, each=(), **environment):
        """Several at once, as the ranks of a run are; ``each`` adds to the environments one by one."""
        common = os.environ | {"PYTHONPATH": self._python_path} | environment
        environments = [common | own for own in each or [{}] * len(commands)]
        commands = [[str(argument) for argument in command] for command in commands]
        with TemporaryDirectory() as folder:
            paths = [[f"{folder}/{number}.{name}" for name in ("out", "err")] for number in range(len(commands))]
            asked = [
                (command, str(cwd), own, *path)
                for command, own, path in zip(commands, environments, paths, strict=True)
            ]
            codes = self._answer(json.dumps(asked), timeout)
            texts = [[Path(path).read_text() for path in both] for both in paths]
        return [
            subprocess.CompletedProcess(command, code, *text)
            for command, code, text in zip(commands, codes, texts, strict=True)
        ]

    def _answer(self, line, timeout):
        process = self._started()
        process.stdin.write(line + "\n")
        process.stdin.flush()
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            if not selector.select(timeout):
                self.close()
                raise subprocess.TimeoutExpired(line, timeout)
        return json.loads(process.stdout.readline())

    def _started(self):
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-c", _SERVER], env=os.environ | {"PYTHONPATH": self._python_path},
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True,
            )  # fmt: skip
        return self._process

    def close(self):
        """End it, and what it may have started and is still there."""
        if self._process is not None:
            with self._process as process:
                os.killpg(process.pid, 9)
            self._process = None
