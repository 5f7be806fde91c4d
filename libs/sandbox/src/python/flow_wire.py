"""What crosses between a candidate's jail and a grader's: plain values, strictly typed.

Only exact built-in types cross. An instance of any other class, a subclass of a
built-in one included, is refused: its methods could lie. What arrives is built
anew from plain data, so nothing that the other side made is ever called here.

Values are JSON. Objects with one key are tagged types; the rest is itself.
Frames are a length, a kind (one byte), a case number and a payload; numbers are
32-bit little-endian.
"""
import collections
import json
import os

CHANNEL_FD = 4
MAX_DEPTH = 64
MAX_NODES = 1_000_000
MAX_FRAME_BYTES = 8 * 1024 * 1024
MAX_ITERATOR_ITEMS = 100_000


class CrossingError(Exception):
    """A value that can't cross."""


class CandidateIterator:
    """Stands for an iterator or generator: its items, read once."""

    def __init__(self, items):
        self.items = items
        self.position = 0

    def __iter__(self):
        return self

    def __next__(self):
        if self.position >= len(self.items):
            raise StopIteration
        self.position += 1
        return self.items[self.position - 1]

    def __repr__(self):
        return f"iterator over {self.items!r}"


class Encoder:
    """Turns one value after another into JSON data, within bounds on their sum."""

    def __init__(self, refer=None):
        """`refer` gives the data that stands for an object of the candidate, None for any other value."""
        self.nodes = 0
        self.refer = refer

    def encode(self, value, depth=0):
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise CrossingError(f"more than {MAX_NODES} values")
        if depth > MAX_DEPTH:
            raise CrossingError(f"nested deeper than {MAX_DEPTH}")
        kind = type(value)
        if value is None or kind is bool or kind is str or kind is float:
            return value
        if kind is int:
            return value if -(1 << 63) <= value < 1 << 63 else {"i": hex(value)}
        if kind is list:
            return self.items(value, depth)
        if kind is dict:
            return {"d": self.pairs(value, depth)}
        encode = TAGGED.get(kind)
        if encode is not None:
            tag, content = encode
            return {tag: content(self, value, depth)}
        referred = None if self.refer is None else self.refer(value)
        if referred is not None:
            return referred
        if hasattr(kind, "__next__"):
            return {"g": self.items(drain(value), depth)}
        raise CrossingError(f"an object of class {kind.__name__}")

    def items(self, values, depth):
        return [self.encode(value, depth + 1) for value in values]

    def pairs(self, mapping, depth):
        return [[self.encode(key, depth + 1), self.encode(value, depth + 1)] for key, value in mapping.items()]


def drain(iterator):
    items = []
    for item in iterator:
        items.append(item)
        if len(items) > MAX_ITERATOR_ITEMS:
            raise CrossingError(f"an iterator of more than {MAX_ITERATOR_ITEMS} items")
    return items


def as_pairs(encoder, value, depth):
    return encoder.pairs(value, depth)


def as_items(encoder, value, depth):
    return encoder.items(value, depth)


TAGGED = {
    tuple: ("t", as_items),
    set: ("s", as_items),
    frozenset: ("z", as_items),
    bytes: ("b", lambda encoder, value, depth: value.decode("latin-1")),
    bytearray: ("a", lambda encoder, value, depth: value.decode("latin-1")),
    complex: ("c", lambda encoder, value, depth: [value.real, value.imag]),
    range: ("r", lambda encoder, value, depth: encoder.items((value.start, value.stop, value.step), depth)),
    collections.Counter: ("C", as_pairs),
    collections.OrderedDict: ("O", as_pairs),
    collections.defaultdict: ("D", as_pairs),
    collections.deque: ("q", lambda encoder, value, depth: encoder.items((value.maxlen, *value), depth)),
    type({}.keys()): ("K", as_items),
    type({}.values()): ("V", as_items),
    type({}.items()): ("I", as_items),
    CandidateIterator: ("g", as_items),
}


