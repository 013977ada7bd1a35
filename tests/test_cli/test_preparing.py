"""tools/prepare_data.py: what is there, what is not, and what to do; one exit code, and nothing touched."""

import hashlib
import runpy
from argparse import Namespace
from dataclasses import replace

import pytest
import true_layouts
from paths import ROOT

from mmneglabel.catalogue import SETS
from mmneglabel.cli.launch import one_line_errors
from mmneglabel.cli.preparing import run_prepare


@pytest.fixture
def prepare(tmp_path, monkeypatch, capsys):
    """Lay out sets with few pictures, which are then the number that is due, spoil them, ask: code, both outputs."""

    def run(*names, spoil=lambda root: None, due=lambda count: count, archives=None):
        for name in names:
            title, _, take = name.partition(":")
            facts, written = SETS[title], true_layouts.lay_out(title, take or None, tmp_path)
            found = facts.takes[take or "all"]
            takes = {**facts.takes, take or "all": replace(found, images=due(written))}
            monkeypatch.setitem(SETS, title, replace(facts, takes=takes, archives=archives or facts.archives))
        spoil(tmp_path)
        before = sorted(tmp_path.rglob("*"))
        args = Namespace(names=names, data_root=str(tmp_path), every=1)
        code = one_line_errors(lambda: run_prepare(args))
        assert sorted(tmp_path.rglob("*")) == before
        return code, *capsys.readouterr()

    return run


def test_all_is_well(prepare):
    code, out, err = prepare("ImageNet-10", "SUN", "CUB-200:test", "NINCO:openood")
    assert (code, err) == (0, "")
    assert [line.split()[-3:] for line in out.splitlines()] == [
        ["state", "pictures", "of"], ["ok", "10", "10"], ["ok", "2", "2"], ["ok", "200", "200"], ["ok", "2", "2"],
    ]  # fmt: skip


def remove(path):
    return lambda root: (root / path).unlink()


def garble(path):
    return lambda root: (root / path).write_bytes(b"no picture")


def gone(folder):
    return lambda root: (root / folder).rename(root / "elsewhere")


def in_folders(root):
    gone("oxford-iiit-pet/images")(root)
    (root / "oxford-iiit-pet" / "images").mkdir()
    (root / "elsewhere").rename(root / "oxford-iiit-pet" / "images" / "pets")


def both(*spoils):
    return lambda root: [spoil(root) for spoil in spoils]


def batches(root):
    """All of the archive, and not what MMPretrain knows by its checksums."""
    for name in ("test_batch", *(f"data_batch_{i}" for i in range(1, 6))):
        (root / "cifar10/cifar-10-batches-py" / name).write_bytes(b"half of it")


LISTS = "openood/benchmark_imglist"
CASES = [
    ("SUN", gone("SUN"), "missing", "from     http://pages.cs.wisc.edu/~huangrui"),
    ("SUN", remove("SUN/images/0.jpg"), "incomplete", "2 are due"),
    ("SUN", garble("SUN/images/1.jpg"), "damaged", "SUN/images/1.jpg (cannot identify image file"),
    ("ImageNet-10", remove("imagenet/val/n02107574/a.JPEG"), "wrong layout", "without pictures: 1, first 'n02107574'"),
    ("NINCO:openood", remove("openood/images_largescale/test_ninco/1.jpg"), "incomplete", "1 listed pictures are not"),
    ("NINCO:openood", gone("openood"), "missing", "OpenOOD v1.5's download script"),
    ("NINCO:openood", remove(f"{LISTS}/imagenet/test_ninco.txt"), "missing", "test_ninco.txt\n  from     OpenOOD"),
    (
        "ImageNet-1k:full-spectrum",
        both(remove(f"{LISTS}/imagenet/test_imagenet_v2.txt"), remove(f"{LISTS}/imagenet/test_imagenet_r.txt")),
        "missing",
        ("without ", "imagenet/test_imagenet_v2.txt, ", "imagenet/test_imagenet_r.txt\n"),
    ),
    ("Waterbirds:test", remove("waterbird_complete95_forest2water2/metadata.csv"), "missing", "metadata.csv\n  from  "),
    ("CIFAR-10", remove("cifar10/cifar-10-batches-py/test_batch"), "missing", "test_batch\n  from     https://www.cs"),
    (
        "CIFAR-10",
        batches,
        "damaged",
        "data_batch_1 has another MD5 than c99cafc152244af753f735de768cd75f: fetch it again",
    ),
    ("Oxford Pets", in_folders, "wrong layout", "class folders: the list names"),
]


