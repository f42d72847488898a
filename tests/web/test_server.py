"""The real server: what an attack costs, how it stops, what it says."""

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from streamlit import config
from streamlit.proto.BackMsg_pb2 import BackMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from calculator.web.addresses import MAX_REFUSED
from calculator.web.request_limits import MAX_UPLOADED_BY_ONE
from tests.browser.server import HOST, environment, free_port, stop, wait_for
from tests.deploy.visitor import Visitor
from tests.fuzz.uploads import faults_at
from tests.helpers.paths import ROOT

MAX_MEMORY = 400 << 20
MEGABYTE = 1 << 20
MAX_UNREAD = 300 << 20
"""The maximum memory while nobody reads; 300 copies of Plotly's script take 400 MB more than a start."""

pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")


@dataclass(frozen=True)
class Running:
    """A server process."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    def most_memory(self) -> int:
        """Return the maximum of the memory so far, in bytes."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(r"VmHWM:\s+(\d+) kB", status)
        assert found
        return int(found[1]) << 10


OWN = ("server.py", "--address", HOST, "--port")
OTHERS = {
    "uvicorn": ("-m", "uvicorn", "server:app", "--host", HOST, "--port"),
    "streamlit": ("-m", "streamlit", "run", "server.py", "--server.address", HOST, "--server.port"),
}


