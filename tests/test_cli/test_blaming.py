"""tools/words.py: which negatives take what of whose images; by hand, and on a test whose features were kept."""

from pathlib import Path

import numpy as np
import pytest
from test_tools.launching import error_line, launch

from mmneglabel.cli.blaming import blamed, run_words
from mmneglabel.cli.testing import run_test
from mmneglabel.errors import DataError
from mmneglabel.results import Results


def found(**changes):
    """Three ID images of two classes and one OOD image; five negatives, two kept of each image."""
    facts = {
        "set_names": ("id", "ood"),
        "score_names": ("NegLabel",),
        "set_index": np.array([0, 0, 0, 1]),
        "scores": np.ones((4, 1)),
        "pred_label": np.array([0, 1, 1, 0]),
        "gt_label": np.array([0, 0, 1, -1]),
        "class_names": ("cat", "dog"),
        "shares_of": "NegLabel",
        "shares": {
            "negatives": np.array([[0, 1], [0, 2], [1, 2], [4, 3]], dtype=np.int32),
            "negative_shares": np.array([[0.3, 0.1], [0.1, 0.05], [0.05, 0.0], [0.9, 0.1]], dtype=np.float32),
        },
        "negatives": ("a", "b", "c", "d", "e"),
    }
    return Results(**(facts | changes))


def test_by_hand():
    first, second, third = blamed(found())
    assert (first.word, first.images, second.word, third.word) == ("a", 2, "b", "c")
    assert first.share == pytest.approx(0.4 / 3)
    assert [name for name, _ in first.classes] == ["cat"]
    assert first.classes[0][1] == pytest.approx(0.2)
    assert [name for name, _ in second.classes] == ["cat", "dog"]


def test_another_set_by_predicted_classes():
    first, second = blamed(found(), "ood")
    assert (first.word, second.word) == ("e", "d")
    assert first.classes == (("cat", pytest.approx(0.9)),)


def test_results_that_tell_no_words():
    with pytest.raises(DataError, match="These results tell no words"):
        blamed(found(shares_of=None))


def test_the_table_without_them(small_config, tmp_path, capsys):
    work, config = tmp_path / "work", Path(small_config())
    config.write_text(config.read_text() + "\nspare = 1\n")
    assert launch(run_test, config, "--work-dir", work, "--save-features") == 0
    capsys.readouterr()
    assert launch(run_words, work, "--words", 3, "--out", tmp_path / "words.txt") == 0
    head, _, *rows, written = capsys.readouterr().out.splitlines()
    words = (tmp_path / "words.txt").read_text().splitlines()
    assert head.startswith("What takes the softmax of NegLabel from 17 images of ")
    assert [row.partition("  ")[0].strip() for row in rows] == words
    assert written.endswith("which drop= and --drop read")
    for drop in ([tmp_path / "words.txt"], words):
        assert launch(run_words, work, "--drop", *drop) == 0
        said = capsys.readouterr()
        assert "NegLabel, mean auroc: " in said.out
        assert "nothing reads" not in said.out + said.err  # of the variables that the run's config holds
        assert (work / "without" / "metrics.json").is_file()


@pytest.mark.parametrize(
    ("given", "says"),
    [(["gone"], "No readable results at 'gone"), (["{work}", "--set", "fra"], "no set 'fra'; did you mean 'far'")],
)
def test_what_is_refused(given, says, small_config, tmp_path, capsys):
    assert launch(run_test, small_config(), "--work-dir", tmp_path / "work") == 0
    assert launch(run_words, *[word.format(work=tmp_path / "work") for word in given]) == 1
    assert says in error_line(capsys)
