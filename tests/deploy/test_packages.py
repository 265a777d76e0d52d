"""How the program gets onto a machine: its environment, and the release that ``libexec/update``
takes. pip is replaced by a recorder.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.deploy.machine import ROOT
from tests.deploy.scripts import Script

ENVIRONMENT = r"""
set -euo pipefail
say() { :; }
eval "$(sed -n '/^make_environment() {/,/^}/p' "$HERE/install")"
make_environment "$1"
"""
VENV = r"""
[ "$2" = venv ] || exit 0
mkdir -p "$3/bin" "$3/lib"
echo "home = $3" >"$3/pyvenv.cfg"
ln -s "$(command -v python3)" "$3/bin/python"
"""


@pytest.mark.parametrize("wheels", ["none", "dependencies", "program"])
def test_an_environment_is_made_with_and_without_a_wheelhouse(tmp_path: Path, wheels: str) -> None:
    script = Script(tmp_path)
    script.program("python3", VENV)
    source, wheelhouse = tmp_path / "source", tmp_path / "wheels"
    for folder in (source, wheelhouse):
        folder.mkdir()
    wheel = wheelhouse / "mpp_kiosk-1-py3-none-any.whl"
    if wheels == "program":
        wheel.touch()
    where = "" if wheels == "none" else str(wheelhouse)
    values = {"HERE": ROOT / "deploy", "SOURCE": source, "VERSION": 1, "WHEELHOUSE": where}
    env = os.environ | script.env | {name: str(value) for name, value in values.items()}
    folder = tmp_path / "1.part"
    command = ["bash", "-c", ENVIRONMENT, "-", str(folder)]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    packages, program = (c for c in script.called() if " install " in c)
    assert (f"--no-index --find-links {wheelhouse}" in packages) == (wheels != "none")
    assert packages.endswith(f"-r {source}/requirements.txt")
    assert program.endswith(f" {wheel}") == (wheels == "program")
    assert (folder / "venv/pyvenv.cfg").read_text() == f"home = {tmp_path}/1/venv\n"


PIP = r"""
while [ "$1" != -w ]; do shift; done
case $3 in
-r) touch "$2/dependency.whl" ;;
*) cp "$3/setup.cfg" "$2/program.whl" ;;
esac
"""


@pytest.mark.skipif(shutil.which("git") is None, reason="a release is made with git")
def test_a_release_is_the_program_of_the_last_commit(tmp_path: Path) -> None:
    script = Script(tmp_path)
    script.program("python3", PIP)
    source = tmp_path / "the source"
    (source / "deploy").mkdir(parents=True)
    for name in ("make-release", "make-wheelhouse"):
        shutil.copy(ROOT / "deploy" / name, source / "deploy")
    for name in ("requirements.txt", "tests/test_x.py", "docs/index.md"):
        (source / name).parent.mkdir(exist_ok=True)
        (source / name).touch()
    (source / "setup.cfg").write_text("version = 1\n")
    git = ["git", "-c", "user.name=x", "-c", "user.email=x@x", "-C", str(source)]
    for words in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "x"]):
        subprocess.run([*git, *words], check=True, timeout=60)
    (source / "setup.cfg").write_text("version = not committed\n")
    for keys in ("genpkey -algorithm ed25519 -out key.pem", "pkey -in key.pem -pubout -out pub"):
        subprocess.run(["openssl", *keys.split()], cwd=tmp_path, check=True, timeout=60)

    # Both paths as the header of the script shows them: relative.
    done = subprocess.run(
        [source / "deploy/make-release", "a release", "key.pem"],
        cwd=tmp_path, env=os.environ | script.env, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    release = tmp_path / "a release"
    found = {str(p.relative_to(release)) for p in release.rglob("*") if p.is_file()}
    assert found == {
        *("SHA256SUMS", "SHA256SUMS.sig", "deploy/make-release", "deploy/make-wheelhouse"),
        *("requirements.txt", "setup.cfg", "wheels/dependency.whl", "wheels/program.whl"),
    }
    for name in ("setup.cfg", "wheels/program.whl"):
        assert (release / name).read_text() == "version = 1\n"
    listed = {line.split("  ./")[1] for line in (release / "SHA256SUMS").read_text().splitlines()}
    assert listed == found - {"SHA256SUMS", "SHA256SUMS.sig"}
    verify = "pkeyutl -verify -pubin -inkey pub -rawin -in SHA256SUMS -sigfile SHA256SUMS.sig"
    checked = [str(release / w) if w.startswith("SHA") else w for w in verify.split()]
    subprocess.run(["openssl", *checked], cwd=tmp_path, check=True, capture_output=True, timeout=60)

    # A folder that holds something: its files would be signed and installed with the rest.
    (release / "wheels/of-the-release-before.whl").touch()
    again = subprocess.run(
        [source / "deploy/make-release", release],
        env=os.environ | script.env, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert (again.returncode, again.stderr) == (1, f"{release} is not empty.\n")
    assert {str(p.relative_to(release)) for p in release.rglob("*") if p.is_file()} == {
        *(*found, "wheels/of-the-release-before.whl")
    }
