"""A run judged against a row of a paper's table: is it that row, do its numbers agree, and why may they differ."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from mmengine.config import Config

from mmneglabel import results
from mmneglabel.catalogue import BACKBONES, ROWS, TableRow, find_protocol, find_take
from mmneglabel.cli.rows import compose
from mmneglabel.corpus import read_class_names
from mmneglabel.corpus.words import AUTHORS
from mmneglabel.engine.work_dir import config_of, read_metrics
from mmneglabel.errors import DataError
from mmneglabel.evaluation.report import MEAN, RUN
from mmneglabel.evaluation.runs import Part, pooled
from mmneglabel.methods import resolve
from mmneglabel.settings import leaves

TOLERANCE = {"auroc": 0.5, "fpr95": 1.5}
"""Points in which a number may differ and still be said to agree: what other pixels and half precision make of it."""

# Places: no number follows from them. Whose words there are is told apart, by their digest.
_FREE = {"data_root", "cache_dir", "load_weights", "corpus"}

# Sizes are NegLabel's mean AUROC and FPR95 on the demo (README.md), in percent.
_OTHER_WORDS = "which takes the demo's 98.03 / 6.90 to 98.01 / 6.83"
_HALF = "the authors' towers run in half precision; autocast takes the demo's 98.01 / 6.83 to 98.03 / 6.76"

# The language model of NegRefine's authors, behind whichever folder or owner's name.
_PAPERS_JUDGE = "Qwen2.5-14B-Instruct-1M"


def changes(config: Mapping[str, Any], row: TableRow) -> list[str]:
    """Each setting, as ``key: value (the row's: value)``, that decides numbers and is another than the row's.

    Scores that only one of the two has change no number of the others.
    """
    composed = compose(row)
    scores = [resolve(one["model"]["scores"]) for one in (config, composed)]
    here, there = (
        decisive(one, {name: mine[name] for name in mine.keys() & other.keys()})
        for one, mine, other in zip((config, composed), scores, reversed(scores), strict=True)
    )
    return [
        f"{key}: {here.get(key)!r} (the row's: {there.get(key)!r})"
        for key in sorted(here.keys() | there.keys())
        if here.get(key) != there.get(key) and key != "autocast"  # what the papers do, if otherwise
    ]


def weights_file(backbone: Mapping[str, Any]) -> str | None:
    """The file that a backbone's weights are in; None where a tag names them."""
    given = str(backbone.get("pretrained"))
    return given if Path(given).suffix else None


def decisive(config: Mapping[str, Any], scores: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Single settings of the model, with all of its scores or these, and of the benchmark, that numbers follow from."""
    scores = resolve(config["model"]["scores"]) if scores is None else scores
    names = config["model"].get("class_names")
    names = names and "; ".join(read_class_names(names))  # however they are given
    backbone = dict(config["model"]["backbone"])
    if weights_file(backbone) and isinstance(backbone.get("preprocess"), str):
        backbone["pretrained"] = backbone.pop("preprocess")
    model = {**config["model"], "backbone": backbone, "class_names": names, "scores": scores, "predict_with": None}
    dataset = {key: value for key, value in config["test_dataloader"]["dataset"].items() if value}
    dataset["id_set"] = {**dataset["id_set"], "name": ""}  # no number goes by it
    run = {"autocast": bool((config.get("test_cfg") or {}).get("fp16")), "load_from": config.get("load_from")}
    return run | {
        path: Path(value).name if path.endswith(".bank.path") else value
        for top, part in (("model", model), ("dataset", dataset))
        for path, value in leaves(top, part)
        if path.rpartition(".")[2] not in _FREE and ".bank.judge" not in path  # who judged is told apart
    }


@dataclass(frozen=True)
class Judged:
    """A run beside a row.

    Attributes:
        row: the row.
        work_dir: the run's.
        seeds: work dirs of the same run with other seeds; numbers are means over all of them.
    """

    row: TableRow
    work_dir: Path
    seeds: tuple[Path, ...] = ()

    @cached_property
    def metrics(self) -> dict[str, Any]:
        """What the run wrote."""
        return read_metrics(self.work_dir)

    @cached_property
    def config(self) -> Config:
        """What the run was told."""
        return _scored(self.work_dir)

    @cached_property
    def changed(self) -> list[str]:
        """Settings that make it another run than the row's."""
        return changes(self.config, self.row)

    def numbers(self) -> Iterator[dict[str, Any]]:
        """A line a score and set: published and own AUROC and FPR95 in percent, and whether they agree.

        With seeds also the sample standard deviation, over the streams of every run where a score has several. Nothing
        published stands beside a run that was changed by hand.
        """
        column = {"ID": "fpr95_id_positive", "OOD": "fpr95_ood_positive"}[find_protocol(self.row.protocol).positive]
        runs = [self.metrics, *(read_metrics(folder) for folder in self.seeds)]
        for score, by_set in self.metrics.items():
            published = {} if self.changed else self.row.published.get(score, {})
            for name in by_set if score != RUN else ():
                line = {"row": self.row.name, "score": score, "set": name}
                told = published.get(name, (None, None))
                for metric, key, paper in zip(TOLERANCE, ("auroc", column), told, strict=True):
                    # Kept features are not enough for every score.
                    ours, spread, _ = pooled(_part(run, score, name, key) for run in runs if score in run)
                    near = None if paper is None else abs(ours - paper) <= TOLERANCE[metric]
                    line |= {f"{metric}_published": paper, metric: round(ours, 2), f"{metric}_agrees": near}
                    line |= {} if spread is None else {f"{metric}_sd": round(spread, 2)}
                yield line

    def reasons(self) -> list[str]:
        """Why the numbers may differ from the published ones, a sentence each, what is graver first."""
        if self.changed:
            return [f"no row of a paper: {change}" for change in self.changed]
        autocast = decisive(self.config)["autocast"]
        half = "this run is under autocast, the authors' have half weights" if autocast else _HALF
        told = [*self._words(), *self._judges(), *self._images(), *self._weights()]
        return [*told, half, *find_protocol(self.row.protocol).unlike]

    def _words(self) -> Iterator[str]:
        """That the words are not those of the authors."""
        banks = self.metrics.get(RUN, {}).get("banks", {})
        told = {bank["words"]: name for name, bank in banks.items() if "words" in bank}
        for words, name in told.items():
            if not words.startswith(AUTHORS):
                yield f"the words of {name} are not the paper's ({words}), {_OTHER_WORDS}"

    def _judges(self) -> Iterator[str]:
        """That another judge took words back than the paper's."""
        told: dict[str, list[str]] = {}
        for name, bank in self.metrics.get(RUN, {}).get("banks", {}).items():
            if who := _other_judge(bank.get("judge")):
                told.setdefault(who, []).append(name)
        for who, names in told.items():
            yield f"words of {', '.join(names)} were taken back by {who}; the paper's by {_PAPERS_JUDGE}"

    def _weights(self) -> Iterator[str]:
        """That nobody compared the weights with the row's."""
        if file := weights_file(self.config.model.backbone):
            yield f"the weights are a file, {file}, and are taken for {BACKBONES[self.row.backbone]['pretrained']!r}"

    def _images(self) -> Iterator[str]:
        """That a set has another number of pictures than it should."""
        if not (self.work_dir / results.FILE).is_file():
            yield f"there is no {results.FILE}, so nobody counted the pictures"
            return
        found, protocol = results.load(self.work_dir / results.FILE), find_protocol(self.row.protocol)
        sets = (self.row.id_set, *found.set_names[1:])
        for index, name in enumerate(sets):
            due = find_take(name, protocol.take(name, ood=index > 0))
            count = int((found.set_index == index).sum())
            if due.counted and count != due.images:
                yield f"{name} has {count:,} pictures in place of {due.images:,}"
        if found.unreadable:
            yield f"{len(found.unreadable):,} pictures could not be read"


def _part(run: Mapping[str, Any], score: str, name: str, metric: str) -> Part:
    """How many streams a run's number is the mean of, the number, and their standard deviation; in percent."""
    streams = run.get(RUN, {}).get("streams", {}).get(score, {"seeds": [0]})
    numbers = run[score][name]
    return len(streams["seeds"]), 100 * numbers[metric], 100 * numbers.get(f"{metric}_sd", 0.0)


def _other_judge(facts: Mapping[str, Any] | None) -> str:
    """What a sentence calls a judge; empty where it is the paper's, or none."""
    if not facts or Path(str(facts.get("model"))).name == _PAPERS_JUDGE:
        return ""
    if facts.get("judge") == "WordNetJudge":
        return "WordNet, which agrees with a language model on proper nouns at F1 0.897"
    return f"{facts.get('judge', 'another judge')}, with {facts.get('model', 'verdicts of a log or of its own')}"


def _scored(work_dir: Path) -> Config:
    """The config of a run, which must be one that can be set beside a row.

    Raises:
        DataError: it is of another kind of model, or of no benchmark.
    """
    config = config_of(work_dir)
    dataset = (config.get("test_dataloader") or {}).get("dataset") or {}
    needed = {"model.scores": (config.get("model") or {}).get("scores")}
    needed |= {"test_dataloader.dataset.id_set": dataset.get("id_set")}
    if lacking := [key for key, value in needed.items() if not value]:
        raise DataError(f"{work_dir} holds a run without {lacking[0]}, which is of no row: name another work dir")
    return config


def row_of(work_dir: Path) -> TableRow:
    """The row that a run is of.

    Raises:
        DataError: it is of none; the one that it is most like is named, and what is other than there.
    """
    config, metrics = _scored(work_dir), read_metrics(work_dir)
    sets = {name for score, by_set in metrics.items() if score != RUN for name in by_set}
    alike = [row for row in ROWS.values() if {*row.ood_sets, *find_protocol(row.protocol).groups, MEAN} == sets]
    differing = {row.name: changes(config, row) for row in alike}
    # Most scores that both have: a test of CSP has NegLabel's score too, and is no row of NegLabel's table.
    scores = resolve(config.model.scores)
    common = {row.name: len(compose(row).model.scores.keys() & scores.keys()) for row in alike}
    nearest = min(differing, key=lambda name: (len(differing[name]), -common[name]), default="")
    if nearest and not differing[nearest]:
        return ROWS[nearest]
    like = f"; it is most like {nearest}, but for {differing[nearest][0]}" if nearest else ""
    raise DataError(
        f"{work_dir} holds the run of no row{like}. Name a row beside --from to see its numbers all the same."
    )
