"""Write the demo's test pictures and class names from Noto Emoji, the style that training never sees.

Run it as

    python demo/make/build_pictures.py --art build/demo/art --pixels build/demo/pixels --out demo
"""

import argparse
import re
from pathlib import Path

import numpy as np
from concepts import read_concepts
from PIL import Image

SIZE = 64
MARGIN = 4  # pixels of white around the square that Noto draws in


def slug(name: str) -> str:
    """A file name: lower case letters and digits, underscores between words."""
    return re.sub("[^a-z0-9]+", "_", name.lower()).strip("_")


def framed(pixels: np.ndarray) -> Image.Image:
    """An RGBA drawing on a white square of the model's input size."""
    drawing = Image.fromarray(pixels)
    page = Image.new("RGB", drawing.size, "white")
    page.paste(drawing, mask=drawing)
    side = SIZE - 2 * MARGIN
    picture = Image.new("RGB", (SIZE, SIZE), "white")
    picture.paste(page.resize((side, side), Image.Resampling.LANCZOS), (MARGIN, MARGIN))
    return picture


def target(pictures: Path, folder: str, name: str, label: str, code: str, taken: set[Path]) -> Path:
    """Where a picture goes; a label that two emoji share gets the code point behind it."""
    place = pictures / folder / slug(name) if folder == "animals" else pictures / folder
    path = place / f"{slug(label) or code}.png"
    return path if path not in taken else place / f"{slug(label)}_{code}.png"


def write_pictures(art: Path, pixels: Path, out: Path) -> list[Path]:
    """Writes one picture an emoji and returns their paths."""
    with np.load(pixels / "noto.npz") as data:
        rows = dict(zip(reversed(data["codes"].tolist()), reversed(data["pixels"]), strict=True))
    written: dict[Path, None] = {}
    for concept in read_concepts(art):
        for code, label in zip(concept.codes, concept.labels, strict=True):
            if code not in rows:
                continue
            path = target(out / "pictures", concept.folder, concept.name, label, code, set(written))
            path.parent.mkdir(parents=True, exist_ok=True)
            framed(rows[code]).save(path, optimize=True)
            written[path] = None
    return list(written)


def write_class_names(out: Path) -> list[str]:
    """Writes the ID names in the order of the sorted class folders, which is the order of the labels."""
    names = [path.name.replace("_", " ") for path in sorted((out / "pictures/animals").iterdir())]
    (out / "class_names.txt").write_text("\n".join(names) + "\n", encoding="utf-8")
    return names


def main() -> None:
    """Writes everything."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--art", type=Path, required=True, help="folder that fetch_art.py filled")
    parser.add_argument("--pixels", type=Path, required=True, help="folder that render_art.py filled")
    parser.add_argument("--out", type=Path, required=True, help="folder for pictures/ and class_names.txt")
    args = parser.parse_args()
    written = write_pictures(args.art, args.pixels, args.out)
    names = write_class_names(args.out)
    size = sum(path.stat().st_size for path in written) / 2**20
    print(f"{len(written)} pictures ({size:.2f} MB), {len(names)} class names")


if __name__ == "__main__":
    main()
