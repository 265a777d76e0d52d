# shellcheck shell=bash
# Functions shared by the scripts of this folder: system packages, Python, .venv, running checks.
# Source it; do not run it. Set-up does nothing and prints nothing when everything is current.

ROOT=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)
VENV=$ROOT/.venv
SUPPORTED="Debian 12, Debian 13 or Ubuntu 24.04, with Python 3.11, 3.12 or 3.13"
unset PYTHONHOME PYTHONPATH
# Some images turn the bytecode cache off. Every process then compiles all its modules again, which
# is a third of the kiosk's start and of each command that the tests run.
unset PYTHONDONTWRITEBYTECODE

say() { printf '%s\n' "$*" >&2; }

die() {
    say "$*"
    exit 1
}

# Usage: set_up run|dev. Installs what that purpose needs. A lock makes concurrent calls wait.
# Never call it in a condition: bash ignores `set -e` inside of one.
set_up() {
    if [ -z "$(missing_packages "$1")" ] && venv_is_current "$1" && client_is_current "$1"; then
        return
    fi
    refuse_elsewhere
    (
        flock 9
        {
            install_missing "$1"
            if ! venv_is_current "$1"; then
                make_venv "$1"
            fi
            if ! client_is_current "$1"; then
                make_client
            fi
        } 9>&-
    ) 9>"$ROOT/.venv.lock"
}

# Ends with a one-line message, before anything is installed, on an unsupported system.
refuse_elsewhere() {
    [ "$(uname -s)" = Linux ] || die "This needs $SUPPORTED."
    if command -v python3 >/dev/null && ! find_python >/dev/null; then
        die "This needs $SUPPORTED; here is $(python3 --version 2>&1)."
    fi
}

# --- System packages ---------------------------------------------------------

# Kivy's wheel contains SDL2 but not OpenGL. Two of these are loaded by name when a window opens,
# so without this check their absence would only show then, as an unclear error:
#   libgl1           OpenGL, which Kivy's own modules are linked with
#   libglx-mesa0     its driver on a display; brings the software renderer, libgl1-mesa-dri
#   libegl1          EGL, without which there is no window off-screen
#   libegl-mesa0     its driver
missing_libraries() {
    local present pair
    present=$(PATH=$PATH:/sbin:/usr/sbin ldconfig -p 2>/dev/null) || present=
    for pair in libGL.so.1=libgl1 libGLX_mesa.so.0=libglx-mesa0 \
        libEGL.so.1=libegl1 libEGL_mesa.so.0=libegl-mesa0; do
        [[ $present == *"${pair%=*} "* ]] || printf '%s\n' "${pair#*=}"
    done
}

# Programs that the tests start: an X server, xdotool for real keys and touches, PostgreSQL, CUPS,
# a QR code reader, Node.js, a voice, systemd's tools that check units and lay out users and folders.
missing_test_tools() {
    command -v Xvfb >/dev/null || printf 'xvfb\n'
    command -v xdotool >/dev/null || printf 'xdotool\n'
    compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null || printf 'postgresql\n'
    [ -x /usr/sbin/cupsd ] || printf 'cups-daemon\n'
    command -v zbarimg >/dev/null || printf 'zbar-tools\n'
    command -v espeak-ng >/dev/null || printf 'espeak-ng\n'
    command -v node >/dev/null || printf 'nodejs\n'
    command -v npm >/dev/null || printf 'npm\n'
    command -v systemd-analyze >/dev/null || printf 'systemd\n'
    command -v lpadmin >/dev/null || [ -x /usr/sbin/lpadmin ] || printf 'cups-client\n'
}

# Usage: missing_packages run|dev. The system packages that this purpose lacks.
missing_packages() {
    missing_libraries
    if [ "$1" = dev ]; then
        missing_test_tools
    fi
}

missing_python() {
    local python
    if python=$(find_python); then
        "$python" -c 'import ctypes, ensurepip, sqlite3, ssl, venv' 2>/dev/null ||
            "$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])'
    elif ! command -v python3 >/dev/null; then
        printf 'python3-venv\n'
    fi
}

# Installs the missing packages as root or with sudo, else prints the line to type.
install_missing() {
    local missing as_root=() command
    missing=$(missing_packages "$1")
    venv_is_current "$1" || missing+=" $(missing_python)"
    missing=$(xargs <<<"$missing")
    [ -n "$missing" ] || return 0

    command="apt-get update && apt-get install -y --no-install-recommends $missing"
    command -v apt-get >/dev/null || die "This needs $SUPPORTED; missing here: $missing."
    if [ "$(id -u)" -ne 0 ]; then
        sudo -n true 2>/dev/null || die "Please type this first:  sudo sh -c '$command'"
        as_root=(sudo -n)
    fi
    say "Installing system packages: $missing"
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive sh -c "$command" </dev/null >/dev/null ||
        die "The packages could not be installed. This shows why:  sudo sh -c '$command'"
}

# --- Python ------------------------------------------------------------------

