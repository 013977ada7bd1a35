"""Where the demo's drawings come from: pinned packages, their licences and what each is used for.

`train` sources teach the model, one vote a `vendor` (flat, 3D and one-colour files of one vendor show the same
drawings). `validate` is for choosing settings only and `test` is the style that training never sees.
Who must be named for what stands in demo/NOTICE.md.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class ArtSource:
    """One package of drawings.

    Attributes:
        name: Our short name, also the cache file's stem.
        package: Package name as its registry knows it.
        version: Pinned version.
        vendor: Who drew it; sources of one vendor share one vote in training.
        use: `train`, `validate` or `test`.
        licence: SPDX name of the drawings' licence.
        kind: `iconify` (one JSON of SVG bodies), `webp` (files named by code point) or `font`.
    """

    name: str
    package: str
    version: str
    vendor: str
    use: str
    licence: str
    kind: str = "iconify"


SOURCES = (
    ArtSource("twemoji", "@iconify-json/twemoji", "1.2.5", "twemoji", "train", "CC-BY-4.0"),
    ArtSource("fluent", "@iconify-json/fluent-emoji", "1.2.7", "fluent", "train", "MIT"),
    ArtSource("fluent-flat", "@iconify-json/fluent-emoji-flat", "1.2.6", "fluent", "train", "MIT"),
    ArtSource("fluent-contrast", "@iconify-json/fluent-emoji-high-contrast", "1.2.6", "fluent", "train", "MIT"),
    ArtSource("fluent-3d", "@lobehub/fluent-emoji-3d", "1.1.0", "fluent", "train", "MIT", "webp"),
    ArtSource("emojione", "@iconify-json/emojione", "1.2.3", "emojione", "train", "CC-BY-4.0"),
    ArtSource("emojione-mono", "@iconify-json/emojione-monotone", "1.2.1", "emojione", "train", "CC-BY-4.0"),
    ArtSource("fxemoji", "@iconify-json/fxemoji", "1.2.2", "fxemoji", "train", "Apache-2.0"),
    ArtSource("streamline", "@iconify-json/streamline-emojis", "1.2.4", "streamline", "train", "CC-BY-4.0"),
    ArtSource("game-icons", "@iconify-json/game-icons", "1.2.4", "game-icons", "train", "CC-BY-3.0"),
    ArtSource("mdi", "@iconify-json/mdi", "1.2.3", "icons", "train", "Apache-2.0"),
    ArtSource("phosphor", "@iconify-json/ph", "1.2.2", "icons", "train", "MIT"),
    ArtSource("fontawesome", "@iconify-json/fa6-solid", "1.2.4", "icons", "train", "CC-BY-4.0"),
    ArtSource("symbola", "fonts-symbola", "2.60-1.1", "symbola", "train", "LicenseRef-free-for-any-use", "font"),
    ArtSource("openmoji", "@iconify-json/openmoji", "1.2.29", "openmoji", "validate", "CC-BY-SA-4.0"),
    ArtSource("noto", "@iconify-json/noto", "1.2.9", "noto", "test", "Apache-2.0"),
)
METADATA = ("emojibase-data", "17.0.0")  # emoji names, keywords and groups; MIT, with Unicode CLDR data


def sources_for(use: str) -> list[ArtSource]:
    """Returns the sources of one use, in table order."""
    return [source for source in SOURCES if source.use == use]
