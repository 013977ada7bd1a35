"""A hub that is asked once, and what becomes of an answer that does not come."""

import pytest

from mmneglabel.backbones.hub import Place, fetched, find_place, proxy_in_use
from mmneglabel.errors import WeightsError


def test_places(tmp_path, monkeypatch):
    assert find_place(str(tmp_path)) == (str(tmp_path), True, None)
    source, local, silent = find_place("org/name")
    assert (source, local) == ("org/name", True)
    assert "not known" in str(silent)
    monkeypatch.setattr("huggingface_hub.HfApi.model_info", lambda *_, **__: None)
    assert find_place("org/name") == ("org/name", False, None)


def test_gives_what_is_loaded():
    place = Place("org/name", local=True)
    assert fetched(place, lambda source, local_files_only: (source, local_files_only), "", "") == ("org/name", True)


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (OSError("no\nfile."), r"^The tokenizer of x cannot be had \(no answer\). Mend it, or fill the"),
        (
            ImportError("no\npiece."),
            r"^The tokenizer of x needs .* \(no piece\): pip install 'mmneglabel\[hf\]'",
        ),
    ],
)
def test_one_line(error, says):
    def load(source, local_files_only):
        raise error

    with pytest.raises(WeightsError, match=says) as raised:
        fetched(Place("org/name", local=True, silent=OSError("no answer")), load, "tokenizer of x", "Mend it")
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, ""),
        ({"all_proxy": "socks5://127.0.0.1:9"}, ", by way of ALL_PROXY=socks5://127.0.0.1:9"),
        ({"https_proxy": "http://a:b@p:1", "no_proxy": "huggingface.co"}, ""),
    ],
)
def test_proxy(variables, expected, monkeypatch):
    monkeypatch.setattr("os.environ", variables)
    assert proxy_in_use() == expected
