"""A kernel answers all that it is sent, also what comes while it sends an answer."""

import time

import pytest
from kernels import PAIRS, Kernel
from waiting import until

REQUESTS = 900  # as many as the channel holds where nobody reads them, at least


@pytest.mark.parametrize("pair", ["7.1", "newest"])
def test_a_message_that_comes_while_another_is_answered_is_read(pair):
    """Without us, ipykernel 7.1 hears nothing any more at one of the first few hundred."""
    with Kernel(PAIRS[pair]) as kernel:
        kernel.run("%load_ext codeact_jupyter")
        session, channel = kernel.client.session, kernel.client.shell_channel
        unanswered = set()

        def hear():
            while channel.msg_ready():
                reply = kernel.client.get_shell_msg(timeout=1)
                unanswered.discard(reply["parent_header"]["msg_id"])

        for number in range(REQUESTS):
            request = session.msg("kernel_info_request")
            channel.send(request)
            unanswered.add(request["header"]["msg_id"])
            time.sleep(0.0003 * (number % 7))  # sooner and later than an answer takes
            hear()
        until(lambda: hear() or not unanswered)
