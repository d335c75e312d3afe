"""Two browser tabs show one notebook, each its own copy: the turn ends in both."""

from book import Book
from playwright.sync_api import expect

ADD = "I add.\n\n```python\ntotal = 3 + 1\n```"


def test_the_other_tab_comes_to_the_end_too_and_saves_nothing(lab, open_book, page, model):
    model.script(ADD, "It is 4.")
    book = open_book("%%codeact\nWhat is 3 + 1?")
    book.ask("%%codeact\nWhat is 3 + 1?")
    book.until_proposed()
    book.until_saved()
    other = Book(lab, page.context.new_page(), book.name)
    other.load()
    expect(other.card).to_contain_text("waiting for you")
    book.approve()
    expect(book.card).to_contain_text("2 steps")
    expect(other.card).to_contain_text("2 steps")
    expect(other.card.get_by_role("button")).to_have_count(0)
    book.save()
    assert book.saved().cells[-1].source == "It is 4."
