"""GET /events: boards apart, JSON Patches, and the token that only reads the board."""

from __future__ import annotations

import asyncio
import copy
import json
import time
from collections.abc import AsyncIterator
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from queue_server.web.events import APART_S, BoardStream, differences
from tests.queue_server.servers import ServerProcess, Staff, command

KEYS = {"counters": "counter", "waiting": "id", "recent": "id", "staff_calls": "id"}


def patched(board: Any, patch: list[dict[str, Any]]) -> Any:
    """``board`` after a JSON Patch (RFC 6902), as a client applies it."""
    root = {"": copy.deepcopy(board)}
    for step in patch:
        *path, last = [p.replace("~1", "/").replace("~0", "~") for p in step["path"].split("/")]
        at: Any = root
        for name in path:
            at = at[int(name) if isinstance(at, list) else name]
        if isinstance(at, list):
            place = int(last)
            assert 0 <= place < len(at) + (step["op"] == "add")
            if step["op"] == "add":
                at.insert(place, step["value"])
            elif step["op"] == "remove":
                del at[place]
            else:
                at[place] = step["value"]
        elif step["op"] == "remove":
            del at[last]
        else:
            assert step["op"] == "add" or last in at
            at[last] = step["value"]
    return root[""]


def entries(key: str) -> st.SearchStrategy[list[dict[str, Any]]]:
    """A list of a board: entries with different keys, in any order."""
    one = st.fixed_dictionaries({key: st.sampled_from("abcdefg"), "calls": st.integers(0, 1)})
    return st.lists(one, unique_by=lambda entry: str(entry[key]), max_size=6)


BOARDS = st.fixed_dictionaries(
    {
        "business_date": st.sampled_from(["2026-11-24", "2026-11-25"]),
        "services": st.dictionaries(
            st.sampled_from(["ktp", "a/b", "a~1b"]), st.integers(0, 1), max_size=3
        ),
    }
    | {name: entries(key) for name, key in KEYS.items()}
)


@given(BOARDS, BOARDS)
@settings(max_examples=100, deadline=None, database=None)
def test_a_patch_turns_the_old_board_into_the_new_one(old: Any, new: Any) -> None:
    assert patched(old, differences(old, new)) == new


def test_a_call_and_an_arrival_in_a_long_queue_make_a_short_patch() -> None:
    board: dict[str, Any] = {"business_date": "2026-11-24", "services": {}}
    board |= {name: [] for name in KEYS}
    board["waiting"] = [{"id": f"t{n}"} for n in range(500)]
    later = board | {"waiting": [*board["waiting"][:7], *board["waiting"][8:], {"id": "new"}]}

    assert differences(board, later) == [
        {"op": "remove", "path": "/waiting/7"},
        {"op": "add", "path": "/waiting/499", "value": {"id": "new"}},
    ]


async def _no_check() -> None:
    """A token that stays valid."""


async def _collect(events: AsyncIterator[str], into: list[tuple[float, str]]) -> None:
    into.extend([(time.monotonic(), e) async for e in events if e.startswith("event:")])


async def _listen(changes: bool, seconds: float) -> list[tuple[float, str]]:
    """The boards of one listener, with times, while the board changes 50 times a second."""
    stopping, reads = asyncio.Event(), 0

    async def read() -> dict[str, Any]:
        nonlocal reads
        reads += 1
        return {"business_date": str(reads), "services": {"filler": "x" * 200}}

    stream = BoardStream(read)
    got: list[tuple[float, str]] = []
    other = asyncio.create_task(_collect(stream.stream(stopping, _no_check), []))
    await asyncio.sleep(APART_S / 2)  # joins between two boards
    listener = stream.stream(stopping, _no_check, changes=changes)
    task = asyncio.create_task(_collect(listener, got))
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        stream.changed()
        await asyncio.sleep(0.02)
    stopping.set()
    await asyncio.wait_for(asyncio.gather(task, other), 5)
    assert reads <= seconds / APART_S + 2
    return got


def test_a_listener_that_comes_later_gets_no_board_of_before() -> None:
    async def first_boards() -> list[str]:
        stopping, reads = asyncio.Event(), 0

        async def read() -> dict[str, Any]:
            nonlocal reads
            reads += 1
            return {"business_date": str(reads)}

        stream, got = BoardStream(read), []
        for _ in range(2):
            events = stream.stream(stopping, _no_check)
            got.append([await anext(events), await anext(events)][1])
            await events.aclose()
        return got

    boards = asyncio.run(first_boards())
    assert ['"1"' in boards[0], '"2"' in boards[1]] == [True, True]


@pytest.mark.parametrize("changes", [False, True])
def test_boards_are_apart_however_often_the_board_changes(changes: bool) -> None:
    got = asyncio.run(_listen(changes, 2.2))

    assert len(got) >= 3
    for (before, _), (after, _) in pairwise(got):
        assert after - before >= APART_S * 0.9
    names = [event.split("\n")[0] for _, event in got]
    later = "event: changes" if changes else "event: board"
    assert names == ["event: board", *[later] * (len(got) - 1)]


def test_changes_lead_to_the_board_that_staff_read(server: ServerProcess) -> None:
    staff, kiosk = server.staff(), server.kiosk()
    board_token = server.token("board", "aula")
    screen = Staff(server.url, board_token)
    with screen.ask("GET", "/events?changes=true", stream=True) as response:
        lines = response.iter_lines(chunk_size=1, decode_unicode=True)
        shown: Any = None
        names: list[str] = []
        while shown is None or not shown["recent"]:
            line = next(lines)
            if line.startswith("event: "):
                names.append(line.removeprefix("event: "))
            elif line.startswith("data: "):
                data = json.loads(line.removeprefix("data: "))
                shown = data if names[-1] == "board" else patched(shown, data)
                if len(names) == 1:
                    number = kiosk.settled()["number"]
                    assert staff.call("19")["number"] == number

    assert names[0] == "board"
    assert "changes" in names
    assert shown["recent"][0]["number"] == number
    assert screen.board()["recent"] == shown["recent"]


def test_a_board_token_reads_the_board_only(server: ServerProcess) -> None:
    screen = Staff(server.url, server.token("board", "aula"))

    assert screen.board()["waiting"] == []
    refused = [
        screen.act("19", "call"),
        screen.ask("GET", "/kiosks"),
        screen.ask("GET", "/conflicts"),
        screen.ask("GET", "/catalogue"),
        screen.ask("POST", "/services/ktp-el/resume"),
    ]
    assert [(r.status_code, r.json()["code"]) for r in refused] == [(403, "forbidden")] * 5
    assert server.kiosk().ask("GET", "/events").status_code == 403
    assert screen.ask("GET", "/events?changes=perhaps").status_code == 422


def test_a_new_board_token_replaces_the_old_one_when_it_listens(server: ServerProcess) -> None:
    old = Staff(server.url, server.token("board", "aula"))
    new = Staff(server.url, server.token("board", "aula"))
    assert old.ask("GET", "/board").status_code == 200
    with new.ask("GET", "/events", stream=True) as response:
        assert response.status_code == 200
    assert old.ask("GET", "/board").status_code == 401


def test_the_command_prints_a_token_and_keeps_names_apart(server: ServerProcess) -> None:
    made = command("add-board", "aula", database=server.database)
    assert made.returncode == 0
    assert Staff(server.url, made.stdout.strip()).board()["waiting"] == []

    as_staff = command("add-staff", "aula", database=server.database)
    assert as_staff.returncode == 2
    assert "aula is the name of a board already" in as_staff.stderr
