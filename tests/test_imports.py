"""The rules about imports that import-linter cannot say; the others stand in `.importlinter`."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# The domain gets the time, new ids and the contents of files as arguments.
IMPURE = {"asyncio", "io", "os", "pathlib", "random", "secrets", "shutil", "socket", "sqlite3"}
IMPURE |= {"subprocess", "tempfile", "threading", "time", "urllib"}


def modules(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


def imported_names(path: Path) -> Iterator[str]:
    """Dotted names of all that a file imports, at its top or inside a function."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: relative import"
            yield node.module or ""


def label(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


# The part of the menu that is values and pure functions; the rest reads files.
MENU_VALUES = [
    f"menu.{name}" for name in ("catalogue", "hours", "local_text", "numbers", "quota", "schedule")
]
PURE = [*modules("kiosk/domain"), *(ROOT / f"{name.replace('.', '/')}.py" for name in MENU_VALUES)]


@pytest.mark.parametrize("path", PURE, ids=label)
def test_the_domain_imports_the_standard_library_and_the_menu_s_values_only(path: Path) -> None:
    for name in imported_names(path):
        top = name.partition(".")[0]
        if top == "menu":
            # Words are a kind of Texts; the domain never calls the loader beside it.
            assert name in {*MENU_VALUES, "menu.texts"}, name
        elif top == "kiosk" and path.is_relative_to(ROOT / "kiosk"):
            allowed = name in {"kiosk.errors", "kiosk.messages"}
            assert allowed or name.startswith("kiosk.domain"), name
        else:
            assert top in sys.stdlib_module_names, name
            assert top not in IMPURE, name


@pytest.mark.parametrize("path", modules("menu"), ids=label)
def test_the_menu_imports_the_standard_library_and_a_yaml_parser_only(path: Path) -> None:
    allowed = {*sys.stdlib_module_names, "menu", "yaml"}
    assert {name.partition(".")[0] for name in imported_names(path)} <= allowed


def test_no_other_package_parses_yaml() -> None:
    packages = ("kiosk", "queue_server", "virtual_printer")
    readers = [p for package in packages for p in modules(package) if "yaml" in imported_names(p)]
    assert readers == []


def test_the_values_of_the_menu_load_no_yaml_parser() -> None:
    code = f"import sys, {', '.join(MENU_VALUES)}; sys.exit('yaml' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=ROOT).returncode == 0


@pytest.mark.parametrize(
    ("package", "other"), [("kiosk", "queue_server"), ("queue_server", "kiosk")]
)
def test_kiosk_and_queue_server_share_the_contract_only(package: str, other: str) -> None:
    offenders = [
        f"{label(path)}: {name}"
        for path in modules(package)
        for name in imported_names(path)
        if name.partition(".")[0] == other
    ]
    assert offenders == []


def test_the_command_line_starts_without_kivy() -> None:
    code = "import sys, kiosk.cli; sys.exit('kivy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=ROOT).returncode == 0
