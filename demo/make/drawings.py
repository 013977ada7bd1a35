"""The rendered drawings of every concept, drawn evenly by vendor."""

import random
from pathlib import Path

import numpy as np
import torch
from art_sources import sources_for
from concepts import Concept
from torch import Tensor

# One-colour drawings teach shape; the test is in colour, so they get fewer turns.
VENDOR_WEIGHT = {"game-icons": 0.5, "icons": 0.4, "symbola": 0.5}


class Drawings:
    """Pixels by concept and vendor.

    Args:
        folder: Where render_art.py wrote its .npz files.
        concepts: The concepts; rows of every answer follow them.
        use: `train`, `validate` or `test`.
    """

    def __init__(self, folder: Path, concepts: list[Concept], use: str) -> None:
        self.pixels: list[Tensor] = []
        self.places: list[dict[str, list[list[tuple[int, int]]]]] = [{} for _ in concepts]
        owner = {code: i for i, concept in enumerate(concepts) for code in concept.codes}
        for number, source in enumerate(sources_for(use)):
            with np.load(folder / f"{source.name}.npz") as data:
                codes = data["codes"].tolist()
                self.pixels.append(torch.from_numpy(data["pixels"]).permute(0, 3, 1, 2).contiguous())
            files: dict[int, list[tuple[int, int]]] = {}
            for row, code in enumerate(codes):
                if code in owner:
                    files.setdefault(owner[code], []).append((number, row))
            for concept, rows in files.items():
                self.places[concept].setdefault(source.vendor, []).append(rows)

    def draw(self, concept: int, count: int, rng: random.Random) -> list[tuple[int, int]]:
        """Places of `count` drawings, from different vendors as far as there are any."""
        left = dict(self.places[concept])
        found = []
        for _ in range(count):
            left = left or dict(self.places[concept])
            names = list(left)
            vendor = rng.choices(names, [VENDOR_WEIGHT.get(name, 1.0) for name in names])[0]
            found.append(rng.choice(rng.choice(left.pop(vendor))))
        return found

    def stack(self, places: list[tuple[int, int]]) -> Tensor:
        """uint8 (N, 4, H, W) of the places."""
        return torch.stack([self.pixels[source][row] for source, row in places])

    def everything(self) -> tuple[Tensor, Tensor]:
        """All drawings and their concepts: uint8 (N, 4, H, W), long (N,)."""
        rows = [
            (place, concept)
            for concept, vendors in enumerate(self.places)
            for files in vendors.values()
            for file in files
            for place in file
        ]
        return self.stack([place for place, _ in rows]), torch.tensor([concept for _, concept in rows])
