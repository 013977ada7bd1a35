"""What a run left in its work dir."""

from pathlib import Path

from mmengine.config import Config

from mmneglabel.engine.report_hook import METRICS
from mmneglabel.errors import DataError


def config_of(work_dir: Path) -> Config:
    """The config that the run had whose metrics lie in a work dir, with what its command line changed.

    Raises:
        DataError: no run ended there.
    """
    metrics = work_dir / METRICS
    if not metrics.is_file():
        raise DataError(f"{work_dir} holds no {METRICS}: no run of tools/test.py ended there")
    # Each run writes its own when it begins; a later one may have stopped before it took the metrics away.
    ended = metrics.stat().st_mtime
    files = [path for path in work_dir.glob("*/vis_data/config.py") if path.stat().st_mtime <= ended]
    if not files:
        raise DataError(f"{work_dir} holds no */vis_data/config.py beside its {METRICS}: its run cannot be judged")
    return Config.fromfile(max(files, key=lambda path: path.stat().st_mtime))
