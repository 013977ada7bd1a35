"""Download the pinned art packages and the emoji names into a folder; nothing already there is fetched again.

Run it as

    python demo/make/fetch_art.py --art build/demo/art
"""

import argparse
import subprocess
import tarfile
from pathlib import Path

from art_sources import METADATA, SOURCES


def fetch_npm(package: str, version: str, folder: Path) -> None:
    """Unpacks one npm package below `folder/package`."""
    packed = subprocess.run(
        ["npm", "pack", "--silent", f"{package}@{version}"], cwd=folder, check=True, capture_output=True, text=True
    )
    archive = folder / packed.stdout.strip().splitlines()[-1]
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    archive.unlink()


def fetch_debian(package: str, version: str, folder: Path) -> None:
    """Unpacks one Debian package below `folder`."""
    subprocess.run(["apt-get", "download", f"{package}={version}"], cwd=folder, check=True)
    archive = next(folder.glob("*.deb"))
    subprocess.run(["dpkg-deb", "-x", archive.name, "."], cwd=folder, check=True)
    archive.unlink()


def fetch(package: str, version: str, folder: Path, debian: bool) -> None:
    """Fetches one package unless an earlier run finished it."""
    done = folder / ".done"
    if done.exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    print(f"fetching {package} {version}")
    (fetch_debian if debian else fetch_npm)(package, version, folder)
    done.write_text(f"{package} {version}\n")


def main() -> None:
    """Fetches everything the table names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--art", type=Path, required=True, help="folder for the unpacked packages (about 300 MB)")
    args = parser.parse_args()
    for source in SOURCES:
        fetch(source.package, source.version, args.art / source.name, source.kind == "font")
    fetch(*METADATA, args.art / "names", False)


if __name__ == "__main__":
    main()
