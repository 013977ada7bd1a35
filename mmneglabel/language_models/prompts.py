"""A question as a local model's tokens: in its own chat form, or as plain text for a model without one."""

from typing import Any


def prompt_ids(tokenizer: Any, system: str, question: str) -> list[int]:
    """Tokens after which the model's answer begins.

    Args:
        tokenizer: a Hugging Face tokenizer.
        system: the system prompt.
        question: what is asked.
    """
    if not tokenizer.chat_template:
        return tokenizer(f"{system}\n\n{question}\nAnswer:")["input_ids"]
    # The template writes the special tokens itself.
    return tokenizer(_chat(tokenizer, system, question), add_special_tokens=False)["input_ids"]


def _chat(tokenizer: Any, system: str, question: str) -> str:
    """The question in the tokenizer's chat form; a template without a system role gets all in the user's turn."""
    from jinja2 import TemplateError

    # Models that think before they answer leave that out where their template knows this setting.
    options = {"tokenize": False, "add_generation_prompt": True, "enable_thinking": False}
    turns = [{"role": "system", "content": system}, {"role": "user", "content": question}]
    try:
        return tokenizer.apply_chat_template(turns, **options)
    except TemplateError:
        merged = [{"role": "user", "content": f"{system}\n\n{question}"}]
        return tokenizer.apply_chat_template(merged, **options)
