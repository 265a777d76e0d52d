# shellcheck shell=bash
# The parts of deploy/install that compare a machine with this copy of the program, and that remove the
# program from it. Sourced by it: all names in capitals are set there.

FOUND_BAD=0

# Usage: expect TEXT COMMAND... Prints TEXT with its verdict.
expect() {
    local text=$1
    shift
    if "$@" >/dev/null 2>&1; then
        printf 'ok  %s\n' "$text"
    else
        printf 'X   %s\n' "$text"
        FOUND_BAD=1
    fi
}

owner_and_mode() { [ "$(stat -c '%u:%g %a' -- "$ROOT$1")" = "$2:$3 $4" ]; }

check_all() {
    local source target name uid gid
    uid=$(awk -F: -v name="$USER_NAME" '$1 == name {print $3}' "$ROOT/etc/passwd") gid=$(id_in "$USER_NAME")
    expect "user $USER_NAME" [ -n "$uid" ]
    expect "$CONFIG: root:$USER_NAME 0750" owner_and_mode "$CONFIG" 0 "$gid" 750
    expect "$STATE: $USER_NAME 0700" owner_and_mode "$STATE" "$uid" "$gid" 700
    expect "$PREFIX: root 0755" owner_and_mode "$PREFIX" 0 0 755
    expect "the role is written down: $ROLE" [ "$(cat "$ROOT$ROLE_FILE" 2>/dev/null)" = "$ROLE" ]
    while IFS=$'\t' read -r source target; do
        expect "$target" cmp -s -- "$source" "$ROOT$target"
    done < <(system_files)
    if $USB; then
        for name in "${USB_WRITABLE[@]}"; do
            expect "$CONFIG/$name: root:$USER_NAME 0660" owner_and_mode "$CONFIG/$name" 0 "$gid" 660
        done
    fi
    for name in "${MASKED[@]}"; do
        expect "$name is masked" [ "$(readlink "$ROOT/etc/systemd/system/$name")" = /dev/null ]
    done
    for name in "${ENABLED[@]}"; do expect "$name is enabled" units_do is-enabled "$name"; done
    for name in "${OTHERS[@]}"; do expect "$name is not here" [ ! -e "$ROOT/etc/systemd/system/$name" ]; done
    expect "version $VERSION is the current one" \
        [ "$(readlink "$ROOT$PREFIX/current")" = "releases/$VERSION" ]
    for name in "$HERE"/libexec/*; do
        target=$PREFIX/current/libexec/${name##*/}
        expect "$target" cmp -s -- "$name" "$ROOT$PREFIX/releases/$VERSION/libexec/${name##*/}"
    done
    if [ -z "$ROOT" ]; then
        for name in "${PACKAGES[@]}"; do
            expect "package $name" dpkg-query -W "$name"
        done
        expect "the program starts" "$PROGRAM" --version
        if [ "$ROLE" = server ]; then
            expect "the menu is right (queue-server check)" "$PROGRAM" check --catalogue "$CONFIG/agencies.yaml"
        else
            expect "the settings are right (kiosk check)" "$PROGRAM" check "$CONFIG"
        fi
    fi
    exit "$FOUND_BAD"
}

uninstall_all() {
    local file
    # Both: a kiosk may have been a server's machine, and one machine may be both.
    disable_units "${KIOSK_UNITS[@]}" "${SERVER_UNITS[@]}"
    unmask_units
    remove_usb
    while IFS= read -r file; do
        rm -f -- "$ROOT$file"
    done < <({ system_files | cut -f 2; cat "$ROOT$LIST" 2>/dev/null; } | grep '^/etc/' | sort -u)
    remove_folders
    rm -rf -- "$ROOT${PREFIX:?}"
    if live; then
        systemctl daemon-reload
        systemctl reset-failed mpp-kiosk.service 2>/dev/null || true
        [ "$ROLE" = server ] || renew_boot_menu
    fi
    say "Removed. Settings, journal or database, and the users kiosk and queue stay."
}
