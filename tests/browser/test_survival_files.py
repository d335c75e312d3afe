"""The table: whatever happens to the notebook's file in whatever phase, the turn goes on.

Each test is one event, each of its subtests one phase (:mod:`survival`). Where the file may not
be written the card says so in one line; no dialog opens that the user did not ask for, and
neither side is overwritten unless he chooses that.
"""

import nbformat
from playwright.sync_api import expect
from waiting import until

THEIRS = "from another program"
CONTEXT = "window.jupyterapp.shell.currentWidget.context"
SAVES = "**/api/contents/**"
SHOWS_ONLY = """name => [...window.jupyterapp.shell.widgets('main')]
  .filter(one => one.context).every(one => one.context.path === name)"""


def is_quiet(scene):
    """No dialog stands open."""
    expect(scene.book.page.locator(".jp-Dialog")).to_have_count(0)


def in_step(scene):
    """Wait until nothing is being saved: what comes then is somebody else's."""
    book = scene.book
    if scene.phase in {"proposed", "ended"}:
        book.until_saved()
    elif scene.phase in {"running", "observing", "answer"}:
        # what was written since, as the card of the next step, is not saved at once
        status = "running" if scene.phase == "running" else "ok"
        until(lambda: status in statuses(book.saved(), scene.action))
    book.until_save_heard()


def statuses(saved, source):
    """How the cells of this text stand in the file."""
    return [cell.metadata.codeact.status for cell in saved.cells if cell.source == source]


def save_anew(book):
    """Save it where there may be no file."""
    book.command("docmanager:save")
    until(book.path.exists)
    book.save()


def write_theirs(book):
    """Write what another program makes of the file; returns that."""
    theirs = book.saved()
    theirs.cells.append(nbformat.v4.new_markdown_cell(THEIRS))
    nbformat.write(theirs, book.path)
    return book.path.read_bytes()


def test_it_is_moved_to_another_folder(in_each_phase):
    """As the file browser does it."""

    def event(scene):
        book = scene.book
        before = book.path
        in_step(scene)
        folder = book.lab.folder / f"{scene.phase}-{before.stem}"
        folder.mkdir()
        moved = f"{folder.name}/{before.name}"
        book.page.evaluate(
            "([a, b]) => window.jupyterapp.serviceManager.contents.rename(a, b)", [book.name, moved]
        )
        book.name = moved
        scene.finishes()
        book.save()
        is_quiet(scene)
        assert not before.exists()

    in_each_phase(event)


def test_another_program_moves_it(in_each_phase):
    """It is written again under the name that the page shows; the moved one stays as it is."""

    def event(scene):
        book = scene.book
        in_step(scene)
        moved = book.path.with_name(f"{scene.phase}-{book.path.name}")
        book.path.rename(moved)
        before = moved.read_bytes()
        scene.finishes()
        save_anew(book)
        is_quiet(scene)
        assert moved.read_bytes() == before

    in_each_phase(event)


def test_another_program_deletes_it(in_each_phase):
    def event(scene):
        in_step(scene)
        scene.book.path.unlink()
        scene.finishes()
        save_anew(scene.book)
        is_quiet(scene)

    in_each_phase(event)


def test_another_program_changes_it(in_each_phase):
    def event(scene):
        book = scene.book
        in_step(scene)
        theirs = write_theirs(book)
        scene.finishes()
        if scene.phase != "ended":
            expect(scene.card).to_contain_text("was changed on disk by another program")
        is_quiet(scene)
        assert book.path.read_bytes() == theirs
        book.command("docmanager:save")
        book.page.get_by_role("button", name="Overwrite").click()
        expect(scene.card).not_to_contain_text("another program")
        book.until_saved()
        book.save()  # once more: of what it overwrites the page hears no hash

    in_each_phase(event)


def test_it_is_made_read_only(in_each_phase):
    def event(scene):
        book = scene.book
        in_step(scene)
        book.path.chmod(0o444)
        before = book.path.read_bytes()
        scene.finishes()
        if scene.phase != "ended":
            expect(scene.card).to_contain_text("is read-only, so it was not saved")
        is_quiet(scene)
        assert book.path.read_bytes() == before
        book.path.chmod(0o644)
        book.save()
        expect(scene.card).not_to_contain_text("read-only")

    in_each_phase(event)


