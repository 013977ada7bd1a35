import hashlib

import numpy as np
import pytest
from mmpretrain.registry import TRANSFORMS
from PIL import Image
from torchvision.transforms import CenterCrop, Compose, InterpolationMode, Resize

from mmneglabel.datasets.loading import PLACEHOLDER_SHAPE, LoadRGBImage
from mmneglabel.datasets.pixels import FitToTower

MODES = {
    "RGB": "png",
    "L": "png",
    "P": "png",
    "RGBA": "png",
    "LA": "png",
    "CMYK": "jpg",
    "1": "png",
}
SIZES = [(640, 480), (375, 500), (224, 224), (5, 3), (1, 7), (7, 1), (301, 225), (223, 1000)]


def pipeline(interpolation):
    steps = [
        {"type": "LoadRGBImage"},
        {"type": "ResizeEdge", "scale": 224, "edge": "short", "backend": "pillow", "interpolation": interpolation},
        {"type": "CenterCrop", "crop_size": 224},
        {"type": "PackInputs", "meta_keys": ("img_path", "ori_shape", "img_shape", "unreadable")},
    ]
    built = [TRANSFORMS.build(step) for step in steps]

    def run(path):
        results = {"img_path": str(path)}
        for step in built:
            results = step(results)
        return results

    return run


def torchvision_reference(path, interpolation):
    transform = Compose([Resize(224, InterpolationMode(interpolation)), CenterCrop(224)])
    return np.array(transform(Image.open(path).convert("RGB")))


@pytest.mark.parametrize("interpolation", ["bilinear", "bicubic"])
@pytest.mark.parametrize("size", SIZES, ids=lambda size: "x".join(map(str, size)))
def test_sizes_are_bit_identical_to_torchvision(write_image, size, interpolation):
    path = write_image("a.png", size)
    packed = pipeline(interpolation)(path)
    got = packed["inputs"].permute(1, 2, 0).numpy()
    np.testing.assert_array_equal(got, torchvision_reference(path, interpolation))
    assert packed["data_samples"].metainfo["ori_shape"] == (size[1], size[0])
    assert packed["data_samples"].metainfo["img_shape"] == (224, 224)


@pytest.mark.parametrize("mode", MODES)
def test_modes_are_bit_identical_to_torchvision(write_image, mode):
    path = write_image(f"a.{MODES[mode]}", (40, 30), mode)
    got = pipeline("bilinear")(path)["inputs"].permute(1, 2, 0).numpy()
    np.testing.assert_array_equal(got, torchvision_reference(path, "bilinear"))


def test_odd_sizes_at_random(write_image):
    rng = np.random.default_rng(3)
    for _ in range(15):
        path = write_image("a.png", tuple(int(n) for n in rng.integers(1, 700, 2)))
        got = pipeline("bilinear")(path)["inputs"].permute(1, 2, 0).numpy()
        np.testing.assert_array_equal(got, torchvision_reference(path, "bilinear"))


def test_keys_and_types(write_image):
    results = LoadRGBImage()({"img_path": str(write_image("a.png", (5, 3)))})
    assert results["img"].dtype == np.uint8
    assert results["img"].shape == (3, 5, 3)
    assert results["img"].flags.writeable
    assert results["img_shape"] == results["ori_shape"] == (3, 5)
    assert results["unreadable"] is None


def test_the_digest_is_of_the_bytes_that_were_decoded(write_image):
    path = write_image("a.ppm", (5, 3))
    first = LoadRGBImage()({"img_path": str(path)})
    assert first["digest"] == hashlib.sha256(path.read_bytes()).hexdigest()[:32]
    write_image("a.ppm", (5, 3), seed=1)
    assert LoadRGBImage()({"img_path": str(path)})["digest"] != first["digest"]
    path.write_bytes(b"no picture")
    assert LoadRGBImage()({"img_path": str(path)})["digest"] is None
    packed = TRANSFORMS.build({"type": "PackInputs", "meta_keys": ("digest",)})(first)
    assert packed["data_samples"].digest == first["digest"]


@pytest.mark.parametrize("ending", ["jpg", "png", "webp"])
def test_exif_rotation_is_off_by_default(ending, write_image):
    exif = Image.Exif()
    exif[0x0112] = 6  # A quarter turn.
    path = write_image(f"a.{ending}", (8, 4), exif=exif)
    upright = write_image(f"b.{ending}", (8, 4))
    told = [LoadRGBImage()({"img_path": str(one)}) for one in (path, upright)]
    told += [LoadRGBImage(exif_rotation=True)({"img_path": str(path)})]
    assert [results["ori_shape"] for results in told] == [(4, 8), (4, 8), (8, 4)]
    assert [results["unturned"] for results in told] == [True, False, False]


