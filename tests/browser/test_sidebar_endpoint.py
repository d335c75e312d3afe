"""The head of the chat: which model is asked, within which limits; and its cures."""

import json

import pytest
from endpoint import fault
from playwright.sync_api import expect
from ports import free_port
from waiting import until

KEY = "canary-key-3f9a1c77"
ADD = "I add.\n\n```python\ntotal = 41 + 1\n```"


@pytest.fixture
def open_chat(open_chat):
    """Open the chat, with the details of its head; no setting is changed behind the test."""
    opened = []

    def with_details(*cells):
        chat = open_chat(*cells)
        opened.append(chat)
        chat.node.get_by_title("The model, its endpoint").click()
        return chat

    yield with_details
    for chat in opened:
        for label in ("Model", "Steps", "Tokens", "Seconds"):
            chat.set(label, "")


def known(chat, label):
    """What the kernel has last said of a setting: what was typed goes with the details."""
    for _ in range(2):
        chat.node.get_by_title("The model, its endpoint").click()
    return chat.setting(label).input_value()


@pytest.fixture
def frames(page):
    """What goes between the page and the kernels of notebooks that are opened from now on."""
    frames = []

    def keep(payload):
        frames.append(payload if isinstance(payload, bytes) else payload.encode())

    def follow(socket):
        socket.on("framesent", keep)
        socket.on("framereceived", keep)

    page.on("websocket", follow)
    yield frames
    page.remove_listener("websocket", follow)


def test_a_model_of_the_list_is_asked_from_the_next_message_on(open_chat, model):
    model.models = ["scripted", "other"]
    chat = open_chat()
    expect(chat.node.locator("datalist option")).to_have_count(2)
    listed = chat.node.locator("datalist option").evaluate_all("all => all.map(one => one.value)")
    assert listed == ["scripted", "other"]
    chat.set("Model", "other")
    expect(chat.button("other")).to_be_visible()
    model.script("Hello.", "Hello again.")
    chat.say("Hi.")
    chat.until_answered()
    assert model.requests[-1].json["model"] == "other"
    chat.set("Model", "")
    expect(chat.setting("Model")).to_have_value("scripted")
    chat.say("Hi again.")
    expect(chat.steps.last).to_contain_text("again")
    assert model.requests[-1].json["model"] == "scripted"


def test_a_limit_is_changed_and_a_bad_one_is_refused(open_chat, model):
    chat = open_chat()
    expect(chat.setting("Tokens")).to_have_value("100000")
    for label, words, sentence in (
        ("Steps", "1,5", "“1,5” cannot be used: it takes a whole number from 1 on. It stays 20."),
        ("Tokens", "0", "“0” cannot be used: it takes a whole number from 1 on. It stays 100000."),
        ("Seconds", "x", "“x” cannot be used: it takes a number from 1 on, such as 1.5. It stays"),
    ):
        chat.set(label, words)
        expect(chat.node.locator(".codeact-Sidebar-limits").get_by_role("status")).to_contain_text(
            sentence
        )
        expect(chat.setting(label)).to_have_value(words)
        chat.setting(label).press("Escape")
        expect(chat.node.get_by_role("status")).to_have_count(0)
    chat.set("Steps", "1")
    until(lambda: known(chat, "Steps") == "1")
    model.script(ADD)
    chat.node.get_by_label("Run actions without asking").check()
    chat.say("Add.")
    expect(chat.node).to_contain_text("Stopped at the limit of 1 step")
    chat.node.get_by_label("Run actions without asking").uncheck()


def test_what_the_kernel_has_by_config_counts_first_and_that_is_said(open_chat):
    chat = open_chat("%config CodeAct.max_steps = 7")
    expect(chat.setting("Steps")).to_have_value("7")
    chat.set("Steps", "9")
    expect(chat.node.get_by_role("status")).to_have_text(
        "%config in this kernel says 7, and counts first."
    )


def test_an_endpoint_that_is_off_and_one_that_refuses_the_key_say_the_cure(open_chat, model):
    model.models = fault("401")
    chat = open_chat()
    trouble = chat.node.locator(".codeact-Sidebar-trouble")
    expect(trouble).to_contain_text("refused the key (401). Set CODEACT_API_KEY to a key")
    expect(trouble.get_by_role("button", name="Enter the key…")).to_be_visible()
    model.models = ["scripted"]
    trouble.get_by_role("button", name="Try again").click()
    expect(trouble).to_have_count(0)
    chat.book.run_beside(f"%config CodeAct.base_url = 'http://127.0.0.1:{free_port()}/v1'")
    chat.set("Tokens", "99999")  # the kernel is asked anew
    expect(trouble).to_contain_text("no server listens there. Start it, or check the URL")


def test_a_key_is_entered_at_the_kernel_s_own_prompt_and_stays_there(open_chat, model, frames):
    chat = open_chat("%config CodeAct.base_url = 'https://models.example/v1'")
    trouble = chat.node.locator(".codeact-Sidebar-trouble")
    expect(trouble.first).to_contain_text("This endpoint needs a key, and none is there.")
    chat.book.run_beside(f"%config CodeAct.base_url = '{model.base_url}'")
    dialog = chat.page.locator(".jp-Dialog")
    chat.button("Enter the key…").click()
    expect(dialog).to_contain_text("API key for 127.0.0.1")
    dialog.locator("input[type=password]").fill(KEY)
    chat.page.keyboard.press("Enter")
    toast = chat.page.locator(".Toastify__toast")
    expect(toast).to_contain_text("is kept for this kernel only")
    toast.get_by_role("button").first.click()
    expect(trouble).to_have_count(0)
    model.script("Hello.")
    chat.say("Hi.")
    chat.until_answered()
    assert model.requests[-1].headers["authorization"] == f"Bearer {KEY}"
    # asked anew; what was asked before may come after it
    until(lambda: any(KEY in str(listing.headers) for listing in model.listings))
    chat.book.save()
    assert KEY not in json.dumps(chat.book.model())
    assert KEY not in chat.book.path.read_text()
    assert KEY not in chat.node.inner_text()
    (told,) = [frame for frame in frames if KEY.encode() in frame]
    assert b"input_reply" in told