@contextmanager
def started(
    folder: Path, *, before: str = "", start: Sequence[str] = OWN, **variables: str
) -> Iterator[Running]:
    """Run the server; ``before`` is what a shell does first."""
    port = free_port()
    log = folder / f"{port}.log"
    command = [sys.executable, *start, str(port)]
    shell = ["sh", "-ec", f'{before}\nexec "$@"', "sh", *command]
    with log.open("wb") as output:
        process = subprocess.Popen(
            shell,
            cwd=ROOT,
            env=environment(folder) | variables,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_for(process, log, port, "/readyz")
        yield Running(process, port, log)
    finally:
        stop(process)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with started(tmp_path_factory.mktemp("server")) as running:
        yield running


def visitor(server: Running) -> Visitor:
    return Visitor(server.url, "in=3&out=64&k=4", b"3,136")


async def is_served(server: Running) -> None:
    """Open a page and see its count."""
    one = visitor(server)
    await one.open()
    await one.close()


def test_a_message_that_is_too_large_ends_its_connection(server: Running) -> None:
    async def scenario() -> int | None:
        socket: ClientConnection = await connect(
            f"ws://{HOST}:{server.port}/_stcore/stream",
            subprotocols=[Subprotocol("streamlit")],
            max_size=None,
            proxy=None,
        )
        maximum = config.get_option("server.maxMessageSize") * MEGABYTE
        with suppress(ConnectionClosed):
            await socket.send(b"a" * (maximum + MEGABYTE))
        await socket.wait_closed()
        await is_served(server)
        return socket.close_code

    assert asyncio.run(scenario()) == 1009
    assert server.most_memory() < MAX_MEMORY


def many_files(size: int) -> bytes:
    """Return a message that asks where to send files without a name, two bytes each."""
    message = BackMsg()
    message.file_urls_request.file_names.extend([""] * (size // 2))
    content: bytes = message.SerializeToString()
    return content


def typed(size: int) -> bytes:
    """Return a message with a text in a control that no page has."""
    message = BackMsg()
    message.rerun_script.widget_states.widgets.add(id="box", string_value="a" * size)
    content: bytes = message.SerializeToString()
    return content


@pytest.mark.parametrize(("message", "codes"), [(many_files, {1009}), (typed, {None, 1013})])
def test_large_messages_of_many_pages_take_little_memory(
    message: Callable[[int], bytes], codes: set[int | None], tmp_path: Path
) -> None:
    async def scenario(server: Running) -> set[int | None]:
        content = message(config.get_option("server.maxMessageSize") * MEGABYTE * 9 // 10)
        people = [visitor(server) for _ in range(30)]
        for one in people:
            await one.open()
            assert one.socket
            with suppress(ConnectionClosed):
                await one.socket.send(content)
                await one.answered()
        await is_served(server)
        found = {one.socket.close_code for one in people if one.socket}
        for one in people:
            await one.close()
        return found

    with started(tmp_path) as server:
        assert asyncio.run(scenario(server)) == codes
        assert server.most_memory() < MAX_MEMORY


def test_one_page_cannot_fill_the_memory_with_uploads(server: Running) -> None:
    async def scenario() -> list[int]:
        one = visitor(server)
        await one.open()
        size = config.get_option("server.maxUploadSize") * MEGABYTE - 1000  # The form around it counts too.
        statuses = [
            await asyncio.to_thread(one.upload, b"a" * size, f"{number:08}-1111-4111-8111-111111111111")
            for number in range(20)
        ]
        await one.close()
        await is_served(server)
        return statuses

    statuses = asyncio.run(scenario())
    size = config.get_option("server.maxUploadSize") * MEGABYTE
    assert statuses[: MAX_UPLOADED_BY_ONE // size] == [204] * (MAX_UPLOADED_BY_ONE // size)
    assert set(statuses[MAX_UPLOADED_BY_ONE // size :]) == {413}
    assert MAX_REFUSED > 20
    assert server.most_memory() < MAX_MEMORY


def test_damaged_uploads_are_taken_or_refused_and_the_page_goes_on(server: Running) -> None:
    assert asyncio.run(faults_at(server.url, 30, 1)) == []
    assert "Traceback" not in server.log.read_text()


def test_connections_that_never_finish_do_not_keep_others_out(server: Running) -> None:
    async def scenario() -> None:
        opened = [await asyncio.open_connection(HOST, server.port) for _ in range(600)]
        for _, writer in opened[:300]:
            # An upload is awaited, where any other request is answered without its body.
            writer.write(b"PUT /_stcore/upload_file/a/b HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc")
        await is_served(server)
        for _, writer in opened:
            writer.close()

    asyncio.run(scenario())
    assert server.most_memory() < MAX_MEMORY


@pytest.mark.parametrize("accepted", ["gzip", "identity"])
def test_readers_that_never_read_take_little_memory(accepted: str, tmp_path: Path) -> None:
    async def scenario(server: Running) -> None:
        one = visitor(server)
        await one.open()
        [address, *_] = re.findall(r"/plotly-[0-9a-f]+\.js", one.seen.decode("utf-8", "replace"))
        request = f"GET {address} HTTP/1.1\r\nHost: a\r\nAccept-Encoding: {accepted}\r\n\r\n"
        opened = [await asyncio.open_connection(HOST, server.port, limit=1) for _ in range(300)]
        for _, writer in opened:
            writer.write(request.encode())
        for reader, _ in opened:
            assert await reader.readexactly(15) == b"HTTP/1.1 200 OK"
        await one.close()
        await is_served(server)
        for _, writer in opened:
            writer.transport.abort()

    with started(tmp_path) as server:
        asyncio.run(scenario(server))
        assert server.most_memory() < MAX_UNREAD


def test_messages_that_never_end_take_little_memory(tmp_path: Path) -> None:
    async def scenario(server: Running) -> None:
        people = [visitor(server) for _ in range(60)]
        for one in people:
            await one.open()
            assert one.socket
            # The beginning of a message of 10 MB (RFC 6455, 5.2).
            one.socket.transport.write(
                bytes([130, 255]) + (10_000_000).to_bytes(8) + bytes(4) + bytes(9_900_000)
            )
            while one.socket.transport.get_write_buffer_size() and not one.socket.transport.is_closing():
                await asyncio.sleep(0)
        await is_served(server)
        for one in people:
            assert one.socket
            one.socket.transport.abort()

    with started(tmp_path) as server:
        asyncio.run(scenario(server))
        assert server.most_memory() < MAX_MEMORY


def test_what_streamlit_tells_about_itself_is_not_public(server: Running) -> None:
    one = visitor(server)
    assert one.get("/_stcore/metrics")[0] == 404
    assert one.get("/_stcore/agent/openapi.json")[0] == 404
    status, answer = one.get("/_stcore/host-config")
    assert (status, b'"allowedOrigins":[]' in answer) == (200, True)


@pytest.mark.parametrize("name", OTHERS)
def test_other_ways_to_start_it(name: str, tmp_path: Path) -> None:
    with started(tmp_path, start=OTHERS[name]) as server:
        asyncio.run(is_served(server))
        one = visitor(server)
        assert one.get("/_stcore/metrics")[0] == 404
        assert one.get("/", "POST", b"a" * 100_000)[0] == 413


def test_it_stops_in_time_with_a_reason(tmp_path: Path) -> None:
    with started(tmp_path) as server:

        async def scenario() -> tuple[str, float]:
            one = visitor(server)
            await one.open()
            begun = time.monotonic()
            server.process.send_signal(signal.SIGTERM)
            reason = await one.left()
            await asyncio.to_thread(server.process.wait, 30)
            return reason, time.monotonic() - begun

        reason, seconds = asyncio.run(scenario())
    assert reason.startswith("1012")  # "service restart": the browser connects again by itself.
    assert seconds < 30


def test_a_low_limit_on_open_files_is_said_and_a_soft_one_raised(tmp_path: Path) -> None:
    with started(tmp_path, before="ulimit -Sn 512; ulimit -Hn 1024") as server:
        asyncio.run(is_served(server))
        said = server.log.read_text()
        limits = Path(f"/proc/{server.process.pid}/limits").read_text()
    assert "At most 224 pages can be open at the same time: the system allows 1,024 open files." in said
    assert re.search(r"Max open files\s+1024\s+1024", limits)


def test_a_hosted_server_logs_json_without_visitors(tmp_path: Path) -> None:
    with started(tmp_path, CALCULATOR_HOSTED="1") as server:
        asyncio.run(is_served(server))
        visitor(server).get("/typed-by-a-visitor?secret")
        visitor(server).get("/", body=b"a" * 100_000, method="POST")
        stop(server.process)
        lines = server.log.read_text().splitlines()
    assert all(line.startswith('{"time": ') for line in lines), lines
    assert "secret" not in "".join(lines)
    assert HOST not in "".join(lines)
    assert any("started on port" in line for line in lines)


def test_a_collection_of_garbage_leaves_out_what_was_imported() -> None:
    code = """
import asyncio, gc, server
async def started():
    async with server.warm(None):
        print(any(each is server.calculator.ui.home.growth.__dict__ for each in gc.get_objects()))
asyncio.run(started())
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_a_setting_that_cannot_be_used_stops_the_start() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "server.py")],
        env=os.environ | {"CALCULATOR_TRUSTED_PROXIES": "everybody"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "CALCULATOR_TRUSTED_PROXIES must be" in done.stderr
    assert "Traceback" not in done.stderr
