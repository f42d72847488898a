#!/bin/sh
# Start the installed calculator: start.sh [--port 8501] [--address 127.0.0.1] [--base-path /calculator].
# It writes to no file, so it needs no home folder and no writable file system.
set -eu
cd "$(dirname "$0")/.."
export CALCULATOR_HOSTED="${CALCULATOR_HOSTED:-1}"
export PYTHONDONTWRITEBYTECODE=1
export STREAMLIT_SERVER_HEADLESS=true
export HOME="${HOME:-/nonexistent}"
exec .venv/bin/python server.py "$@"
