"""Headless Chromium as a witness: what a page says of itself, without a driver's library."""

import html
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
# It asks nothing of any network, and the tests' machine may have none to ask.
FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--enable-logging=stderr",
    "--virtual-time-budget=60000", "--dump-dom",
)  # fmt: skip
CONSOLE = re.compile(r"CONSOLE.*")
POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')
PROBES = Path(__file__).with_name("probes.js")


def chromium():
    """The browser's path, or the test is skipped by name."""
    if not (found := next(filter(None, map(shutil.which, NAMES)), None)):
        pytest.skip("no Chromium here")
    return found


def axe():
    """The accessibility checker's text: npm's axe-core, which $MMNEGLABEL_AXE names; or the test is skipped."""
    if not (path := os.environ.get("MMNEGLABEL_AXE")):
        pytest.skip("no accessibility checker here: MMNEGLABEL_AXE names axe.min.js of npm's axe-core")
    return Path(path).read_text(encoding="utf-8")


def opened(path, tmp_path):
    """The page's document after its scripts ran, and what it wrote on the console."""
    command = [chromium(), *FLAGS, f"--user-data-dir={tmp_path / 'profile'}", path.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout, CONSOLE.findall(done.stderr)


def asked(page, tmp_path, *question, library=""):
    """What one of the probes, with its arguments, finds in a copy of a page without its content policy."""
    copy = tmp_path / "copy.html"
    scripts = (library, f"const ASKED = {json.dumps(question)};\n{PROBES.read_text(encoding='utf-8')}")
    added = "".join(f"<script>{script}</script>" for script in scripts)
    copy.write_text(POLICY.sub("", page).replace("</body>", f"{added}</body>"), encoding="utf-8")
    document, console = opened(copy, tmp_path)
    (told,) = re.findall(r'<pre id="probe">(.*?)</pre>', document, re.DOTALL)
    told = json.loads(html.unescape(told))
    assert "error" not in told, told
    return told, console
