"""Calls into C libraries: ``glFinish`` runs after each flip."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator

import pytest

from kiosk.ui import native


class _Window:
    """A fake of Kivy's window that records flips."""

    def __init__(self, calls: list[str]) -> None:
        self._calls = calls

    def flip(self) -> None:
        self._calls.append("flip")


class _Sdl:
    """A fake SDL whose OpenGL has ``glFinish``, or no function."""

    def __init__(self, address: int | None) -> None:
        self._address = address

    def SDL_GL_GetProcAddress(self, name: bytes) -> int | None:  # noqa: N802  # SDL's name
        return self._address if name == b"glFinish" else None


@pytest.fixture(autouse=True)
def _clear_cache() -> Iterator[None]:
    """Clear the cached function: other tests of this process use the real glFinish."""
    native._gl_finish.cache_clear()
    yield
    native._gl_finish.cache_clear()


def test_a_frame_is_finished_after_its_flip(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    gl_finish = ctypes.CFUNCTYPE(None)(lambda: calls.append("finish"))
    address = ctypes.cast(gl_finish, ctypes.c_void_p).value
    monkeypatch.setattr(native, "loaded_sdl", lambda: _Sdl(address))
    window = _Window(calls)

    native.finish_frames(window)
    window.flip()
    window.flip()

    assert calls == ["flip", "finish", "flip", "finish"]


@pytest.mark.parametrize("sdl", [None, _Sdl(None)], ids=["no SDL", "no glFinish"])
def test_flips_work_without_gl_finish(sdl: _Sdl | None, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    monkeypatch.setattr(native, "loaded_sdl", lambda: sdl)
    window = _Window(calls)

    native.finish_frames(window)
    window.flip()

    assert calls == ["flip"]
