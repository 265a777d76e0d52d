# shellcheck shell=bash
# Functions for scripts that make a Debian root with debootstrap: the host's network settings (Debian
# mirror, proxies, certificates, package registries) are read at run time and used in the root.
# Source it; do not run it.

# The Debian mirror of this host's apt; empty for debootstrap's default.
debian_mirror() {
    # shellcheck disable=SC2016  # apt replaces these, not the shell
    apt-get indextargets --format '$(ORIGIN) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages' |
        awk '$1 == "Debian" && $2 == "main" && $3 !~ /security/ {print $3; exit}'
}

# The variables that name proxies, certificates and package indexes, as NAME=VALUE lines.
network_environment() {
    env | grep -E '^((http|https|ftp|all|no)_proxy|(HTTP|HTTPS|FTP|ALL|NO)_PROXY|PIP_(CERT|PROXY|INDEX_URL|TRUSTED_HOST|DEFAULT_TIMEOUT)|SSL_CERT_(FILE|DIR)|(REQUESTS|CURL)_CA_BUNDLE|NODE_EXTRA_CA_CERTS|npm_config_(registry|proxy|https_proxy|noproxy))=' || true
    local key value
    for key in index-url proxy cert trusted-host; do
        value=$(python3 -m pip config get "global.$key" 2>/dev/null) || continue
        printf 'PIP_%s=%s\n' "$(tr 'a-z-' 'A-Z_' <<<"$key")" "$value"
    done
    for key in registry proxy https-proxy; do
        value=$(npm config get "$key" 2>/dev/null) || continue
        [ "$value" = null ] || printf 'npm_config_%s=%s\n' "$(tr - _ <<<"$key")" "$value"
    done
}

# Usage: copy_network_settings ROOT. Copies files and installs nothing, so the root stays blank.
copy_network_settings() {
    local root=$1 bundle=/etc/ssl/certs/ca-certificates.crt
    cp --dereference /etc/resolv.conf /etc/hosts "$root/etc/"
    apt-config dump Acquire | grep -E '^Acquire::(http|https|ftp|Retries|Check)' \
        >"$root/etc/apt/apt.conf.d/10host" || true
    if [ -f "$bundle" ]; then
        install -D -m 644 "$bundle" "$root$bundle"
    fi
    # The package ca-certificates rebuilds the bundle from these when it is installed.
    if compgen -G '/usr/local/share/ca-certificates/*.crt' >/dev/null; then
        mkdir -p "$root/usr/local/share/ca-certificates"
        cp --dereference /usr/local/share/ca-certificates/*.crt \
            "$root/usr/local/share/ca-certificates/"
    fi
    network_environment >"$root/etc/network.environment"
}
