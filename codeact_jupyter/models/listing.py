"""What an endpoint lists as its models: their names, and how much they can read.

The protocol knows names only. Servers add the context size in places of their own, and
only the size that is served counts, not the one that a model was trained with.

Called by :class:`~codeact_jupyter.models.client.ChatModel`; takes payloads of any shape.
"""

from __future__ import annotations

from typing import Any

_SIZES = ("max_model_len", "n_ctx", "context_length", "context_window")
"""By vLLM, llama.cpp (inside ``meta``), OpenRouter and Groq."""


def names(payload: object) -> list[str]:
    """Return the model names in an answer to ``GET /models``, whatever its shape."""
    ids = [model.get("id") for model in _models(payload)]
    return [name for name in ids if isinstance(name, str) and name]


def context_of(payload: object, name: str) -> int | None:
    """Return the context size of the model ``name`` in tokens, or None where none is told."""
    for model in _models(payload):
        if model.get("id") == name:
            meta = model.get("meta")
            facts = {**model, **(meta if isinstance(meta, dict) else {})}
            sizes = [facts.get(word) for word in _SIZES]
            return next((size for size in sizes if isinstance(size, int) and size > 0), None)
    return None


def _models(payload: object) -> list[dict[Any, Any]]:
    models = payload.get("data") if isinstance(payload, dict) else payload
    models = models if isinstance(models, list) else []
    return [model for model in models if isinstance(model, dict)]
