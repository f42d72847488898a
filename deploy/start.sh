#!/bin/sh
# Start the installed calculator: start.sh [--port 8501] [--address 127.0.0.1] [--base-path /calculator].
# It writes only the file of classes, into the folder CALCULATOR_DATA; without one it needs no writable file system.
set -eu
cd "$(dirname "$0")/.."
export CALCULATOR_HOSTED="${CALCULATOR_HOSTED:-1}"
export PYTHONDONTWRITEBYTECODE=1
export STREAMLIT_SERVER_HEADLESS=true
export HOME="${HOME:-/nonexistent}"
exec .venv/bin/python server.py "$@"
