#!/bin/sh
# Installs the programs that the tests drive, where the system's package manager may be used.
# Where it may not, the tests that need them are skipped and listed by name.
set -u
missing=""
for pair in aria2c:aria2 qbittorrent-nox:qbittorrent-nox ffmpeg:ffmpeg opentracker:opentracker chromium:chromium; do
    command -v "${pair%%:*}" >/dev/null 2>&1 || missing="$missing ${pair#*:}"
done
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
for package in $missing; do
    DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends "$package" >/dev/null ||
        echo "could not install $package, its tests are skipped"
done
exit 0
