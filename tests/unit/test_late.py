"""What is new below a cell since the model was told of it."""

from codeact_jupyter.cells import CellRun
from codeact_jupyter.hosts.late import LateOutputs, added


def stream(text, name="stdout"):
    return {"output_type": "stream", "name": name, "text": text}


def display(text):
    return {"output_type": "display_data", "data": {"text/plain": text}, "metadata": {}}


def test_of_text_that_got_longer_only_the_new_part_is_told():
    assert added([stream("one\n")], [stream("one\ntwo\n")]) == (stream("two\n"),)
    assert added([stream("one\n")], [stream("one\n", "stderr")]) == (stream("one\n", "stderr"),)


def test_what_was_replaced_and_what_was_added_is_told_whole():
    assert added([display("a")], [display("b"), stream("c")]) == (display("b"), stream("c"))
    assert added([display("a")], [display("a")]) == ()


def test_a_cell_is_told_of_once_and_then_only_what_is_new():
    outputs = [stream("one\n")]
    run = CellRun(cell_id="c", source="go()", outputs=outputs, execution_count=1, status="ok")
    late = LateOutputs()
    late.add(run, 1)
    outputs[0] = stream("one\ntwo\n")
    assert late.news() == ()
    outputs[0] = stream("one\ntwo\nthree\n")
    (new,) = late.news()
    assert (new.step, new.outputs) == (1, (stream("three\n"),))
    assert late.news() == ()
