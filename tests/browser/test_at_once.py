"""Two turns at once, in one notebook and in two: each action runs once, each cell has its place."""

import threading

import pytest
from endpoint import fault
from playwright.sync_api import expect

BUSY = "A turn is running in this kernel already. Wait for its end, or stop it"
ANSWER = "It is done."
LAST = "'last'"


def marking(path, who):
    """A reply whose action leaves a mark."""
    code = f"with open({str(path)!r}, 'a') as marks:\n    print({who}, file=marks)\n'marked', {who}"
    return f"I mark.\n\n```python\n{code}\n```", code


@pytest.fixture
def marks(tmp_path):
    """The file of the marks, and what it holds."""
    path = tmp_path / "marks"
    path.touch()
    return path


def read(marks):
    return sorted(marks.read_text().split())


def two_prompts(policy):
    return [f"%%codeact{policy}\nOne?", f"%%codeact{policy}\nTwo?"]


def over(book):
    """Nothing goes on any more."""
    book.until_idle()
    book.until_nothing_waits()
    expect(book.proposal).to_have_count(0)
    expect(book.cards.get_by_role("button")).to_have_count(0)
    ids = [cell["id"] for cell in book.model()]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("policy", [" --auto", ""], ids=["auto", "ask"])
def test_two_prompts_by_run_all_have_their_turns_one_after_the_other(
    open_book, model, marks, policy
):
    one, two = two_prompts(policy)
    (first, first_code), (second, second_code) = marking(marks, "'one'"), marking(marks, "'two'")
    model.script(first, ANSWER, second, ANSWER)
    book = open_book(one, two, LAST)
    book.run_all()
    for code in (first_code, second_code):
        if not policy:
            expect(book.holding(code.splitlines()[-1])).to_be_visible()
            book.until_proposed()
            book.approve()
        expect(book.holding(code.splitlines()[-1])).to_contain_text("('marked', ")
    expect(book.cards).to_contain_text(["2 steps", "2 steps"])
    expect(book.number(-1)).not_to_have_text("[*]:")
    over(book)
    assert book.sources()[1:] == [
        *(one, "I mark.", first_code, ANSWER),
        *(two, "I mark.", second_code, ANSWER),
        LAST,
    ]
    assert read(marks) == ["one", "two"]
    assert len(model.requests) == 4


@pytest.mark.parametrize("policy", [" --auto", ""], ids=["auto", "ask"])
def test_two_prompts_by_two_shift_enters(open_book, model, marks, policy):
    """The first has its turn; the second is told so, and has its own when it is run again."""
    one, two = two_prompts(policy)
    release = threading.Event()
    (first, first_code), (second, second_code) = marking(marks, "'one'"), marking(marks, "'two'")
    model.script(fault("held", release=release, then=first), ANSWER)
    book = open_book(one, two, LAST)
    book.select(1)
    book.page.keyboard.press("Shift+Enter")
    book.page.keyboard.press("Shift+Enter")
    expect(book.holding("Two?")).to_contain_text(BUSY)
    release.set()
    if not policy:
        book.until_proposed()
        book.approve()
    expect(book.card).to_contain_text("2 steps")
    over(book)
    assert book.sources()[1:] == [one, "I mark.", first_code, ANSWER, two, LAST]
    model.script(second, ANSWER)
    book.ask(two)
    if not policy:
        book.until_proposed()
        book.approve()
    expect(book.card).to_contain_text("2 steps")
    expect(book.holding("Two?")).not_to_contain_text(BUSY)
    over(book)
    assert book.sources()[5:] == [two, "I mark.", second_code, ANSWER, LAST]
    assert read(marks) == ["one", "two"]
    assert len(model.requests) == 4


@pytest.fixture
def two_notebooks(open_book, model, marks):
    """Two notebooks with kernels of their own, in each a turn whose first reply is held."""
    release = threading.Event()
    reply, code = marking(marks, "name")
    prompt = "%%codeact --auto\nMark."
    books = [open_book(f"name = {name!r}", prompt, LAST) for name in ("one", "two")]
    model.script(*[fault("held", release=release, then=reply)] * 2, ANSWER, ANSWER)
    for number, book in enumerate(books):
        book.show()
        book.run(1)
        book.ask(prompt)
        model.wait_for(number + 1)
    yield books, release, code
    release.set()


def test_two_notebooks_with_two_kernels(two_notebooks, model, marks):
    books, release, code = two_notebooks
    release.set()
    for book in books:
        book.show()
        expect(book.card).to_contain_text("2 steps")
        over(book)
        assert book.sources()[3:] == ["I mark.", code, ANSWER, LAST]
        (shown,) = [cell["outputs"] for cell in book.model() if cell["source"] == code]
        name = book.model()[1]["source"].partition("= ")[2]
        assert [output["data"]["text/plain"] for output in shown] == [f"('marked', {name})"]
    assert read(marks) == ["one", "two"]
    assert len(model.requests) == 4


def test_the_turn_of_one_of_two_notebooks_is_stopped(two_notebooks, model, marks):
    (one, two), release, code = two_notebooks
    one.show()
    one.card.get_by_role("button", name="Stop").click()
    expect(one.card).to_contain_text("Stopped by you")
    two.show()
    release.set()
    expect(two.card).to_contain_text("2 steps")
    assert two.sources()[3:] == ["I mark.", code, ANSWER, LAST]
    one.show()
    assert one.sources()[2:] == ["%%codeact --auto\nMark.", LAST]
    for book in (one, two):
        book.show()
        over(book)
    assert read(marks) == ["two"]
