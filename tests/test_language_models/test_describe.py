"""What is taken of a reply, and that a class is asked about once more where it cannot be used."""

import pytest

from mmneglabel.language_models.describe import (
    MOST_WORDS,
    SYSTEM,
    UnusableReplyError,
    cleaned,
    describe_classes,
    question,
)

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
    assert cleaned(reply) == BEAGLE


def test_sentences_are_kept_while_they_fit():
    assert cleaned(" ".join([TWELVE] * 9)) == " ".join([TWELVE] * 4)
    assert MOST_WORDS == 50
    assert cleaned("a small hound with long ears") == "a small hound with long ears"
    assert cleaned("The cat\u2019s fur is soft, approx. 2.5 cm long.") == "The cat's fur is soft, approx. 2.5 cm long."
    assert cleaned("Beagle: a small hound with long ears.") == "Beagle: a small hound with long ears."


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
    with pytest.raises(UnusableReplyError, match=fault):
        cleaned(reply)


class Scripted:
    """Replies by class and attempt, last question first."""

    def __init__(self, **replies):
        self.left, self.asked = replies, []

    def replies(self, system, questions):
        assert system == SYSTEM
        for index in reversed(range(len(questions))):
            name = questions[index].split('"')[1]
            self.asked.append(questions[index])
            yield index, self.left[name].pop(0)


def test_a_second_question_says_what_was_wrong():
    model = Scripted(cat=[TWELVE], beagle=["Sorry, no.", BEAGLE], emu=["", "Sorry, no."])
    answers = list(describe_classes(model, ["cat", "beagle", "emu"]))
    assert [(name, str(answer)) for name, answer in answers] == [
        ("cat", TWELVE),
        ("beagle", BEAGLE),
        ("emu", "it is a refusal"),
    ]
    assert isinstance(answers[2][1], UnusableReplyError)
    assert model.asked[:3] == [question("emu"), question("beagle"), question("cat")]
    assert model.asked[3:] == [question("beagle", "it is a refusal"), question("emu", "it is empty")]
    assert "Your last reply could not be used: it is empty." in model.asked[4]


def test_nothing_more_is_asked_once_all_are_described():
    model = Scripted(cat=[TWELVE])
    assert list(describe_classes(model, ["cat"])) == [("cat", TWELVE)]
    assert len(model.asked) == 1
    assert list(describe_classes(model, [])) == []
