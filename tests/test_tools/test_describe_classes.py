"""The tool that lets a language model describe classes: what is taken of a reply; order, resuming, what goes wrong."""

import pytest
from test_language_models.chat_server import chat_server, completion
from test_language_models.conftest import quick  # noqa: F401 - a fixture

from mmneglabel.cli.launch import one_line_errors
from mmneglabel.corpus import read_descriptions
from test_tools.loading import load_tool

COMMAND = load_tool("describe_classes")
TOOL = load_tool("_describe_classes")
pytestmark = pytest.mark.usefixtures("quick")


def described(question, nth):
    return 200, completion(f"A {question.split(chr(34))[1]} has a body, some colours and a place to be."), {}


@pytest.fixture
def describe(tmp_path, capsys):
    """Run the tool on a list against a server: returns the exit code, what was printed and the file."""
    out = tmp_path / "out.tsv"

    def run(listed, respond=described, *options):
        if listed is not None:
            (tmp_path / "classes.txt").write_text(listed)
        with chat_server(respond) as server:
            path = tmp_path / "classes.txt"
            args = COMMAND.parse_args(
                [str(path), str(out), "--endpoint", server.url, "--model", "tiny", "--concurrency", "1", *options]
            )
            code = one_line_errors(lambda: TOOL.run(args))
        run.asked = [question.split('"')[1] for question in server.asked]
        run.bodies = server.bodies
        return code, capsys.readouterr(), out

    return run


def test_writes_the_classes_in_order(describe):
    code, printed, out = describe("dog\naquarium_fish\ncat\n")
    assert code == 0, printed.err
    assert list(read_descriptions(out)) == ["dog", "aquarium fish", "cat"]
    assert out.read_text().startswith("# Described by tiny.\ndog\tA dog has a body")
    assert describe.bodies[0]["max_tokens"] == 200
    assert printed.out.startswith("3 of 3 classes to describe, 0 are in ")


@pytest.mark.parametrize(
    ("listed", "names"),
    [
        ("n02084071 dog\nn02121620 big cat\n", ["dog", "big cat"]),
        ("dogs\tgood dog\ncats\tcat\n", ["good dog", "cat"]),
        ("big cat\ndog\nbig cat\n", ["big cat", "dog"]),
    ],
)
def test_names_are_what_is_asked_about(describe, listed, names):
    assert describe(listed)[0] == 0
    assert sorted(describe.asked) == sorted(names)


def test_what_is_in_the_file_is_kept_and_not_asked_again(describe, tmp_path):
    out = tmp_path / "out.tsv"
    out.write_text("# Mine.\nemu\tA bird.\ncat\tA pet that I know.\n")
    code, _, _ = describe("dog\ncat\n")
    assert code == 0
    assert describe.asked == ["dog"]
    assert list(read_descriptions(out)) == ["dog", "cat", "emu"]
    assert read_descriptions(out)["cat"] == "A pet that I know."
    assert out.read_text().startswith("# Mine.\n# Described by tiny.\n")
    before = out.read_bytes()
    assert describe(None)[0] == 0
    assert describe.asked == []
    assert out.read_bytes() == before


def test_a_failure_loses_nothing_that_was_answered(describe):
    def third_fails(question, nth):
        return (400, {}, {}) if '"c"' in question else described(question, nth)

    code, printed, out = describe("a\nb\nc\nd\ne\n", third_fails)
    assert code == 1
    assert "status 400" in printed.err
    kept = set(read_descriptions(out))
    assert {"a", "b"} <= kept
    assert "c" not in kept
    assert describe(None)[0] == 0
    assert set(describe.asked) == set("abcde") - kept
    assert list(read_descriptions(out)) == list("abcde")


def test_bad_replies_are_asked_again_and_then_reported_by_class(describe):
    def refuse(question, nth):
        if '"cat"' in question or ('"emu"' in question and "could not be used" not in question):
            return 200, completion("Sorry, I cannot."), {}
        return described(question, nth)

    code, printed, out = describe("dog\ncat\nemu\n", refuse)
    assert code == 1
    last = printed.err.splitlines()[-1]
    assert "error: 1 classes are left: describe them by hand" in last
    assert last.endswith("cat (it is a refusal)")
    assert list(read_descriptions(out)) == ["dog", "emu"]


def test_bad_input_is_said_before_anything_is_asked(describe, tmp_path, monkeypatch):
    (tmp_path / "out.tsv").write_text("dog\n")
    code, printed, _ = describe("dog\n")
    assert code == 1
    assert "line 1 is 'dog'" in printed.err
    (tmp_path / "out.tsv").unlink()
    monkeypatch.delenv("OPENAI_API_KEY")
    code, printed, _ = describe("dog\n", described)
    assert "OPENAI_API_KEY holds no usable key" in printed.err
    assert describe.asked == []
    assert describe("dog\n", described, "--api-key-env", "none")[0] == 0
    (tmp_path / "classes.txt").unlink()
    code, printed, _ = describe(None)
    assert code == 1
    assert "classes.txt cannot be read" in printed.err


