"""The most memory that a process of its own takes to read a file."""

import subprocess
import sys

from tests.helpers.paths import ROOT

PEAK = """
import resource, subprocess, sys
subprocess.run([sys.executable, *sys.argv[1:]], stdin=sys.stdin, stdout=subprocess.DEVNULL, check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""
"""Measures from a small process: what a child holds is never told as less than its parent held."""

READING = """
import contextlib, io, sys, zipfile
from calculator.readers import ReadError, read
data = sys.stdin.buffer.read()
with contextlib.suppress(ReadError, zipfile.BadZipFile):
    zipfile.ZipFile(io.BytesIO(data)).read(sys.argv[1]) if sys.argv[1:] else read(data, name="model")
"""


def most_memory(data: bytes, *member: str) -> int:
    """Return the bytes that a process holds at most while it reads a file, or unpacks a member of it."""
    command = [sys.executable, "-c", PEAK, "-c", READING, *member]
    done = subprocess.run(command, input=data, cwd=ROOT, capture_output=True, timeout=100, check=True)
    return int(done.stdout) * (1 if sys.platform == "darwin" else 1024)
