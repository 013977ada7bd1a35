"""All benchmarks one after another, and one table of them: each ratio, measured in one run, with its aim.

python benchmarks/run.py --images FOLDER_OF_PHOTOGRAPHS --out benchmarks/results.json   # an hour
python benchmarks/run.py --table benchmarks/results.json                                # what docs/performance.md shows
"""

import json
import operator
import os
import subprocess
import sys
import tempfile
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any

from paired import JSON

FOLDER = Path(__file__).resolve().parent
PHOTOGRAPHS = "PHOTOGRAPHS"
STAGES = {
    "start-up": "start_up.py",
    "mining": "mining.py",
    "text": "text_encoding.py",
    "pictures": f"image_path.py {PHOTOGRAPHS}",
    "head": "score_head.py",
    "loop": f"end_to_end.py --workers 1 --pairs 5 {PHOTOGRAPHS}",
    "one pass": "one_pass.py --pairs 5",
    "pairs": "multi_matching.py",
    "metric": "metric.py",
    "large metric": "metric.py --images 10000000 --scores 2 --pairs 1",
    "page": "page.py",
    "shards": "shards.py",
    "scale": "scale.py",
    "streams": "streams.py --images 12000",
    "training": "input_pipeline.py",
}
"""What is measured -> the script and its options."""
_MEETS = {"<=": operator.le, ">=": operator.ge}


def run(stage: str, args: Namespace) -> list[dict[str, Any]]:
    """What a stage measured, a table at a time; a stage that fails is told and left out."""
    script, *options = STAGES[stage].replace(PHOTOGRAPHS, f"--images {args.images}" if args.images else "").split()
    options += ["--pairs", str(args.pairs)] if args.pairs and "--pairs" not in options else []
    command = [script, "--threads", str(args.threads), *options]
    with tempfile.TemporaryDirectory() as folder:
        found = Path(folder) / "found"
        found.touch()
        environment = os.environ | {JSON: str(found)}
        done = subprocess.run([sys.executable, FOLDER / script, *command[1:]], env=environment, cwd=FOLDER.parent)
        if done.returncode:
            print(f"error: {stage} failed", file=sys.stderr)
        tables = map(json.loads, found.read_text(encoding="utf-8").splitlines())
        return [
            {"stage": stage, "command": STAGES[stage].replace(PHOTOGRAPHS, "--images FOLDER"), **one} for one in tables
        ]


def table(tables: list[dict[str, Any]]) -> str:
    """Markdown: a row for each measurement that has an aim, and below what the seconds depend on."""
    lines = ["| stage | what | median (min – max) | aim | |", "|---|---|---|---|---|"]
    for one in tables:
        for row in one["rows"]:
            low, high = row["range"]
            shown = f"**{row['median']}** ({low} – {high})" if low != high else f"**{row['median']}**"
            lines.append(f"| {one['stage']} | {row['what']} | {shown} | {row['aim']} | {_met(row)} |")
    machines = sorted({one["machine"] for one in tables})
    return "\n".join([*lines, "", f"Measured on {'; '.join(machines)}."])


def _met(row: dict[str, Any]) -> str:
    compare, _, aim = row["aim"].partition(" ")
    if compare not in _MEETS:
        return ""
    return "met" if _MEETS[compare](float(row["median"]), float(aim)) else "**missed**"


def main() -> None:
    """Measure, or print."""
    made = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    made.add_argument("stages", nargs="*", metavar="STAGE", help=f"of {', '.join(STAGES)}; left out: all")
    made.add_argument("--images", metavar="FOLDER", help="photographs; left out: generated ones")
    made.add_argument("--threads", type=int, default=1, help="torch's (default: 1)")
    made.add_argument("--pairs", type=int, help="measurements of each, where a stage has no number of its own")
    made.add_argument("--out", type=Path, metavar="FILE", help="also write what was measured, as JSON")
    made.add_argument("--table", type=Path, metavar="FILE", help="measure nothing: print the table of such a file")
    args = made.parse_args()
    if args.table:
        print(table(json.loads(args.table.read_text(encoding="utf-8"))))
        return
    if unknown := [stage for stage in args.stages if stage not in STAGES]:
        made.error(f"no stage {unknown[0]!r}; there are {', '.join(STAGES)}")
    found: list[dict[str, Any]] = []
    for stage in args.stages or STAGES:
        found += run(stage, args)
        if args.out:  # after each, since an hour is long
            args.out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print(table(found))


if __name__ == "__main__":
    main()