def test_damaged_tags_make_no_picture_unreadable(write_image, monkeypatch):
    monkeypatch.setattr(Image.Image, "getexif", lambda _: 1 / 0)
    results = LoadRGBImage()({"img_path": str(write_image("a.bmp"))})
    assert (results["unreadable"], results["unturned"]) == (None, False)


@pytest.mark.parametrize("mode", MODES)
def test_a_picture_that_stays_pillows_is_the_same(mode, write_image, tmp_path):
    loads = LoadRGBImage(), LoadRGBImage(as_array=False)
    grey, colour = np.arange(12, dtype=np.uint8).reshape(3, 4), np.arange(36, dtype=np.uint8).reshape(3, 4, 3)
    path = write_image(f"a.{MODES[mode]}", (40, 30), mode)
    for given in ({"img_path": str(path)}, {"img_path": str(tmp_path / "gone")}, {"img": grey}, {"img": colour}):
        array, pillow = (load(dict(given)) for load in loads)
        assert isinstance(pillow["img"], Image.Image)
        np.testing.assert_array_equal(pillow.pop("img"), array.pop("img"))
        assert pillow == array
        fitted = [FitToTower((8, 9))(load(dict(given)))["img"] for load in loads]
        np.testing.assert_array_equal(*fitted)


def damaged(kind, write_image, tmp_path):
    if kind == "missing":
        return tmp_path / "gone.jpg"
    path = write_image("folder.jpg/a.png").parent if kind == "folder" else write_image("a b.jpg", (64, 64))
    if kind == "empty":
        path.write_bytes(b"")
    elif kind == "text":
        path.write_text("<html>\n404\n</html>")
    elif kind == "truncated":
        path.write_bytes(path.read_bytes()[:-500])
    elif kind == "broken png":
        good = write_image("good.png", (64, 64)).read_bytes()
        path.write_bytes(good[:60] + b"garbage" + good[67:])
    elif kind == "truncated tiff":
        path.write_bytes(write_image("good.tif", (64, 64)).read_bytes()[:100])
    return path


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("missing", "No such file or directory"),
        ("folder", "Is a directory"),
        ("empty", "the file is empty"),
        ("text", "not a picture that Pillow can read"),
        ("truncated", "truncated"),
        ("broken png", ""),
        ("truncated tiff", ""),
    ],
)
def test_unreadable_files_are_named_and_black(kind, reason, write_image, tmp_path):
    path = damaged(kind, write_image, tmp_path)
    results = LoadRGBImage()({"img_path": str(path)})
    assert results["unreadable"].startswith(f"{path}: ")
    assert reason in results["unreadable"]
    assert "\n" not in results["unreadable"]
    assert results["img"].shape == (*PLACEHOLDER_SHAPE, 3)
    assert not results["img"].any()
    packed = pipeline("bilinear")(path)
    assert packed["inputs"].shape == (3, 224, 224)
    assert packed["data_samples"].unreadable == results["unreadable"]


def test_large_pictures_are_read_and_bombs_are_not(write_image, monkeypatch):
    path = write_image("a.png", (20, 20))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 300)  # Pillow warns above this and refuses above twice as much.
    assert LoadRGBImage()({"img_path": str(path)})["unreadable"] is None
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    assert "exceeds limit" in LoadRGBImage()({"img_path": str(path)})["unreadable"]


@pytest.mark.parametrize(("size", "readable"), [((1, 200), True), ((201, 1), False), ((1, 400_000), False)])
def test_long_strips_would_be_blown_up(write_image, size, readable):
    message = LoadRGBImage()({"img_path": str(write_image("a.png", size))})["unreadable"]
    assert (message is None) == readable
    assert readable or "more than 200 times as long as broad" in message


@pytest.mark.parametrize("name", ["a\0.png", "a\nb.png", "a\udce9.png"])
def test_names_that_no_line_can_hold(name, tmp_path):
    message = LoadRGBImage()({"img_path": str(tmp_path / name)})["unreadable"]
    assert message.isprintable()
    assert repr(name)[1:-1] in message


def test_a_missing_key_is_a_programming_error():
    with pytest.raises(KeyError):
        LoadRGBImage()({})


def test_pictures_in_memory_are_kept():
    image = np.arange(2 * 5 * 3, dtype=np.uint8).reshape(2, 5, 3)
    results = LoadRGBImage()({"img": image})
    assert results["img"] is image
    assert results["ori_shape"] == (2, 5)
    assert results["unreadable"] is None
    assert results["digest"] is None


def test_grey_pictures_in_memory_get_three_channels():
    grey = np.arange(10, dtype=np.uint8).reshape(2, 5)
    results = LoadRGBImage()({"img": grey})
    assert results["img"].shape == (2, 5, 3)
    assert (results["img"] == grey[..., None]).all()
