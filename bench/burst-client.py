"""Opens so many connections at once, asks for one answer on each, and prints how it went as JSON: PORT COUNT

Not in Node, whose event loop sees the first connection only after the last was started: the median would be its own.
"""
import errno
import json
import resource
import select
import socket
import sys
import time

GIVE_UP_SECONDS = 30
REQUEST = b"GET / HTTP/1.0\r\n\r\n"


class Burst:
    def __init__(self) -> None:
        self.poll = select.epoll()
        self.connecting: dict[int, tuple[socket.socket, float]] = {}
        self.connected: dict[int, socket.socket] = {}
        self.connect_ms: list[float] = []
        self.failed: dict[str, int] = {}
        self.answered = 0

    def connect(self, port: int) -> None:
        client = socket.socket()
        client.setblocking(False)
        self.connecting[client.fileno()] = client, time.monotonic()
        client.connect_ex(("127.0.0.1", port))
        self.poll.register(client, select.EPOLLOUT)

    def harvest(self, seconds: float) -> None:
        for fd, _ in self.poll.poll(seconds):
            try:
                if fd in self.connecting:
                    self.ask(fd)
                else:
                    self.read(fd)
            except OSError as error:
                name = errno.errorcode[error.errno]
                self.failed[name] = self.failed.get(name, 0) + 1
                self.connected.pop(fd).close()

    def ask(self, fd: int) -> None:
        client, begun = self.connecting.pop(fd)
        self.connected[fd] = client
        refused = client.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if refused != 0:
            raise OSError(refused, "connect")
        self.connect_ms.append((time.monotonic() - begun) * 1000)
        client.send(REQUEST)
        self.poll.modify(fd, select.EPOLLIN)

    def read(self, fd: int) -> None:
        answer = self.connected[fd].recv(4096)
        self.answered += answer.startswith(b"HTTP/1.1 200")
        if answer == b"":
            self.connected.pop(fd).close()


def main() -> None:
    port, count = int(sys.argv[1]), int(sys.argv[2])
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    burst = Burst()
    start = time.monotonic()
    for _ in range(count):
        burst.connect(port)
        burst.harvest(0)
    started_ms = (time.monotonic() - start) * 1000
    while (burst.connecting or burst.connected) and time.monotonic() - start < GIVE_UP_SECONDS:
        burst.harvest(0.1)
    print(json.dumps({
        "startedMs": started_ms,
        "connectMs": burst.connect_ms,
        "answered": burst.answered,
        "failed": burst.failed,
    }))


main()
