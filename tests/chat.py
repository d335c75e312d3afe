"""The chat sidebar of a page, as its user sees it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from book import Book
    from playwright.sync_api import Locator


class Chat:
    """The sidebar of the page that shows a notebook."""

    def __init__(self, book: Book) -> None:
        self.page = book.page
        self.book = book
        book.command("codeact:open-chat")
        self.node = self.page.locator(".codeact-Sidebar")
        self.node.wait_for()
        self.field = self.node.get_by_label("Message to the model")
        self.turns = self.node.locator(".codeact-Sidebar-turn")
        self.steps = self.node.locator(".codeact-Sidebar-step")
        self.question = self.node.get_by_role("group", name=re.compile("^Run to approve"))

    def button(self, name: str) -> Locator:
        """Its button of that name."""
        return self.node.get_by_role("button", name=name, exact=True)

    def say(self, words: str) -> None:
        """Send a message."""
        self.field.fill(words)
        self.field.press("Enter")

    def setting(self, label: str) -> Locator:
        """The field of one of its settings, below the model's name."""
        return self.node.get_by_label(label, exact=True)

    def set(self, label: str, value: str) -> None:
        """Set that; the kernel's own where ``value`` is empty."""
        self.setting(label).fill(value)
        self.setting(label).press("Enter")

    def run(self) -> None:
        """Run what waits."""
        self.question.get_by_role("button", name="Run", exact=True).click()

    def until_answered(self) -> None:
        """Wait until an answer is there, and its turn over."""
        self.node.locator(".codeact-mod-answer").last.wait_for()
        expect(self.button("Stop")).to_have_count(0)
