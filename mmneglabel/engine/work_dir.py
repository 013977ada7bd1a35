"""What a run left in its work dir."""

from pathlib import Path
from typing import Any

from mmengine.config import Config

from mmneglabel.engine.report_hook import METRICS
from mmneglabel.errors import DataError, one_line
from mmneglabel.evaluation.report import MEAN, RUN
from mmneglabel.storage.text_files import read_json


def read_metrics(work_dir: Path) -> dict[str, Any]:
    """What ``metrics.json`` holds."""
    return read_json(work_dir / METRICS, "results of a run")


def config_of(work_dir: Path) -> Config:
    """The config that the run had whose metrics lie in a work dir, with what its command line changed.

    Raises:
        DataError: no run ended there, or its config is damaged.
    """
    path = log_of(work_dir) / "vis_data" / "config.py"
    try:
        return Config.fromfile(path)
    except Exception as error:  # it is Python, and may be cut off anywhere
        raise DataError(f"{path} cannot be read ({one_line(error)}): copy it anew, or test again") from error


def log_of(work_dir: Path) -> Path:
    """The dated log folder of the run whose metrics lie in a work dir.

    MMEngine writes a run's means into it when the test is over: the folder with the numbers of the metrics is theirs.
    Times of files say nothing, as a copy has others; and a later run may have stopped before it took the metrics away.

    Raises:
        DataError: no run ended there.
    """
    if not (work_dir / METRICS).is_file():
        raise DataError(f"{work_dir} holds no {METRICS}: no run of tools/test.py ended there")
    means = [by_set[MEAN]["auroc"] for score, by_set in read_metrics(work_dir).items() if score != RUN]
    logs = sorted(path.parents[1] for path in work_dir.glob("*/vis_data/config.py"))
    told = {log: read_json(path, "a run's means") for log in logs if (path := log / f"{log.name}.json").is_file()}
    ended = [log for log, numbers in told.items() if all(mean in numbers.values() for mean in means)]
    if not ended:
        raise DataError(
            f"{work_dir} holds no log folder with a vis_data/config.py and the numbers of its {METRICS} (LoggerHook "
            "writes them), so nobody knows the run's config: copy the whole work dir, or test again"
        )
    return ended[-1]
