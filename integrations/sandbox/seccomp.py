"""The filter of system calls, as the kernel's BPF: what no command of a persona needs is refused.

It names what is refused, not what is allowed: programs keep working, and what it guards beside it (namespaces, or Landlock)
stands without it. Refused is what has opened kernels before, and what reaches beyond a process's own files and children.
"""

from __future__ import annotations

import errno
import platform
import socket
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from integrations.sandbox.syscalls import AUDIT_ARCH, number

ALLOW, KILL, ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
NR, ARCH, ARGUMENTS = 0, 4, 16
"""Offsets in struct seccomp_data; arguments are 8 bytes each, their lower half first on both machines."""
LOAD, EQUAL, ANY_BIT, ABOVE, AND, RETURN = 0x20, 0x15, 0x45, 0x35, 0x54, 0x06
X32 = 0x40000000
"""Calls of the 32-bit-pointer kind on x86_64: the same ones under other numbers."""
NEW_NAMESPACE = 0x7E020000
TIOCSTI, TIOCLINUX = 0x5412, 0x541C
"""Typing into somebody's terminal."""
DEVICES = (0o020000, 0o060000)
KIND_OF_FILE, KIND_OF_SOCKET = 0o170000, 0xF
NETWORKS = (socket.AF_UNIX, socket.AF_INET, socket.AF_INET6)
NETLINK, NETLINK_ROUTE = 16, 0


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


NEVER = _names("""ptrace process_vm_readv process_vm_writev process_madvise kcmp pidfd_getfd keyctl add_key request_key bpf perf_event_open
userfaultfd io_uring_setup io_uring_enter io_uring_register mount umount2 pivot_root chroot move_mount open_tree fsopen fsconfig
fsmount fspick mount_setattr unshare setns swapon swapoff reboot kexec_load kexec_file_load init_module finit_module delete_module
acct quotactl quotactl_fd syslog settimeofday clock_settime adjtimex clock_adjtime sethostname setdomainname iopl ioperm
name_to_handle_at open_by_handle_at lookup_dcookie nfsservctl vhangup migrate_pages move_pages fanotify_init memfd_secret uselib
ustat sysfs _sysctl modify_ldt personality""")
BARE = _names(
    "setsid setpgid shmget shmat semget msgget mq_open setpriority ioprio_set sched_setscheduler sched_setparam sched_setattr"
)
"""Without namespaces: what would leave the process group that is killed, or reach processes beside it."""
SIGNALS = _names("kill tkill tgkill rt_sigqueueinfo rt_tgsigqueueinfo pidfd_send_signal")
RIGHTS = _names("chmod fchmodat fchmodat2 chown lchown fchownat")
ATTRIBUTES = _names("setxattr lsetxattr removexattr lremovexattr setxattrat removexattrat")
TIMES = _names("utime utimes futimesat")
"""What Landlock does not look at when it is done by name. Rights and times are only pretended to be changed: tar, cp and git go on."""

Code = list[tuple[int, int, int, int]]


@dataclass(frozen=True, slots=True)
class Strictness:
    """bare: without namespaces.  network: it may speak with others.  owns_more: its user owns more than the workspace, and it is not to change rights there.

    signals: to processes beside it have to be refused here, as the kernel's Landlock cannot.
    """

    bare: bool = False
    network: bool = False
    owns_more: bool = False
    signals: bool = False


@cache
def program(strictness: Strictness, machine: str = "") -> bytes:
    """An array of struct sock_filter. Raises KeyError for a machine we do not know."""
    machine = machine or platform.machine()
    code: Code = [_load(ARCH), _jump(EQUAL, AUDIT_ARCH[machine], yes=1), _end(KILL), _load(NR)]
    if machine == "x86_64":
        code += [_jump(ABOVE, X32, no=1), _end(_refusal(errno.EPERM))]
    for name, body in _rules(strictness):
        which = number(name, machine)
        if which is not None:
            code += [_jump(EQUAL, which, no=len(body)), *body]
    code.append(_end(ALLOW))
    return b"".join(struct.pack("=HBBI", *step) for step in code)


def _rules(strictness: Strictness) -> Iterable[tuple[str, Code]]:
    """A call's name, and what is done about it. Each body ends: none falls through to the next."""
    no, allow = _refusal(errno.EPERM), _end(ALLOW)
    never = NEVER + (BARE if strictness.bare else ()) + (SIGNALS if strictness.signals else ())
    yield from ((name, [_end(no)]) for name in never)
    # Its flags lie in memory, where a filter cannot look: libc takes `clone` when told that there is none.
    yield "clone3", [_end(_refusal(errno.ENOSYS))]
    yield "clone", [_argument(0), _jump(ANY_BIT, NEW_NAMESPACE, no=1), _end(no), allow]
    yield "ioctl", _refuse_if(1, (TIOCSTI, TIOCLINUX))
    yield "mknod", _refuse_if(1, DEVICES, mask=KIND_OF_FILE)
    yield "mknodat", _refuse_if(2, DEVICES, mask=KIND_OF_FILE)
    yield "prlimit64", [_argument(0), _jump(EQUAL, 0, yes=1), _end(no), allow]  # of others
    if strictness.bare:
        yield "sched_setaffinity", [_argument(0), _jump(EQUAL, 0, yes=1), _end(no), allow]
        # Datagrams of a pair can be sent to anybody's socket; a stream's cannot.
        yield "socketpair", _refuse_if(1, (socket.SOCK_DGRAM, socket.SOCK_RAW), mask=KIND_OF_SOCKET)
        yield from ((name, [_end(_refusal(errno.ENOTSUP))]) for name in ATTRIBUTES)
        yield from ((name, [_end(_refusal(0))]) for name in TIMES + (RIGHTS if strictness.owns_more else ()))
        # Without a name it is about an open file, and that is its own.
        null = [_argument(1), _jump(EQUAL, 0, no=3), _upper(1), _jump(EQUAL, 0, no=1), allow]
        yield "utimensat", [*null, _end(_refusal(0))]
    yield "socket", _socket(() if strictness.bare and not strictness.network else NETWORKS)


def _socket(families: tuple[int, ...]) -> Code:
    """Those, and with them the one that tells about addresses and routes (not the others of its family)."""
    code: Code = [_argument(0)]
    for family in families:
        code += [_jump(EQUAL, family, no=1), _end(ALLOW)]
    if families:
        code += [_jump(EQUAL, NETLINK, no=3), _argument(2), _jump(EQUAL, NETLINK_ROUTE, no=1), _end(ALLOW)]
    return [*code, _end(_refusal(errno.EAFNOSUPPORT))]


def _refuse_if(argument: int, values: tuple[int, ...], mask: int = 0xFFFFFFFF) -> Code:
    code: Code = [_argument(argument), (AND, 0, 0, mask)]
    for value in values:
        code += [_jump(EQUAL, value, no=1), _end(_refusal(errno.EPERM))]
    return [*code, _end(ALLOW)]


def _refusal(code: int) -> int:
    return ERRNO | code


def _load(offset: int) -> tuple[int, int, int, int]:
    return LOAD, 0, 0, offset


def _argument(which: int) -> tuple[int, int, int, int]:
    return _load(ARGUMENTS + 8 * which)


def _upper(which: int) -> tuple[int, int, int, int]:
    return _load(ARGUMENTS + 8 * which + 4)


def _jump(test: int, value: int, *, yes: int = 0, no: int = 0) -> tuple[int, int, int, int]:
    """Over so many steps."""
    return test, yes, no, value


def _end(verdict: int) -> tuple[int, int, int, int]:
    return RETURN, 0, 0, verdict
