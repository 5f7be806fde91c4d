"""What test code holds instead of the candidate's functions, classes and objects.

Each use is a call into the candidate's jail. Plain values come back; an object
of one of the candidate's classes comes back as a number and is driven by its
methods. No comparison is ever left to the candidate: comparing such an object,
rather than what its methods return, is a fault of the case.
"""
import _thread
import builtins

from flow_outcomes import CandidateDied, CandidateTimeout, Uncrossable, cut, shown
from flow_wire import CrossingError, Decoder, Encoder, dump, load, receive_frame, send_frame


class Caller:
    """Sends one call at a time to the candidate and reads its answer."""

    def __init__(self, recorder, objects=False):
        """`objects` says whether objects of the candidate's classes may stand behind a number."""
        self.recorder = recorder
        self.objects = objects
        self.classes = {}
        self.exceptions = {}
        self.lock = _thread.allocate_lock()

    def call(self, target, operation, args=(), kwargs=None):
        """The candidate's answer: a value returned, or an exception raised."""
        kwargs = {} if kwargs is None else kwargs
        try:
            with self.lock:
                reply = self.exchange({**target, **operation}, args, kwargs)
            if "m" in reply:
                merge_arguments(args, kwargs, self.decoder().decode(reply["m"]))
            if "x" in reply:
                error = self.exception(reply["x"])
            elif "c" in reply:
                return Proxy(self, target, str(operation["g"]))
            elif "v" in reply:
                error, value = None, self.decoder().decode(reply["v"])
            else:
                raise CrossingError(cut(str(reply["n"])) if "n" in reply else "the candidate sent malformed data")
        except CrossingError as error:
            text = str(error)
            raise self.recorder.fault(Uncrossable(f"{text}, which can't cross to the grader")) from None
        self.recorder.answered += 1
        if error is not None:
            raise error
        self.recorder.last_answer = shown(value)
        if not operation and is_class(target) and isinstance(value, RemoteObject):
            note_made(value)
        return value

    def exchange(self, operation, args, kwargs):
        encoder = Encoder(refer=reference)
        try:
            payload = dump({**operation, "a": encoder.encode(list(args)), "k": encoder.encode(kwargs)})
        except CrossingError as error:
            raise CrossingError(f"the test passes {error}") from None
        send_frame(b"C", self.recorder.case_of_call(), payload)
        kind, _, payload = receive_frame()
        if kind == b"T":
            raise self.recorder.fault(CandidateTimeout())
        if kind == b"X":
            raise self.recorder.fault(CandidateDied(payload.decode()))
        reply = load(payload)
        if type(reply) is not dict:
            raise CrossingError("the candidate sent malformed data")
        return reply

    def decoder(self):
        return Decoder(resolve=self.object)

    def object(self, told):
        """The stand-in for an object of the candidate, told as its number and its classes' names."""
        if type(told) is not list or len(told) != 2 or type(told[0]) is not int or type(told[1]) is not list:
            raise CrossingError("malformed data")
        number, names = told
        if not names or not all(type(name) is str and name.isidentifier() for name in names):
            raise CrossingError("malformed data")
        if not self.objects:
            raise CrossingError(f"the candidate returned an object of class {cut(names[0])}")
        stand_in = self.classes.get(names[0])
        if stand_in is None:
            stand_in = self.classes[names[0]] = type(names[0], (RemoteObject,), {})
        built = object.__new__(stand_in)
        object.__setattr__(built, "_flow", (self, {"o": number}, frozenset(names)))
        object.__setattr__(built, "_flow_made", False)
        return built

    def exception(self, told):
        """The exception that a candidate raised: a built-in class, or one below it."""
        if type(told) is not dict:
            raise CrossingError("the candidate sent malformed data")
        name = told.get("type")
        name = name if type(name) is str and name.isidentifier() else "Exception"
        kind = self.exception_class(name, told.get("bases"))
        try:
            error = kind(*self.decoder().decode(told.get("args")))
        except BaseException:
            error = type(name, (Exception,), {})(str(told.get("message", "")))
        try:
            for key, value in self.decoder().decode(told.get("attributes", {"d": []})).items():
                if type(key) is str and key.isidentifier() and not key.startswith("_"):
                    setattr(error, key, value)
            error.flow_from_candidate = True
        except (AttributeError, TypeError):
            pass
        return error

    def exception_class(self, name, bases):
        """The class of that name, below the first of `bases` that is known here."""
        if name in self.exceptions:
            return self.exceptions[name]
        for base in bases if type(bases) is list else []:
            known = (self.exceptions.get(base) or getattr(builtins, base, None)) if type(base) is str else None
            # A StopIteration would end the test's own loop over calls as if they had all been made.
            if known is StopIteration or not (isinstance(known, type) and issubclass(known, BaseException)):
                continue
            return known if name == known.__name__ else type(name, (known,), {"__module__": "candidate"})
        return type(name, (Exception,), {"__module__": "candidate"})


