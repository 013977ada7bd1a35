"""Draw every fetched icon that belongs to a concept as an 80x80 RGBA array, one .npz a source.

Run it as

    python demo/make/render_art.py --art build/demo/art --out build/demo/pixels
"""

import argparse
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from art_sources import SOURCES, ArtSource
from concepts import Concept, plain_code, read_concepts, squeezed
from PIL import Image, ImageDraw, ImageFont

SIZE = 80

# Older or private spellings: icon name → emoji label.
SPELLINGS = {
    "bactriancamel": "two-hump camel", "dromedarycamel": "camel", "bunny": "rabbit face", "bunnyside": "rabbit",
    "catside": "cat", "dogside": "dog", "dragonhead": "dragon face", "dragonside": "dragon", "mouseside": "mouse",
    "pigside": "pig", "tigerside": "tiger", "leopardside": "leopard", "pandaface": "panda", "wolfface": "wolf",
    "sheep": "ewe", "spurtingwhale": "spouting whale", "frontfacingchick": "front-facing baby chick",
    "hampster": "hamster", "hamsterface": "hamster", "bearface": "bear", "foxface": "fox", "frogface": "frog",
    "lionface": "lion", "unicornface": "unicorn", "bee": "honeybee", "ladybug": "lady beetle",
    "aubergine": "eggplant", "earofmaize": "ear of corn", "chilipepper": "hot pepper", "evergreen": "evergreen tree",
    "ladybird": "lady beetle", "bouquetofflowers": "bouquet", "fallingleaf": "fallen leaf", "racecar": "racing car",
    "rowboat": "canoe", "floppydisk2": "floppy disk", "hourglassflowingsand": "hourglass not done",
    "sliceofpizza": "pizza", "curryandrice": "curry rice", "horsehead": "horse face", "whale": "whale",
}  # fmt: skip

# In general icon packages these words name something else (a computer mouse, a wax seal, the game of cricket).
AMBIGUOUS = {"mouse", "seal", "cricket", "ram", "fly", "bat", "crane", "worm", "bug", "turkey", "crab", "orange"}
GENERAL = {"mdi", "phosphor", "fontawesome", "game-icons"}
WRONG = {("streamline", "turkey")}  # a flag


def icon_svg(pack: dict, icon: dict) -> str:
    """Wraps an Iconify body in an SVG document; one-colour icons are drawn black."""
    left, top = icon.get("left", 0), icon.get("top", 0)
    width = icon.get("width", pack.get("width", 16))
    height = icon.get("height", pack.get("height", 16))
    body = icon["body"].replace("currentColor", "#000")
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'viewBox="{left} {top} {width} {height}">{body}</svg>'
    )


def rasterized(svg: str) -> Image.Image:
    """An SVG document as pixels, by resvg: an extra, since nothing but this tool needs it."""
    try:
        import resvg_py
    except ImportError as error:
        raise SystemExit("error: render_art.py needs resvg_py: pip install 'mmneglabel[demo-train]'") from error
    return Image.open(io.BytesIO(bytes(resvg_py.svg_to_bytes(svg_string=svg, height=4 * SIZE))))


