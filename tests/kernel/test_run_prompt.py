"""``codeact-jupyter run PROMPT``: one turn in a kernel of its own, and how it ends."""

import re
import sys

import pexpect
import pytest
from endpoint import fault
from kernels import BARE, write_kernelspecs
from running import (
    Run,
    act,
    names_in,
    read,
    role,
    run,
    sources,
    surroundings,
    text_of,
)
from terminal import spawn
from waiting import until

from codeact_jupyter.context.profiles import DEFAULT

QUESTION = re.escape("[e]dit: ")


def prompt_of(endpoint, request=0):
    return endpoint.requests[request].json["messages"][-1]["content"]


def test_a_prompt_is_answered_and_its_notebook_written(endpoint, tmp_path):
    endpoint.script(act("x = 41 + 1\nprint('acted', x)"), "x is 42.")
    path = tmp_path / "out.ipynb"
    ran = run(endpoint, tmp_path, "run", "What is 41 + 1?", "--auto", "-o", path)
    assert (ran.code, ran.err) == (0, "")
    assert "acted 42\n" in ran.out
    assert "x is 42." in ran.out
    assert ran.out.endswith(f"The notebook is in {path}\n")
    notebook = read(path)
    assert [role(cell) for cell in notebook.cells] == ["prompt", "thought", "action", "answer"]
    assert text_of(notebook.cells[2]["outputs"]) == "acted 42\n"
    assert names_in(tmp_path) == ["out.ipynb"]
    endpoint.script("Again.")  # what a run wrote, a later one may replace
    assert run(endpoint, tmp_path, "run", "Again?", "--auto", "-o", path).code == 0
    assert [role(cell) for cell in read(path).cells] == ["prompt", "answer"]


def test_a_question_about_a_data_file_is_not_answered_from_nothing(endpoint, tmp_path):
    (tmp_path / "sales.csv").write_text("city,amount\nOslo,1\nRome,5\n")
    endpoint.script("It is Rome.", "It is Rome.")
    ran = run(endpoint, tmp_path, "run", "Which city sells most?", "--auto", "--data", "sales.csv")
    assert ran.code == 0
    assert prompt_of(endpoint, 1).startswith("Nothing has run yet in this turn")


def test_data_files_are_told_of(endpoint, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "out").mkdir()
    rows = "".join(f"row{n},{n}\n" for n in range(1000))
    (tmp_path / "data/sales.csv").write_text(f"city,sum\nRome,3\n{rows}")
    (tmp_path / "data/picture.bin").write_bytes(b"BIN\0canary" * 100)
    (tmp_path / "data/line.json").write_text('{"first": [' + "1, " * 1000 + "1]}")
    (tmp_path / "data/empty.txt").touch()
    (tmp_path / "data/latin.txt").write_bytes("Zürich\n".encode("latin-1"))
    names = ("sales.csv", "picture.bin", "line.json", "empty.txt", "latin.txt")
    files = [word for name in names for word in ("--data", f"data/{name}")]
    endpoint.script(act("import os\nprint(os.path.exists('../data/sales.csv'))"), "Seen.")
    ran = run(endpoint, tmp_path, "run", "Sum up.", "--auto", "-o", "out/sum.ipynb", *files)
    assert ran.code == 0, ran.err
    assert "True\n" in ran.out  # the names are right where the kernel works
    sent = prompt_of(endpoint)
    size = (tmp_path / "data/sales.csv").stat().st_size
    assert f"- ../data/sales.csv ({size:,} bytes), it begins:\n  city,sum\n  Rome,3\n" in sent
    assert "row900" not in sent
    assert "- ../data/picture.bin (1,000 bytes)\n" in sent
    assert "canary" not in sent
    assert 'it begins:\n  {"first": [1, 1, ' in sent
    assert "- ../data/empty.txt (0 bytes)\n" in sent
    assert "Z\ufffdrich" in sent


def test_a_wrong_file_or_number_is_a_wrong_option(endpoint, tmp_path):
    for words in (
        ("--data", "nowhere.csv"),
        ("--data", "."),
        ("--max-steps", "many"),
        ("--max-steps", "0"),
        ("--max-steps", "-3"),
        ("--timeout", "0"),
        ("--timeout", "nan"),
        ("--cell-timeout", "-1"),
        ("--api-key", "sk-1"),
        ("--kernel", "nope"),
        ("--profile", "nope"),
        ("--format", "nope"),
    ):
        ran = run(endpoint, tmp_path, "run", "Act.", "--auto", *words)
        assert ran.code == 2, words
        assert words[0] in ran.err or repr(words[1]) in ran.err
    ran = run(endpoint, tmp_path, "run", "Act.", "--auto", "--max-steps", "many")
    assert "'--max-steps': max_steps = 'many' cannot be used: it takes a whole number" in ran.err
    assert run(endpoint, tmp_path, "run", "Act.").code == 2  # nobody to ask
    assert endpoint.connections == 0


def test_an_empty_prompt_is_not_sent(endpoint, tmp_path):
    ran = run(endpoint, tmp_path, "run", " ", "--auto", "-o", "out.ipynb")
    assert ran.code == 2
    assert ran.err.startswith("Error: The prompt is empty")
    assert endpoint.connections == 0
    assert names_in(tmp_path) == []


def test_exit_codes(endpoint, tmp_path):
    rows = {
        1: ([fault("401")], [], "refused the key (401)"),
        3: ([act("1")], ["--max-steps", "1"], "run the prompt again to go on"),
    }
    for code, (replies, words, sentence) in rows.items():
        endpoint.script(*replies)
        ran = run(endpoint, tmp_path, "run", "Act.", "--auto", *words)
        assert ran.code == code, ran.err
        assert sentence in ran.err
        assert endpoint.environment["CODEACT_API_KEY"] not in ran.out + ran.err
    assert names_in(tmp_path) == []


