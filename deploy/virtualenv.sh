#!/bin/sh
# Makes .venv with exactly what the lock file given names, checked by its hashes, and this project as it stands here.
set -eu
lock=$1
here=$(cd "$(dirname "$0")/.." && pwd)
cd "$here"

stop() {
    echo "verbatim: $1" >&2
    exit 1
}

recent_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

# Asked, not only looked up: the shims of version managers stand on PATH for versions that are not there.
first_python() {
    for candidate in ${PYTHON:-python3.13 python3.12 python3.11 python3}; do
        if recent_enough "$candidate"; then
            echo "$candidate"
            return
        fi
    done
}

if ! recent_enough .venv/bin/python; then
    python=$(first_python)
    [ -n "$python" ] || stop "Python 3.11 or newer is not on PATH: install it, or name it with PYTHON=/path/to/python3.11"
    "$python" -c 'import ensurepip, venv' >/dev/null 2>&1 ||
        stop "$python cannot make virtual environments: install its venv package (Debian: apt install python3-venv)"
    rm -rf .venv
    "$python" -m venv .venv || stop "$python could not make .venv: see its message above"
fi

pip() {
    .venv/bin/python -m pip --disable-pip-version-check --no-input "$@"
}

pip install --quiet --require-hashes -r "$lock" ||
    stop "the packages of $lock could not be installed: see pip's message above, then run make again"
# One .pth file to this folder: new modules and moved ones are found without installing again.
pip install --quiet --no-deps --no-build-isolation --config-settings editable_mode=compat -e . ||
    stop "Verbatim itself could not be installed into .venv: see pip's message above"
