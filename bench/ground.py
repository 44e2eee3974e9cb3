"""What the benchmarks share: private ground, waiting for a quiet machine, measuring, and the tables of the report.

Every measure is taken in a cell: a child with its own network and mount namespace, an empty /run and empty
state directories. A cell begins with nothing, and when it ends the kernel takes back whatever was left, also
after a crash. The host's /run, /etc and /var/lib are never written; two runs can go on at once.
"""
import ctypes
import datetime
import json
import os
import platform
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
INSIDE = "PLEXUS_BENCH_INSIDE"
SCRATCH = "/run/plexus-bench"
FLOOR, MEASURE = SCRATCH + "/floor", SCRATCH + "/measure"
STATE_DIRS = ("/etc/plexus", "/var/lib/plexus")
COMMAND_LIMIT_S = 300
SETTLE_LIMIT_S = 120
QUIET_LIMIT_S = 20
BUSY_LIMIT = 0.2  # processors used by others; above it a measure counts as disturbed
OTHERS_LIMIT = 0.7  # the same while a measure runs, when the kernel's workers have their part in it
RETAKES = 2  # how often a disturbed measure is taken anew before it is kept, and counted in the report

libc = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNS, CLONE_NEWNET = 0x00020000, 0x40000000
MS_BIND = 4096
PR_SET_PDEATHSIG = 1


class Failure(Exception):
    """A side that could not be measured. Its message is for the person at the terminal."""


# ---- private ground ----

def check(result, what):
    if result < 0:
        number = ctypes.get_errno()
        raise Failure(f"{what}: {os.strerror(number)}")


def mount(source, target, kind, flags=0, data=None):
    encode = lambda text: text.encode() if text else None
    check(libc.mount(encode(source), encode(target), encode(kind), flags, encode(data)), f"mount {target}")


def enter_sandbox():
    """Starts this program again in private namespaces, unless it is there already."""
    if INSIDE not in os.environ:
        os.environ[INSIDE] = "1"
        os.execvp("unshare", ["unshare", "--mount", "--net", "--propagation", "private", sys.executable,
                              os.path.abspath(sys.argv[0])] + sys.argv[1:])
    mount("tmpfs", "/run", "tmpfs")
    os.mkdir(SCRATCH)
    for directory in STATE_DIRS:
        parent = os.path.dirname(directory)
        upper, work = (f"{SCRATCH}/{kind}{parent.replace('/', '-')}" for kind in ("upper", "work"))
        os.mkdir(upper)
        os.mkdir(work)
        mount("overlay", parent, "overlay", 0, f"lowerdir={parent},upperdir={upper},workdir={work}")
        os.makedirs(directory, exist_ok=True)


def enter_cell():
    """Leaves the sandbox for fresh namespaces and empty directories; only the scratch directory stays."""
    check(libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0), "prctl")
    check(libc.unshare(CLONE_NEWNS | CLONE_NEWNET), "unshare")
    scratch = os.open(SCRATCH, os.O_PATH)
    mount("tmpfs", "/run", "tmpfs")
    os.mkdir(SCRATCH)
    mount(f"/proc/self/fd/{scratch}", SCRATCH, None, MS_BIND)
    os.close(scratch)
    for directory in STATE_DIRS:
        mount("tmpfs", directory, "tmpfs")
    mount("sysfs", "/sys", "sysfs")
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)


def in_cell(function, *arguments):
    """Calls the function in a cell of its own; returns what it returned."""
    with tempfile.TemporaryFile(dir=SCRATCH) as answer:
        pid = os.fork()
        if pid == 0:
            try:
                enter_cell()
                result = {"ok": function(*arguments)}
            except Failure as failure:
                result = {"failure": str(failure)}
            except BaseException:
                result = {"failure": traceback.format_exc()}
            answer.write(json.dumps(result).encode())
            answer.flush()
            os._exit(0)
        os.waitpid(pid, 0)
        answer.seek(0)
        result = json.loads(answer.read() or b'{"failure": "the cell died"}')
    if "failure" in result:
        raise Failure(result["failure"])
    return result["ok"]


# ---- waiting for the machine ----

def cpu_busy_s():
    """Processor seconds spent by the whole machine since it started, idle and waiting left out."""
    with open("/proc/stat") as stat:
        ticks = [int(word) for word in stat.readline().split()[1:9]]
    return (sum(ticks) - ticks[3] - ticks[4]) / os.sysconf("SC_CLK_TCK")


