"""Every mode of Pillow in every format, against OpenCV's own decoders, against arithmetic, or refused."""

import struct

import cv2
import numpy as np
import pytest
from PIL import Image, ImageCms

from mmneglabel.datasets import LoadRGBImage

# By format the modes that OpenCV reads as we do, and how far apart its values may be (CMYK and YCbCr are rounded).
AS_OPENCV = {
    "PNG": "1 L LA P RGB RGBA I;16 I;16B L+ P+ RGB+",
    "JPEG": "1 L RGB RGBX CMYK~ YCbCr",
    "TIFF": "1 L LA P PA RGB RGBX CMYK~ YCbCr~ I;16 I;16B",
    "BMP": "1 L P RGB RGBA",
    "GIF": "1 L LA P RGB",
    "WEBP": "L LA RGB RGBA RGBX RGBa CMYK HSV",
    "PPM": "1 L RGB RGBA I I;16",
    "JPEG2000": "L LA RGB RGBA I;16 I;16B",
}
# OpenCV multiplies the colours by alpha, or does not read these: the picture's own numbers are the reference.
AS_ARITHMETIC = {"TIFF": "RGBA LAB CMYK", "TGA": "L LA RGB RGBA", "JPEG2000": "CMYK"}
# Nobody knows which number is white.
REFUSED = {"TIFF": "I F", "PPM": "F"}
LOSSLESS = {"WEBP": {"lossless": True}}

NOISE = np.random.default_rng(0).integers(0, 65536, (16, 24, 4), dtype=np.uint16)
RGBA = Image.fromarray((NOISE >> 8).astype(np.uint8))


def table(by_format):
    return [(mode, kind) for kind, modes in by_format.items() for mode in modes.split()]


def picture(mode):
    """A picture of noise in this mode; ``+`` is a transparent colour."""
    if mode in ("I", "I;16", "I;16B"):
        grey = NOISE[..., 0]
        whole = Image.fromarray(grey.astype(np.int32) if mode == "I" else grey)
        return whole if mode != "I;16B" else Image.frombytes(mode, whole.size, grey.astype(">u2").tobytes())
    if mode == "F":
        return Image.fromarray(NOISE[..., 0] / np.float32(65535))
    if mode == "LAB":
        # Colours that are all within sRGB.
        profiles = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
        return ImageCms.profileToProfile(RGBA.convert("RGB").point(lambda v: 64 + v // 2), *profiles, outputMode=mode)
    through = {"PA": ("RGB", "P"), "P": ("RGB",), "La": ("LA",), "CMYK": ("RGB",), "YCbCr": ("RGB",), "HSV": ("RGB",)}
    image = RGBA
    for step in (*through.get(mode, ()), mode.rstrip("+")):
        image = image.convert(step)
    return image


def saved(path, mode, kind):
    image = picture(mode)
    colours = {"P": b"\0\x80" + bytes([255] * 254), "L": 7, "RGB": (1, 2, 3)}
    transparent = {"transparency": colours[mode[:-1]]} if mode.endswith("+") else {}
    image.save(path, kind, **LOSSLESS.get(kind, {}), **transparent)
    return path


def loaded(path):
    results = LoadRGBImage()({"img_path": str(path)})
    assert results["unreadable"] is None
    assert results["img"].dtype == np.uint8
    return results["img"]


def by_opencv(path):
    return cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_COLOR)[..., ::-1]


def by_arithmetic(mode):
    values = np.asarray(picture(mode)).astype(float)
    if mode == "CMYK":
        return (255 - values[..., :3]) * (255 - values[..., 3:]) / 255
    if mode == "LAB":
        return srgb(values)
    return values[..., :1].repeat(3, 2) if mode == "LA" else np.atleast_3d(values)[..., :3] * np.ones(3)


def srgb(lab):
    """CIE L*a*b* under D50, as 8 bits, a and b in two's complement, to sRGB; the matrix is Bradford's."""
    lab = lab * [100 / 255, 1, 1]
    lab[..., 1:] -= 256 * (lab[..., 1:] > 127)
    y = (lab[..., 0] + 16) / 116
    cube = np.stack([y + lab[..., 1] / 500, y, y - lab[..., 2] / 200], -1)
    xyz = np.where(cube > 6 / 29, cube**3, 3 * (6 / 29) ** 2 * (cube - 4 / 29)) * [0.9642, 1, 0.8251]
    matrix = [[3.13386, -1.61687, -0.49061], [-0.97877, 1.91614, 0.03345], [0.07194, -0.22899, 1.40524]]
    linear = np.clip(xyz @ np.transpose(matrix), 0, 1)
    return 255 * np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)