def test_a_fault_speaks_of_the_command_and_of_no_cell(endpoint, tmp_path):
    endpoint.script("", "")
    ran = run(endpoint, tmp_path, "run", "Act.", "--auto")
    assert ran.code == 1
    assert "answered twice with nothing. Run the prompt again, word" in ran.err
    assert "cell" not in ran.err


def test_a_kernel_that_lacks_the_package_or_is_missing(endpoint, tmp_path):
    path = str(tmp_path / "jupyter")
    write_kernelspecs(tmp_path / "jupyter", bare=BARE)
    for name, words in {"bare": "-m pip install codeact-jupyter", "nowhere": "bare"}.items():
        ran = run(endpoint, tmp_path, "run", "Act.", "--auto", "--kernel", name, JUPYTER_PATH=path)
        assert ran.code == 2
        assert words in ran.err
        assert len(ran.err.splitlines()) == 1
    assert endpoint.connections == 0


def test_a_secret_is_in_nothing_that_is_written(endpoint, tmp_path):
    secret = 'canary"of\\the-environment'  # a notebook's JSON writes it in another way
    show = "import os\nprint(os.environ['SECRET_TOKEN'])\nos.environ.get('CODEACT_API_KEY')"
    endpoint.script(act(show), f"It is {secret}")
    path = tmp_path / "out.ipynb"
    words = ("run", f"Show {secret}", "--auto", "-o", path)
    ran = run(endpoint, tmp_path, *words, SECRET_TOKEN=secret)
    assert ran.code == 0
    assert "[masked SECRET_TOKEN]\n" in ran.out
    kept = path.read_text() + repr([request.json for request in endpoint.requests])
    assert "canary" not in kept
    assert endpoint.environment["CODEACT_API_KEY"] not in kept + ran.out


def test_packages_are_installed_only_if_the_user_agrees():
    assert "Install a package only if he agrees." in DEFAULT.system


# --- approval in a terminal


class Terminal:
    """The command in a terminal of its own."""

    def __init__(self, endpoint, folder, *words):
        env = surroundings(endpoint, TERM="xterm", PROMPT_TOOLKIT_NO_CPR="1")
        command = ["-m", "codeact_jupyter", *map(str, words)]
        self.child = spawn(sys.executable, command, folder, env)

    def answer(self, *answers):
        for answer in answers:
            self.child.expect(QUESTION)
            self.child.sendline(answer)

    @property
    def code(self):
        self.child.expect(pexpect.EOF)
        self.child.close()
        return self.child.exitstatus


def test_approval_yes_a_reason_and_an_edit(endpoint, tmp_path):
    endpoint.script(act("print('mean')"), act("print('median')"), act("print('third')"), "Done.")
    terminal = Terminal(endpoint, tmp_path, "run", "Act.", "-o", "out.ipynb")
    terminal.answer("n, use the median", "y", "e")
    terminal.child.expect("Esc Enter runs it")
    terminal.child.expect("third")
    terminal.child.send("; print(4 + 5)\x1b\r")
    assert terminal.code == 0, terminal.child.before
    assert "use the median" in prompt_of(endpoint, 1)
    assert "median" in prompt_of(endpoint, 2)
    actions = [cell for cell in read(tmp_path / "out.ipynb").cells if role(cell) == "action"]
    assert [cell["source"] for cell in actions] == [
        "print('median')",
        "print('third'); print(4 + 5)",
    ]
    assert [cell["metadata"]["codeact"]["edited"] for cell in actions] == [False, True]
    assert text_of(actions[1]["outputs"]) == "third\n9\n"


@pytest.mark.parametrize("answer", ["n", "\x04"])
def test_an_action_that_is_not_approved(endpoint, tmp_path, answer):
    endpoint.script(act("print('ran')"))
    terminal = Terminal(endpoint, tmp_path, "run", "Act.", "-o", "out.ipynb")
    terminal.answer(answer)
    assert terminal.code == 4
    assert sources(read(tmp_path / "out.ipynb")) == []
    assert len(endpoint.requests) == 1


# --- Ctrl-C


@pytest.mark.parametrize(
    "moment", ["at once", "starting", "thinking", "acting", "between", "twice"]
)
def test_ctrl_c(endpoint, tmp_path, moment):
    path = tmp_path / "out.ipynb"
    seen = tmp_path / "begun"
    wait = f"open({str(seen)!r}, 'w').close()\nwhile True: pass"
    first = fault("headers_then_silence") if moment == "thinking" else act("kept = 1")
    endpoint.script(first, act(wait) if moment != "between" else fault("no_answer"))
    with Run(endpoint, tmp_path, "run", "Act.", "--auto", "-o", path) as ran:
        until(path.exists)
        match moment:
            case "starting":
                ran.until_kernel()
            case "thinking":
                endpoint.wait_for(1)
            case "between":
                endpoint.wait_for(2)
            case "acting" | "twice":
                until(seen.exists)
        ran.interrupt()
        if moment == "twice":
            ran.interrupt()
        assert ran.code == 130, (ran.out, ran.err)
    assert "Traceback" not in ran.err
    assert "Stopped by you" in ran.err
    assert ran.leaves_nothing()
    cells = read(path).cells
    if moment in {"acting", "twice"}:
        actions = [cell["metadata"]["codeact"] for cell in cells if role(cell) == "action"]
        assert [action["status"] for action in actions] == ["ok", "interrupted"]
    assert set(names_in(tmp_path)) <= {"out.ipynb", "begun"}
