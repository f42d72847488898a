"""Replicas of the app behind the real Caddy, as `deploy/` sets them up."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.browser.server import HOST, free_port, has_ended, stop, wait_for
from tests.helpers.paths import ROOT

CADDY = Path(sys.executable).with_name("caddy")


@dataclass
class Replica:
    """One server of the app, which can be killed and started again on its port."""

    command: Sequence[str]
    port: int
    base: str
    log: Path
    environment: dict[str, str]
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the server and wait until it takes visitors."""
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [*self.command, "--address", HOST, "--port", str(self.port), "--base-path", self.base],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        wait_for(self.process, self.log, self.port, f"{self.base}/readyz")

    def kill(self) -> None:
        """End the server at once, as a crash does."""
        assert self.process
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def end(self) -> None:
        """End the server, if it still runs."""
        if self.process:
            stop(self.process)

    def memory(self) -> int:
        """Return the maximum of the server's memory so far, in bytes."""
        assert self.process
        status = Path(f"/proc/{self.process.pid}/status").read_text("ascii")
        return int(status.split("VmHWM:")[1].split()[0]) << 10

    def processor(self) -> float:
        """Return the seconds of processor time that the server has taken."""
        assert self.process
        fields = Path(f"/proc/{self.process.pid}/stat").read_text("ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def ask_to_stop(self, within: float) -> bool:
        """Ask the server to stop; return whether it does ``within`` so many seconds."""
        assert self.process
        self.process.terminate()
        return has_ended(self.process, within)


@dataclass
class Site:
    """Replicas and the address of the proxy before them."""

    url: str
    replicas: list[Replica] = field(default_factory=list)


@contextmanager
def site(folder: Path, base: str = "", replicas: int = 2, **settings: str) -> Iterator[Site]:
    """Run the app behind Caddy with the configuration of `deploy/` until the block ends.

    ``settings`` are further environment variables of the replicas.
    """
    environment = os.environ | {
        "HOME": str(folder),
        "CALCULATOR_HOSTED": "1",
        "CALCULATOR_TRUSTED_PROXIES": HOST,
        "STREAMLIT_SERVER_HEADLESS": "true",
        "CALCULATOR_DATA": str(folder),
        **settings,
    }
    command = [sys.executable, str(ROOT / "server.py")]
    port = free_port()
    with ExitStack() as stack:
        running = Site(f"http://{HOST}:{port}{base}")
        for number in range(replicas):
            replica = Replica(command, free_port(), base, folder / f"replica-{number}.log", environment)
            replica.start()
            stack.callback(replica.end)
            running.replicas.append(replica)
        addresses = " ".join(f"{HOST}:{replica.port}" for replica in running.replicas)
        log = folder / "caddy.log"
        with log.open("wb") as output:
            proxy = subprocess.Popen(
                [str(CADDY), "run", "--adapter", "caddyfile", "--config", str(ROOT / "deploy/Caddyfile")],
                env=os.environ
                | {
                    "HOME": str(folder),
                    "CALCULATOR_SITE": f"http://{HOST}:{port}",
                    "CALCULATOR_REPLICAS": addresses,
                    "CALCULATOR_BASE": base,
                },
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        stack.callback(stop, proxy)
        wait_for(proxy, log, port, f"{base}/readyz")
        yield running
