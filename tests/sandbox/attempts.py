"""Attempts to get out, as they run inside: Python, with what `refused` and the names of the world at hand.

`refused(what, do)`: `do` has to raise. `never(what, got)`: got has to be false.
"""

from __future__ import annotations

PRELUDE = """
import ctypes, errno, os, platform, resource, signal, socket, struct, subprocess, sys, time
from pathlib import Path
libc = ctypes.CDLL(None, use_errno=True)
X86 = platform.machine() == "x86_64"
def call(x86, arm, *arguments):
    ctypes.set_errno(0)
    got = libc.syscall(ctypes.c_long(x86 if X86 else arm), *arguments)
    if got < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return got
def refused(what, do):
    try:
        got = do()
    except (OSError, subprocess.SubprocessError, ValueError, MemoryError) as error:
        print("refused", what, type(error).__name__, error)
    else:
        print("ESCAPED", what, repr(got)[:300])
def never(what, got):
    print("ESCAPED" if got else "refused", what, repr(got)[:300])
def said(*argv):
    done = subprocess.run(argv, capture_output=True, text=True)
    if done.returncode:
        raise OSError(done.returncode, done.stderr)
    return done.stdout
"""

ATTEMPTS: dict[str, str] = {
    # -- files -----------------------------------------------------------------------------------------------------
    "reads a file outside": "refused('read', lambda: open(secret).read())",
    "writes a file outside": "refused('write', lambda: open(secret, 'a').write('x'))",
    "empties a file outside": """
refused('truncate', lambda: os.truncate(secret, 0))
refused('open', lambda: os.open(secret, os.O_RDONLY | os.O_TRUNC))
""",
    "makes a file outside": "refused('make', lambda: open(outside + '/new', 'w'))",
    "makes a folder outside": "refused('mkdir', lambda: os.mkdir(outside + '/new'))",
    "lists a folder outside": "refused('list', lambda: os.listdir(outside))",
    "deletes a file outside": "refused('unlink', lambda: os.unlink(secret))",
    "goes up out of the folder": "refused('..', lambda: open('../' * 40 + secret.lstrip('/')).read())",
    "goes up by chdir": "refused('chdir', lambda: (os.chdir('../..'), open(os.path.relpath(secret, '/')).read())[1] if not os.chdir('/') else 0)",
    "follows a link of its own": "os.symlink(secret, 'link'); refused('link', lambda: open('link').read())",
    "follows a link to a folder": "os.symlink(outside, 'folder'); refused('folder', lambda: open('folder/new', 'w'))",
    "gives a file outside another name": "refused('hard link', lambda: os.link(secret, 'mine'))",
    "moves a file outside in": "refused('rename', lambda: os.rename(secret, 'mine'))",
    "moves its own file out": "Path('own').write_text('x'); refused('rename', lambda: os.rename('own', outside + '/new'))",
    "changes rights outside": """
try:
    os.chmod(secret, 0o600); os.chmod(secret, 0o4777)
except OSError: pass
try:
    os.utime(secret, (5, 5))
except OSError: pass
refused('setxattr', lambda: os.getxattr(secret, 'user.x') if not os.setxattr(secret, 'user.x', b'y') else 0)
""",
    "reads the passwords of the machine": "refused('shadow', lambda: open('/etc/shadow').read())",
    "writes to the machine's folders": """
for folder in ('/', '/usr', '/usr/bin', '/etc', '/dev', '/proc', '/sys', '/root', '/home', '/var', '/opt'):
    refused(folder, lambda: open(folder + '/troupe-was-here', 'w'))
""",
    "writes to its interpreter": "refused('python', lambda: open(os.path.realpath(sys.executable), 'r+b'))",
    "writes to the packages of all": "import PIL; refused('packages', lambda: open(PIL.__file__, 'a'))",
    "writes to its environment": "refused('env', lambda: open(sys.prefix + '/evil.pth', 'w'))",
    "reads the settings of Troupe": """
for path in (home + '/secret.keys', home, code + '/.env', code + '/bot/settings.py'):
    refused(path, lambda: os.listdir(path) if os.path.isdir(path) else open(path).read())
""",
    "reads another task's files": "refused('task', lambda: open(other).read())",
    # -- /proc and /dev --------------------------------------------------------------------------------------------
    "goes through the root of process 1": "refused('root', lambda: open('/proc/1/root' + secret).read())",
    "goes through the root of a bystander": "refused('root', lambda: open(f'/proc/{pid}/root' + secret).read())",
    "goes through the folder of a bystander": "refused('cwd', lambda: os.listdir(f'/proc/{pid}/cwd/'))",
    "reads environments": """
found = []
for number in range(1, 40000):
    try: found += [number] if word.encode() in open(f'/proc/{number}/environ', 'rb').read() else []
    except OSError: pass
never('environ', found)
""",
    "reads command lines": """
found = []
for number in (us, pid):
    try: found += [open(f'/proc/{number}/cmdline').read()] if 'sleep' in open(f'/proc/{number}/cmdline').read() else []
    except OSError: pass
never('cmdline', found)
""",
    "reads memory of a bystander": "refused('mem', lambda: open(f'/proc/{pid}/mem', 'rb').read(1))",
    "opens what a bystander has open": "refused('fd', lambda: os.listdir(f'/proc/{us}/fd') and open(f'/proc/{us}/fd/1', 'w'))",
    "opens devices": """
for name in ('mem', 'kmem', 'port', 'kmsg', 'sda', 'vda', 'nvme0n1', 'loop0', 'kvm', 'fuse', 'net/tun', 'vsock', 'input/event0'):
    refused(name, lambda: os.open('/dev/' + name, os.O_RDWR))
""",
    "makes devices": """
import stat
for kind, number in ((stat.S_IFCHR, (1, 1)), (stat.S_IFBLK, (254, 0))):
    refused('mknod', lambda: (os.mknod('device', kind | 0o666, os.makedev(*number)), os.open('device', os.O_RDWR)))
""",
    "changes the kernel's settings": """
for path in ('/proc/sys/kernel/core_pattern', '/proc/sys/kernel/modprobe', '/proc/sysrq-trigger', '/sys/kernel/uevent_helper', '/proc/self/../1/oom_score_adj'):
    refused(path, lambda: os.write(os.open(path, os.O_WRONLY), b'-1'))
""",
    # -- other processes -------------------------------------------------------------------------------------------
    "signals a bystander": "refused('kill', lambda: os.kill(pid, signal.SIGKILL))",
    "signals whoever started it": "refused('kill', lambda: os.kill(us, signal.SIGKILL))",
    "signals everybody": """
try: os.kill(-1, signal.SIGKILL)
except OSError: pass
never('nothing to see from here', False)
""",
    "signals by other calls": """
refused('tgkill', lambda: call(234, 131, pid, pid, 9))
refused('tkill', lambda: call(200, 130, pid, 9))
refused('pidfd', lambda: signal.pidfd_send_signal(os.pidfd_open(pid), 9))
""",
    "signals the group of its parent": "refused('killpg', lambda: os.killpg(os.getpgid(us), 9))",
    "traces a bystander": "refused('ptrace', lambda: call(101, 117, 16, pid, 0, 0)); refused('seize', lambda: call(101, 117, 0x4206, us, 0, 0))",
    "traces its own child": """
child = os.fork()
if not child: time.sleep(5); os._exit(0)
refused('ptrace', lambda: call(101, 117, 16, child, 0, 0))
""",
    "reads memory by call": """
buffer = ctypes.create_string_buffer(8)
vector = struct.pack('=QQ', ctypes.addressof(buffer), 8)
refused('process_vm_readv', lambda: call(310, 270, us, vector, ctypes.c_ulong(1), vector, ctypes.c_ulong(1), ctypes.c_ulong(0)))
""",
    "takes over a descriptor": "refused('pidfd_getfd', lambda: call(438, 438, os.pidfd_open(us), 1, 0))",
    "limits a bystander": "refused('prlimit', lambda: resource.prlimit(pid, resource.RLIMIT_NOFILE, (3, 3)))",
    "slows a bystander": """
def slow():
    os.setpriority(os.PRIO_PROCESS, pid, 19)
    return os.getpriority(os.PRIO_PROCESS, pid)
refused('nice', slow)
refused('affinity', lambda: os.sched_setaffinity(us, {0}))
""",
    # -- network ---------------------------------------------------------------------------------------------------
    "connects to this machine": "refused('tcp', lambda: socket.create_connection(('127.0.0.1', tcp), 2))",
    "connects to this machine by IPv6": "refused('tcp6', lambda: socket.create_connection(('::ffff:127.0.0.1', tcp), 2))",
    "sends a datagram": """
try: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', udp))
except OSError as error: print('refused', error)
else: print('refused: sent to its own loopback, where nobody listens')
""",
    "connects to the world": """
refused('tcp', lambda: socket.create_connection(('192.0.2.1', 80), 2))
refused('udp', lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('192.0.2.1', 53)))
""",
    "resolves a name": "refused('dns', lambda: socket.getaddrinfo('example.com', 80))",
    "connects to an abstract socket": "refused('abstract', lambda: socket.socket(socket.AF_UNIX).connect(abstract))",
    "connects to a named socket": "refused('named', lambda: socket.socket(socket.AF_UNIX).connect(named))",
    "sends from a pair": """
def send():
    one, _ = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    return one.sendto(b'x', datagrams)
refused('pair', send)
""",
    "opens other kinds of sockets": """
for family, kind, protocol in ((17, 3, 768), (16, 3, 9), (40, 1, 0), (38, 5, 0), (2, 3, 1), (29, 3, 1), (31, 1, 0), (44, 3, 0)):
    refused(f'family {family}', lambda: socket.socket(family, kind, protocol))
""",
    # -- the kernel ------------------------------------------------------------------------------------------------
    "makes a user namespace": """
refused('unshare', lambda: call(272, 97, 0x10000000))
refused('clone', lambda: call(56, 220, 0x10000000 | 17, 0, 0, 0, 0))
refused('clone3', lambda: call(435, 435, struct.pack('=11Q', 0x10000000, 0, 0, 0, 17, 0, 0, 0, 0, 0, 0), 88))
refused('unshare -r', lambda: said('unshare', '-r', 'true'))
""",
    "joins other namespaces": "refused('setns', lambda: call(308, 268, os.open('/proc/self/ns/mnt', os.O_RDONLY), 0))",
    "mounts": """
refused('mount', lambda: call(165, 40, b'tmpfs', b'/tmp', b'tmpfs', 0, 0))
refused('bind', lambda: call(165, 40, b'/usr', b'/work', 0, 4096, 0))
refused('umount', lambda: call(166, 39, b'/work', 2))
refused('open_tree', lambda: call(428, 428, -100, b'/usr', 1))
refused('fsopen', lambda: call(430, 430, b'tmpfs', 0))
""",
    "changes its root": """
refused('chroot', lambda: os.chroot('.'))
refused('pivot_root', lambda: call(155, 41, b'.', b'.'))
""",
    "becomes root": """
for what, do in (('setuid', lambda: os.setuid(0)), ('setgid', lambda: os.setgid(0)), ('setgroups', lambda: os.setgroups([0])), ('setresuid', lambda: os.setresuid(0, 0, 0))):
    refused(what, do)
never('is root', os.getuid() == 0 or os.geteuid() == 0)
""",
    "has programs that become root": """
import stat
never('may gain rights', libc.prctl(39, 0, 0, 0, 0) != 1)
raised = [path for path in Path('/usr/bin').iterdir() if path.is_file() and path.stat().st_mode & stat.S_ISUID]
for path in raised:
    done = subprocess.run([str(path), '--version'], capture_output=True, stdin=subprocess.DEVNULL, timeout=5)
refused('su', lambda: said('su', '-c', 'id -u'))
""",
    "makes a program that becomes root": """
import shutil
shutil.copy('/usr/bin/id', 'mine')
try: os.chmod('mine', 0o6755)
except OSError: pass
try: out = said('./mine', '-u').strip()
except OSError as error: out = str(error)
never('root', out == '0')
""",
    "has capabilities": """
header, data = struct.pack('=Ii', 0x20080522, 0), ctypes.create_string_buffer(24)
libc.capget(header, data)
never('capabilities', any(data.raw))
refused('capset', lambda: call(126, 91, header, b'\\xff' * 24))
never('bounding set that helps', libc.prctl(39, 0, 0, 0, 0) != 1)
""",
    "uses keys of the kernel": """
refused('keyctl', lambda: call(250, 219, 0, -3, 1))
refused('add_key', lambda: call(248, 217, b'user', b'x', b'y', 1, -3))
refused('request_key', lambda: call(249, 218, b'user', b'x', 0, 0))
""",
    "uses what opened kernels before": """
refused('bpf', lambda: call(321, 280, 0, b'\\0' * 64, 64))
refused('perf_event_open', lambda: call(298, 241, b'\\0' * 128, 0, -1, -1, 0))
refused('userfaultfd', lambda: call(323, 282, 0))
refused('io_uring', lambda: call(425, 425, 4, b'\\0' * 128))
refused('memfd_secret', lambda: call(447, 447, 0))
""",
    "opens by handle": """
refused('name_to_handle_at', lambda: call(303, 264, -100, b'/usr', struct.pack('=II', 128, 0) + b'\\0' * 128, b'\\0' * 4, 0))
refused('open_by_handle_at', lambda: call(304, 265, os.open('/usr', os.O_RDONLY), struct.pack('=II', 8, 1) + b'\\0' * 128, 0))
""",
    "changes the machine": """
refused('sethostname', lambda: socket.sethostname('evil'))
refused('settimeofday', lambda: time.clock_settime(time.CLOCK_REALTIME, 0))
refused('reboot', lambda: call(169, 142, 0xfee1dead, 672274793, 0x89abcdef, 0))
refused('syslog', lambda: call(103, 116, 3, b'x' * 10, 10))
refused('init_module', lambda: call(175, 105, b'', 0, b''))
refused('kexec', lambda: call(246, 104, 0, 0, 0, 0))
refused('swapon', lambda: call(167, 224, b'x', 0))
refused('acct', lambda: call(163, 89, b'/work/acct'))
refused('quotactl', lambda: call(179, 60, 0, b'/', 0, 0))
""",
    "changes its personality": "refused('personality', lambda: call(135, 92, 0x0040000))",
    "calls under other numbers": "refused('x32', lambda: call(0x40000000 + 101, 0x40000000, 0, 0, 0, 0))",
    "types into a terminal": """
def type_in():
    import fcntl
    fcntl.ioctl(os.open('/dev/tty', os.O_RDWR), 0x5412, b'x')
refused('tiocsti', type_in)
""",
    # -- itself ----------------------------------------------------------------------------------------------------
    "raises its limits": """
for kind in (resource.RLIMIT_NPROC, resource.RLIMIT_AS, resource.RLIMIT_FSIZE, resource.RLIMIT_CPU, resource.RLIMIT_CORE, resource.RLIMIT_NOFILE):
    refused(kind, lambda: resource.setrlimit(kind, (resource.RLIM_INFINITY, resource.RLIM_INFINITY)))
refused('ulimit', lambda: said('sh', '-c', 'ulimit -v unlimited'))
""",
    "has secrets around it": """
known = {'PATH', 'HOME', 'TMPDIR', 'LANG', 'TERM', 'PWD', 'PYTHONDONTWRITEBYTECODE', 'PYTHONUNBUFFERED', 'PYTHONPATH', 'LC_CTYPE', 'OLDPWD', 'SHLVL', '_'}
never('environment', [name for name in os.environ if name not in known and not name.startswith('GIT_')])
""",
    "inherits descriptors": """
found = []
for number in range(3, 256):
    try: os.fstat(number); found.append(number)
    except OSError: pass
never('descriptors', found)
""",
    "leaves a core": """
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
child = os.fork()
if not child: os.abort()
_, status = os.waitpid(child, 0)
never('core', os.WCOREDUMP(status) or [path for path in Path('.').iterdir() if path.name.startswith('core')])
""",
    # -- git -------------------------------------------------------------------------------------------------------
    "lets a hook run": """
said('git', 'init', '-q', 'repo')
hook = Path('repo/.git/hooks/pre-commit')
hook.parent.mkdir(exist_ok=True)
hook.write_text('#!/bin/sh\\ntouch /work/hooked\\n'); os.chmod(hook, 0o755)
said('git', '-C', 'repo', 'commit', '-q', '--allow-empty', '-m', 'x')
never('hook', Path('hooked').exists())
""",
    "lets a repository's settings run": """
said('git', 'init', '-q', 'watched')
with open('watched/.git/config', 'a') as config: config.write('[core]\\nfsmonitor = touch /work/hooked #\\nhooksPath = /work/evil\\n')
said('git', '-C', 'watched', 'status')
never('fsmonitor', Path('hooked').exists())
""",
    # -- archives --------------------------------------------------------------------------------------------------
    "unpacks an archive that leads out": """
import io, tarfile, zipfile
with tarfile.open('evil.tar', 'w') as tar:
    for name in ('../' * 20 + outside.lstrip('/') + '/new', outside + '/new'):
        info = tarfile.TarInfo(name); info.size = 1; tar.addfile(info, io.BytesIO(b'x'))
    link = tarfile.TarInfo('out'); link.type = tarfile.SYMTYPE; link.linkname = outside; tar.addfile(link)
    info = tarfile.TarInfo('out/new'); info.size = 1; tar.addfile(info, io.BytesIO(b'x'))
subprocess.run(['tar', '-xPf', 'evil.tar'], capture_output=True)
trusting = {'filter': 'fully_trusted'} if hasattr(tarfile, 'fully_trusted_filter') else {}
with tarfile.open('evil.tar') as tar:
    for member in tar.getmembers():
        try: tar.extract(member, '/work/in', **trusting)
        except (OSError, KeyError): pass
with zipfile.ZipFile('evil.zip', 'w') as archive: archive.writestr('../' * 20 + outside.lstrip('/') + '/new', 'x')
zipfile.ZipFile('evil.zip').extractall('in')
print('refused, or made in its own /tmp: what is outside is looked at outside')
""",
}
