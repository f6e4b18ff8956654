"""Sends requests over connections that stay open, in a process of its own, and says how many a second were answered, how fast."""

import json
import re
import select
import socket
import statistics
import sys
import time
import urllib.parse

PATIENCE = 60  # seconds for one answer
BODILESS = (b"204", b"304")
LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)\r", re.IGNORECASE)
LAST = b"\r\n0\r\n\r\n"  # of an answer in chunks


class Connection:
    """One connection: a request at a time, its answer read to the end. Lean, for it works on the cores that are measured."""

    def __init__(self, host: str, port: int):
        self.socket = socket.create_connection((host, port), timeout=PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer, self.size, self.begun = bytearray(1 << 17), 0, 0.0

    def ask(self, request: bytes) -> None:
        self.size = self.end = 0
        self.begun = time.perf_counter()
        self.socket.sendall(request)

    def read(self) -> bool:
        """Reads what is there; tells whether the answer is whole."""
        if self.size == len(self.buffer):
            self.buffer += bytes(self.size)
        with memoryview(self.buffer) as room:
            part = self.socket.recv_into(room[self.size :])
        if not part:
            raise ConnectionError("the server closed the connection in the middle of an answer")
        self.size += part
        if not self.end:
            self.end = self.buffer.find(b"\r\n\r\n", 0, self.size) + 4
            if self.end < 4:
                self.end = 0
                return False
            bodiless = self.status in BODILESS
            length = None if bodiless else LENGTH.search(self.buffer, 0, self.end)
            self.chunked = not bodiless and length is None
            self.expected = self.end + (int(length[1]) if length else 0)
        return self.buffer.endswith(LAST, 0, self.size) if self.chunked else self.size >= self.expected

    @property
    def status(self) -> bytes:
        return bytes(self.buffer[9:12])


def run(
    base: str, paths: list[str], headers: list[dict], connections: int, seconds: float, expected: int = 200
) -> dict:
    """{"rate" a second, "p50", "p99", "worst" in ms, "bytes" of an answer, "failed"} of asking for these paths in turn.

    `headers`: one for all paths, one for each, or many for few. What is sent at the end is waited for and counted.
    """
    address = urllib.parse.urlsplit(base)
    requests = [
        f"GET {paths[place % len(paths)]} HTTP/1.1\r\nHost: {address.netloc}\r\n"
        + "".join(f"{name}: {value}\r\n" for name, value in headers[place % len(headers)].items())
        + "\r\n"
        for place in range(max(len(paths), len(headers)))
    ]
    requests = [each.encode() for each in requests]
    taken, failed, size, turn = [], 0, 0, 0
    wanted, open_ = str(expected).encode(), {}
    with select.epoll() as ready:
        begun, worked = time.perf_counter(), time.process_time()
        end = begun + seconds
        for _each in range(connections):
            each = Connection(address.hostname, address.port)
            open_[each.socket.fileno()] = each
            ready.register(each.socket, select.EPOLLIN)
            each.ask(requests[turn % len(requests)])
            turn += 1
        while open_:
            events = ready.poll(PATIENCE)
            if not events:
                raise TimeoutError(f"{base}: no answer within {PATIENCE} s")
            for number, _event in events:
                each = open_[number]
                if not each.read():
                    continue
                now = time.perf_counter()
                taken.append(now - each.begun)
                failed += each.status != wanted
                size += each.size
                if now < end:
                    each.ask(requests[turn % len(requests)])
                    turn += 1
                else:
                    ready.unregister(each.socket)
                    each.socket.close()
                    del open_[number]
    spent, worked = time.perf_counter() - begun, time.process_time() - worked
    taken.sort()
    return {
        "rate": len(taken) / spent,
        "p50": 1000 * statistics.median(taken),
        "p99": 1000 * taken[min(len(taken) - 1, int(len(taken) * 0.99))],
        "worst": 1000 * taken[-1],
        "bytes": size / len(taken),
        "failed": failed,
        "busy": worked / spent,
    }


if __name__ == "__main__":
    print(json.dumps(run(**json.load(sys.stdin))))
