#!/bin/sh
# Installs what the tests need beside cargo and npm, for root on Debian: all of it, or the parts that are named.
# Elsewhere, the same programs have to be on PATH.
set -eu
cd "$(dirname "$0")/.."
tools=target/tools
[ $# -gt 0 ] || set -- chromium firefox webkit nginx certutil python fonts

packages=
for part; do
    case $part in
        chromium) packages="$packages chromium chromium-driver" ;;
        firefox) packages="$packages firefox-esr" ;;
        # Without a display it hangs.
        webkit) packages="$packages webkit2gtk-driver xvfb xauth" ;;
        certutil) packages="$packages libnss3-tools" ;;
        python) python3 -c "import ensurepip, venv" || packages="$packages python3 python3-venv" ;;
        fonts) packages="$packages fonts-inter fonts-noto-color-emoji fonts-noto-core" ;;
        nginx) ;;
        *) echo "there is no part \"$part\"" >&2; exit 2 ;;
    esac
done
if [ -n "$packages" ]; then
    [ "$(id -u)" = 0 ] || { echo "only root can install$packages" >&2; exit 1; }
    export DEBIAN_FRONTEND=noninteractive
    apt-get update
    # shellcheck disable=SC2086
    apt-get install -y --no-install-recommends $packages
fi

mkdir -p $tools
for part; do
    case $part in
        nginx) # Unpacked, not installed: its package would start a service.
            (cd $tools && apt-get download nginx && dpkg-deb -x nginx_*.deb nginx && rm nginx_*.deb) ;;
        python)
            rm -rf $tools/python
            python3 -m venv $tools/python
            $tools/python/bin/pip install --quiet --disable-pip-version-check -r xtask/requirements.txt
            # What was installed, to compare with. Written last.
            cp xtask/requirements.txt $tools/python/ ;;
    esac
done
