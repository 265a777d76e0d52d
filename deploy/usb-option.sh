# shellcheck shell=bash
# The option --usb-settings of deploy/install: staff may bring settings on a USB stick. Sourced by it: all
# names in capitals that are not set here are set there.

# Exists while the option is in use.
USB_FILE=$PREFIX/usb-settings
USB_WRITABLE=(agencies.yaml kiosk.yaml ticket.yaml)

# Whether staff may bring settings on a USB stick: as asked for, else as in the last run.
set_usb() {
    [ "$USB" != true ] || [ "$ROLE" = kiosk ] || die "--usb-settings is for a kiosk, not for the queue server."
    if [ -z "$USB" ]; then
        if [ -e "$ROOT$USB_FILE" ]; then USB=true; else USB=false; fi
    fi
    [ "$ROLE" = kiosk ] || USB=false
}

# Lines "source<tab>target" of the option's files.
usb_files() {
    local file
    while IFS= read -r file; do
        printf '%s\t%s\n' "$HERE/usb-settings/$file" "/etc/$file"
    done < <(cd -- "$HERE/usb-settings" && find . -type f -printf '%P\n' | sort)
}

# Lets the kiosk write its three files, and makes the folder for the mount. A stick that is mounted now
# is read-only: the mode of its folder cannot be set then, and need not be.
open_usb() {
    systemd-tmpfiles ${ROOT:+--root="$ROOT"} --create mpp-kiosk-usb.conf 2>/dev/null || true
}

# What --usb-settings has changed beside its files. A stick that is plugged in is unmounted.
remove_usb() {
    local name
    [ -e "$ROOT$USB_FILE" ] || return 0
    ! live || systemctl stop 'mpp-kiosk-usb@*.service' 2>/dev/null || true
    for name in "${USB_WRITABLE[@]}"; do
        [ ! -e "$ROOT/etc/mpp-kiosk/$name" ] || chmod 0640 -- "$ROOT/etc/mpp-kiosk/$name"
    done
    rm -f -- "$ROOT$USB_FILE"
}