class Decoder:
    """Builds values from JSON data that the other side sent; refuses all else."""

    def __init__(self, resolve=None):
        """`resolve` gives what stands for an object of the candidate, from the data that it was told as."""
        self.resolve = resolve

    def decode(self, data, depth=0):
        kind = type(data)
        if data is None or kind in (bool, int, float, str):
            return data
        if depth > MAX_DEPTH:
            raise CrossingError(f"nested deeper than {MAX_DEPTH}")
        if kind is list:
            return self.items(data, depth)
        if kind is not dict or len(data) != 1:
            raise CrossingError("malformed data")
        ((tag, content),) = data.items()
        if tag == "o" and self.resolve is not None:
            return self.resolve(content)
        build = BUILDERS.get(tag)
        if build is None:
            raise CrossingError("malformed data")
        try:
            return build(self, content, depth)
        except (TypeError, ValueError, AttributeError, OverflowError, MemoryError) as error:
            raise CrossingError(f"malformed data: {type(error).__name__}") from None

    def items(self, data, depth):
        if type(data) is not list:
            raise CrossingError("malformed data")
        return [self.decode(item, depth + 1) for item in data]

    def pairs(self, data, depth):
        if type(data) is not list:
            raise CrossingError("malformed data")
        return [(self.decode(key, depth + 1), self.decode(value, depth + 1)) for key, value in data]


def default_dict(pairs):
    built = collections.defaultdict(None)
    built.update(pairs)
    return built


def deque_of(items):
    return collections.deque(items[1:], items[0])


BUILDERS = {
    "i": lambda decoder, data, depth: int(data, 16),
    "d": lambda decoder, data, depth: dict(decoder.pairs(data, depth)),
    "t": lambda decoder, data, depth: tuple(decoder.items(data, depth)),
    "s": lambda decoder, data, depth: set(decoder.items(data, depth)),
    "z": lambda decoder, data, depth: frozenset(decoder.items(data, depth)),
    "b": lambda decoder, data, depth: data.encode("latin-1"),
    "a": lambda decoder, data, depth: bytearray(data.encode("latin-1")),
    "c": lambda decoder, data, depth: complex(*decoder.items(data, depth)),
    "r": lambda decoder, data, depth: range(*decoder.items(data, depth)),
    "C": lambda decoder, data, depth: collections.Counter(dict(decoder.pairs(data, depth))),
    "O": lambda decoder, data, depth: collections.OrderedDict(decoder.pairs(data, depth)),
    "D": lambda decoder, data, depth: default_dict(decoder.pairs(data, depth)),
    "q": lambda decoder, data, depth: deque_of(decoder.items(data, depth)),
    "K": lambda decoder, data, depth: dict.fromkeys(decoder.items(data, depth)).keys(),
    "V": lambda decoder, data, depth: dict(enumerate(decoder.items(data, depth))).values(),
    "I": lambda decoder, data, depth: dict(decoder.items(data, depth)).items(),
    "g": lambda decoder, data, depth: CandidateIterator(decoder.items(data, depth)),
}


def dump(data):
    """JSON bytes of a frame's payload."""
    payload = json.dumps(data, separators=(",", ":")).encode()
    if len(payload) > MAX_FRAME_BYTES - 5:
        raise CrossingError(f"{len(payload)} bytes of data")
    return payload


def load(payload):
    """JSON data of a payload from the other side; it may be anything."""
    try:
        return json.loads(payload)
    except (ValueError, RecursionError):
        raise CrossingError("malformed data") from None


def send_frame(kind, case, payload=b""):
    body = kind + case.to_bytes(4, "little", signed=True) + payload
    data = memoryview(len(body).to_bytes(4, "little") + body)
    while data:
        data = data[os.write(CHANNEL_FD, data) :]


def receive_frame():
    """The next frame: kind, case and payload. Ends the process when there is no more."""
    body = read_exactly(int.from_bytes(read_exactly(4), "little"))
    return body[:1], int.from_bytes(body[1:5], "little", signed=True), body[5:]


def read_exactly(size):
    parts = []
    while size > 0:
        part = os.read(CHANNEL_FD, min(size, 1 << 20))
        if not part:
            os._exit(0)
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