# Prints the path of the first supported Python; fails if there is none.
find_python() {
    local name
    for name in python3 python3.13 python3.12 python3.11; do
        "$name" -c 'import sys
if (3, 11) <= sys.version_info[:2] <= (3, 13): print(sys.executable)
else: sys.exit(1)' 2>/dev/null && return
    done
    return 1
}

# Hash of everything that .venv depends on, including its path, which the scripts in it contain.
fingerprint() {
    {
        printf '%s\n' "$ROOT"
        "$VENV/bin/python" --version
        cat "$ROOT"/{requirements.txt,requirements-dev.txt,setup.cfg}
    } 2>/dev/null | sha256sum
}

# An environment made for dev also serves run.
venv_is_current() {
    local wanted stamp
    wanted=$(fingerprint) || return 1
    for stamp in "$VENV/.made-for-dev" "$VENV/.made-for-$1"; do
        if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then
            return 0
        fi
    done
    return 1
}

make_venv() {
    local python pip list=$ROOT/requirements.txt
    python=$(find_python) || die "This needs $SUPPORTED; here is $(python3 --version 2>&1)."
    [ "$1" = run ] || list=$ROOT/requirements-dev.txt
    pip=("$VENV/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps)

    say "Setting up .venv; this takes a minute or two."
    # --clear: removes files of an interrupted run or another Python.
    "$python" -m venv --clear "$VENV"
    "${pip[@]}" -r "$list" || die "The Python packages could not be fetched; is there a network?"
    "${pip[@]}" --no-build-isolation --config-settings editable_mode=compat --editable "$ROOT"
    # Written last, so that the next run starts again if this one is interrupted.
    fingerprint >"$VENV/.made-for-$1"
}

# receiptio, an independent ESC/POS client, with which the tests check the virtual printer.
CLIENT_LOCK=$ROOT/tests/printing/receiptio/package-lock.json

# Usage: client_is_current run|dev. Only dev needs it.
client_is_current() {
    [ "$1" != dev ] || cmp -s "$CLIENT_LOCK" "$VENV/receiptio/.made-from"
}

make_client() {
    local folder=$VENV/receiptio
    mkdir -p -- "$folder"
    cp -- "${CLIENT_LOCK%/*}"/package*.json "$folder/"
    # Node does not use the system's certificates by default. Few retries: fail soon.
    NODE_EXTRA_CA_CERTS=${NODE_EXTRA_CA_CERTS:-/etc/ssl/certs/ca-certificates.crt} \
        npm ci --prefix "$folder" --ignore-scripts --no-audit --no-fund --loglevel=error \
        --fetch-retries=1 --fetch-timeout=20000 >/dev/null ||
        die "The npm packages could not be fetched; is there a network?"
    cp -- "$CLIENT_LOCK" "$folder/.made-from"
}

# --- Display -----------------------------------------------------------------

# Whether a window can be opened here, according to the SDL2 in Kivy's wheel. It supports X11 but
# not Wayland; on a Wayland desktop it uses Xwayland, which sets DISPLAY.
has_display() {
    [ -n "${DISPLAY:-}" ] && [ "${SDL_VIDEODRIVER:-x11}" = x11 ] &&
        "$VENV/bin/python" - 2>/dev/null <<'PYTHON'
import ctypes, pathlib, sys, sysconfig

libraries = pathlib.Path(sysconfig.get_path("platlib"), "Kivy.libs")
sdl = ctypes.CDLL(str(next(libraries.glob("libSDL2-2*"))))
sys.exit(0 if sdl.SDL_VideoInit(b"x11") == 0 else 1)
PYTHON
}

# --- Checks ------------------------------------------------------------------

# Usage: tools_ready. Sets up .venv, puts its commands first in PATH, and makes Kivy use off-screen
# windows, so that no window opens on the user's display.
tools_ready() {
    set_up dev
    PATH=$VENV/bin:$PATH
    unset DISPLAY WAYLAND_DISPLAY
    export SDL_VIDEODRIVER=offscreen SDL_AUDIODRIVER=dummy KIVY_NO_ARGS=1
}

RESULTS=()
FAILED=0

# Usage: check NAME COMMAND... Runs a check and records its result and seconds. Always succeeds, so
# that the checks after a failed one also run.
check() {
    local name=$1 start=$SECONDS word=ok
    shift
    printf '\n--- %s\n' "$name"
    if ! "$@"; then
        word=FAILED
        FAILED=1
    fi
    RESULTS+=("$(printf '%-14s %-6s %4d s' "$name" "$word" $((SECONDS - start)))")
}

# Usage: finish. Prints the results and exits, 1 when a check failed.
finish() {
    printf '\n'
    printf '%s\n' "${RESULTS[@]}"
    exit "$FAILED"
}

# The repository's shell scripts, NUL-terminated. Does not use git, so it works in a tarball.
shell_scripts() {
    (cd -- "$ROOT" && grep -rlIZE '^#!.*[/ ](ba)?sh$|^# shellcheck shell=' .ci script deploy 2>/dev/null) || true
}
