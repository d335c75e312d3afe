"""The pages of the tests in a browser: one that many share, and some of their own.

To load JupyterLab costs more than most tests do in it. So a worker keeps one page, and each
test finds it without a notebook, as its user leaves it who closes one and opens the next.
A test that needs more says so, with ``pytest.mark.own_page``: who reloads the page, listens
to it from the start, puts something between it and the server, or opens another one.

No test pays for another: a page is shared on only where the test passed, and where the page
shows nothing that was not there before (:meth:`WatchedPage.put_away`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

# What JupyterLab and Notebook say about themselves, with our extension and without; also of a
# notebook that is closed while it is saved, or has yet to get its kernel, as that of a test may
# be at its end; and of a server that finds a file renamed where it looks for its checkpoints.
_NOT_OURS = re.compile(
    r"reading 'schema'|Canceled future|shell message .* canceled"
    r"|Unhandled error[^$]*\.listCheckpoints "
    r"|^Error: Disposed[^$]*(\.save |_handleNewSession)"
)

# Close what is open as its user would, but for the question whether to save it. What is behind
# goes first: JupyterLab does not bear that a tab is closed as soon as it comes to the front.
CLOSE = """() => {
  const panels = [...window.jupyterapp.shell.widgets('main')];
  for (const panel of panels.sort((one, other) => one.isVisible - other.isVisible)) {
    if (panel.context) {
      panel.context.model.dirty = false;
      panel.close();
    }
  }
}"""
_CLOSED = "() => !document.querySelector('.jp-NotebookPanel')"
_LEFT = """() => [...document.querySelectorAll(
  '.jp-Dialog, .lm-Menu, .Toastify__toast, .jp-ModalCommandPalette'
)].some(node => node.checkVisibility())"""


PATIENCE = 60_000  # milliseconds: two cores may be shared with others while JupyterLab loads


def new_page(browser: Browser) -> Page:
    """A page in a browser of its own, as that of another user."""
    context = browser.new_context(viewport={"width": 1200, "height": 900})
    context.set_default_timeout(PATIENCE)
    return context.new_page()


class WatchedPage:
    """A page, and the errors in it that nothing has caught.

    Attributes:
        server: The address of the JupyterLab whose tests have it.
        page: The page.
        used_up: Whether no other test may have it.
    """

    def __init__(self, browser: Browser, server: str) -> None:
        self.server = server
        self.page = new_page(browser)
        self.used_up = False
        self._faults: list[str] = []
        self.page.on(
            "pageerror",
            lambda error: self._faults.append(f"{error.name}: {error.message}\n{error.stack}"),
        )

    def put_away(self) -> None:
        """Close its notebook, or all of it where something else would stay."""
        if not self.used_up and self.page.url.startswith(f"{self.server}/"):
            self.page.evaluate(CLOSE)
            self.page.wait_for_function(_CLOSED)
            self.used_up = self.page.evaluate(_LEFT)
        else:
            self.used_up = True
        if self.used_up:
            self.page.context.close()

    def close(self) -> None:
        """Close it, and all that its context has opened."""
        self.used_up = True
        self.page.context.close()

    @property
    def faults(self) -> list[str]:
        """What was not caught, and is of our making."""
        return [fault for fault in self._faults if not _NOT_OURS.search(fault)]
