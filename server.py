"""The server of the calculator: `python server.py`, or `streamlit run server.py`, or `uvicorn server:app`.

All three add the middleware below to the app. Only the first also limits connections, by settings of Uvicorn
that the other two do not have; `deploy/README.md` has a table of which limit holds in which start.
"""

import argparse
import errno
import gc
import importlib
import logging
import os
import pkgutil
import socket
import sys
import webbrowser
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import distribution
from pathlib import Path
from threading import Thread
from typing import Any

import streamlit as st
import uvicorn
from anyio import to_thread
from starlette.middleware import Middleware
from starlette.routing import Router
from starlette.types import Receive, Scope, Send
from streamlit import config, file_util, net_util
from streamlit.runtime import Runtime, RuntimeState
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.web import bootstrap

import calculator.ui
from calculator.classroom.database import StoreError
from calculator.classroom.location import open_store
from calculator.classroom.phone import PREFIX, phone_routes
from calculator.ui.browser import script_addresses
from calculator.ui.charts import drawn_chart
from calculator.ui.session.received_text import without_long_texts
from calculator.web.addresses import RefusedRequests
from calculator.web.compressed_files import CompressedFiles, hashed_name, static_files
from calculator.web.connections import (
    MAX_HEADER_BYTES,
    MAX_UNFINISHED_BY_ONE,
    LimitedMessages,
    limited_protocol,
)
from calculator.web.descriptors import max_pages, raise_descriptor_limit
from calculator.web.environment import EnvironmentValueError, web_settings
from calculator.web.health import health_routes
from calculator.web.json_log import FewExceptions, JsonFormatter
from calculator.web.openings import Openings
from calculator.web.request_limits import RequestLimits
from calculator.web.safety_headers import SafetyHeaders, content_security_policy
from calculator.web.start_page import start_pages, start_routes

HERE = Path(__file__).resolve().parent
STATIC = Path(file_util.get_static_dir())
PLOTLY = Path(str(distribution("plotly").locate_file("plotly/package_data/plotly.min.js")))
STOP_SECONDS = 5
PORTS_TRIED = 100

logger = logging.getLogger("server")


def base_path() -> str:
    """Return the path below which the app stands: "" or "/calculator"."""
    path = config.get_option("server.baseUrlPath").strip("/")
    return f"/{path}" if path else ""


def ready() -> bool:
    """Return whether the app takes visitors."""
    running = (RuntimeState.NO_SESSIONS_CONNECTED, RuntimeState.ONE_OR_MORE_SESSIONS_CONNECTED)
    return Runtime.exists() and Runtime.instance().state in running


def uploaded(session: str) -> tuple[int, int]:
    """Return the number of bytes of uploaded files: of one session, and of all."""
    manager = Runtime.instance().uploaded_file_mgr
    assert isinstance(manager, MemoryUploadedFileManager)
    sizes = {
        name: sum(len(file.data) for file in tuple(files.values()))
        for name, files in tuple(manager.file_storage.items())
    }
    return sizes.get(session, 0), sum(sizes.values())


def protected(inner: Any) -> SafetyHeaders:
    """Return the app with all that stands before it. It is called once the configuration has been read."""
    settings = web_settings(os.environ)
    config.set_option("client.allowedOrigins", [])  # Nobody's page may steer the app by messages.
    base = base_path()
    scripts = {"plotly": PLOTLY.read_bytes, "chart": drawn_chart.SCRIPT.encode}
    names = {name: hashed_name(name, read()) for name, read in scripts.items()}
    files = static_files(STATIC / "static", f"{base}/static")
    for name, read in scripts.items():
        address = f"{base}/{names[name]}"
        files[address] = read
        script_addresses.served_at(name, address)
    pages = start_pages(STATIC, names["chart"])
    routes = [
        *health_routes(base, ready),
        *start_routes(pages, base),
        *phone_routes(base, REFUSED),
    ]
    script_addresses.served_at(script_addresses.PHONES, f"{base}{PREFIX}")
    own = Router(routes, redirect_slashes=False, default=inner)
    opened = Openings(inner)

    async def routed(scope: Scope, receive: Receive, send: Send) -> None:
        await (own if scope["type"] == "http" else opened)(scope, receive, send)

    # An address that no page has gets Streamlit's own start page.
    inline = pages[""] + (STATIC / "index.html").read_text("utf-8")
    policy = content_security_policy(inline, settings.frame_ancestors)
    limited = RequestLimits(
        CompressedFiles(routed, files),
        base=base,
        max_upload=config.get_option("server.maxUploadSize") << 20,
        max_pages=max_pages(DESCRIPTORS),
        uploaded=uploaded,
        shortened=without_long_texts,
        refused=REFUSED,
    )
    return SafetyHeaders(limited, policy)


@asynccontextmanager
async def warm(_: object) -> AsyncIterator[None]:
    """Import what the pages need before the first visitor comes, who would wait seconds for it."""
    names = [module.name for module in pkgutil.walk_packages(calculator.ui.__path__, "calculator.ui.")]
    await to_thread.run_sync(lambda: [importlib.import_module(name) for name in names])
    # What was imported stays: a full collection of garbage, every few hundred answers, leaves it out.
    gc.collect()
    gc.freeze()
    Thread(target=_open_classes, daemon=True).start()  # A database that is away must not delay the start.
    yield


