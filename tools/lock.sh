#!/bin/sh
# Pin what pyproject.toml asks for: exact versions with hashes, and no address of any index.
#   requirements.lock      what a service needs, and what installs the checkout
#   requirements-dev.lock  the same versions, and what tests and checks need besides
set -eu
cd "$(dirname "$0")/.."

compile_lock() {
    out=$1
    shift
    if command -v uv >/dev/null 2>&1; then
        uv pip compile pyproject.toml --quiet --universal --python-version 3.11 \
            --generate-hashes --no-emit-index-url --no-header --output-file "$out" "$@"
    elif command -v pip-compile >/dev/null 2>&1; then
        pip-compile pyproject.toml --quiet --generate-hashes --allow-unsafe --strip-extras \
            --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-header \
            --output-file "$out" "$@"
    else
        echo "error: neither uv nor pip-compile is here" >&2
        echo "hint: ${PYTHON:-python3} -m pip install uv" >&2
        exit 2
    fi
}

compile_lock requirements.lock --group build
compile_lock requirements-dev.lock --group build --group dev --constraint requirements.lock
