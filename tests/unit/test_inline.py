"""The host's two threads: what an interrupt and a broken screen leave behind."""

import asyncio
import signal
import threading

import pytest

from codeact_jupyter.hosts.desk import Desk
from codeact_jupyter.hosts.front import Front
from codeact_jupyter.hosts.inline import InlineHost
from codeact_jupyter.hosts.worker import NAME, Worker
from codeact_jupyter.progress import Notice

FRONT = Front(notebook=False, rich=False, can_ask=False, sends_metadata=False)


class Screen:
    def __init__(self, fault):
        self.fault = fault

    def show(self, progress):
        raise self.fault


def turn_threads():
    return [thread for thread in threading.enumerate() if thread.name == NAME]


def inline_host(screen, worker):
    return InlineHost(None, capture=None, watch=None, screen=screen, front=FRONT, desk=Desk(worker))


@pytest.fixture
def worker():
    worker = Worker()
    yield worker
    worker.close()
    assert turn_threads() == []


@pytest.mark.parametrize("fault", [KeyboardInterrupt(), OSError("the terminal is gone")])
def test_nothing_runs_after_the_screen_was_interrupted_or_broke(fault, worker):
    ran = []
    host = inline_host(Screen(fault), worker)

    async def turn():
        host.show(Notice(sentence="soon"))
        await host._desk.call(lambda: ran.append("action"))

    with pytest.raises(BaseException):  # noqa: B017, PT011 - cancelled, or the screen's own
        host.serve(turn)
    assert ran == []
    assert host.stopping


def test_an_interrupt_that_does_not_wake_the_thread_stops_the_turn_soon(worker):
    host = inline_host(Screen(None), worker)

    async def turn():
        await host._desk.call(lambda: None)
        # as one that comes just before the other thread waits: noted, but no wait is broken off
        signal.pthread_kill(threading.get_ident(), signal.SIGINT)
        await asyncio.Event().wait()

    with pytest.raises(KeyboardInterrupt):
        host.serve(turn)
    assert host.stopping


def test_an_interrupt_at_any_moment_reaches_the_turn(worker):
    def served(calls):
        host = inline_host(Screen(None), worker)

        async def turn():
            for _ in range(calls):
                host._desk.post(lambda: None)
            signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
            await asyncio.Event().wait()

        with pytest.raises(KeyboardInterrupt):
            host.serve(turn)
        return host.stopping

    assert all(served(number % 20) for number in range(200))


def test_what_is_asked_for_is_done_on_the_thread_that_serves(worker):
    host = inline_host(Screen(None), worker)

    async def turn():
        return await host._desk.call(threading.current_thread)

    assert host.serve(turn) is threading.current_thread()


def test_a_turn_leaves_no_thread_and_the_next_one_gets_its_own(worker):
    async def turn():
        return threading.current_thread()

    first = inline_host(Screen(None), worker).serve(turn)
    assert not first.is_alive()
    assert inline_host(Screen(None), worker).serve(turn) is not first
    assert turn_threads() == []
