"""The local model: batches and padding change nothing, and an independent forward pass gives the same answers."""

import gc
import os
import sys
import weakref

import pytest
import torch

os.environ.setdefault("HF_HUB_OFFLINE", "1")  # before transformers is imported: no test asks a hub

transformers = pytest.importorskip("transformers", reason="needs transformers: pip install 'mmneglabel[hf]'")

from tokenizers import Tokenizer, models, pre_tokenizers  # noqa: E402

from mmneglabel.errors import ConfigError, LanguageModelError  # noqa: E402
from mmneglabel.language_models import LocalLanguageModel  # noqa: E402
from mmneglabel.language_models.local import prompt_ids  # noqa: E402

SYSTEM = "answer Yes or No"
CHAT = "{% for m in messages %}<{{ m.role }}> {{ m.content }} {% endfor %}"
CHAT += "{% if add_generation_prompt %}<assistant>{% endif %}"
NO_SYSTEM = "{% if messages[0].role == 'system' %}{{ raise_exception('no system role') }}{% endif %}" + CHAT
WORDS = [f"w{i}" for i in range(40)]
VOCABULARY = ["?", "Yes", "No", "Answer:", "<system>", "<user>", "<assistant>", *SYSTEM.split()[:1], "or", *WORDS]
QUESTIONS = [" ".join(WORDS[(i * k + k) % 40] for k in range(1, 2 + i % 13)) for i in range(26)]


