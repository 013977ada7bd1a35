"""A test in TensorBoard: the table as text, and pictures."""

import io

import pytest
from mmengine.config import Config
from mmengine.runner import Runner
from PIL import Image
from small_benchmark import stream_scores
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

BACKENDS = [{"type": "LocalVisBackend"}, {"type": "TensorboardVisBackend"}]


def run(path, backends):
    config = Config.fromfile(path)
    config.visualizer = {"type": "UniversalVisualizer", "vis_backends": backends}
    Runner.from_cfg(config).test()


@pytest.fixture
def told(tmp_path):
    """What TensorBoard reads of the run."""

    def read():
        (folder,) = (tmp_path / "work").glob("*/vis_data")
        found = EventAccumulator(str(folder), {"images": 0, "tensors": 0})
        found.Reload()
        return found

    return read


def test_table_and_pictures(small_config, told):
    run(small_config(), BACKENDS)
    found = told()
    assert set(found.Tags()["images"]) == {"ood/histograms", "ood/roc", "ood/images"}
    for tag in found.Tags()["images"]:
        (event,) = found.Images(tag)
        with Image.open(io.BytesIO(event.encoded_image_string)) as picture:
            assert picture.width == 1000
            assert len(picture.convert("RGB").getcolors(1_000_000)) > 20
    (event,) = found.Tensors("ood/table/text_summary")
    table = event.tensor_proto.string_val[0].decode()
    assert "| method" in table
    assert "| NegLabel " in table


def test_streams_alone_have_a_table(small_config, told, words):
    alone = {**stream_scores(words), "NegLabel": None}
    run(small_config(**{"model.scores": alone}), BACKENDS)
    assert told().Tags()["images"] == []
    assert "ood/table/text_summary" in told().Tags()["tensors"]


def test_files_alone_get_no_pictures(small_config, tmp_path):
    run(small_config(), BACKENDS[:1])
    assert not list((tmp_path / "work").glob("*/vis_data/vis_image"))
