"""The installed app as a strict host runs it: another user, nothing to write to, no home, IPv6."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.browser.chromium import is_root
from tests.browser.server import free_port, stop, wait_for
from tests.helpers.paths import ROOT

NOBODY = 65534
READ_ONLY = 'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" && shift && exec "$@"'


@contextmanager
def installed_server(folder: Path) -> Iterator[str]:
    """Install with `deploy/install.sh` into ``folder``, start with `deploy/start.sh`, and yield the address.

    As root the server runs as another user, and its folder is read-only; otherwise as the same user, in a
    folder whose permissions forbid writing.
    """
    other = []
    if is_root() and shutil.which("unshare") and shutil.which("setpriv"):
        other = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    environment = {"PATH": os.environ["PATH"], "PYTHON": _python(other)}
    environment |= {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_"))}
    subprocess.run([ROOT / "deploy/install.sh", folder], env=environment, check=True)
    folder.parent.chmod(0o755)
    port = free_port()
    start = [str(folder / "deploy/start.sh"), "--address", "::1", "--port", str(port)]
    if other:
        start = ["unshare", "--mount", "sh", "-ec", READ_ONLY, "sh", str(folder), *other, *start]
    else:
        for path in [folder, *folder.rglob("*")]:
            if path.is_dir():
                path.chmod(0o555)
    log = folder.parent / "installed.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            start,
            cwd="/",
            env={"PATH": os.environ["PATH"]},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_for(process, log, port, "/readyz", host="::1")
        yield f"http://[::1]:{port}"
    finally:
        stop(process)
        for path in [folder, *folder.rglob("*")]:
            if path.is_dir() and not path.is_symlink():
                path.chmod(0o755)


def _python(user: Sequence[str]) -> str:
    """Return a Python that the user of the server may run: that of these tests may lie in somebody's home."""
    check = "import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))"
    for candidate in ("/usr/bin/python3", "/usr/local/bin/python3", sys.executable):
        if not Path(candidate).exists():
            continue
        if subprocess.run([*user, candidate, "-c", check], check=False).returncode == 0:
            return candidate
    raise RuntimeError("Another user can run no Python 3.11 or newer with venv here.")
