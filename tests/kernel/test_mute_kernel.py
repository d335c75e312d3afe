"""A kernel of our own that sends no outputs any more, and one that only seems to."""

import os

import pytest
from running import act, children_of

from codeact_jupyter import Session
from codeact_jupyter.errors import KernelSilent
from codeact_jupyter.hosts import process


def test_a_kernel_that_has_become_mute_is_waited_for_no_longer(model, monkeypatch):
    """As ipykernel does at times after a lone surrogate was printed."""
    monkeypatch.setattr(process, "IDLE_SECONDS", 0.5)
    mute = (
        "import threading\nkernel = get_ipython().kernel\n"
        "kernel.iopub_thread.io_loop.add_callback(threading.Event().wait)"
    )
    model.script(act(mute))
    before = children_of(os.getpid())
    with Session() as session:
        turn = session.ask("Be mute.", auto=True)
        assert "for 0.5 s it has sent no outputs any more" in turn.ending.sentence
        with pytest.raises(KernelSilent):
            session.run_cell("1")
    assert children_of(os.getpid()) <= before


def test_a_kernel_whose_first_words_were_not_heard_is_not_mute(monkeypatch):
    """Its outputs may be connected to only after the first reply; a silent cell is no sign."""
    monkeypatch.setattr(process, "IDLE_SECONDS", 0.2)
    take, lost = process.KernelProcess._take_output, []

    def deaf_at_first(kernel, message):
        first = message["parent_header"].get("msg_type") == "kernel_info_request"
        if first and len(lost) < 2:
            lost.append(message)
        else:
            take(kernel, message)

    monkeypatch.setattr(process.KernelProcess, "_take_output", deaf_at_first)
    with Session() as session:
        assert session.run_cell("import time\ntime.sleep(1)").status == "ok"
    assert [each["content"]["execution_state"] for each in lost] == ["busy", "idle"]
