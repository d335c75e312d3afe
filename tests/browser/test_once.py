"""Nothing runs twice, however often and by whatever ways it is asked for."""

import pytest
from playwright.sync_api import expect

COUNT = "I count.\n\n```python\nruns = globals().get('runs', 0) + 1\nruns\n```"
CODE = "runs = globals().get('runs', 0) + 1\nruns"
PROMPT = "%%codeact\nCount."


def by_a_double_click(book):
    book.proposal.get_by_role("button", name="Run", exact=True).dblclick()


def by_bar_and_card(book):
    """Both buttons in one task of the page, faster than any hand."""
    book.page.evaluate(
        """() => {
          const named = (place, name) => [...document.querySelectorAll(`${place} button`)]
            .find(button => button.textContent === name && !button.hidden);
          named('.codeact-Bar', 'Run').click();
          named('.codeact-Card', 'Run').click();
        }"""
    )


def by_button_and_key(book):
    book.page.evaluate(
        """() => {
          document.querySelector('.codeact-Bar button').click();
          window.jupyterapp.commands.execute('notebook:run-cell');
        }"""
    )


def by_the_rest_and_key(book):
    """The tab runs it for the kernel while the user runs it himself."""
    book.page.evaluate(
        """() => {
          [...document.querySelectorAll('.codeact-Card button')]
            .find(button => button.textContent === 'Run all remaining steps').click();
          window.jupyterapp.commands.execute('notebook:run-cell');
        }"""
    )


@pytest.mark.parametrize(
    "way", [by_a_double_click, by_bar_and_card, by_button_and_key, by_the_rest_and_key]
)
def test_a_proposal_runs_once(open_book, model, way):
    model.script(COUNT, "Counted.")
    book = open_book(PROMPT, "'in all', runs")
    book.ask(PROMPT)
    book.until_proposed()
    book.select(book.sources().index(CODE))
    for place in (book.proposal, book.card):  # what has just appeared can be read first
        expect(place.get_by_role("button", name="Run", exact=True)).to_be_enabled()
    way(book)
    expect(book.card).to_contain_text("2 steps")
    book.until_idle()
    book.run_cell("'in all', runs")
    expect(book.cell(-1).locator(".jp-OutputArea-output")).to_have_text("('in all', 1)")
    assert model.unscripted == 0


def test_a_request_that_comes_twice_runs_its_cell_once(open_book, model):
    """As after a lost answer: the kernel sends again what was not acknowledged."""
    model.script(COUNT, "Counted.")
    prompt = "%%codeact --auto\nCount."
    twice = (
        "from codeact_jupyter.hosts.tab import Tab\n"
        "send = Tab.send\n"
        "def twice(tab, message):\n"
        "    send(tab, message)\n"
        "    send(tab, message)\n"
        "Tab.send = twice"
    )
    book = open_book(twice, prompt, "'in all', runs")
    book.run_cell(twice)
    book.until_idle()
    book.ask(prompt)
    expect(book.card).to_contain_text("2 steps")
    book.until_idle()
    book.run_cell("'in all', runs")
    expect(book.cell(-1).locator(".jp-OutputArea-output")).to_have_text("('in all', 1)")
    assert book.sources()[3:6] == ["I count.", CODE, "Counted."]