def wait_quiet():
    """Waits until others use little of the machine; False if they did not let up in time."""
    deadline = time.monotonic() + QUIET_LIMIT_S
    while time.monotonic() < deadline:
        busy, start = cpu_busy_s(), time.monotonic()
        time.sleep(0.3)
        if (cpu_busy_s() - busy) / (time.monotonic() - start) <= BUSY_LIMIT:
            return True
    return False


def netns_worker_runs():
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                with open(f"/proc/{entry}/comm") as comm:
                    if "+netns" in comm.read():
                        return True
            except OSError:
                pass
    return False


class Reclaim:
    """Knows when the namespaces of an earlier measure are really gone.

    The kernel takes namespaces down in the background, in batches, and this slows who makes new ones. It also
    keeps the memory of a finished batch until the next namespace goes, so a count of live objects stays high
    for ever on an idle machine: hence the poke, one namespace made and dropped. And a slab cache counts
    objects it only keeps for reuse: hence the shrink, where the kernel offers it.
    """
    SHRINK = "/sys/kernel/slab/net_namespace/shrink"

    def __init__(self):
        self.notes = set()
        self.readable = self.live() is not None
        if not self.readable:
            self.notes.add("/proc/slabinfo could not be read: no wait for the namespaces of earlier runs")
            return
        self.slack = 8 if os.access(self.SHRINK, os.W_OK) else 64 * (os.cpu_count() or 1)
        for _ in range(3):
            self.poke()
        self.base = self.live()

    @staticmethod
    def live():
        try:
            with open("/proc/slabinfo") as slabinfo:
                found = re.search(r"^net_namespace\s+(\d+)", slabinfo.read(), re.M)
        except OSError:
            return None
        return int(found.group(1)) if found else None

    def poke(self):
        pid = os.fork()
        if pid == 0:
            os._exit(0 if libc.unshare(CLONE_NEWNET) == 0 else 1)
        os.waitpid(pid, 0)
        time.sleep(0.25)
        try:
            with open(self.SHRINK, "w") as shrink:
                shrink.write("1")
        except OSError:
            pass

    def wait(self):
        if not self.readable:
            return
        deadline = time.monotonic() + SETTLE_LIMIT_S
        idle_since = time.monotonic()
        while time.monotonic() < deadline:
            self.poke()
            live = self.live()
            if live <= self.base + self.slack:
                return
            if netns_worker_runs():
                idle_since = time.monotonic()
            elif time.monotonic() - idle_since > 10:
                self.notes.add("other namespaces appeared on the machine while this ran")
                self.base = live
                return
        self.notes.add(f"namespaces of an earlier run were still being reclaimed after {SETTLE_LIMIT_S} s")


# ---- measuring ----

def run_measured(*argv):
    """Runs one command to its end; returns seconds, processor seconds and peak memory."""
    errors, report = tempfile.TemporaryFile(dir=SCRATCH), os.memfd_create("report")
    null = os.open(os.devnull, os.O_RDWR)
    busy = cpu_busy_s()
    pid = os.posix_spawn(MEASURE, ["measure", *argv], os.environ, file_actions=[
        (os.POSIX_SPAWN_DUP2, null, 0), (os.POSIX_SPAWN_DUP2, null, 1),
        (os.POSIX_SPAWN_DUP2, errors.fileno(), 2), (os.POSIX_SPAWN_DUP2, report, 3)])
    signal.signal(signal.SIGALRM, lambda *_: os.kill(pid, signal.SIGKILL))
    signal.alarm(COMMAND_LIMIT_S)
    os.waitpid(pid, 0)
    signal.alarm(0)
    busy = cpu_busy_s() - busy
    words = os.pread(report, 200, 0).split()
    os.close(report)
    os.close(null)
    errors.seek(0)
    said = errors.read().decode(errors="replace").strip()[-2000:]
    name = " ".join([os.path.basename(argv[0]), *argv[1:3]])
    if not words:
        raise Failure(f"{name}: not finished after {COMMAND_LIMIT_S} s\n{said}")
    wall, user, system, peak, status = (int(word) for word in words)
    if status:
        raise Failure(f"{name}: exit status {status}\n{said}")
    return {"wall": wall / 1e6, "cpu": (user + system) / 1e6, "machine": busy, "rss": peak}


