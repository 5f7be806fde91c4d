"""Keeps the outcome of each case of a suite and tells it as it changes."""
import operator

MAX_TEXT = 500
COMPARE = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "in": lambda left, right: left in right,
    "not in": lambda left, right: left not in right,
    "is": operator.is_,
    "is not": operator.is_not,
}


class Fault(BaseException):
    """What decides a case whatever the test does with it: no `except Exception` of a test stops it."""

    status = "error"


class CandidateTimeout(Fault):
    """The candidate took longer than the case's limit."""

    status = "timeout"


class CandidateDied(Fault):
    """The candidate's process ended during a call."""


class Uncrossable(Fault):
    """Something that can't be passed, or judged, between two jails."""


def shown(value):
    try:
        text = repr(value)
    except BaseException as error:
        text = f"<{type(value).__name__} whose repr fails: {type(error).__name__}>"
    return cut(text)


def cut(text):
    return text if len(text) <= MAX_TEXT else text[: MAX_TEXT - 1] + "…"


def one_line(text):
    return cut(" ".join(text.split()))


def is_singleton(value):
    return value is None or value is Ellipsis or value is NotImplemented or isinstance(value, (bool, type))


def said(error):
    try:
        return str(error)
    except BaseException as failure:
        return f"<its text fails: {type(failure).__name__}>"


class Recorder:
    """The outcome of each case; `reporter` hears when a case begins and what became of it.

    A case may be evaluated many times, in a loop. One failure decides it.
    """

    def __init__(self, statuses, reporter, isolated=True):
        self.statuses = list(statuses)
        self.isolated = isolated
        self.reporter = reporter
        self.current = None
        self.kept = None
        self.answered = 0
        self.last_answer = ""

    def begin(self, index):
        """Whether the case is still to be evaluated."""
        if self.decided(index):
            return False
        self.reporter.begin(index)
        self.current = index
        self.answered = 0
        self.last_answer = ""
        return True

    def decided(self, index):
        return self.statuses[index] not in (None, "passed")

    def case_of_call(self):
        """The case that a call belongs to: outside of cases, the next one without an outcome."""
        return self.next_open() if self.current is None else self.current

    def next_open(self):
        for index, status in enumerate(self.statuses):
            if status is None:
                return index
        return len(self.statuses) - 1

    def compare(self, index, symbol, left, right):
        same = self.identity if symbol in ("is", "is not") else None
        holds = same(symbol, left, right) if same and self.isolated else bool(COMPARE[symbol](left, right))
        expected = shown(right) if symbol == "==" else f"{symbol} {shown(right)}"
        self.settle(index, holds, expected, left)

    def identity(self, symbol, left, right):
        """`left is right`, where that can be known without asking the candidate."""
        if not (is_singleton(left) or is_singleton(right)):
            raise self.fault(Uncrossable("the test asks whether two objects are one, which only the candidate could say"))
        return COMPARE[symbol](left, right)

    def truth(self, index, value, wanted):
        self.settle(index, bool(value) == wanted, "a true value" if wanted else "a false value", value)

    def settle(self, index, holds, expected, actual):
        if holds:
            self.tell(index, "passed")
            return
        text = shown(actual)
        message = f"expected {expected}, got {text}"
        if self.last_answer not in ("", text):
            message += f"; the last call returned {self.last_answer}"
        self.tell(index, "failed", expected=expected, actual=text, message=message)

    def failed(self, index, error):
        """An assertion of the test does not hold."""
        message = f"AssertionError: {said(error)}" if said(error) else "an assert failed"
        self.tell(index, "failed", actual=self.last_answer, message=message)

    def raised(self, index, error):
        kind = type(error)
        if kind is CandidateTimeout:
            self.tell(index, "timeout", message="the candidate took too long")
        elif isinstance(error, Fault):
            self.tell(index, "error", type=kind.__name__, message=str(error))
        elif getattr(error, "flow_from_candidate", False):
            self.tell(index, "error", type=kind.__name__, message=f"{kind.__name__}: {said(error)}")
        else:
            # The test itself could not go on with what it got, if it got anything.
            status = "failed" if self.answered else "error"
            message = f"the test raised {kind.__name__}: {said(error)}"
            self.tell(index, status, actual=self.last_answer, type=kind.__name__, message=message)

    def tell(self, index, status, **details):
        self.current = self.kept
        if self.decided(index) or self.statuses[index] == status:
            return
        self.statuses[index] = status
        details = {key: one_line(value) if key == "message" else cut(value) for key, value in details.items()}
        self.reporter.outcome(index, {"status": status, **details})

    def fault(self, error):
        """Decides the case in hand at once; a test that catches the error changes nothing."""
        index, current = self.case_of_call(), self.current
        if index >= 0:
            self.raised(index, error)
        self.current = current
        return error

    def interrupted(self, error):
        """An error outside of cases: the next case without an outcome bears it."""
        index = self.next_open()
        if index >= 0 and self.begin(index):
            self.raised(index, error)
