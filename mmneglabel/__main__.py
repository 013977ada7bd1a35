"""``python -m mmneglabel TOOL ...`` runs a tool that came with the package, from any folder; alone, it lists them."""

import ast
import os
import runpy
import shutil
import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path

from mmneglabel.errors import NegLabelError, did_you_mean
from mmneglabel.storage.resources import resource


def shipped_tools() -> dict[str, Path]:
    """The scripts in ``tools/`` by their names without suffix; an underscore begins the name of what they share."""
    scripts = sorted(path for path in resource("tools").glob("[!_]*") if path.suffix in (".py", ".sh"))
    return {path.stem: path for path in scripts}


def describe(tool: Path) -> str:
    """A script's own first words: its docstring's first line, or the comment that opens a shell script."""
    text = tool.read_text(encoding="utf-8")
    if tool.suffix == ".py":
        return (ast.get_docstring(ast.parse(text)) or "").partition("\n")[0]
    return next((line[2:].rstrip(":") for line in text.splitlines() if line.startswith("# ")), "")


def run_tool(tool: Path, arguments: Sequence[str]) -> None:
    """Run a script as the main program; a shell script takes over this process and uses this Python."""
    if tool.suffix == ".sh":
        os.environ.setdefault("PYTHON", sys.executable)
        os.execvp("bash", ["bash", str(tool), *arguments])
    sys.argv = [str(tool), *arguments]
    sys.path.insert(0, str(tool.parent))  # as Python itself does for a script, which may import what lies beside it
    runpy.run_path(str(tool), run_name="__main__")


def main(argv: Sequence[str]) -> int:
    """Run or list; returns the exit code."""
    try:
        tools = shipped_tools()
    except NegLabelError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    if not argv or argv[0] in ("-h", "--help"):
        print("usage: python -m mmneglabel TOOL [arguments]; TOOL --help says which. Tools:")
        width = max(map(len, tools), default=0)
        for name, path in tools.items():
            first, rest, columns = f"  {name:<{width}}  ", " " * (width + 4), shutil.get_terminal_size().columns
            print(textwrap.fill(describe(path), columns, initial_indent=first, subsequent_indent=rest))
        return 0
    name, *arguments = argv
    if name not in tools:
        print(f"error: no tool {name!r}: {did_you_mean(name, tools)}", file=sys.stderr)
        return 2
    run_tool(tools[name], arguments)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