def save_tokenizer(folder, chat_template=None):
    tokenizer = Tokenizer(models.WordLevel({word: i for i, word in enumerate(VOCABULARY)}, unk_token="?"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    wrapped = transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer, unk_token="?")
    wrapped.chat_template = chat_template
    wrapped.save_pretrained(folder)
    return wrapped


def save_model(folder, family, seed=0):
    """Random weights, large enough that each question has an answer of its own among the words."""
    torch.manual_seed(seed)
    sizes = {"vocab_size": len(VOCABULARY), "tie_word_embeddings": False, "bos_token_id": None, "eos_token_id": None}
    if family == "llama":
        config = transformers.LlamaConfig(
            **sizes, hidden_size=16, intermediate_size=32, num_hidden_layers=2, num_attention_heads=2
        )
        model = transformers.LlamaForCausalLM(config)
    else:
        model = transformers.GPT2LMHeadModel(
            transformers.GPT2Config(**sizes, n_embd=16, n_layer=2, n_head=2, n_positions=64)
        )
    with torch.no_grad():
        for weights in model.parameters():
            if weights.ndim == 2:
                weights.normal_(std=0.5)
    model.save_pretrained(folder)
    return model.eval()


@pytest.fixture(params=["llama", "gpt2"])
def family(request):
    return request.param


@pytest.fixture(autouse=True)
def one_thread():
    """Threads that wait for each other cost a tiny model far more than they bring."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def answers(folder, **settings):
    replies = list(LocalLanguageModel(folder, **settings).replies(SYSTEM, QUESTIONS))
    assert sorted(index for index, _ in replies) == list(range(len(QUESTIONS)))
    return [reply.strip() for _, reply in sorted(replies)]


def greedy(model, prompt, ends, length):
    """Token after token, each from a whole forward pass over one unpadded prompt; as text, special tokens left out."""
    ids = [VOCABULARY.index(word) for word in prompt.split()]
    reply = []
    while len(reply) < length:
        with torch.no_grad():
            token = int(model(torch.tensor([ids + reply])).logits[0, -1].argmax())
        if token in ends:
            break
        reply.append(token)
    return " ".join(VOCABULARY[token] for token in reply if token != VOCABULARY.index("?"))


@pytest.mark.parametrize("template", [None, CHAT], ids=["plain", "chat"])
def test_answers_are_those_of_one_unpadded_pass_each(tmp_path, family, template):
    tokenizer, model = save_tokenizer(tmp_path, template), save_model(tmp_path, family)
    asked = f"<system> {SYSTEM} <user> {{}} <assistant>" if template else f"{SYSTEM} {{}} Answer:"
    expected = [greedy(model, asked.format(question), (), 1) for question in QUESTIONS]
    assert tokenizer(QUESTIONS[0])["input_ids"] == [VOCABULARY.index(word) for word in QUESTIONS[0].split()]
    assert len(set(expected)) > 5, "the model says the same to all: the test would prove nothing"
    assert answers(tmp_path) == expected
    assert answers(tmp_path, batch_size=1) == expected
    assert answers(tmp_path, batch_size=7) == expected


@pytest.mark.parametrize("ends", [(), (20,), (9, 17, 25, 33)], ids=str)
def test_longer_replies_are_those_of_one_unpadded_pass_a_token(tmp_path, family, ends):
    tokenizer, model = save_tokenizer(tmp_path), save_model(tmp_path, family)
    # What a model brings along for its generation must not decide: these would change every reply.
    model.generation_config.eos_token_id = list(ends) or None
    model.generation_config.update(do_sample=True, temperature=5.0, repetition_penalty=3.0, max_length=3)
    model.generation_config.save_pretrained(tmp_path)
    expected = [greedy(model, f"{SYSTEM} {question} Answer:", ends, 12) for question in QUESTIONS]
    assert len(set(expected)) > 5
    if ends:
        assert len({len(reply.split()) for reply in expected}) > 2, (
            "all are of one length: the test would prove nothing"
        )
    assert tokenizer.eos_token_id is None
    assert answers(tmp_path, max_tokens=12) == expected
    assert answers(tmp_path, max_tokens=12, batch_size=1) == expected
    assert answers(tmp_path, max_tokens=12, batch_size=7) == expected


def test_where_the_model_names_no_end_its_tokenizer_does(tmp_path):
    tokenizer, model = save_tokenizer(tmp_path), save_model(tmp_path, "llama")
    tokenizer.eos_token = VOCABULARY[17]
    tokenizer.save_pretrained(tmp_path)
    expected = [greedy(model, f"{SYSTEM} {question} Answer:", (17,), 12) for question in QUESTIONS]
    assert answers(tmp_path, max_tokens=12) == expected
    assert answers(tmp_path) == [" ".join(reply.split()[:1]) for reply in expected]


def test_the_length_of_replies_is_no_part_of_the_name():
    assert LocalLanguageModel("some/model", max_tokens=200).name == "some/model"


def test_a_template_without_a_system_role(tmp_path):
    tokenizer = save_tokenizer(tmp_path, NO_SYSTEM)
    spelled = [VOCABULARY[i] for i in prompt_ids(tokenizer, SYSTEM, "w3 w4")]
    assert spelled == ["<user>", *SYSTEM.split(), "w3", "w4", "<assistant>"]


def test_a_model_that_could_think_is_told_not_to(tmp_path):
    template = CHAT + "{% if enable_thinking is defined and not enable_thinking %} No{% endif %}"
    tokenizer = save_tokenizer(tmp_path, template)
    assert VOCABULARY[prompt_ids(tokenizer, SYSTEM, "w3")[-1]] == "No"


def test_nothing_is_loaded_before_the_first_question(tmp_path):
    model = LocalLanguageModel(tmp_path / "absent")
    assert model.name == str(tmp_path / "absent")
    replies = model.replies(SYSTEM, ["w1"])
    with pytest.raises(LanguageModelError, match=r"absent cannot be loaded .*give a folder or hub name") as caught:
        next(replies)
    assert "\n" not in str(caught.value)


def test_a_folder_that_holds_no_model(tmp_path):
    save_tokenizer(tmp_path)
    with pytest.raises(LanguageModelError, match="cannot be loaded"):
        next(LocalLanguageModel(tmp_path).replies(SYSTEM, ["w1"]))


def test_dtype(tmp_path):
    save_tokenizer(tmp_path)
    save_model(tmp_path, "llama")
    model = LocalLanguageModel(tmp_path, dtype="bfloat16", device="cpu")
    assert len(list(model.replies(SYSTEM, QUESTIONS))) == len(QUESTIONS)
    assert {weights.dtype for weights in model._loaded[1].parameters()} == {torch.bfloat16}


def test_close_frees_and_the_next_question_loads_again(tmp_path):
    save_tokenizer(tmp_path)
    save_model(tmp_path, "llama")
    model = LocalLanguageModel(tmp_path, device="cpu")
    before = sorted(model.replies(SYSTEM, QUESTIONS))
    weights = weakref.ref(model._loaded[1])
    model.close()
    gc.collect()
    assert weights() is None
    assert sorted(model.replies(SYSTEM, QUESTIONS)) == before


@pytest.mark.parametrize("max_tokens", [1, 2])
def test_out_of_memory_is_one_line(tmp_path, monkeypatch, max_tokens):
    save_tokenizer(tmp_path)
    save_model(tmp_path, "llama")

    def fail(*args, **kwargs):
        raise torch.OutOfMemoryError("CUDA out of memory")

    model = LocalLanguageModel(tmp_path, device="cpu", max_tokens=max_tokens)
    monkeypatch.setattr(model._loaded[1].lm_head, "forward", fail)
    with pytest.raises(LanguageModelError, match="lower batch_size"):
        next(model.replies(SYSTEM, QUESTIONS))


def test_missing_package(monkeypatch):
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(LanguageModelError, match=r"pip install 'mmneglabel\[hf\]'"):
        next(LocalLanguageModel("some/model").replies(SYSTEM, ["w1"]))


@pytest.mark.parametrize("setting", [{"batch_size": 0}, {"max_tokens": 0}, {"dtype": "int8"}], ids=str)
def test_settings_out_of_range(setting):
    with pytest.raises(ConfigError, match=next(iter(setting))):
        LocalLanguageModel("some/model", **setting)


def test_the_name_is_the_path_in_its_shortest_form():
    assert LocalLanguageModel("./models/m/").name == LocalLanguageModel("models/m").name == "models/m"
    assert LocalLanguageModel("Qwen/Qwen2.5").name == "Qwen/Qwen2.5"
