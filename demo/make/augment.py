"""Pictures for training: drawings are warped, inked, recoloured and set on a background, a batch at a time.

The test style is never seen, so everything that makes up a style (outline, shading, palette, flatness) is varied.
"""

import math

import torch
from torch import Tensor
from torch.nn import functional

SIZE = 64
LUMA = torch.tensor([0.299, 0.587, 0.114])


class Augment:
    """Random pictures from RGBA drawings.

    Args:
        generator: Private source of randomness.
        size: Side of the pictures made.
    """

    def __init__(self, generator: torch.Generator, size: int = SIZE) -> None:
        self.generator = generator
        self.size = size

    def __call__(self, drawings: Tensor, may_flip: Tensor, strength: float) -> Tensor:
        """Makes one picture a drawing.

        Args:
            drawings: uint8 (N, 4, H, W), straight alpha.
            may_flip: bool (N,), False where a mirror image means something else (arrows, letters).
            strength: 0 for the drawing as it is, 1 for the full variety.

        Returns:
            float (N, 3, size, size) in 0..1 on an opaque background.
        """
        rgba = drawings.float().div_(255)
        alpha = rgba[:, 3:]
        premultiplied = torch.cat([rgba[:, :3] * alpha, alpha], 1)
        warped = self.warp(premultiplied, may_flip, strength)
        alpha = warped[:, 3:].clamp(0, 1)
        colour = (warped[:, :3] / alpha.clamp_min(1e-3)).clamp(0, 1)
        colour = self.recolour(colour, strength)
        colour = self.shade(colour, alpha, strength)
        colour, alpha = self.ink(colour, alpha, strength)
        picture = colour * alpha + self.background(len(colour), strength) * (1 - alpha)
        return self.degrade(picture, strength).clamp_(0, 1)

    def uniform(self, *shape: int, low: float = 0.0, high: float = 1.0) -> Tensor:
        """Uniform random numbers from the private generator."""
        return torch.rand(shape, generator=self.generator) * (high - low) + low

    def chosen(self, count: int, probability: float) -> Tensor:
        """Indices of a random subset."""
        return (self.uniform(count) < probability).nonzero().flatten()

    def warp(self, images: Tensor, may_flip: Tensor, strength: float) -> Tensor:
        """Turns, scales, shifts, mirrors and bends; the drawing stays mostly inside the frame."""
        n = len(images)
        angle = self.uniform(n, low=-0.3, high=0.3) * strength
        zoom = 1.04 * torch.exp(self.uniform(n, low=-0.12, high=0.3) * strength)
        aspect = torch.exp(self.uniform(n, low=-0.15, high=0.15) * strength)
        mirror = torch.where((self.uniform(n) < 0.5) & may_flip, -1.0, 1.0)
        cos, sin = torch.cos(angle) * zoom, torch.sin(angle) * zoom
        shift = self.uniform(2, n, low=-0.14, high=0.14) * strength
        theta = torch.stack([cos * aspect * mirror, -sin, shift[0], sin * mirror, cos / aspect, shift[1]], 1)
        grid = functional.affine_grid(theta.view(n, 2, 3), [n, 1, self.size, self.size], align_corners=False)
        bend = (self.uniform(n, 2, 5, 5) - 0.5) * 0.22 * strength
        grid = grid + functional.interpolate(bend, self.size, mode="bicubic").permute(0, 2, 3, 1)
        return functional.grid_sample(images, grid, align_corners=False)

    def recolour(self, colour: Tensor, strength: float) -> Tensor:
        """Random colour matrix, contrast, gamma; some turn grey or keep few tones only."""
        n = len(colour)
        mix = torch.eye(3) + torch.randn(n, 3, 3, generator=self.generator) * 0.13 * strength
        mix = mix / mix.sum(2, keepdim=True).clamp_min(0.5)
        colour = torch.einsum("nij,njhw->nihw", mix, colour).clamp(0, 1)
        gamma = torch.exp(self.uniform(n, 1, 1, 1, low=-0.5, high=0.5) * strength)
        colour = colour.clamp_min(1e-4).pow(gamma)
        contrast = 1 + self.uniform(n, 1, 1, 1, low=-0.4, high=0.25) * strength
        lift = self.uniform(n, 1, 1, 1, low=-0.1, high=0.15) * strength
        colour = ((colour - 0.5) * contrast + 0.5 + lift).clamp(0, 1)
        rows = self.chosen(n, 0.12 * strength)
        grey = torch.einsum("c,nchw->nhw", LUMA, colour[rows])
        colour[rows] = grey[:, None].expand(-1, 3, -1, -1)
        rows = self.chosen(n, 0.2 * strength)
        tones = self.uniform(len(rows), 1, 1, 1, low=2, high=6).round()
        colour[rows] = (colour[rows] * tones).round() / tones
        return colour

    def shade(self, colour: Tensor, alpha: Tensor, strength: float) -> Tensor:
        """Light from one side and a soft rim, as drawings with gradients have."""
        rows = self.chosen(len(colour), 0.5 * strength)
        light = functional.interpolate(self.uniform(len(rows), 1, 3, 3, low=-0.3, high=0.25), self.size, mode="bicubic")
        inner = functional.avg_pool2d(alpha[rows], 9, 1, 4)
        rim = (1 - inner) * self.uniform(len(rows), 1, 1, 1, low=-0.6, high=0.4)
        colour[rows] = (colour[rows] * (1 + light + rim)).clamp(0, 1)
        return colour

    def ink(self, colour: Tensor, alpha: Tensor, strength: float) -> tuple[Tensor, Tensor]:
        """Draws edges in ink, adds an outline, or leaves nothing but the lines."""
        rows = self.chosen(len(colour), 0.45 * strength)
        n = len(rows)
        look, cover = colour[rows], alpha[rows]
        grey = torch.einsum("c,nchw->nhw", LUMA, look * cover + (1 - cover))[:, None]
        wide = functional.max_pool2d(grey, 3, 1, 1) + functional.max_pool2d(-grey, 3, 1, 1)
        lines = (wide * self.uniform(n, 1, 1, 1, low=1.5, high=5)).clamp(0, 1)
        pen = self.uniform(n, 3, 1, 1, high=0.25)
        line_art = (self.uniform(n, 1, 1, 1) < 0.3).float()
        paper = (self.uniform(n, 1, 1, 1) < 0.7).float() * 0.3 + 0.7
        fill = look * (1 - line_art) + line_art * paper
        dark = lines * torch.maximum(line_art, (self.uniform(n, 1, 1, 1) < 0.4).float())
        colour[rows] = fill * (1 - dark) + pen * dark
        outlined = rows[self.uniform(n) < 0.6]
        edge = functional.max_pool2d(alpha[outlined], 3, 1, 1)
        ring = edge * (1 - alpha[outlined])
        tone = self.uniform(len(outlined), 3, 1, 1, high=0.3)
        colour[outlined] = colour[outlined] * (1 - ring) + tone * ring
        alpha = alpha.clone()
        alpha[outlined] = edge
        return colour, alpha

    def background(self, count: int, strength: float) -> Tensor:
        """White for most; a colour or a gradient for some."""
        paper = torch.ones(count, 3, self.size, self.size)
        rows = self.chosen(count, 0.4 * strength)
        corners = self.uniform(len(rows), 3, 1, 1) + self.uniform(len(rows), 3, 2, 2, low=-0.3, high=0.3)
        pale = self.uniform(len(rows), 1, 1, 1)
        washed = pale + (1 - pale) * corners.clamp(0, 1)
        paper[rows] = functional.interpolate(washed, self.size, mode="bilinear", align_corners=True)
        return paper

    def degrade(self, picture: Tensor, strength: float) -> Tensor:
        """Blurs some, covers a patch of some, adds a little noise."""
        n = len(picture)
        rows = self.chosen(n, 0.15 * strength)
        picture[rows] = functional.avg_pool2d(picture[rows], 3, 1, 1, count_include_pad=False)
        for row in self.chosen(n, 0.15 * strength).tolist():
            side = int(self.size * math.sqrt(0.02 + 0.08 * float(self.uniform(1))))
            y, x = (self.uniform(2) * (self.size - side)).int().tolist()
            picture[row, :, y : y + side, x : x + side] = self.uniform(3, 1, 1)
        noise = torch.randn(picture.shape, generator=self.generator) * 0.02 * strength
        return picture + noise