def test_a_folder_that_is_not_there(tmp_path, capsys):
    args = COMMAND.parse_args(["imagenet", str(tmp_path / "none" / "a.tsv"), "--model", "some/model"])
    assert one_line_errors(lambda: TOOL.run(args)) == 1
    assert "none' to write a.tsv into: make it first" in capsys.readouterr().err


def test_a_local_model_gets_the_same_questions():
    model = TOOL.language_model(COMMAND.parse_args(["a", "b", "--model", "some/model", "--batch-size", "3"]))
    assert (model.name, model.batch_size, model.max_tokens) == ("some/model", 3, 200)


BEAGLE = "A beagle is a small hound with long ears and a white-tipped tail."
TWELVE = "The cat has soft fur, a long tail and two upright ears."


@pytest.mark.parametrize(
    "reply",
    [
        BEAGLE,
        f"  {BEAGLE}\n",
        f'"{BEAGLE}"',
        f"**{BEAGLE}**",
        f"- {BEAGLE}",
        f"<think>\nA hound. What else?\n</think>\n\n{BEAGLE}",
        f"Sure! Here is a description:\n\n{BEAGLE}",
        f"Here's one sentence: {BEAGLE}",
        f"Description:\n{BEAGLE}",
        f"{BEAGLE}\n\nI hope this helps! Ask me for more.",
        BEAGLE.replace(" ", "\t"),
        f"{BEAGLE} Its coat is short and",
    ],
)
def test_the_sentence_is_found(reply):
    assert TOOL.cleaned(reply) == BEAGLE


def test_sentences_are_kept_while_they_fit():
    assert TOOL.cleaned(" ".join([TWELVE] * 9)) == " ".join([TWELVE] * 4)
    assert TOOL.MOST_WORDS == 50
    assert TOOL.cleaned("a small hound with long ears") == "a small hound with long ears"
    assert (
        TOOL.cleaned("The cat\u2019s fur is soft, approx. 2.5 cm long.")
        == "The cat's fur is soft, approx. 2.5 cm long."
    )
    assert TOOL.cleaned("Beagle: a small hound with long ears.") == "Beagle: a small hound with long ears."


@pytest.mark.parametrize(
    ("reply", "fault"),
    [
        ("", "it is empty"),
        (' "" \n\n', "it is empty"),
        ("<think>I must describe", "it is empty"),
        ("I'm sorry, but I cannot do that for you.", "it is a refusal"),
        ("I can\u2019t describe what I have not seen.", "it is a refusal"),
        ("As an AI, I see no pictures of beagles.", "it is a refusal"),
        ("A small hound.", "it has 3 words"),
        ("A hound " + "with ears " * 30, "it has 62 words and should have 5 to 50"),
        ("* small\n* brown\n* long ears", "it has 3 lines, of which the first is no sentence"),
    ],
)
def test_what_cannot_be_used_says_why(reply, fault):
    with pytest.raises(TOOL.UnusableReplyError, match=fault):
        TOOL.cleaned(reply)


class Scripted:
    """Replies by class and attempt, last question first."""

    def __init__(self, **replies):
        self.left, self.asked = replies, []

    def replies(self, system, questions):
        assert system == TOOL.SYSTEM
        for index in reversed(range(len(questions))):
            name = questions[index].split('"')[1]
            self.asked.append(questions[index])
            yield index, self.left[name].pop(0)


def test_a_second_question_says_what_was_wrong():
    model = Scripted(cat=[TWELVE], beagle=["Sorry, no.", BEAGLE], emu=["", "Sorry, no."])
    answers = list(TOOL.describe_classes(model, ["cat", "beagle", "emu"]))
    assert [(name, str(answer)) for name, answer in answers] == [
        ("cat", TWELVE),
        ("beagle", BEAGLE),
        ("emu", "it is a refusal"),
    ]
    assert isinstance(answers[2][1], TOOL.UnusableReplyError)
    assert model.asked[:3] == [TOOL.question("emu"), TOOL.question("beagle"), TOOL.question("cat")]
    assert model.asked[3:] == [TOOL.question("beagle", "it is a refusal"), TOOL.question("emu", "it is empty")]
    assert "Your last reply could not be used: it is empty." in model.asked[4]


def test_nothing_more_is_asked_once_all_are_described():
    model = Scripted(cat=[TWELVE])
    assert list(TOOL.describe_classes(model, ["cat"])) == [("cat", TWELVE)]
    assert len(model.asked) == 1
    assert list(TOOL.describe_classes(model, [])) == []