def measured(*argv):
    quiet = wait_quiet()
    result = run_measured(*argv)
    result["quiet"] = quiet
    return result


# ---- the series ----

def is_disturbed(sample):
    """Whether others used the machine. The kernel's own workers take some 0.3 of a processor while a star is
    built; of a measure of a few clock ticks only its beginning can be judged."""
    others = sample["machine"] - sample["cpu"]
    return not sample["quiet"] or (sample["wall"] > 0.1 and others > OTHERS_LIMIT * sample["wall"])


class Series:
    """All measures, by (side, N, figure); and what disturbed them."""

    def __init__(self, reclaim):
        self.reclaim = reclaim
        self.samples = {}
        self.taken = self.disturbed = 0

    def take(self, side, n, function, *arguments):
        self.reclaim.wait()
        print(f"  {side} {n}", end="", flush=True)
        for _ in range(1 + RETAKES):
            figures = in_cell(function, *arguments)
            if not any(is_disturbed(sample) for sample in figures.values()):
                break
            print(" (disturbed)", end="", flush=True)
            self.reclaim.wait()
        for figure, sample in figures.items():
            self.samples.setdefault((side, n, figure), []).append(sample)
            self.taken += 1
            self.disturbed += is_disturbed(sample)
            print(f"  {figure} " + sample.get("shown", f"{sample['wall'] * 1000:.1f} ms"), end="")
        print(flush=True)

    def values(self, side, n, figure, unit="wall"):
        return [sample[unit] for sample in self.samples.get((side, n, figure), [])]

    def median(self, side, n, figure, unit="wall"):
        values = self.values(side, n, figure, unit)
        return statistics.median(values) if values else None

    def shown(self, side, n, figure, unit="wall", scale=1000.0, suffix=" ms"):
        values = [value * scale for value in self.values(side, n, figure, unit)]
        if not values:
            return "-"
        digits = 0 if statistics.median(values) >= 100 else 1 if statistics.median(values) >= 10 else 2
        three = (statistics.median(values), min(values), max(values))
        middle, low, high = (f"{value:.{digits}f}" for value in three)
        return f"{middle}{suffix} ({low}..{high})"


# ---- the report ----

def row(title, a, b, ratio, target="", met=None):
    return (title, a, b, ratio, target, {None: "", True: "met", False: "**missed**"}[met])


def compare(series, title, a, b, target="", test=None, over=False):
    """One row: side a against side b, each (side, N, figure). The ratio is a/b, or b/a with over."""
    ma, mb = series.median(*a), series.median(*b)
    if ma is None or mb is None:
        return []
    ratio = mb / ma if over else ma / mb
    text = f"{ratio * 100:.1f} %" if "%" in target else f"{ratio:.2f} x"
    name = lambda side: f"{side[0]}: {series.shown(*side)}"
    return [row(title, name(a), name(b), text, target, test(ratio) if test else None)]


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(line) + " |" for line in rows])


def report(series, rows, heading, remark, *more):
    said = subprocess.run(["ip", "-V"], stdout=subprocess.PIPE, universal_newlines=True).stdout
    ip_version = (re.findall(r"iproute2-[\w.]*\w", said) or ["iproute2"])[0]
    notes = sorted(series.reclaim.notes)
    if series.disturbed:
        notes.append(f"{series.disturbed} of {series.taken} measures were disturbed by other work on the machine")
    return "\n".join([
        f"# {heading}", "",
        f"Linux {re.match(r'[0-9.]*[0-9]', platform.release()).group()}, {os.cpu_count()} cores, "
        f"{ip_version}, "
        f"{datetime.date.today().isoformat()}. "
        f"Median (lowest..highest) of interleaved runs; see README.md. {remark}",
        "", table(("what", "this", "against", "ratio", "target", ""), rows), "",
        *more,
        *(f"- Note: {note}." for note in notes)]).rstrip() + "\n"

def compile_tools(*names):
    for name in names:
        subprocess.run([os.environ.get("CC", "cc"), "-std=c11", "-O2", "-o", f"{SCRATCH}/{name}",
                        f"{HERE}/{name}.c", "-lmnl"], check=True)


def plexus_binary():
    plexus = os.path.abspath(os.environ.get("PLEXUS", os.path.join(HERE, "..", "build", "plexus")))
    return plexus if os.access(plexus, os.X_OK) else None
