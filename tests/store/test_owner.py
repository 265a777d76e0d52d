"""A command of root leaves the kiosk's files to the kiosk's user."""

from __future__ import annotations

import os
import shutil
import stat
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from kiosk.background.journal_manager import JournalManager
from kiosk.commands.shared import ask_or_do, log_to
from kiosk.errors import JournalReadOnly
from kiosk.store.lock import LOCK_NAME
from kiosk.store.private import become_owner, give_to_owner, keep_private
from kiosk.store.watermark import Watermark
from tests.store.making import FILE, WITNESS, at, issue, set_aside

NOBODY = 65534

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")


@pytest.fixture(autouse=True)
def _imported(tmp_path: Path) -> None:
    """All that the kiosk imports late: the other user may not be allowed to read it."""
    manager = JournalManager(tmp_path / "before", at)
    journal = manager.open()
    assert journal is not None
    issue(journal, "before")
    manager.close()


@pytest.fixture
def state() -> Iterator[Path]:
    """The state folder of a kiosk that runs as another user; pytest's own are closed to it."""
    folder = Path(tempfile.mkdtemp(dir="/tmp", prefix="mpp-owner-"))
    os.chown(folder, NOBODY, NOBODY)
    yield folder
    shutil.rmtree(folder)


def as_user(uid: int, work: Callable[[], object]) -> None:
    """Do ``work`` in a process of the user ``uid``."""
    child = os.fork()
    if child == 0:  # pragma: no cover - the child
        code = 1
        try:
            if uid:
                os.setgroups([])
                os.setgid(uid)
                os.setuid(uid)
            work()
            code = 0
        except BaseException:  # noqa: BLE001 - also a failed assertion, and SystemExit
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def give_number(state: Path, ticket_id: str, expected: str) -> None:
    log_to(state)
    manager = JournalManager(state, at)
    journal = manager.open()
    assert journal is not None, manager.error
    given = issue(journal, ticket_id).number
    # A reader makes the companions of a WAL database while it is open.
    owners = {path.name: path.stat().st_uid for path in state.iterdir()}
    assert set(owners.values()) == {state.stat().st_uid}, owners
    manager.close()
    assert (given, journal.notices) == (expected, ())


def app(state: Path, ticket_id: str, expected: str) -> None:
    keep_private(state)
    give_number(state, ticket_id, expected)


def command(state: Path, ticket_id: str, expected: str) -> None:
    ask_or_do(state, "issue", {}, "en", partial(give_number, state, ticket_id, expected))


def test_the_series_goes_on_after_a_command_of_root(state: Path) -> None:
    as_user(NOBODY, partial(app, state, "a", "DK-001"))
    as_user(0, partial(command, state, "b", "DK-002"))
    as_user(NOBODY, partial(app, state, "c", "DK-003"))
    assert set_aside(state) == []


def test_a_folder_first_used_by_root_is_the_kiosks(state: Path) -> None:
    as_user(0, partial(command, state, "a", "DK-001"))
    as_user(NOBODY, partial(app, state, "b", "DK-002"))
    modes = {stat.S_IMODE(path.stat().st_mode) for path in state.iterdir()}
    assert modes == {0o600}
    assert (state / LOCK_NAME).stat().st_uid == NOBODY


def test_a_closed_watermark_costs_no_journal(state: Path) -> None:
    as_user(NOBODY, partial(app, state, "a", "DK-001"))
    os.chown(state / WITNESS, 0, 0)

    def closed() -> None:
        with pytest.raises(PermissionError):
            Watermark.read(state / WITNESS)
        manager = JournalManager(state, at)
        assert manager.open() is None
        assert isinstance(manager.error, JournalReadOnly)

    as_user(NOBODY, closed)
    assert set_aside(state) == []
    assert (state / FILE).exists()
    give_to_owner(state / WITNESS, state)
    as_user(NOBODY, partial(app, state, "b", "DK-002"))


def test_the_owner_has_all_his_rights_and_no_others(state: Path) -> None:
    def become() -> None:
        become_owner(state)
        assert set(os.getresuid()) == {NOBODY}
        assert set(os.getresgid()) == {NOBODY}
        assert 0 not in os.getgroups()
        become_owner(state)

    as_user(0, become)


def test_a_user_that_is_in_no_list_has_the_group_of_the_folder(state: Path) -> None:
    os.chown(state, 59_999, 59_998)

    def become() -> None:
        become_owner(state)
        assert (os.getuid(), os.getgid(), os.getgroups()) == (59_999, 59_998, [59_998])

    as_user(0, become)


def test_root_stays_root_in_its_own_folder(tmp_path: Path) -> None:
    become_owner(tmp_path)
    assert os.geteuid() == 0


def test_root_gives_a_tree_but_no_target_of_a_link(state: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("x")
    tree = state / "settings"
    tree.mkdir()
    (tree / "a").write_text("x")
    (tree / "link").symlink_to(outside)
    give_to_owner(tree, state)
    owners = [p.lstat().st_uid for p in (tree, tree / "a", tree / "link", outside)]
    assert owners == [NOBODY, NOBODY, NOBODY, 0]
