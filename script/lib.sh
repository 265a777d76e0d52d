# shellcheck shell=bash
# What script/run and script/test share: find Python, make .venv, see to system packages.
# Sourced, never run. Everything here is silent where there is nothing to do.

ROOT=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)
VENV=$ROOT/.venv
SUPPORTED="Debian 12 or 13 or Ubuntu 24.04, with Python 3.11, 3.12 or 3.13"

say() { printf '%s\n' "$*" >&2; }

die() {
    say "$*"
    exit 1
}

# --- Python ------------------------------------------------------------------

is_supported() {
    "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null
}

# Prints the path of the first Python that will do; fails where there is none.
find_python() {
    local name
    for name in python3 python3.13 python3.12 python3.11; do
        if command -v "$name" >/dev/null && is_supported "$name"; then
            "$name" -c 'import sys; print(sys.executable)'
            return
        fi
    done
    return 1
}

# --- System packages ---------------------------------------------------------

# Installs the named packages where we may, else says the one line to type.
install_packages() {
    local as_root=() command="apt-get update && apt-get install -y --no-install-recommends $*"
    command -v apt-get >/dev/null || die "Missing: $*. This needs $SUPPORTED."
    if [ "$(id -u)" -ne 0 ]; then
        sudo -n true 2>/dev/null || die "Please run this first:  sudo sh -c '$command'"
        as_root=(sudo -n)
    fi
    say "Installing system packages: $*"
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive sh -c "$command" </dev/null >&2 ||
        die "The packages could not be installed. Please run this first:  $command"
}

ensure_python() {
    local missing=()
    if ! command -v python3 >/dev/null && ! find_python >/dev/null; then
        missing=(python3 python3-venv)
    else
        PYTHON=$(find_python) || die "This needs $SUPPORTED; here is $(python3 --version 2>&1)."
        "$PYTHON" -c 'import ensurepip, venv' 2>/dev/null ||
            missing=("$("$PYTHON" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')")
    fi
    [ ${#missing[@]} -eq 0 ] || install_packages "${missing[@]}"
    PYTHON=$(find_python) || die "This needs $SUPPORTED."
}

# --- .venv -------------------------------------------------------------------

# What the contents of .venv depend on. The path is part of it: scripts in .venv name it.
fingerprint() {
    {
        printf '%s\n' "$ROOT"
        "$VENV/bin/python" --version
        cat "$ROOT"/{requirements.txt,requirements-dev.txt,setup.cfg,pyproject.toml}
    } 2>/dev/null | sha256sum
}

# Usage: venv_is_current run|dev. What is made for dev serves run as well.
venv_is_current() {
    local stamp wanted
    wanted=$(fingerprint) || return 1
    for stamp in "$VENV/.made-for-dev" "$VENV/.made-for-$1"; do
        if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then
            return 0
        fi
    done
    return 1
}

make_venv() {
    local purpose=$1 list=$ROOT/requirements.txt
    [ "$purpose" = dev ] && list=$ROOT/requirements-dev.txt
    say "Setting up .venv; the first time this takes a minute or two."
    rm -f "$VENV"/.made-for-*
    ensure_python
    # --clear: whatever an interrupted run or another Python left behind goes.
    "$PYTHON" -m venv --clear "$VENV"
    "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps -r "$list"
    "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps \
        --no-build-isolation --config-settings editable_mode=compat --editable "$ROOT"
    "$VENV/bin/python" -m pip check >/dev/null || die "The pinned packages do not fit together."
    # Written last: without it the next run starts over.
    fingerprint >"$VENV/.made-for-$purpose"
}

# Usage: ensure_venv run|dev. Two runs at once: the second waits for the first.
# Call it plainly, never in a condition: that would switch `set -e` off inside.
ensure_venv() {
    if venv_is_current "$1"; then
        return
    fi
    (
        flock 9
        if ! venv_is_current "$1"; then
            make_venv "$1" 9>&-
        fi
    ) 9>"$ROOT/.venv.lock"
}
