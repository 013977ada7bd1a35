"""What the documents tell their readers to type."""

import re
import subprocess

from paths import ROOT

NAMES = ("README*.md", "CONTRIBUTING.md", "docs/**/*.md", "configs/*/README.md")
NAMES += ("demo/README.md", "benchmarks/README.md", "txtfiles/README.md")
DOCUMENTS = sorted({path.relative_to(ROOT).as_posix() for name in NAMES for path in ROOT.glob(name)})
FENCE = re.compile(r"^( *)```([^\n]*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
# Where a line begins so, it is a command, whatever the fence or the mark around it says.
COMMAND = re.compile(r"(?:[A-Z_]+=\S+ )*(?:\S*/)?(?:python3?|pip|make|bash|git|docker|ruff|tensorboard) ")
# Bash itself joins lines, drops comments, fills in variables and runs through loops; nothing is on its path.
_READER = r"""
PATH=/nowhere
activate() { :; }
command_not_found_handle() { printf '%s\x1f' "$@"; printf '\x1e'; }
"""


def read(document):
    return (ROOT / document).read_text(encoding="utf-8")


def blocks(document, language):
    """The fenced blocks of a language, as they are written."""
    return [text for _, name, text in FENCE.findall(read(document)) if name == language]


def others(document):
    """Blocks of other languages or none, such as printed output, and the marked pieces of the running text."""
    text = read(document)
    fenced = [line for _, name, block in FENCE.findall(text) if name != "bash" for line in block.splitlines()]
    return fenced, re.findall(r"(?<!`)`([^`\n]+)`(?!`)", FENCE.sub("", text))


def arguments(block, folder):
    """The command lines of a block of Bash, each as its words; ``folder`` is an empty one."""
    block = re.sub(r"(?<!\S)\S+/bin/(?=python|ruff)", "", block).replace(". .venv/bin/activate", "activate")
    done = subprocess.run(
        ["/bin/bash", "-c", f"{_READER}{block}\n:"], cwd=folder, capture_output=True, text=True, check=True
    )
    assert not done.stderr, done.stderr
    return [command.split("\x1f")[:-1] for command in done.stdout.split("\x1e")[:-1]]


def commands(document, folder):
    """All of a document: its blocks, and what the text says in passing, but for where something is left out."""
    said = [span for span in others(document)[1] if COMMAND.match(span) and not re.search(r"\.\.\.|…", span)]
    return [words for block in [*blocks(document, "bash"), *said] for words in arguments(block, folder)]
