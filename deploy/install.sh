#!/bin/sh
# Install the calculator into an empty folder: install.sh FOLDER. The image and the unit both use it.
# With POSTGRES=1 also the driver of PostgreSQL, for classes on several processes (DATABASE_URL).
# Needs Python 3.11 or newer with venv; every package is checked against the hash in requirements.lock.
set -eu
folder=${1:?"Usage: install.sh FOLDER"}
source=$(cd "$(dirname "$0")/.." && pwd)
python=${PYTHON:-python3}

mkdir -p "$folder"
if [ -n "$(ls -A "$folder")" ]; then
  echo "$folder is not empty." >&2
  exit 1
fi
cp -R "$source/app.py" "$source/server.py" "$source/calculator" "$source/pages" "$source/.streamlit" \
  "$source/requirements.lock" "$source/deploy" "$folder/"
"$python" -m venv "$folder/.venv"
"$folder/.venv/bin/python" -m pip install --quiet --no-cache-dir --disable-pip-version-check \
  --require-hashes -r "$folder/requirements.lock"
if [ "${POSTGRES:-0}" = 1 ]; then
  "$folder/.venv/bin/python" -m pip install --quiet --no-cache-dir --disable-pip-version-check \
    --require-hashes -r "$folder/deploy/requirements-postgres.lock"
fi
# The file system may be read-only later, so everything is compiled now.
"$folder/.venv/bin/python" -m compileall -q "$folder" || true
echo "Installed. Start it with: $folder/deploy/start.sh"