@pytest.mark.parametrize(("name", "spoil", "state", "says"), CASES)
def test_what_is_not_ready_is_named(prepare, name, spoil, state, says):
    code, out, err = prepare(name, "Places", spoil=spoil)
    title = name.partition(":")[0]
    assert code == 1
    assert err == f"error: 1 of 2 sets are not ready: {title}\n"
    assert f"\n{title}: {state}" in out
    assert all(part in out for part in ([says] if isinstance(says, str) else says))
    assert "\nPlaces: " not in out


def test_counts_that_nobody_confirmed_are_no_fault(prepare):
    code, out, _ = prepare("iSUN", due=lambda count: count + 1)
    assert code == 0
    assert "\niSUN: ok: others speak of 3, which nobody confirmed\n" in out


@pytest.mark.parametrize(("more", "state"), [(1, "incomplete"), (-1, "another number")])
def test_counts_that_somebody_confirmed(prepare, more, state):
    code, out, _ = prepare("SUN", due=lambda count: count + more)
    assert code == 1
    assert f"\nSUN: {state}: {2 + more} are due\n" in out


def test_archives_are_checked_where_they_lie(prepare, tmp_path):
    (tmp_path / "LSUN.tar.gz").write_bytes(b"half of it")
    due = hashlib.md5(b"half of it", usedforsecurity=False).hexdigest()
    assert prepare("LSUN-C", archives={"LSUN.tar.gz": due})[0] == 0
    code, out, err = prepare("LSUN-C", archives={"LSUN.tar.gz": "0" * 32})
    assert (code, err) == (1, "error: 1 of 1 sets are not ready: LSUN-C\n")
    assert f"LSUN.tar.gz has another MD5 than {'0' * 32}: fetch it again" in out


def asked(name, capsys):
    code = one_line_errors(lambda: run_prepare(Namespace(names=[name], data_root="gone", every=1)))
    return code, *capsys.readouterr()


@pytest.mark.parametrize(
    ("name", "sets"),
    [
        ("neglabel", ["ImageNet-1k all", "iNaturalist all", "SUN all", "Places all", "Textures all"]),
        ("mcm/vit-b16/imagenet-20-vs-imagenet-10", ["ImageNet-20 all", "ImageNet-10 train"]),
        ("negrefine/main", ["ImageNet-1k all", "iNaturalist all", "OpenImage-O all", "Clean all", "NINCO no-gif"]),
    ],
)
def test_the_sets_of_a_protocol_a_table_or_a_row(name, sets, capsys):
    code, out, _ = asked(name, capsys)
    assert code == 1
    assert [" ".join(line.split()[:2]) for line in out.splitlines()[1 : len(sets) + 1]] == sets
    assert out.splitlines()[len(sets) + 1] == ""


@pytest.mark.parametrize(
    ("tool", "option", "number", "kind"),
    [
        ("prepare_data", "--every", "-3", "count"),
        ("reproduce", "--seeds", "0", "count_from_1"),
        ("reproduce", "--gpus", "0", "count_from_1"),
    ],
)
def test_numbers_that_mean_nothing_are_refused(tool, option, number, kind, monkeypatch, capsys):
    monkeypatch.syspath_prepend(ROOT / "tools")
    parse_args = runpy.run_path(str(ROOT / "tools" / f"{tool}.py"))["parse_args"]
    with pytest.raises(SystemExit):
        parse_args(["SUN", option, number])
    assert f"argument {option}: invalid {kind} value: '{number}'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("Nincoo", "No picture set, row or protocol 'Nincoo': did you mean 'NINCO'?"),
        ("NINCO:opnood", "Picture set 'NINCO' has no take 'opnood': did you mean 'openood'?"),
        ("csp/hrd", "No row, table or protocol 'csp/hrd': did you mean 'csp/hard'"),
    ],
)
def test_an_unknown_set(name, says, capsys):
    code, out, err = asked(name, capsys)
    assert (code, out) == (1, "")
    assert err.startswith(f"error: {says}")