class Proxy:
    """A function, class or method of the candidate."""

    def __init__(self, caller, target, method=None):
        name = method or target["f"]
        operation = {} if method is None else {"m": method}
        for key, value in (("_flow", (caller, target, operation)), ("__name__", name), ("__qualname__", name)):
            object.__setattr__(self, key, value)

    def __repr__(self):
        return f"<{self.__name__} of the candidate>"

    def __call__(self, *args, **kwargs):
        caller, target, operation = self._flow
        return caller.call(target, operation, args, kwargs)

    def __getattr__(self, name):
        caller, target, operation = self._flow
        if operation or name.startswith("__"):
            raise AttributeError(name)
        return caller.call(target, {"g": name})

    def __setattr__(self, name, value):
        raise self._flow[0].recorder.fault(Uncrossable(f"the test changes {self.__name__!r} of the candidate"))

    __delattr__ = lambda self, name: self.__setattr__(name, None)

    def __instancecheck__(self, instance):
        return isinstance(instance, RemoteObject) and self.__name__ in object.__getattribute__(instance, "_flow")[2]


class RemoteObject:
    """An object of one of the candidate's classes."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        caller, target, _ = object.__getattribute__(self, "_flow")
        return caller.call(target, {"g": name})

    def __setattr__(self, name, value):
        caller, target, _ = object.__getattribute__(self, "_flow")
        caller.call(target, {"s": name}, (value,))

    def __next__(self):
        try:
            return invoke(self, "__next__")
        except Exception as error:
            if type(error).__name__ == "StopIteration":
                raise StopIteration from None
            raise

    def __bool__(self):
        return invoke(self, "__bool__") is True

    def __repr__(self):
        return f"<{type(self).__name__} object of the candidate>"

    __hash__ = object.__hash__


def invoke(remote, method, *args, **kwargs):
    caller, target, _ = object.__getattribute__(remote, "_flow")
    return caller.call(target, {"m": method}, args, kwargs)


def is_class(target):
    return "f" in target and target["f"][:1].isupper()


def note_made(remote):
    """The test has called a class for it: whatever it computes with it, it means an object to answer."""
    object.__setattr__(remote, "_flow_made", True)


def computed(method):
    """An operator between an object of the candidate and something of the test's.

    What is not the test's own making may stand where an honest answer is a
    plain value. Told the expected value, such an object would decide the case:
    `abs(answer - 3.14) < 0.01` would be its word alone.
    """

    def operate(self, *others):
        if not object.__getattribute__(self, "_flow_made") and not all(isinstance(one, RemoteObject) for one in others):
            caller = object.__getattribute__(self, "_flow")[0]
            text = f"the test computes with an object of the candidate ({method}), which only the candidate could judge"
            raise caller.recorder.fault(Uncrossable(text))
        return invoke(self, method, *others)

    return operate


def forwarded(method):
    return lambda self, *args, **kwargs: invoke(self, method, *args, **kwargs)


def refused(symbol):
    def compare(self, other):
        caller = object.__getattribute__(self, "_flow")[0]
        text = f"the test compares an object of the candidate ({symbol}), which only the candidate could judge"
        raise caller.recorder.fault(Uncrossable(text))

    return compare


for special in "len str iter getitem setitem delitem call enter exit neg abs invert int float".split():
    setattr(RemoteObject, f"__{special}__", forwarded(f"__{special}__"))
for special in "contains add sub mul truediv floordiv mod pow and or xor radd rsub rmul".split():
    setattr(RemoteObject, f"__{special}__", computed(f"__{special}__"))
for special, symbol in {"eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}.items():
    setattr(RemoteObject, f"__{special}__", refused(symbol))


def reference(value):
    """How a stand-in goes back to the candidate; None for anything else."""
    if isinstance(value, RemoteObject):
        return {"o": object.__getattribute__(value, "_flow")[1]["o"]}
    return None


def merge_arguments(args, kwargs, changed):
    """Makes containers that a test passed equal to what the call made of them."""
    if type(changed) is not list or len(changed) != 2:
        raise CrossingError("the candidate sent malformed data")
    new_args, new_kwargs = changed
    if type(new_args) is not list or len(new_args) != len(args) or type(new_kwargs) is not dict:
        raise CrossingError("the candidate sent malformed data")
    for old, new in zip(args, new_args):
        merge(old, new)
    for key, old in kwargs.items():
        if key in new_kwargs:
            merge(old, new_kwargs[key])


def merge(old, new):
    """Makes a container equal to another of its type, keeping the containers inside it; returns what stands for new."""
    kind = type(old)
    if kind is not type(new):
        return new
    if kind is tuple and len(old) == len(new):
        merged = [merge(*pair) for pair in zip(old, new)]
        return old if all(one is other for one, other in zip(merged, old)) else tuple(merged)
    if kind is list:
        old[:] = [merge(old[i], item) if i < len(old) else item for i, item in enumerate(new)]
    elif isinstance(old, dict):
        merged = {key: merge(old[key], value) if key in old else value for key, value in new.items()}
        old.clear()
        old.update(merged)
    elif kind in (set, bytearray) or hasattr(old, "appendleft"):
        old.clear()
        (old.update if kind is set else old.extend)(new)
    else:
        return new
    return old