@pytest.mark.parametrize(("mode", "kind"), table(AS_OPENCV))
def test_as_opencv_reads_it(mode, kind, tmp_path):
    path = saved(tmp_path / "picture", mode.rstrip("~"), kind)
    difference = np.abs(loaded(path).astype(int) - by_opencv(path))
    assert difference.max() <= mode.endswith("~")


@pytest.mark.parametrize(("mode", "kind"), table(AS_ARITHMETIC))
def test_as_arithmetic_has_it(mode, kind, tmp_path):
    difference = np.abs(loaded(saved(tmp_path / "picture", mode, kind)) - by_arithmetic(mode))
    # The colour engine interpolates between some thousand colours.
    assert difference.max() <= (8 if mode == "LAB" else 1)
    assert difference.mean() < 0.5


@pytest.mark.parametrize(("mode", "kind"), table(REFUSED))
def test_refused(mode, kind, tmp_path):
    results = LoadRGBImage()({"img_path": str(saved(tmp_path / "picture", mode, kind))})
    assert f"{kind} with pixels of mode {mode} does not say which number is white" in results["unreadable"]
    assert not results["img"].any()


@pytest.mark.filterwarnings("ignore:Palette images with Transparency")
@pytest.mark.parametrize(("mode", "kind"), [pair for pair in table(AS_OPENCV) if not pair[0].startswith("I")])
def test_8_bits_are_as_the_authors_loader_has_them(mode, kind, tmp_path):
    path = saved(tmp_path / "picture", mode.rstrip("~"), kind)
    with Image.open(path) as image:
        np.testing.assert_array_equal(loaded(path), np.array(image.convert("RGB")))


@pytest.mark.parametrize("ending", [".png", ".tiff", ".ppm"])
def test_48_bit_colours(ending, tmp_path):
    path = tmp_path / f"a{ending}"
    cv2.imwrite(str(path), NOISE[..., :3])
    np.testing.assert_allclose(loaded(path), NOISE[..., 2::-1] / 257, atol=1)


def tiff(values, bits, white_is_zero, order="<", sign=1):
    """An uncompressed grey TIFF by hand; Pillow writes neither 12 bits nor 0 for white."""
    packed = "".join(f"{value:0{bits}b}" for value in values.ravel())
    data = int(packed, 2).to_bytes(len(packed) // 8, "big") if bits == 12 else values.astype(f"{order}u2").tobytes()
    height, width = values.shape
    numbers = {256: width, 257: height, 258: bits, 259: 1, 262: 1 - white_is_zero, 273: 134, 277: 1, 278: height}
    numbers |= {279: len(data), 339: sign}
    entries = b"".join(struct.pack(f"{order}HHIHxx", tag, 3, 1, number) for tag, number in numbers.items())
    head = (b"II" if order == "<" else b"MM") + struct.pack(f"{order}HIH", 42, 8, len(numbers))
    return head + entries + bytes(4) + data


@pytest.mark.parametrize(("bits", "white_is_zero", "order"), [(16, 0, "<"), (16, 1, "<"), (16, 0, ">"), (12, 0, "<")])
def test_tiff_says_how_deep_it_is_and_where_white_is(bits, white_is_zero, order, tmp_path):
    values = NOISE[..., 0] >> (16 - bits)
    (tmp_path / "a.tif").write_bytes(tiff(values, bits, white_is_zero, order))
    grey = NOISE[..., 0] >> 8
    want = np.dstack([255 - grey if white_is_zero else grey] * 3)
    np.testing.assert_array_equal(loaded(tmp_path / "a.tif"), want)
    if bits == 16:
        np.testing.assert_array_equal(by_opencv(tmp_path / "a.tif"), want)


def test_signs_are_refused(tmp_path):
    (tmp_path / "a.tif").write_bytes(tiff(NOISE[..., 0], 16, 0, sign=2))
    assert "mode I does not say" in LoadRGBImage()({"img_path": str(tmp_path / "a.tif")})["unreadable"]


@pytest.mark.parametrize(("kind", "mode"), [("GIF", "L"), ("WEBP", "RGB"), ("PNG", "RGBA"), ("TIFF", "RGB")])
def test_the_first_frame_of_many(kind, mode, tmp_path):
    first, path = picture(mode), tmp_path / "many"
    second = first.transpose(Image.Transpose.ROTATE_180)
    first.save(path, kind, save_all=True, append_images=[second], **LOSSLESS.get(kind, {}))
    np.testing.assert_array_equal(loaded(path), np.array(first.convert("RGB")))
    np.testing.assert_array_equal(by_opencv(path), loaded(path))


def test_deep_pictures_can_be_turned(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 3  # Upside down.
    picture("I;16").save(tmp_path / "a.png", exif=exif)
    turned = LoadRGBImage(exif_rotation=True)({"img_path": str(tmp_path / "a.png")})["img"]
    np.testing.assert_array_equal(turned, loaded(tmp_path / "a.png")[::-1, ::-1])
