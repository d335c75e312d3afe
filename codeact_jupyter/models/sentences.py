"""What the user is told when a model gives no answer that can be used.

All sentences of this package's faults stand here, next to each other, so that they keep
one voice: what happened, what it means, what to do next. ``{at}`` is the endpoint's host,
``{address}`` its :class:`~codeact_jupyter.models.address.Address`, ``{no}`` the
:class:`~codeact_jupyter.models.faults.Refusal`, whose ``said`` ends the sentence.

They never know who asked, a cell, a command or a script: "run the prompt again" fits all.

No placeholder ever stands for a key, a whole URL or a text that was not made fit by
:func:`~codeact_jupyter.models.text.quoted`.
"""

from __future__ import annotations

NO = (
    "The endpoint {at} refused the request ({no.status}){no.said} Check the model and the "
    "settings, or look at what serves this endpoint."
)
KEY_REFUSED = (
    "The endpoint {at} refused the key (401). Set {address.key_name} to a key that belongs to "
    "{address.the_url}, and run the prompt again."
)
KEY_MISSING = (
    "The endpoint {at} asks for a key (401), and none is set. Set {address.key_name} to a key "
    "that belongs to {address.the_url}, and run the prompt again."
)
NOT_ALLOWED = (
    "The endpoint {at} does not allow this (403){no.said} Ask whoever runs it, or set another "
    "model or {address.key_name}."
)
NO_MODEL = "The endpoint {address.url} has no model {no.model!r} ({no.status}){no.said}"
NO_PATH = (
    "The endpoint {at} has nothing at {address.url!r} ({no.status}){no.said} A base URL usually "
    "ends in /v1: check {address.the_url}."
)
REDIRECTED = (
    "The endpoint {at} sends the request on to {to} ({no.status}), and neither your prompt nor "
    "your key is sent there unasked. If that is the right place, set it in {address.url_name}."
)
USED_UP = (
    "The quota or the credit at {at} is used up ({no.status}){no.said} Asking again will not "
    "help: look at the account there, or set another endpoint."
)
OVERLOADED = "The endpoint {at} {brief}{no.said} Wait a little and run the prompt again."
LATER = "The endpoint {at} {brief}{no.said} It asks to wait: try again at {time}."
FULL = (
    "The conversation is longer than the model takes, says the endpoint {at}{no.said} Shorten it, "
    "or give the server a longer context (Ollama: num_ctx, llama.cpp: --ctx-size)."
)
OVER_LIMIT = (
    "The prompt has about {tokens:,} tokens by our estimate, with all that the model is told "
    "before it, and the limit of a turn is {limit:,} in both directions. Nothing was sent; allow "
    "more with `--max-tokens`, or begin a new conversation."
)
OVER_WINDOW = (
    "The conversation has about {tokens:,} tokens by our estimate, too many for the model's window "
    "of {window:,} with {room:,} kept for its reply, so it was not sent. Begin a new one with "
    "`%%codeact --new`, or choose a profile with a longer window: `--profile NAME`."
)
REPORTED = (
    "The endpoint {at} reported an error instead of an answer{no.said} Run the prompt again; if it "
    "stays, look at what serves this endpoint."
)
TOO_MUCH = (
    "The endpoint {at} sent more than {limit:,} bytes for one answer, so the connection was "
    "closed. Ask for something shorter, or look at what serves this endpoint."
)
UNSENDABLE = (
    "The request holds text that cannot be sent as UTF-8, so nothing was sent. Look for broken "
    "characters in the notebook's outputs."
)
UNREADABLE = (
    "The endpoint {at} sent {text}, so its answer cannot be relied upon. Run the prompt again; if "
    "it stays, look at what serves this endpoint."
)
STRANGER = (
    "What answers at {address.url!r} is not an OpenAI-style endpoint: no chat completion came. "
    "A base URL usually ends in /v1: check {address.the_url}."
)
REFUSED = (
    "The endpoint {at} refused the connection: no server listens there. Start it, or check "
    "{address.the_url}."
)
NOT_FOUND = "The host of {at} was not found. Check the network, and {address.the_url}."
TLS = (
    "TLS failed with {at} ({name}): it speaks plain HTTP, or its certificate is not trusted here. "
    "Check whether {address.the_url} must begin with http:// or https://."
)
NO_CONNECTION = (
    "The endpoint {at} did not take the connection in time. Check the network, and "
    "{address.the_url}."
)
DAMAGED = (
    "The endpoint {at} sent an answer that cannot be unpacked ({name}). Look at what serves this "
    "endpoint, or at a proxy before it."
)
PROXY = "The proxy on the way to {at} did not let the request pass. Check HTTPS_PROXY and NO_PROXY."
BROKE_OFF = (
    "The endpoint {at} closed the connection before its answer was whole. Run the prompt again; if "
    "it stays, look at what serves this endpoint."
)
NOT_HTTP = "What listens at {at} does not speak HTTP. Check host and port of {address.the_url}."
UNUSABLE = "The endpoint's URL {address.url!r} cannot be used. Correct {address.the_url}."
UNKNOWN = (
    "The request to {at} failed ({name}). Run the prompt again; if it stays, check "
    "{address.the_url}."
)

# --- what came, but must not be acted upon -----------------------------------------

CUT = (
    "The answer was cut: {at} ended it without a finish reason. What had come is kept and "
    "nothing of it ran; run the prompt again."
)
BROKEN_OFF = "The answer was cut; what had come is kept and nothing of it ran. {message}"
EMPTY = (
    "The endpoint {at} answered twice with nothing. Run the prompt again, word it in another way, "
    "or set another model than {model!r}."
)
REFUSAL = "The model {model!r} refused: {words} Nothing ran; word the prompt in another way."
FILTERED = (
    "The content filter at {at} stopped the answer. What had come is kept and nothing of it ran; "
    "word the prompt in another way."
)
FAILED = "The endpoint {at} broke the answer off with a fault of its own. Run the prompt again."
TOO_LONG = (
    "The answer grew past the {limit:,} tokens that are left to it, so the connection was closed. "
    "What had come is kept and nothing of it ran; raise the token limit or ask for less."
)
NO_START = (
    "The endpoint {at} has not begun to answer within {seconds:g} s. A slow machine may still be "
    "loading or reading; run the prompt again, or look at what serves this endpoint."
)
STILL = (
    "The endpoint {at} has sent nothing more for {seconds:g} s, in the middle of its answer. What "
    "had come is kept and nothing of it ran; run the prompt again."
)
OUT_OF_TIME = (
    "The answer of {at} was not whole after the {seconds:g} s that were left to it. What had come "
    "is kept and nothing of it ran; raise the time limit or ask for less."
)

# --- what is shown while it goes on ------------------------------------------------

WAITING = "The endpoint {at} {brief}: waiting {seconds:g} s, then try {next} of {tries}."
WITHOUT = "The endpoint {at} does not take `{field}`: asking without it."
NOTHING_CAME = "The endpoint {at} answered with nothing: asking once more."

# --- the model's name --------------------------------------------------------------

SEVERAL = "The endpoint {at} has several models: {names}. {how}"
NONE = "The endpoint {at} does not say which models it has. {how}"
HOW = (
    'Name one: `--model NAME` for one prompt, `%config CodeAct.model = "NAME"` for this session, '
    "or the environment variable CODEACT_MODEL."
)
NO_WIRE = (
    "No connection to {at} can be made with the settings of this machine. Check HTTP_PROXY, "
    "HTTPS_PROXY, ALL_PROXY and SSL_CERT_FILE."
)
