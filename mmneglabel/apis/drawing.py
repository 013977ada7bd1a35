"""A picture with what was said of it below."""

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from mmneglabel.apis.inputs import Picture, load
from mmneglabel.datasets import LoadRGBImage

_WIDTH, _LINE, _MARGIN = 320, 16, 6
_COLOURS = {"in": "#0b6e4f", "review": "#8a6100", "out": "#a4161a"}


def captioned(picture: Picture, result: dict) -> Image.Image:
    """The picture, 320 pixels wide, over its class, its decision and the words with the largest shares."""
    lines = [result["error"]] if result["error"] else _lines(result)
    image = _read(picture) if not result["error"] else Image.new("RGB", (_WIDTH, _WIDTH // 2), "#888888")
    image = image.resize((_WIDTH, max(1, min(2 * _WIDTH, round(image.height * _WIDTH / image.width)))))
    whole = Image.new("RGB", (_WIDTH, image.height + 2 * _MARGIN + _LINE * len(lines)), "white")
    whole.paste(image)
    draw, font = ImageDraw.Draw(whole), ImageFont.load_default(_LINE - 4)
    for number, line in enumerate(lines):
        colour = _COLOURS.get(result["decision"], "black") if not number else "black"
        draw.text((_MARGIN, image.height + _MARGIN + _LINE * number), _fitted(line, draw, font), colour, font)
    return whole


def _lines(result: dict) -> list[str]:
    decision = f"{result['decision']} (p = {result['p_value']:.3g}): " if result["decision"] else ""
    lines = [f"{decision}{result['pred_class']} {result['pred_score']:.2f}"]
    for key in ("for", "against"):
        lines += [f"{key}: {word} {share:.1%}" for word, share in (result[key] or ())[:3]]
    return lines


def _fitted(line: str, draw: ImageDraw.ImageDraw, font: ImageFont.ImageFont) -> str:
    """As much of the line as fits."""
    while draw.textlength(line, font) > _WIDTH - 2 * _MARGIN:
        line = line[:-2] + "…"
    return line


def _read(picture: Picture) -> Image.Image:
    return Image.fromarray(np.asarray(LoadRGBImage()({"img_path": picture.name, **load(picture.source)})["img"]))
