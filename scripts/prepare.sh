#!/bin/sh
# Sees to what the system must bring: Python 3.11 with venv, libgomp (LightGBM), and for the tests
# chromium and, if they can be had, MariaDB and PostgreSQL. Installs what is missing where it may,
# otherwise asks for it in one sentence.
# usage: scripts/prepare.sh PYTHON [tests]
set -eu
python=$1
purpose=${2:-run}

missing=""
command -v "$python" >/dev/null 2>&1 || missing="python3"
if [ -z "$missing" ]; then
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
        echo "Spendboard needs Python 3.11 or newer; $python is $("$python" -V 2>&1)." \
            "Name another with: make PYTHON=python3.11" >&2
        exit 3
    }
    "$python" -c 'import venv, ensurepip' 2>/dev/null || missing="python3-venv"
else
    missing="$missing python3-venv"
fi
has_library() { ldconfig -p 2>/dev/null | grep -q "$1" || ls /usr/lib/*/"$1" >/dev/null 2>&1; }
has_library libgomp.so.1 || missing="$missing libgomp1"
if [ "$purpose" = tests ]; then
    command -v chromium >/dev/null 2>&1 || missing="$missing chromium"
fi

# $* are packages; 1 where they cannot be installed from here.
install_packages() {
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 || return 1
    echo "Installing $* with apt-get ..." >&2
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$@" >&2
}

# Servers are wished for, not needed: where they are missing, the tests that ask them skip.
if [ "$purpose" = tests ]; then
    set --
    [ -x /usr/sbin/mariadbd ] || command -v mariadbd >/dev/null 2>&1 || set -- mariadb-server
    ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null 2>&1 ||
        set -- "$@" postgresql
    [ $# = 0 ] || install_packages "$@" ||
        echo "Without $* the tests of databases skip. Install them with: sudo apt-get install -y $*" >&2
fi
[ -n "$missing" ] || exit 0

if command -v apt-get >/dev/null 2>&1; then
    # shellcheck disable=SC2086 # one word a package
    set -- $missing
    install_packages "$@" && exit 0
    echo "Spendboard needs the system packages $*. Install them with:" \
        "sudo apt-get install -y $*" >&2
else
    echo "Spendboard needs what Debian calls$( [ "${missing# }" = "$missing" ] && echo ' ')$missing;" \
        "install it with your system's package manager." >&2
fi
exit 3
