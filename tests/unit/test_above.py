"""What the model reads of the notebook above a prompt, and of what the user did meanwhile."""

from codeact_jupyter.cells import CellRun
from codeact_jupyter.context.above import above_text, meanwhile_text
from codeact_jupyter.notebooks import CellChange, LateOutput, Meanwhile, ShownCell


def cell(source, *, count=None, outputs=(), cell_type="code"):
    return ShownCell(
        cell_id=source[:4],
        cell_type=cell_type,
        source=source,
        execution_count=count,
        outputs=tuple(outputs),
    )


def stream(text):
    return {"output_type": "stream", "name": "stdout", "text": text}


def test_cells_that_ran_and_cells_that_did_not_can_be_told_apart():
    text = above_text(
        [
            cell("# Sales", cell_type="markdown"),
            cell("x = 1\nprint(x)", count=3, outputs=[stream("1\n")]),
            cell("y = 2"),
        ],
        budget=1000,
    )
    assert text == "Text: # Sales\nIn [3]: x = 1\nprint(x)\nOut: 1\nIn [ ]: y = 2"


def test_the_newest_are_kept_and_what_is_left_out_is_counted():
    cells = [cell(f"x = {number}", count=number) for number in range(1, 9)]
    text = above_text(cells, budget=30)
    assert text == "(… 6 cells above are left out)\nIn [7]: x = 7\nIn [8]: x = 8"


def test_an_error_is_told_by_its_name_and_words():
    error = {"output_type": "error", "ename": "KeyError", "evalue": "'city'", "traceback": []}
    shown = [cell("df['city']", count=1, outputs=[error])]
    assert above_text(shown, budget=500).endswith("KeyError: 'city'")
    assert above_text(shown, budget=500, schema_only=True).endswith("KeyError")


def test_no_output_is_told_where_values_must_not_be():
    shown = [cell("x", count=1, outputs=[stream("4711\n")])]
    assert "4711" not in above_text(shown, budget=500, schema_only=True)


def test_secrets_are_masked(monkeypatch):
    monkeypatch.setenv("DB_PASSWORD", "sesame-open-4711")
    shown = [cell("p = 'sesame-open-4711'", count=1, outputs=[stream("sesame-open-4711")])]
    assert "sesame" not in above_text(shown, budget=500)


def test_what_the_user_ran_and_changed_meanwhile():
    run = CellRun(
        cell_id="a", source="x = 5\nx", outputs=(stream("5\n"),), execution_count=9, status="ok"
    )
    text = meanwhile_text(
        Meanwhile(
            ran=(run,),
            changes=(
                CellChange(what="edited", source="x = 6", step=2),
                CellChange(what="deleted", source=""),
                CellChange(what="added", source="z = 1"),
            ),
        )
    )
    assert text == (
        "Meanwhile the user ran:\nIn [9]: x = 5\nx\nOut: 5\n"
        "The user edited the cell of step 2, without running it. It reads now:\nx = 6\n"
        "The user deleted a cell above.\n"
        "The user added a cell, without running it:\nz = 1"
    )
    assert meanwhile_text(Meanwhile()) == ""


def test_what_a_cell_put_out_later_is_told_below_its_step():
    late = LateOutput(source="start()", step=2, outputs=(stream("three\n"),))
    own = LateOutput(source="mine()", step=None, outputs=(stream("four\n"),))
    text = meanwhile_text(Meanwhile(late=(late, own)))
    assert text == (
        "The cell of step 2 has put out since:\nthree\n"
        "A cell of the user has put out since it ended:\nIn [ ]: mine()\nfour"
    )
    hidden = meanwhile_text(Meanwhile(late=(late,)), schema_only=True)
    assert "three" not in hidden
