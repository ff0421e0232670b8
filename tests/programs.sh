#!/bin/sh
# Installs the programs that the tests drive, where the system's package manager may be used.
# Where it may not, the tests that need them are skipped and listed by name.
set -u
missing=""
for pair in aria2c:aria2 qbittorrent-nox:qbittorrent-nox ffmpeg:ffmpeg opentracker:opentracker; do
    command -v "${pair%%:*}" >/dev/null 2>&1 || missing="$missing ${pair#*:}"
done
# without a window it is far quicker; a system that has no package of that has Chromium itself
command -v chromium-headless-shell >/dev/null 2>&1 || command -v chromium >/dev/null 2>&1 ||
    missing="$missing chromium-headless-shell"
[ -z "$missing" ] && exit 0
if ! command -v apt-get >/dev/null 2>&1; then
    echo "not installed, their tests are skipped:$missing"
    exit 0
fi
as_root=""
if [ "$(id -u)" != 0 ]; then
    if ! sudo -n true 2>/dev/null; then
        echo "not installed (no rights to), their tests are skipped:$missing"
        exit 0
    fi
    as_root="sudo -n"
fi
$as_root apt-get update -qq
install() {
    DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends "$1" >/dev/null
}
for package in $missing; do
    install "$package" || install "${package%-headless-shell}" ||
        echo "could not install $package, its tests are skipped"
done
exit 0
