"""System calls by number, for what neither Python nor libc offers by name.

Sources: Linux arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h; numbers from 424 on are everywhere the same.
"""

from __future__ import annotations

import ctypes
import os
import platform
from functools import cache
from typing import Any

AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
"""What seccomp calls each machine (include/uapi/linux/audit.h)."""
MACHINES = tuple(AUDIT_ARCH)
_TABLE = """
ptrace 101 117, process_vm_readv 310 270, process_vm_writev 311 271, process_madvise 440 440, kcmp 312 272, pidfd_getfd 438 438,
keyctl 250 219, add_key 248 217, request_key 249 218, bpf 321 280, perf_event_open 298 241, userfaultfd 323 282,
io_uring_setup 425 425, io_uring_enter 426 426, io_uring_register 427 427, mount 165 40, umount2 166 39, pivot_root 155 41,
chroot 161 51, move_mount 429 429, open_tree 428 428, fsopen 430 430, fsconfig 431 431, fsmount 432 432, fspick 433 433,
mount_setattr 442 442, unshare 272 97, setns 308 268, swapon 167 224, swapoff 168 225, reboot 169 142, kexec_load 246 104,
kexec_file_load 320 294, init_module 175 105, finit_module 313 273, delete_module 176 106, acct 163 89, quotactl 179 60,
quotactl_fd 443 443, syslog 103 116, settimeofday 164 170, clock_settime 227 112, adjtimex 159 171, clock_adjtime 305 266,
sethostname 170 161, setdomainname 171 162, iopl 172 -, ioperm 173 -, name_to_handle_at 303 264, open_by_handle_at 304 265,
lookup_dcookie 212 18, nfsservctl 180 42, vhangup 153 58, migrate_pages 256 238, move_pages 279 239, fanotify_init 300 262,
memfd_secret 447 447, uselib 134 -, ustat 136 -, sysfs 139 -, _sysctl 156 -, modify_ldt 154 -, personality 135 92, clone 56 220,
clone3 435 435, socket 41 198, socketpair 53 199, prlimit64 302 261, ioctl 16 29, mknod 133 -, mknodat 259 33, setsid 112 157,
setpgid 109 154, shmget 29 194, shmat 30 196, semget 64 190, msgget 68 186, mq_open 240 180, setpriority 141 140,
ioprio_set 251 30, sched_setaffinity 203 122, sched_setscheduler 144 119, sched_setparam 142 118, sched_setattr 314 274,
kill 62 129, tkill 200 130, tgkill 234 131, rt_sigqueueinfo 129 138, rt_tgsigqueueinfo 297 240, pidfd_send_signal 424 424,
chmod 90 -, fchmodat 268 53, fchmodat2 452 452, chown 92 -, lchown 94 -, fchownat 260 54, setxattr 188 5, lsetxattr 189 6,
removexattr 197 14, lremovexattr 198 15, setxattrat 463 463, removexattrat 466 466, utime 132 -, utimes 235 -, futimesat 261 -,
utimensat 280 88, openat2 437 437, setresuid 117 147
"""


@cache
def number(name: str, machine: str = "") -> int | None:
    """None where that machine has no such call.  machine: this one unless given; raises KeyError for one that we do not know."""
    at = MACHINES.index(_known(machine or platform.machine())) + 1
    found = _rows()[name][at]
    return None if found == "-" else int(found)


def call(name: str, *arguments: Any) -> int:
    """Does it. Raises OSError; ENOSYS where the machine or the kernel has no such call."""
    try:
        which = number(name)
    except KeyError:
        which = None
    if which is None:
        which = -1
    done: int = _libc().syscall(ctypes.c_long(which), *arguments)
    if done < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{name}: {os.strerror(code)}")
    return done


def is_known() -> bool:
    return platform.machine() in MACHINES


def _known(machine: str) -> str:
    if machine not in AUDIT_ARCH:
        raise KeyError(machine)
    return machine


@cache
def _rows() -> dict[str, tuple[str, ...]]:
    rows = (tuple(row.split()) for row in _TABLE.replace("\n", " ").split(","))
    return {row[0]: row for row in rows}


@cache
def _libc() -> ctypes.CDLL:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    return libc
