"""The launcher of the second tier, a program of its own: it confines itself for good, then becomes the command.

It is started by path with `python -I -S`, as the user that the command is to be, and imports nothing of ours: where it runs, our code
may not be readable. What it is to do comes as JSON from the descriptor named by its argument. Whatever fails ends it with 125 and a line that begins
with `confine: `, before the command has begun.

Source of the numbers: include/uapi/linux/landlock.h and prctl.h.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import struct
import sys
from typing import Any

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
ABI_VERSION, PATH_BENEATH = 1, 1
PR_SET_PDEATHSIG, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS, FILTER = 1, 22, 38, 2
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1, 2, 4, 8
MAKE_CHAR, MAKE_BLOCK, IOCTL_DEV, TRUNCATE = 1 << 6, 1 << 11, 1 << 15, 1 << 14
LATEST = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1}
"""ABI -> all rights on files that it knows; from 5 on it is 16 of them."""
TCP, SCOPED = 3, 3
"""Binding and connecting; abstract sockets and signals."""
LOOK = EXECUTE | READ_FILE | READ_DIR
ON_A_FILE = EXECUTE | READ_FILE | WRITE_FILE | TRUNCATE
UNFIT = 125

libc = ctypes.CDLL(None, use_errno=True)


def landlock_abi() -> int:
    """0 where the kernel has none, or has it switched off."""
    libc.syscall.restype = ctypes.c_long
    return max(
        0,
        int(
            libc.syscall(
                ctypes.c_long(CREATE_RULESET), None, ctypes.c_size_t(0), ctypes.c_uint32(ABI_VERSION)
            )
        ),
    )


def main(argument: str) -> None:
    with os.fdopen(int(argument), "rb") as said:
        asked: dict[str, Any] = json.load(said)
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    os.chdir(asked["folder"])
    for kind, most in asked["limits"]:
        resource.setrlimit(kind, (most, most))
    if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "no_new_privs")
    restrict(asked["reads"], asked["writes"], asked["devices"], network=asked["network"])
    load_filter(bytes.fromhex(asked["filter"]))
    try:
        os.execvpe(asked["argv"][0], asked["argv"], asked["environment"])  # noqa: S606  a list, never a shell's line
    except OSError as error:
        sys.exit(f"confine: execvp {asked['argv'][0]}: {error.strerror}")


def restrict(reads: list[str], writes: list[str], devices: list[str], *, network: bool) -> None:
    """From here on only these, and for all children, too."""
    abi = landlock_abi()
    rights = LATEST.get(abi, (1 << 16) - 1)
    tcp = TCP if abi >= 4 and not network else 0
    asked = struct.pack("=QQQ", rights, tcp, SCOPED if abi >= 6 else 0)[
        : {1: 8, 2: 8, 3: 8, 4: 16, 5: 16}.get(abi, 24)
    ]
    ruleset = checked(
        libc.syscall(ctypes.c_long(CREATE_RULESET), asked, ctypes.c_size_t(len(asked)), ctypes.c_uint32(0))
    )
    for path in reads:
        allow(ruleset, path, LOOK & rights)
    for path in writes:
        allow(ruleset, path, rights & ~(MAKE_CHAR | MAKE_BLOCK | IOCTL_DEV))
    for path in devices:
        allow(ruleset, path, (READ_FILE | WRITE_FILE | TRUNCATE) & rights)
    checked(libc.syscall(ctypes.c_long(RESTRICT_SELF), ctypes.c_int(ruleset), ctypes.c_uint32(0)))
    os.close(ruleset)


def allow(ruleset: int, path: str, rights: int) -> None:
    beneath = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        if not os.path.isdir(path):  # noqa: PTH112  pathlib costs a tenth of our time here
            rights &= ON_A_FILE
        rule = struct.pack("=Qi", rights, beneath)
        checked(
            libc.syscall(
                ctypes.c_long(ADD_RULE),
                ctypes.c_int(ruleset),
                ctypes.c_int(PATH_BENEATH),
                rule,
                ctypes.c_uint32(0),
            )
        )
    finally:
        os.close(beneath)


def load_filter(program: bytes) -> None:
    """Seccomp, as the kernel's struct sock_fprog."""
    kept = ctypes.create_string_buffer(program, len(program))
    described = struct.pack("@HP", len(program) // 8, ctypes.addressof(kept))
    checked(libc.prctl(PR_SET_SECCOMP, FILTER, described, 0, 0))


def checked(result: int) -> int:
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except OSError as error:
        sys.stderr.write(f"confine: {error}\n")
        os._exit(UNFIT)
