"""Damaged uploads: files and the forms around them, sent to a real server, whose page reads some of them.

A seed gives the same uploads. The server may refuse one, but never fails at it, and goes on.
"""

import asyncio
import http.client
import os
import random
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

from streamlit.proto.Common_pb2 import FileUploaderState, FileURLs, UploadedFileInfo
from streamlit.proto.WidgetStates_pb2 import WidgetState

from tests.browser.server import APP, HOST, serve
from tests.deploy.visitor import Visitor
from tests.fuzz.fuzz_checkpoint import cases as checkpoints
from tests.fuzz.fuzz_hdf5 import cases as hdf5_files
from tests.fuzz.fuzz_onnx import cases as onnx_files
from tests.fuzz.fuzz_safetensors import cases as safetensors_files
from tests.fuzz.mutations import spoil_bytes

MODELS = (checkpoints, hdf5_files, onnx_files, safetensors_files)
LIMIT = 5 << 20
"""The maximum size of a file in bytes, as ``.streamlit/config.toml`` sets it."""

READ = 0.1
"""The share of uploads that the page reads: reading starts a process."""

REFUSALS = {400, 401, 403, 404, 405, 411, 413, 415, 422, 429, 503}
"""The statuses of a refusal; an upload that is taken has 204."""

NAMES = ("model.pt", "", "a" * 5_000, "../../etc/passwd", "a\u0000b", "\N{SNOWMAN}.onnx", "<b>.h5", 'a"; x="')


@dataclass(frozen=True)
class Upload:
    """A file, and the request that sends it: ``body`` may end before its ``stated`` size."""

    name: str
    content: bytes
    body: bytes
    stated: str
    boundary: str
    method: str
    session: str
    is_read: bool


def uploads(count: int, seed: int) -> Iterator[Upload]:
    """Yield ``count`` uploads, of which about a third are whole."""
    chance = random.Random(seed)
    models = [cases(count, seed) for cases in MODELS]
    for _ in range(count):
        model = next(chance.choice(models))
        content = chance.choice(
            (
                model,
                model,
                chance.randbytes(chance.choice((0, 1, 100, 10_000))),
                bytes(chance.choice((LIMIT - 1, LIMIT, LIMIT + 1, LIMIT + 200_000)))
                if chance.random() < 0.2
                else spoil_bytes(model, chance),
            )
        )
        name, boundary = chance.choice(NAMES), "b0undary"
        body = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode()
            + content
            + f"\r\n--{boundary}--\r\n".encode()
        )
        stated, method, session = str(len(body)), "PUT", ""
        way = chance.randrange(9)
        if way == 0:
            body = body[: chance.randrange(len(body))]
        elif way == 1:
            body = spoil_bytes(body, chance)
            stated = str(len(body))
        elif way == 2:
            stated = chance.choice(("0", "-1", "x", "1e3", "9" * 30, "5", str(6 << 20)))
        elif way == 3:
            boundary = chance.choice(("", "other", "a" * 300, "b0undary; x=y", '"'))
        elif way == 4:
            method = chance.choice(("POST", "DELETE", "GET", "PATCH"))
        elif way == 5:
            session = chance.choice(("a", "00000000-0000-4000-8000-000000000000", "%00", "..", "a" * 200))
        yield Upload(name, content, body, stated, boundary, method, session, chance.random() < READ)


def faults(count: int, seed: int) -> list[str]:
    """Return what was wrong with ``count`` uploads to a server of their own."""
    os.environ["CALCULATOR_TRUSTED_PROXIES"] = HOST  # Each upload has an address of its own.
    with tempfile.TemporaryDirectory() as folder, serve(APP, Path(folder)) as server:
        found = asyncio.run(faults_at(server.url, count, seed))
        return found + [f"seed {seed}: {line}" for line in server.output().splitlines() if "Error" in line]


async def faults_at(url: str, count: int, seed: int) -> list[str]:
    """Return what was wrong with ``count`` uploads to the server at ``url``."""
    found = []
    page = Visitor(url, "", b"parameters", "model")
    await page.open(60)
    uploader = page.element("model.file")
    for number, upload in enumerate(uploads(count, seed)):
        identity = str(UUID(int=seed << 64 | number))
        status = await asyncio.to_thread(_send, page, upload, identity, number)
        if status not in REFUSALS | {0, 204}:
            found.append(f"seed {seed}, upload {number} was answered with {status}")
        if upload.is_read:
            files = FileUploaderState(
                uploaded_file_info=[
                    UploadedFileInfo(
                        name=upload.name,
                        size=len(upload.content),
                        file_id=identity,
                        file_urls=FileURLs(file_id=identity),
                    )
                ]
            )
            await page.ask("", WidgetState(id=uploader, file_uploader_state_value=files))
            if b"parameters" not in page.seen:
                found.append(f"seed {seed}, upload {number}: the page shows no model")
        if status == 204:  # As the page does with the previous file; a page may have few on the server.
            await asyncio.to_thread(page.get, _path(page, identity), "DELETE")
    await page.close()
    return found


def _path(page: Visitor, identity: str, session: str = "") -> str:
    return f"/_stcore/upload_file/{session or page.session}/{identity}"


def _send(page: Visitor, upload: Upload, identity: str, number: int) -> int:
    """Return the status of the answer to an upload, or 0 if the server ended the connection."""
    parts = urlsplit(page.url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
    try:
        connection.putrequest(upload.method, _path(page, identity, upload.session))
        connection.putheader("Content-Length", upload.stated)
        connection.putheader("Content-Type", f"multipart/form-data; boundary={upload.boundary}")
        connection.putheader("X-Forwarded-For", f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}")
        connection.putheader("X-Xsrftoken", page.cookies.get("_streamlit_xsrf", ""))
        connection.putheader("Cookie", f"_streamlit_xsrf={page.cookies.get('_streamlit_xsrf', '')}")
        connection.endheaders(upload.body)
        connection.sock.shutdown(1)  # Nothing follows: a body that is not complete never will be.
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()
