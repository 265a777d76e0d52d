# shellcheck shell=bash
# Shared by the scripts of this folder: system packages, Python, .venv, and how a list of
# checks is run. Source it; do not run it. Set-up does and prints nothing when all is current.

ROOT=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)
VENV=$ROOT/.venv
SUPPORTED="Debian 12, Debian 13 or Ubuntu 24.04, with Python 3.11, 3.12 or 3.13"
unset PYTHONHOME PYTHONPATH

say() { printf '%s\n' "$*" >&2; }

die() {
    say "$*"
    exit 1
}

# Usage: set_up run|dev. Makes ready what that purpose needs. Two at once: the second waits.
# Call it plainly, never in a condition: that would switch `set -e` off inside.
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

# One line, before anything is installed, where it cannot work.
refuse_elsewhere() {
    [ "$(uname -s)" = Linux ] || die "This needs $SUPPORTED."
    if command -v python3 >/dev/null && ! find_python >/dev/null; then
        die "This needs $SUPPORTED; here is $(python3 --version 2>&1)."
    fi
}

# --- System packages ---------------------------------------------------------

# Kivy's wheel brings SDL2 but not OpenGL. Two of these are loaded by name only when a
# window opens, so their lack would show late and badly:
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

# What the tests start beside the product: an X server, real keys and touches, PostgreSQL, CUPS,
# a reader of QR codes.
missing_test_tools() {
    command -v Xvfb >/dev/null || printf 'xvfb\n'
    command -v xdotool >/dev/null || printf 'xdotool\n'
    compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null || printf 'postgresql\n'
    [ -x /usr/sbin/cupsd ] || printf 'cups-daemon\n'
    command -v zbarimg >/dev/null || printf 'zbar-tools\n'
    command -v node >/dev/null || printf 'nodejs\n'
    command -v npm >/dev/null || printf 'npm\n'
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

# Installs where that is allowed, else says the one line to type.
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

# Prints the path of the first Python that will do; fails where there is none.
find_python() {
    local name
    for name in python3 python3.13 python3.12 python3.11; do
        "$name" -c 'import sys
if (3, 11) <= sys.version_info[:2] <= (3, 13): print(sys.executable)
else: sys.exit(1)' 2>/dev/null && return
    done
    return 1
}

# What the contents of .venv depend on. The path is part of it: scripts in .venv name it.
fingerprint() {
    {
        printf '%s\n' "$ROOT"
        "$VENV/bin/python" --version
        cat "$ROOT"/{requirements.txt,requirements-dev.txt,setup.cfg}
    } 2>/dev/null | sha256sum
}

# What is made for dev serves run as well.
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
    # --clear: what an interrupted run or another Python left behind goes.
    "$python" -m venv --clear "$VENV"
    "${pip[@]}" -r "$list" || die "The Python packages could not be fetched; is there a network?"
    "${pip[@]}" --no-build-isolation --config-settings editable_mode=compat --editable "$ROOT"
    # Written last: without it the next run starts over.
    fingerprint >"$VENV/.made-for-$1"
}

# receiptio, another people's client for printers: the tests set it upon the virtual printer.
CLIENT_LOCK=$ROOT/tests/printing/receiptio/package-lock.json

# Usage: client_is_current run|dev. Only dev needs it.
client_is_current() {
    [ "$1" != dev ] || cmp -s "$CLIENT_LOCK" "$VENV/receiptio/.made-from"
}

make_client() {
    local folder=$VENV/receiptio
    mkdir -p -- "$folder"
    cp -- "${CLIENT_LOCK%/*}"/package*.json "$folder/"
    # Node does not look at the system's certificates by itself; a lost cause ends soon.
    NODE_EXTRA_CA_CERTS=${NODE_EXTRA_CA_CERTS:-/etc/ssl/certs/ca-certificates.crt} \
        npm ci --prefix "$folder" --ignore-scripts --no-audit --no-fund --loglevel=error \
        --fetch-retries=1 --fetch-timeout=20000 >/dev/null ||
        die "The npm packages could not be fetched; is there a network?"
    cp -- "$CLIENT_LOCK" "$folder/.made-from"
}

# --- Display -----------------------------------------------------------------

# Whether a window can be opened here: asks the SDL2 that Kivy brings. It knows X11 and no
# Wayland, so a Wayland desktop serves through Xwayland, which sets DISPLAY.
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

# Usage: tools_ready. Sets up .venv, its commands first in PATH, and keeps Kivy's windows off
# the display of the person who runs this.
tools_ready() {
    set_up dev
    PATH=$VENV/bin:$PATH
    unset DISPLAY WAYLAND_DISPLAY
    export SDL_VIDEODRIVER=offscreen SDL_AUDIODRIVER=dummy KIVY_NO_ARGS=1
}

RESULTS=()
FAILED=0

# Usage: check NAME COMMAND... Runs it, notes its result and seconds, and never fails itself, so
# that the checks after a failed one run too.
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

# The repository's shell scripts, a NUL after each; for where there is no git, as in a tarball.
shell_scripts() {
    (cd -- "$ROOT" && grep -rlIZE '^#!.*[/ ](ba)?sh$|^# shellcheck shell=' .ci script deploy 2>/dev/null) || true
}
