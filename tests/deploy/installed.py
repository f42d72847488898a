"""The installed app as a strict host runs it: another user, nothing to write to, no home, IPv6."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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
    environment = {"PATH": os.environ["PATH"], "PYTHON": sys.executable}
    environment |= {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_"))}
    subprocess.run([ROOT / "deploy/install.sh", folder], env=environment, check=True)
    folder.parent.chmod(0o755)
    port = free_port()
    start = [str(folder / "deploy/start.sh"), "--address", "::1", "--port", str(port)]
    as_root = (
        hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("unshare") and shutil.which("setpriv")
    )
    if as_root:
        other = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", *start]
        start = ["unshare", "--mount", "sh", "-ec", READ_ONLY, "sh", str(folder), *other]
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