def read_again(book, command):
    """Have the file read again, as the menu does, which may ask whether that is meant."""
    book.page.evaluate(
        """command => {
          const { commands, shell } = window.jupyterapp;
          const { context } = shell.currentWidget;
          const { revert } = context;
          window.wasRead = false;
          context.revert = async () => {
            context.revert = revert;
            await revert.call(context);
            window.wasRead = true;
          };
          void commands.execute(command);
        }""",
        command,
    )
    asked = book.page.locator(".jp-Dialog .jp-mod-accept")
    until(lambda: asked.count() or book.page.evaluate("() => window.wasRead"))
    if asked.count():
        asked.click()
    book.page.wait_for_function("() => window.wasRead")


def test_the_user_reloads_it_from_disk(in_each_phase):
    """The turn goes on as in a page that is reloaded."""

    def event(scene):
        in_step(scene)
        read_again(scene.book, "docmanager:reload")
        scene.finishes()
        scene.book.save()

    in_each_phase(event)


def test_the_user_reverts_it_to_the_checkpoint(in_each_phase):
    """The turn that runs goes on below its prompt; one that had ended is gone, as all since.

    Its cells are placed again once the kernel has heard of it, though it may say its end before;
    one that is busy hears of it as soon as the action is over.
    """

    def event(scene):
        in_step(scene)
        read_again(scene.book, "docmanager:restore-checkpoint")
        if scene.phase == "ended":
            until(lambda: scene.made == [])
            expect(scene.card).to_have_count(0)
            assert scene.marks == 1
        else:
            scene.finishes()
        scene.book.save()

    in_each_phase(event)


def test_another_program_changes_it_and_the_user_takes_that(in_each_phase):
    """Reloading it ends the line in the card; the turn goes on, in the notebook of the other."""

    def event(scene):
        book = scene.book
        in_step(scene)
        write_theirs(book)
        if scene.phase == "running":
            scene.let_go()
            expect(scene.card).to_contain_text("was changed on disk by another program")
        read_again(book, "docmanager:reload")
        until(lambda: book.sources()[-1] == THEIRS)
        scene.look_again()
        scene.finishes()
        expect(scene.card).not_to_contain_text("another program")
        book.save()

    in_each_phase(event)


def hold_saves(page):
    """Let no save reach the server; returns those that are held, as they come."""
    held = []

    def hold(route):
        held.append(route) if route.request.method == "PUT" else route.continue_()

    page.route(SAVES, hold)
    return held


def save_as(book, name):
    """Save it under another name, as the menu does, which then shows that file in its place."""
    page = book.page
    book.command("docmanager:save-as")
    page.locator(".jp-Dialog input").fill(name)
    page.locator(".jp-Dialog .jp-mod-accept").click()
    asked = page.locator(".jp-Dialog").get_by_role("button", name="Save")
    until(lambda: asked.count() or page.evaluate(SHOWS_ONLY, name))
    if asked.count():
        asked.click()
    page.wait_for_function(SHOWS_ONLY, arg=name)
    book.name = name
    book.show()  # the tab that closed may have left no other in front


def test_it_is_saved_as_another_one(in_each_phase):
    """JupyterLab gives that one a kernel of its own: the turn stays with the first."""

    def event(scene):
        book = scene.book
        first = book.name
        save_as(book, f"{scene.phase}-{first}")
        said = "2 steps" if scene.phase == "ended" else "ended with the kernel"
        expect(scene.card).to_contain_text(said)
        expect(scene.card.get_by_role("button")).to_have_count(0)
        book.until_nothing_waits()
        book.close()
        book.name = first
        book.show()
        scene.finishes()

    in_each_phase(event, ("code", "proposed", "running", "ended"))


def test_he_renames_it_while_it_is_saved(in_each_phase):
    """The save comes to its end under the name that it began with, and the next has the new one."""

    def event(scene):
        book = scene.book
        before = book.path
        held = hold_saves(book.page)
        if scene.phase in {"proposed", "ended"}:
            book.page.evaluate(f"() => {{ void {CONTEXT}.save(); }}")
        else:
            scene.let_go()
        until(lambda: book.page.evaluate("true") and held)
        book.name = f"{scene.phase}-{before.name}"
        book.page.evaluate(f"name => {{ void {CONTEXT}.rename(name); }}", book.name)
        book.page.unroute(SAVES)  # lets go what is held
        scene.finishes()
        until(book.path.exists)  # nobody waits for a rename that began like this
        book.save()
        is_quiet(scene)
        assert not before.exists()

    in_each_phase(event)
