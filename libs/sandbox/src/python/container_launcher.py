"""First process (PID 1) of a container: the launcher, with one stream as its only way out.

A jail gives the launcher a socket, pipes and a channel of their own. A container
has but the standard input and output that the Docker daemon is attached to, so a
thread of this process carries all of them over these two. The program gets
neither: its standard streams are pipes, and every other descriptor is closed
before any of its code runs.

A packet in either direction is a stream (one byte), a length (32 bits,
little-endian) and that many bytes; length 0 ends the stream. Streams bear the
number of the descriptor that they are in a jail; FACTS is what the kernel says
about the container as a whole.

The launcher's source is the first argument.
"""
import _socket
import _thread
import fcntl
import os
import select
import sys

STDIN, STDOUT, STDERR, CONTROL, CHANNEL, FACTS = range(6)
WORK_DIR = "/tmp/work"
CHUNK_BYTES = 65536
# Beyond this, no more is taken from the program until the service has read some.
MAX_UNSENT_BYTES = 1 << 20
# Beyond this, no more is taken from the service until the program has read some.
MAX_UNREAD_BYTES = 16 << 20
CGROUP_FILES = [
    ("/sys/fs/cgroup/memory.events", "/sys/fs/cgroup/memory.peak"),
    ("/sys/fs/cgroup/memory/memory.oom_control", "/sys/fs/cgroup/memory/memory.max_usage_in_bytes"),
]


def packet(stream, data):
    return bytes([stream]) + len(data).to_bytes(4, "little") + data


class Outgoing:
    """Bytes on their way into a descriptor that must not be waited for."""

    def __init__(self, fd):
        self.fd = fd
        self.data = bytearray()
        self.ending = False
        os.set_blocking(fd, False)

    def put(self, data):
        if self.fd is not None:
            self.data += data

    def flush(self):
        """Writes what fits; a reader that has gone away takes nothing more."""
        try:
            while self.fd is not None and self.data:
                del self.data[: os.write(self.fd, self.data)]
        except BlockingIOError:
            return
        except OSError:
            self.data.clear()
            self.ending = True
        if self.ending and self.fd is not None and not self.data:
            os.close(self.fd)
            self.fd = None


class Relay:
    """Carries the launcher's and the program's streams over the container's own two."""

    def __init__(self, service_in, service_out, sources, sinks):
        self.service_in = service_in
        self.service_out = Outgoing(service_out)
        self.sources = sources
        self.sinks = {stream: Outgoing(fd) for stream, fd in sinks.items()}
        self.received = bytearray()

    def run(self):
        """Returns once every stream of the program has ended and all of it has been sent."""
        while self.sources:
            self.step()
        while self.service_out.data:
            self.step()

    def step(self):
        poll = select.poll()
        if sum(len(sink.data) for sink in self.sinks.values()) < MAX_UNREAD_BYTES:
            poll.register(self.service_in, select.POLLIN)
        if len(self.service_out.data) < MAX_UNSENT_BYTES:
            for fd in self.sources:
                poll.register(fd, select.POLLIN)
        writing = {out.fd: out for out in [self.service_out, *self.sinks.values()] if out.data}
        for fd, out in writing.items():
            # Control and channel are read and written by one descriptor.
            readable = select.POLLIN if fd in self.sources and out is not self.service_out else 0
            poll.register(fd, select.POLLOUT | readable)
        for fd, events in poll.poll():
            if fd in writing and events & ~select.POLLIN:
                writing[fd].flush()
            if fd == self.service_in:
                self.take()
            elif fd in self.sources and events & ~select.POLLOUT:
                self.give(fd)

    def take(self):
        data = os.read(self.service_in, CHUNK_BYTES)
        if not data:
            os._exit(1)  # the service is gone, and the container goes with it
        self.received += data
        while len(self.received) >= 5:
            end = 5 + int.from_bytes(self.received[1:5], "little")
            if len(self.received) < end:
                return
            sink = self.sinks[self.received[0]]
            sink.put(self.received[5:end])
            sink.ending = sink.ending or end == 5
            sink.flush()
            del self.received[:end]

    def give(self, fd):
        stream = self.sources[fd]
        try:
            data = os.read(fd, CHUNK_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            del self.sources[fd]
        else:
            self.service_out.put(packet(stream, data))
            self.service_out.flush()


def above_channel(fd):
    """A copy of a descriptor out of the way of those that the launcher fixes."""
    copy = fcntl.fcntl(fd, fcntl.F_DUPFD, 32)
    os.close(fd)
    return copy


def lay_streams():
    """Puts pipes and sockets where the launcher expects them; returns the relay for their other ends."""
    service_in, service_out = above_channel(STDIN), above_channel(STDOUT)
    pairs = {STDIN: os.pipe(), STDOUT: os.pipe()[::-1], STDERR: os.pipe()[::-1]}
    for stream in (CONTROL, CHANNEL):
        pairs[stream] = tuple(end.detach() for end in _socket.socketpair())
    pairs = {stream: [above_channel(end) for end in ends] for stream, ends in pairs.items()}
    for stream, (inner, _) in pairs.items():
        os.dup2(inner, stream, inheritable=True)
        os.close(inner)
    outer = {stream: ends[1] for stream, ends in pairs.items()}
    sources = {outer[stream]: stream for stream in (STDOUT, STDERR, CONTROL, CHANNEL)}
    sinks = {stream: outer[stream] for stream in (STDIN, CONTROL, CHANNEL)}
    return Relay(service_in, service_out, sources, sinks)


def container_facts():
    """Whether the kernel killed something here for memory, and the greatest memory charged."""
    for events, peak in CGROUP_FILES:
        try:
            with open(events) as file:
                facts = dict(line.split() for line in file)
        except OSError:
            continue
        try:
            with open(peak) as file:
                return [facts.get("oom_kill", "0"), file.read().strip()]
        except OSError:
            return [facts.get("oom_kill", "0"), "0"]
    return []


def load_launcher():
    launcher = type(sys)("launcher")
    launcher.__builtins__ = __builtins__  # the module, as a program sees it, not its dictionary
    exec(compile(sys.argv[1], "launcher.py", "exec"), launcher.__dict__)
    return launcher


def main():
    """Returns in the program's process only."""
    os.environ.pop("HOSTNAME", None)  # the daemon adds it
    os.mkdir(WORK_DIR)
    os.chdir(WORK_DIR)
    launcher = load_launcher()
    launcher.set_dumpable(0)
    relay = lay_streams()
    carried = _thread.allocate_lock()
    carried.acquire()

    def carry():
        relay.run()
        carried.release()

    write = launcher.write_message

    def write_message(fields):
        """The launcher ends after its last message, and the container with it: everything goes out before."""
        if fields[0] == b"started":
            return write(fields)
        write(fields)
        facts = container_facts()
        for fd in (STDIN, STDOUT, STDERR, CONTROL, CHANNEL):
            os.close(fd)
        carried.acquire()
        relay.service_out.put(packet(FACTS, "\0".join(facts).encode()))
        while relay.service_out.data:
            relay.step()

    launcher.write_message = write_message
    _thread.start_new_thread(carry, ())
    request = launcher.launch()
    sys.argv = sys.argv[:1]
    return launcher, request


launcher, request = main()
launcher.run_python(request)
