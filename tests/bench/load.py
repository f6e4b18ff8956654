"""Sends requests over connections that stay open, in a process of its own, and says how many a second were answered, how fast."""

import json
import selectors
import socket
import statistics
import sys
import time
import urllib.parse

PATIENCE = 60  # seconds for one answer


class Connection:
    """One connection: a request at a time, its answer read to the end."""

    def __init__(self, host: str, port: int):
        self.socket = socket.create_connection((host, port), timeout=PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer, self.begun = bytearray(), 0.0

    def ask(self, request: bytes) -> None:
        self.buffer.clear()
        self.head = self.expected = None
        self.begun = time.perf_counter()
        self.socket.sendall(request)

    def read(self) -> bool:
        """Reads what is there; tells whether the answer is whole."""
        part = self.socket.recv(1 << 18)
        if not part:
            raise ConnectionError("the server closed the connection in the middle of an answer")
        self.buffer += part
        if self.head is None:
            end = self.buffer.find(b"\r\n\r\n")
            if end < 0:
                return False
            self.head = bytes(self.buffer[:end]).lower()
            _before, named, length = self.head.partition(b"\r\ncontent-length:")
            bodiless = self.status in (204, 304)
            self.expected = end + 4 + (int(length.split(b"\r\n", 1)[0]) if named and not bodiless else 0)
            self.chunked = not named and not bodiless
        return self.buffer.endswith(b"\r\n0\r\n\r\n") if self.chunked else len(self.buffer) >= self.expected

    @property
    def status(self) -> int:
        return int(self.head[9:12])


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
    with selectors.DefaultSelector() as ready:
        begun, worked = time.perf_counter(), time.process_time()
        end = begun + seconds
        for _each in range(connections):
            each = Connection(address.hostname, address.port)
            ready.register(each.socket, selectors.EVENT_READ, each)
            each.ask(requests[turn % len(requests)])
            turn += 1
        open_ = connections
        while open_:
            events = ready.select(PATIENCE)
            if not events:
                raise TimeoutError(f"{base}: no answer within {PATIENCE} s")
            for key, _event in events:
                each = key.data
                if not each.read():
                    continue
                now = time.perf_counter()
                taken.append(now - each.begun)
                failed += each.status != expected
                size += len(each.buffer)
                if now < end:
                    each.ask(requests[turn % len(requests)])
                    turn += 1
                else:
                    ready.unregister(each.socket)
                    each.socket.close()
                    open_ -= 1
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