def _open_classes() -> None:
    """Open the store of classes, which also deletes the old rooms of an earlier process."""
    try:
        open_store()
    except StoreError as error:
        logger.warning("There are no classes: %s", error)


REFUSED = RefusedRequests()
DESCRIPTORS = raise_descriptor_limit()

app = st.App(HERE / "app.py", middleware=[Middleware(protected)], lifespan=warm)


def main() -> int:
    """Serve until a signal ends it; return the exit status."""
    parser = argparse.ArgumentParser(description="Serve the calculator.")
    parser.add_argument("--port", type=int, help="the port; without it the next free one from 8501")
    parser.add_argument("--address", help="the address of this machine to listen on; without it all of them")
    parser.add_argument("--base-path", help="the path below which the app stands, such as /calculator")
    given = parser.parse_args()
    options = {
        "server.port": given.port,
        "server.address": given.address,
        "server.baseUrlPath": given.base_path,
    }
    try:
        settings = web_settings(os.environ)
        bootstrap.load_config_options({name: value for name, value in options.items() if value is not None})
        listening = _listen()
    except (EnvironmentValueError, OSError) as error:
        print(f"The server cannot start: {error}", file=sys.stderr)
        return 1
    if settings.hosted:
        _log_as_json()
    protocol = limited_protocol(
        REFUSED,
        trusts=settings.trusts,
        max_unfinished=min(MAX_UNFINISHED_BY_ONE, DESCRIPTORS // 4),
    )
    server = TellingServer(
        hosted=settings.hosted,
        configuration=uvicorn.Config(
            app,
            http=protocol,
            ws=LimitedMessages,
            ws_max_size=config.get_option("server.maxMessageSize") << 20,
            ws_ping_interval=30,
            ws_ping_timeout=30,
            h11_max_incomplete_event_size=MAX_HEADER_BYTES,
            limit_concurrency=DESCRIPTORS * 3 // 4,
            timeout_keep_alive=5,
            timeout_graceful_shutdown=STOP_SECONDS,
            proxy_headers=bool(settings.trusted_proxies),
            forwarded_allow_ips=settings.proxy_networks(),
            server_header=False,
            access_log=False,
            log_config=None,
        ),
    )
    server.run(sockets=[listening])
    return 0 if server.started else 3


def _listen() -> socket.socket:
    """Return a socket that listens where the configuration says. Raises ``OSError`` if that is impossible."""
    address = config.get_option("server.address")
    first = config.get_option("server.port")
    tried = 1 if config.is_manually_set("server.port") else PORTS_TRIED
    for port in range(first, first + tried):
        try:
            if address is None and socket.has_dualstack_ipv6():
                return socket.create_server(
                    ("::", port), family=socket.AF_INET6, backlog=2048, dualstack_ipv6=True
                )
            family = socket.AF_INET6 if ":" in (address or "") else socket.AF_INET
            return socket.create_server((address or "", port), family=family, backlog=2048)
        except OSError as error:
            if error.errno not in (errno.EADDRINUSE, errno.EACCES) or port == first + tried - 1:
                raise
    raise AssertionError


def _log_as_json() -> None:
    """Write every line of the log as JSON; Uvicorn's and Streamlit's own lines only from warnings on."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter())
    handler.addFilter(FewExceptions())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logger.setLevel(logging.INFO)
    for name in ("streamlit", "uvicorn", "uvicorn.error"):
        other = logging.getLogger(name)
        other.handlers, other.propagate = [], True
        other.setLevel(logging.WARNING)


class TellingServer(uvicorn.Server):
    """Uvicorn's server, which says where the app is once it answers."""

    def __init__(self, configuration: uvicorn.Config, hosted: bool) -> None:
        super().__init__(configuration)
        self.hosted = hosted

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say so."""
        await super().startup(sockets)
        if self.started and sockets:
            _tell(sockets[0].getsockname()[1], self.hosted)


def _tell(port: int, hosted: bool) -> None:
    """Say where the app is and how many visitors it takes; open a browser where there is a screen."""
    pages = max_pages(DESCRIPTORS)
    few = pages < 1000
    sentence = (
        f"At most {pages:,} pages can be open at the same time: the system allows {DESCRIPTORS:,} open files."
    )
    path = f":{port}{base_path()}"
    if hosted:
        logger.info("started on port %d", port)
        if few:
            logger.warning(sentence)
        return
    print(f"The calculator is at http://localhost{path}", flush=True)
    if config.get_option("server.address") is None and (internal := net_util.get_internal_ip()):
        print(f"For phones in the same network: http://{internal}{path}", flush=True)
    if few:
        print(sentence, flush=True)
    if not config.get_option("server.headless"):
        webbrowser.open(f"http://localhost{path}")


if __name__ == "__main__":
    sys.exit(main())
