"""What gets built: the extension of JupyterLab is in the package, and nobody needs node for it.

``make labextension`` has built it before; these tests look at that, and put it into an sdist
and a wheel where there is no command at all to be found, node neither.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest
from packaging.version import Version

from codeact_jupyter import __version__, _jupyter_labextension_paths

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "labextension"
BUILT = ROOT / "codeact_jupyter" / "labextension"
SHARE = Path("share/jupyter/labextensions/codeact-jupyter")
PACKAGE = json.loads((SOURCE / "package.json").read_text())
PINS = {name: pin for name, pin in PACKAGE["resolutions"].items() if "@jupyterlab/" in name}
# name and version of every package that a build may install
LOCKED = re.findall(
    r'^"?(@?[^@\n]+)@[^\n]*:\n  version: (\S+)$', (SOURCE / "yarn.lock").read_text(), re.MULTILINE
)


def build(tree: Path, target: str, folder: Path, **environment: str) -> Path:
    """Let hatchling build ``target`` of ``tree``, where no command can be found."""
    said = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", target, "--directory", folder],
        cwd=tree,
        env={"PATH": "", "HOME": str(folder), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stdout
    return next(path for path in folder.iterdir() if path.name.endswith((".whl", ".tar.gz")))


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tree in an sdist; it holds what ``make labextension`` has built."""
    folder = tmp_path_factory.mktemp("sdist")
    sdist = build(ROOT, "sdist", folder, HATCH_JUPYTER_BUILDER_SKIP_NPM="1")
    shutil.unpack_archive(sdist, folder, filter="data")
    return folder / sdist.name.removesuffix(".tar.gz")


@pytest.fixture(scope="module")
def wheel(unpacked: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of that sdist."""
    return build(unpacked, "wheel", tmp_path_factory.mktemp("wheel"))


def files_in(folder: Path) -> dict[str, bytes]:
    """All files under a folder, by their path there."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def test_an_installed_wheel_brings_the_extension(wheel: Path, tmp_path: Path) -> None:
    venv.create(tmp_path, with_pip=False)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    into = ["--python", tmp_path / "bin" / "python", "install", "--no-deps", "--no-index", wheel]
    subprocess.run([*pip, *into], env={"PATH": ""}, check=True)
    installed = files_in(tmp_path / SHARE)
    told = json.loads(installed.pop("install.json"))
    assert told["packageName"] == "codeact-jupyter"
    assert installed == files_in(BUILT)
    entry = json.loads(installed["package.json"])["jupyterlab"]["_build"]["load"]
    assert entry in installed
    assert not list(tmp_path.glob("lib/*/site-packages/codeact_jupyter/labextension"))


def test_a_wheel_from_a_clone_is_never_made_of_what_was_built_earlier(
    unpacked: Path, tmp_path: Path
) -> None:
    clone = tmp_path / "clone"
    shutil.copytree(unpacked, clone)
    (clone / "PKG-INFO").unlink()
    assert (clone / "codeact_jupyter" / "labextension" / "package.json").exists()
    with pytest.raises(AssertionError, match="Could not find cmd"):
        build(clone, "wheel", tmp_path)


def test_an_editable_install_without_node_has_the_python_side(
    unpacked: Path, tmp_path: Path
) -> None:
    clone = tmp_path / "clone"
    shutil.copytree(unpacked, clone)
    (clone / "PKG-INFO").unlink()
    shutil.rmtree(clone / "codeact_jupyter" / "labextension")
    commands = tmp_path / "bin"
    commands.mkdir()
    (commands / "jlpm").symlink_to(Path(sys.executable).with_name("jlpm"))
    with zipfile.ZipFile(build(clone, "wheel:editable", tmp_path, PATH=str(commands))) as archive:
        names = archive.namelist()
    assert any(name.endswith("codeact_jupyter.pth") for name in names)
    assert [name for name in names if str(SHARE) in name and "install.json" not in name] == []


def test_an_sdist_can_be_built_again(unpacked: Path) -> None:
    tracked = subprocess.run(
        ["git", "ls-files", "labextension", "install.json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    names = set(files_in(unpacked))
    assert set(tracked.stdout.split()) - names == set()
    assert [name for name in names if "node_modules" in name or ".yarn/" in name] == []


def test_the_extension_stays_small() -> None:
    """What every page loads is bounded; the chat and the advice come where they are needed."""
    built = files_in(BUILT / "static")
    scripts = {name: text for name, text in built.items() if name.endswith(".js")}
    chat = scripts.pop(only(scripts, b"codeact-Sidebar-transcript"))
    advice = scripts.pop(only(scripts, b"CodeAct is not installed for this kernel"))
    sizes = {name: len(content) for name, content in scripts.items()}
    assert sum(sizes.values()) <= 120_000, sizes
    assert len(chat) <= 60_000
    assert len(advice) <= 3_000


def only(files: dict[str, bytes], words: bytes) -> str:
    """The name of the one file that holds these words."""
    [name] = [name for name, content in files.items() if words in content]
    return name


def test_the_extension_is_found_by_its_name() -> None:
    [place] = _jupyter_labextension_paths()
    assert place == {"src": BUILT.name, "dest": PACKAGE["name"]}
    assert PACKAGE["name"] == SHARE.name
    assert PACKAGE["version"] == Version(__version__).base_version


def test_the_lock_names_no_host() -> None:
    assert "://" not in (SOURCE / "yarn.lock").read_text()


def test_jupyterlab_is_pinned_at_one_patch_level() -> None:
    assert {pin.rpartition(".")[2] for pin in PINS.values()} == {"4"}
    family = {(name, pin) for name, pin in LOCKED if name.startswith("@jupyterlab/")}
    assert len(family) > 20
    assert family - set(PINS.items()) == set()


def test_older_jupyterlabs_share_their_packages() -> None:
    """A package that JupyterLab shares is asked for in the range that we declare.

    Else the builder asks for the version it knows itself, and older ones warn in the browser.
    """
    ranges = {n: r for n, r in PACKAGE["dependencies"].items() if n.startswith("@jupyter")}
    shared = PACKAGE["jupyterlab"]["sharedPackages"]
    assert {name: entry["requiredVersion"] for name, entry in shared.items()} == ranges