def squared(image: Image.Image) -> Image.Image:
    """The picture in the middle of a transparent square of the working size."""
    image = image.convert("RGBA")
    image.thumbnail((SIZE, SIZE), Image.Resampling.LANCZOS)
    square = Image.new("RGBA", (SIZE, SIZE))
    square.paste(image, ((SIZE - image.width) // 2, (SIZE - image.height) // 2))
    return square


def iconify_icons(folder: Path, source: ArtSource, by_name: dict[str, str]) -> Iterator[tuple[str, Image.Image]]:
    """Draws an Iconify package's icons whose code point or name is a concept's."""
    package = folder / "package"
    pack = json.loads((package / "icons.json").read_text(encoding="utf-8"))
    icons = dict(pack["icons"])
    parents = {name: alias["parent"] for name, alias in pack.get("aliases", {}).items()}
    icons |= {name: icons[parent] for name, parent in parents.items() if parent in icons}
    chars = json.loads((package / "chars.json").read_text(encoding="utf-8")) if source.name not in GENERAL else {}
    codes = {name: plain_code(code) for code, name in chars.items()}
    for name, icon in icons.items():
        spelled = squeezed(re.sub(r"-\d+$", "", name))
        if (source.name in GENERAL and spelled in AMBIGUOUS) or (source.name, spelled) in WRONG:
            continue
        code = codes.get(name) or by_name.get(squeezed(SPELLINGS.get(spelled, spelled)))
        if code in by_name.values():
            yield code, squared(rasterized(icon_svg(pack, icon)))


def webp_icons(folder: Path) -> Iterator[tuple[str, Image.Image]]:
    """Reads pictures that are named by code point."""
    for path in sorted((folder / "package/assets").glob("*.webp")):
        parts = path.stem.split("-")
        yield plain_code("-".join(part.lstrip("0") for part in parts)), squared(Image.open(path))


def font_icons(folder: Path, codes: set[str]) -> Iterator[tuple[str, Image.Image]]:
    """Draws a font's glyphs in black."""
    path = next(folder.rglob("*.ttf"))
    font = ImageFont.truetype(str(path), 160)
    blank = bytes(font.getmask(chr(0x10FFFD)))
    for code in sorted(codes):
        if "-" in code or bytes(font.getmask(chr(int(code, 16)))) == blank:
            continue
        box = font.getbbox(chr(int(code, 16)))
        side = int(max(box[2] - box[0], box[3] - box[1]) * 1.06)
        image = Image.new("RGBA", (side, side))
        at = ((side - box[2] - box[0]) / 2, (side - box[3] - box[1]) / 2)
        ImageDraw.Draw(image).text(at, chr(int(code, 16)), font=font, fill="black")
        yield code, squared(image)


def names_to_codes(concepts: list[Concept], art: Path) -> dict[str, str]:
    """Icon spelling → code point, from the emoji names and from Twemoji's own table."""
    codes = {code for concept in concepts for code in concept.codes}
    known = {squeezed(label): code for c in concepts for label, code in zip(c.labels, c.codes, strict=True)}
    chars = json.loads((art / "twemoji/package/chars.json").read_text(encoding="utf-8"))
    for code, name in chars.items():
        if plain_code(code) in codes:
            known.setdefault(squeezed(name), plain_code(code))
    return known


def found_icons(source: ArtSource, folder: Path, by_name: dict[str, str]) -> Iterator[tuple[str, Image.Image]]:
    """Code points and drawings of one source."""
    if source.kind == "webp":
        return webp_icons(folder)
    if source.kind == "font":
        return font_icons(folder, set(by_name.values()))
    return iconify_icons(folder, source, by_name)


def render(source: ArtSource, art: Path, out: Path, by_name: dict[str, str]) -> None:
    """Writes one source's drawings of concepts."""
    wanted = set(by_name.values())
    found = found_icons(source, art / source.name, by_name)
    kept = [(code, image) for code, image in found if code in wanted and image.getbbox()]
    codes = np.array([code for code, _ in kept])
    np.savez(out / f"{source.name}.npz", codes=codes, pixels=np.stack([np.asarray(image) for _, image in kept]))
    print(f"{source.name}: {len(kept)} drawings of {len(set(codes.tolist()))} emoji", flush=True)


def main() -> None:
    """Renders every source."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--art", type=Path, required=True, help="folder that fetch_art.py filled")
    parser.add_argument("--out", type=Path, required=True, help="folder for the .npz files")
    parser.add_argument("--only", nargs="*", help="names of sources; default all")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    by_name = names_to_codes(read_concepts(args.art), args.art)
    for source in SOURCES:
        if not args.only or source.name in args.only:
            render(source, args.art, args.out, by_name)


if __name__ == "__main__":
    main()
