"""Calls of a program that may misbehave: how it ended, how long it took, and its peak memory."""
import os
import resource
import signal
import subprocess
import tempfile
import threading
import time

MAX_SECONDS = 5
MAX_KIB = 1 << 20
SANITIZER_EXIT = 99


class Call:
    """How one call ended. end: "exit", "crash", "hang" or "memory"; code: of the exit, or the signal."""

    def __init__(self, end, code, seconds, kib, out, err):
        self.end, self.code, self.seconds, self.kib, self.out, self.err = end, code, seconds, kib, out, err

    def __str__(self):
        words = {"exit": "exit %d", "crash": "crash (%d)", "hang": "hang (%d)", "memory": "over 1 GiB (%d)"}[self.end]
        return "%s after %.1f s, %d MiB" % (words % self.code, self.seconds, self.kib >> 10)


def call(argv, folder, max_seconds=MAX_SECONDS, patience=4, address_bytes=0, environment=None):
    """Runs argv in folder. Killed after patience x max_seconds of wall clock; a hang is CPU time over max_seconds, or
    to be killed, so that a busy machine makes none. address_bytes: RLIMIT_AS of programs that would fill the machine."""

    def limits():
        resource.setrlimit(resource.RLIMIT_AS, (address_bytes, address_bytes))

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        start = time.monotonic()
        process = subprocess.Popen(argv, cwd=folder, stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                                   preexec_fn=limits if address_bytes else None, env=environment, start_new_session=True)
        late = threading.Timer(max_seconds * patience, os.killpg, (process.pid, signal.SIGKILL))
        late.start()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT) # still there, so that nobody else is killed late
        late.cancel()
        late.join()
        killed = time.monotonic() - start > max_seconds * patience
        _, status, usage = os.wait4(process.pid, 0)
        seconds = usage.ru_utime + usage.ru_stime
        process.returncode = os.waitstatus_to_exitcode(status)
        texts = []
        for stream in (out, err):
            stream.seek(0)
            texts.append(stream.read(1 << 20).decode("utf-8", "replace"))
    code = process.returncode
    if killed:
        return Call("hang", 9, time.monotonic() - start, usage.ru_maxrss, *texts)
    if code < 0:
        end, code = "crash", -code
    elif code == SANITIZER_EXIT or "AddressSanitizer" in texts[1] or "runtime error:" in texts[1]:
        end = "crash"
    elif seconds > max_seconds:
        end = "hang"
    elif usage.ru_maxrss > MAX_KIB:
        end = "memory"
    else:
        end = "exit"
    return Call(end, code, seconds, usage.ru_maxrss, *texts)


def sanitized():
    """An environment in which a finding of a sanitizer is told from every other exit code."""
    environment = dict(os.environ)
    environment["ASAN_OPTIONS"] = "exitcode=%d:detect_leaks=0:allocator_may_return_null=1" % SANITIZER_EXIT
    environment["UBSAN_OPTIONS"] = "exitcode=%d:print_stacktrace=1" % SANITIZER_EXIT
    environment["OMP_WAIT_POLICY"] = "passive"
    return environment


def tree(folder):
    """Every name below a folder with its size."""
    found = {}
    for place, folders, files in os.walk(folder):
        for name in folders:
            found[os.path.join(place, name)] = -1
        for name in files:
            path = os.path.join(place, name)
            found[path] = os.lstat(path).st_size
    return found
