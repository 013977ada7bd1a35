"""The front page: short, the same in every language, and leading on to the pages that say the rest.

Its commands: `tests/test_commands.py`; what they print: `tests/test_demo.py`.
"""

import re

import pytest
from documents import FENCE, read
from paths import ROOT

ENGLISH, *OTHERS = READMES = ["README.md", "README_zh-CN.md"]
LINK = re.compile(r"\]\(([^)]+)\)")


def said(pattern, document):
    return re.findall(pattern, read(document), re.MULTILINE)


def without_comments(block):
    return re.sub(r" *#.*", "", block)


@pytest.mark.parametrize("document", READMES)
def test_it_is_short_and_begins_with_a_picture_and_a_command(document):
    lines = read(document).splitlines()
    assert len(lines) <= 120
    # Of Chinese, Japanese and Korean a letter has two columns.
    width = {line: sum(2 if ord(letter) > 0x2E7F else 1 for letter in line) for line in lines}
    assert [line for line, columns in width.items() if columns > 100] == []
    beginning = "\n".join(lines[:40])
    (picture,) = re.findall(r"^!\[[^\]]{20,}\]\((\S+)\)$", beginning, re.MULTILINE)
    assert (ROOT / picture).is_file()
    assert "```bash\nmake demo" in beginning


@pytest.mark.parametrize("document", READMES)
def test_it_links_to_the_others_at_once(document):
    links = LINK.findall("\n".join(read(document).splitlines()[:5]))
    assert set(READMES) - {document} <= set(links)


@pytest.mark.parametrize("document", OTHERS)
def test_a_translation_says_the_same(document):
    """Blocks but for their comments, links in their order, and every row of numbers."""
    for fenced in (FENCE.findall(read(one)) for one in (ENGLISH, document)):
        assert fenced
    blocks = [
        [(name, without_comments(text)) for _, name, text in FENCE.findall(read(one))] for one in (ENGLISH, document)
    ]
    assert blocks[1] == blocks[0]
    others = set(READMES)
    links = [[link for link in LINK.findall(read(one)) if link not in others] for one in (ENGLISH, document)]
    assert sorted(links[1]) == sorted(links[0])
    rows = [said(r"^\| ([\w-]+) \| ([\d.]+) \| ([\d.]+) \|$", one) for one in (ENGLISH, document)]
    assert rows[1] == rows[0]
    assert len(rows[0]) == 4
    numbers = [sorted(re.findall(r"\d[\d,.]*\d|\d", FENCE.sub("", read(one)))) for one in (ENGLISH, document)]
    assert numbers[1] == numbers[0]
    marked = [sorted(set(re.findall(r"`([^`\n]+)`", FENCE.sub("", read(one))))) for one in (ENGLISH, document)]
    assert marked[1] == marked[0]


@pytest.mark.parametrize("document", READMES)
def test_both_meanings_of_fpr95_and_the_sign_are_told(document):
    text = read(document)
    assert "fpr95_id_positive" in text
    assert "fpr95_ood_positive" in text


def test_the_command_for_ones_own_images_is_its_pages():
    (command,) = said(r"^(python -m mmneglabel evaluate .*?) +#", ENGLISH)
    assert f"{command}\n" in read("docs/your_data.md")
