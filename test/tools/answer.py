"""Runs a program at a pseudo-terminal of 80 columns and answers it: answer.py '[[wait for, send], ...]' PROGRAM ...

Prints everything that the program wrote, and ends with its status; 97 where it never said what was waited for.
"""
import fcntl
import json
import os
import pty
import select
import struct
import sys
import termios

STEP_SECONDS = 20


def main() -> int:
    steps = json.loads(sys.argv[1])
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvp(sys.argv[2], sys.argv[2:])
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 80, 0, 0))
    written, seen = b"", 0
    while True:
        ready, _, _ = select.select([terminal], [], [], STEP_SECONDS)
        try:
            chunk = os.read(terminal, 65536) if ready else b""
        except OSError:
            chunk = b""
        if not chunk:
            break
        written += chunk
        while steps and (at := written.find(steps[0][0].encode(), seen)) >= 0:
            seen = at + len(steps[0][0].encode())
            os.write(terminal, steps.pop(0)[1].encode())
    sys.stdout.buffer.write(written)
    _, status = os.waitpid(pid, 0)
    return 97 if steps else os.waitstatus_to_exitcode(status)


sys.exit(main())
