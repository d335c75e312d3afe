"""The host's two threads: what an interrupt and a broken screen leave behind."""

import threading

import pytest

from codeact_jupyter.hosts.front import Front
from codeact_jupyter.hosts.inline import InlineHost
from codeact_jupyter.types import Notice

FRONT = Front(notebook=False, rich=False, can_ask=False, sends_metadata=False)


class Screen:
    def __init__(self, fault):
        self.fault = fault

    def show(self, progress):
        raise self.fault


def turn_threads():
    return [thread for thread in threading.enumerate() if thread.name == "codeact-turn"]


@pytest.mark.parametrize("fault", [KeyboardInterrupt(), OSError("the terminal is gone")])
def test_nothing_runs_after_the_screen_was_interrupted_or_broke(fault):
    ran = []
    host = InlineHost(None, None, Screen(fault), FRONT)

    async def turn():
        host.show(Notice(sentence="soon"))
        await host._call(lambda: ran.append("action"))

    with pytest.raises(BaseException):  # noqa: B017, PT011 - cancelled, or the screen's own
        host.serve(turn)
    assert ran == []
    assert host.stopping
    assert turn_threads() == []


def test_what_is_asked_for_is_done_on_the_thread_that_serves():
    host = InlineHost(None, None, Screen(None), FRONT)

    async def turn():
        return await host._call(threading.current_thread)

    assert host.serve(turn) is threading.current_thread()
