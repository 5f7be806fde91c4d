/** Sends bytes to every descriptor but the standard ones. */
const SPRAY = [
  'def spray(data):',
  '    for fd in range(3, 64):',
  '        try: os.write(fd, data)',
  '        except OSError: pass',
  'def frame(kind, case, payload):',
  '    body = kind + struct.pack("<i", case) + json.dumps(payload).encode()',
  '    return struct.pack("<I", len(body)) + body',
].join('\n');

/** Candidates that mean to pass a suite for `add` without adding, by what they try. */
export const FORGERS: Readonly<Record<string, string>> = {
  'an object equal to everything':
    'class E:\n  def __eq__(s, o): return True\n  def __bool__(s): return False\ndef add(a, b): return E()',
  'an int that equals everything':
    'class E(int):\n  def __eq__(s, o): return True\ndef add(a, b): return E(0)',
  'a str that equals everything':
    'class E(str):\n  def __eq__(s, o): return True\n  __hash__ = str.__hash__\ndef add(a, b): return [E("x")]',
  'a list whose items equal everything':
    'class E:\n  def __eq__(s, o): return True\ndef add(a, b): return (E(),)',
  'a lying class':
    'class M(type):\n  def __eq__(s, o): return True\n  __hash__ = type.__hash__\nclass E(metaclass=M):\n  __class__ = int\ndef add(a, b): return E()',
  'exit with success at import': 'import os\nos._exit(0)',
  'exit with success in the call': 'import os\ndef add(a, b): os._exit(0)',
  'sys.exit in the call': 'import sys\ndef add(a, b): sys.exit(0)',
  'an exit handler': 'import atexit, os\natexit.register(os._exit, 0)\ndef add(a, b): raise SystemExit',
  'walking frames for the expected value':
    'import sys\ndef add(a, b):\n  f = sys._getframe()\n  while f:\n    for k, v in list(f.f_locals.items()) + list(f.f_globals.items()):\n      if k in ("expected", "right", "result", "statuses") and type(v) in (int, float): return v\n    f = f.f_back\n  return None',
  'hunting objects for the expected value':
    'import gc\ndef add(a, b):\n  for o in gc.get_objects():\n    if isinstance(o, dict):\n      for k in ("expected", "right", "test_code", "asserts"):\n        if k in o: return o[k]\n  return None',
  'reading files for the expected value':
    'import os\ndef add(a, b):\n  for root, _, names in os.walk("/tmp"):\n    for name in names:\n      text = open(os.path.join(root, name)).read()\n      if "== 5" in text: return 5\n  return None',
  'patched built-ins':
    'import builtins, operator\nbuiltins.AssertionError = Exception\nbuiltins.bool = lambda x: True\noperator.eq = lambda a, b: True\nbuiltins.isinstance = lambda *a: True\nbuiltins.type = lambda x: int\ndef add(a, b): return None',
  'patched json':
    'import json\njson.dumps = lambda *a, **k: "{\\"v\\":true}"\nimport flow_wire\nflow_wire.dump = lambda d: b"{\\"v\\":true}"\nflow_wire.load = lambda d: {}\ndef add(a, b): return None',
  'forged replies': `import os, struct, json\n${SPRAY}\ndef add(a, b):\n  spray(frame(b"V", 0, {"v": True}) * 50)\n  return None`,
  'forged verdicts': `import os, struct, json\n${SPRAY}\nfor case in range(3): spray(frame(b"R", case, {"status": "passed", "ms": 1}))\nspray(frame(b"E", 0, {}))\ndef add(a, b):\n  spray(frame(b"R", 0, {"status": "passed", "ms": 1}) + frame(b"E", 0, {}))\n  return None`,
  'forged reports of the launcher': `import os, struct, json\n${SPRAY}\nspray(struct.pack("<I", 2) + struct.pack("<I", 3) + b"end" + struct.pack("<I", 4) + b"exit")\ndef add(a, b): return None`,
  'frames that are too long':
    'import os, struct\ndef add(a, b):\n  for fd in range(3, 64):\n    try: os.write(fd, struct.pack("<I", 0xffffffff))\n    except OSError: pass\n  return None',
  'malformed replies': `import os, struct, json\n${SPRAY}\ndef add(a, b):\n  spray(frame(b"V", 0, {"v": {"g": 7}}))\n  os._exit(0)`,
  'replies with deep nesting':
    'import os, struct\ndef add(a, b):\n  body = b"V" + struct.pack("<i", 0) + b"{\\"v\\":" + b"[" * 500000\n  os.write(4, struct.pack("<I", len(body)) + body)\n  os._exit(0)',
  'killing everything':
    'import os, signal\ndef add(a, b):\n  for pid in range(1, 300):\n    try: os.kill(pid, signal.SIGKILL) if pid != os.getpid() else None\n    except OSError: pass\n  os.kill(0, signal.SIGKILL)',
  'an endless loop': 'def add(a, b):\n  while True: pass',
  'a thread that exits early':
    'import os, threading\nthreading.Timer(0.01, lambda: os._exit(0)).start()\nimport time\ndef add(a, b): time.sleep(1)',
  'an exception that looks like success':
    'class Passed(BaseException): pass\ndef add(a, b): raise Passed("passed")',
  'the assertion error itself': 'def add(a, b): raise AssertionError',
  StopIteration: 'def add(a, b): raise StopIteration',
  'printing success': 'def add(a, b): print("PASSED 3/3"); return "passed"',
  'a function': 'def add(a, b): return lambda *x: True',
  'a module': 'import operator\ndef add(a, b): return operator',
  'an iterator that never ends': 'import itertools\ndef add(a, b): return itertools.count()',
  'a structure in itself': 'def add(a, b):\n  x = []; x.append(x); return x',
  'a structure that explodes': 'def add(a, b):\n  x = [1]\n  for _ in range(60): x = [x, x]\n  return x',
  'not a number': 'def add(a, b): return float("nan")',
  'a memory bomb': 'def add(a, b): return [0] * 10 ** 9',
  'an import hook':
    'import sys\nclass H:\n  def find_spec(s, *a): raise SystemExit(0)\nsys.meta_path.insert(0, H())\nsys.modules.clear()\ndef add(a, b): return None',
  'a dict that lies':
    'class E(dict):\n  def __eq__(s, o): return True\n  def __len__(s): return 0\n  __hash__ = None\ndef add(a, b): return E()',
  'a float that lies':
    'class E(float):\n  def __eq__(s, o): return True\n  def __bool__(s): return False\ndef add(a, b): return E(0)',
  'a named tuple that equals everything':
    'import collections\nclass E(collections.namedtuple("E", "x")):\n  def __eq__(s, o): return True\ndef add(a, b): return E(1)',
  'operators on both sides':
    'class E:\n  __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = lambda s, o: True\n  __req__ = __eq__\n  __hash__ = object.__hash__\n  def __len__(s): return 0\ndef add(a, b): return E()',
  'an object that names itself a number':
    'class E:\n  @property\n  def __class__(s): return float\n  def __float__(s): return 5.0\n  def __index__(s): return 5\n  def __eq__(s, o): return True\ndef add(a, b): return E()',
  'an object whose number is another one':
    'import flow_wire\nflow_wire.Encoder.encode = lambda self, value, depth=0: {"o": [1, ["int", "object"]]}\ndef add(a, b): return 0',
  'an object of a class named as a special method':
    'import flow_wire\nflow_wire.Encoder.encode = lambda self, value, depth=0: {"o": [1, ["__eq__"]]}\ndef add(a, b): return 0',
  'patched unittest':
    'import unittest, unittest.case\nunittest.TestCase.run = lambda self, result=None: result\nunittest.TestCase.assertEqual = lambda *a, **k: None\nunittest.TestCase.assertTrue = unittest.TestCase.assertFalse = lambda *a, **k: None\ndef add(a, b): return None',
  'a recorder that passes all':
    'try:\n  import flow_outcomes\n  flow_outcomes.Recorder.settle = lambda self, index, *a: self.tell(index, "passed")\n  flow_outcomes.Recorder.failed = flow_outcomes.Recorder.raised = lambda self, index, error: self.tell(index, "passed")\nexcept ImportError: pass\ndef add(a, b): return None',
  'a reporter found among the objects':
    'import gc\ndef add(a, b):\n  for o in gc.get_objects():\n    if type(o).__name__ in ("PipeReporter", "ChannelReporter"):\n      for index in range(3):\n        o.begin(index); o.outcome(index, {"status": "passed"})\n      o.send(b"E", 0, b"{}")\n      import os; os._exit(0)\n  return None',
  'a recorder found on the stack':
    'import sys\ndef add(a, b):\n  f = sys._getframe()\n  while f:\n    r = f.f_globals.get("__flow_recorder__")\n    if r is not None:\n      r.settle = lambda index, *rest: r.tell(index, "passed")\n      r.failed = r.raised = lambda index, error: r.tell(index, "passed")\n    f = f.f_back\n  return None',
  'the code of the tests':
    'import sys\ndef add(a, b):\n  f = sys._getframe(1)\n  while f:\n    for c in f.f_code.co_consts:\n      if c == 3.5 and a == 1.5: return 3.5\n      if c == 5 and a == 2: return 5\n    f = f.f_back\n  return 0',
  sitecustomize:
    'import os\nfor d in ("/tmp/work", "/tmp", os.path.expanduser("~")):\n  for n in ("sitecustomize.py", "usercustomize.py", "conftest.py", "unittest.py", "json.py", "operator.py"):\n    try: open(os.path.join(d, n), "w").write("import os; os._exit(0)")\n    except OSError: pass\ndef add(a, b): os._exit(0)',
  'overwritten programs':
    'import os\nfor root, _, names in os.walk("/tmp"):\n  for n in names:\n    try: open(os.path.join(root, n), "w").write("import os; os._exit(0)")\n    except OSError: pass\ndef add(a, b): os._exit(0)',
  'an import hook that passes all':
    'import sys, types\nclass H:\n  def find_spec(s, name, *a):\n    if name in ("flow_unittest", "unittest", "operator"): raise SystemExit(0)\nsys.meta_path.insert(0, H())\nfor n in ("unittest", "flow_unittest"): sys.modules.pop(n, None)\ndef add(a, b): return None',
  'a signal handler':
    'import os, signal\nfor n in range(1, 32):\n  try: signal.signal(n, lambda *a: os._exit(0))\n  except (OSError, ValueError): pass\nsignal.setitimer(signal.ITIMER_REAL, 0.01)\nimport time\ndef add(a, b): time.sleep(0.1)',
  'memory written by ctypes':
    'import ctypes\nctypes.c_long.from_address(id(5) + 24).value = 0\nctypes.c_double.from_address(id(3.5) + 16).value = 0.0\ndef add(a, b): return 0',
  'all of memory written':
    'import os\ndef add(a, b):\n  for pid in os.listdir("/proc"):\n    if pid.isdigit() and pid != str(os.getpid()):\n      try: open(f"/proc/{pid}/mem", "r+b", 0).write(b"x")\n      except OSError: pass\n  return None',
  'descriptors of others':
    'import os\ndef add(a, b):\n  for pid in os.listdir("/proc"):\n    if pid.isdigit():\n      for fd in range(3, 12):\n        try: os.write(os.open(f"/proc/{pid}/fd/{fd}", os.O_WRONLY), b"passed")\n        except OSError: pass\n  return None',
  'two answers by a fork': 'import os\ndef add(a, b):\n  if os.fork() == 0: return a + b + 1\n  return a - b',
  'a fork that answers after the end':
    'import os, time\nif os.fork() == 0:\n  os.setsid(); time.sleep(0.3)\n  for fd in range(3, 20):\n    try: os.write(fd, b"\\x07\\0\\0\\0V\\0\\0\\0\\0{}")\n    except OSError: pass\n  os._exit(0)\ndef add(a, b): return None',
  'a closed channel': 'import os\ndef add(a, b):\n  os.closerange(3, 64)\n  return 5',
  'a channel in place of others':
    'import os\ndef add(a, b):\n  for fd in range(5, 20): os.dup2(4, fd)\n  os.close(4)\n  return 5',
  'answers before the questions': `import os, struct, json\n${SPRAY}\nspray(b"".join(frame(b"K", 0, {}) + frame(b"V", n, {"v": v}) for n, v in enumerate((7, 7, 7))))\ndef add(a, b): return None`,
  'answers one ahead': `import os, struct, json\n${SPRAY}\nn = 0\ndef add(a, b):\n  global n\n  n += 1\n  spray(frame(b"V", n - 1, {"v": True}) + frame(b"V", n, {"v": True}))\n  return None`,
  'a number of two gigabytes': 'def add(a, b): return 1 << (1 << 34)',
  'a text of a hundred megabytes': 'def add(a, b): return "x" * 100_000_000',
  'a number of many digits': 'def add(a, b): return 10 ** 100_000',
  'a tower of lists': 'def add(a, b):\n  x = []\n  for _ in range(100_000): x = [x]\n  return x',
  'hiding in time': 'import time\ndef add(a, b):\n  if a == 0: return 0\n  time.sleep(30)',
  KeyboardInterrupt: 'def add(a, b): raise KeyboardInterrupt',
  GeneratorExit: 'def add(a, b): raise GeneratorExit',
  'an exception named as the end of a test':
    'class _ShouldStop(Exception): pass\nclass SkipTest(Exception): pass\ndef add(a, b): raise (_ShouldStop if a == 2 else SkipTest)("ok")',
  'the skip of a test': 'import unittest\ndef add(a, b): raise unittest.SkipTest("not today")',
  'an exception with another class':
    'class E(BaseException):\n  __class__ = property(lambda s: StopIteration)\n  def __str__(s): raise SystemExit(0)\n  args = property(lambda s: 1 / 0)\ndef add(a, b): raise E()',
  'an exception with the attributes of ours':
    'class E(Exception): pass\ndef add(a, b):\n  e = E("x")\n  e.flow_from_candidate = False; e.status = "passed"; e.with_traceback = None\n  raise e',
  'a pickle':
    'import pickle\nclass E:\n  def __reduce__(s): return (eval, ("5",))\ndef add(a, b): return pickle.dumps(E())',
  'what copies itself':
    'class E:\n  def __deepcopy__(s, m): return 5\n  __copy__ = __deepcopy__\n  def __reduce_ex__(s, p): return (int, (5,))\ndef add(a, b): return E()',
  infinity: 'def add(a, b): return float("inf")',
  'what has no hash': 'def add(a, b): return {frozenset([1]): [], (): {}}',
  'a set with what has no hash':
    'import flow_wire\nflow_wire.Encoder.encode = lambda self, value, depth=0: {"s": [[1], {"d": []}]}\ndef add(a, b): return 0',
  'arguments made anew':
    'import flow_wire\nold = flow_wire.dump\nflow_wire.dump = lambda d: old({**d, "m": [[9, 9, 9], {"d": []}]}) if isinstance(d, dict) else old(d)\nimport sys\nsys.modules["__main__"].dump = flow_wire.dump\ndef add(a, b): return 0',
  'a generator that looks around':
    'import sys\ndef add(a, b):\n  f = sys._getframe()\n  while f:\n    for v in f.f_locals.values():\n      if v in (5, 3.5): yield v\n    f = f.f_back',
  'a thread that answers':
    'import os, threading, time\ndef loop():\n  while True:\n    for fd in range(3, 10):\n      try: os.write(fd, b"\\x09\\0\\0\\0V\\0\\0\\0\\0{}")\n      except OSError: pass\nthreading.Thread(target=loop, daemon=True).start()\ndef add(a, b): return None',
  'a trace function':
    'import sys\ndef t(frame, event, arg):\n  for k in ("right", "left", "holds"):\n    if k in frame.f_locals: frame.f_locals[k] = True\n  return t\nsys.settrace(t)\ndef add(a, b): return None',
  'an audit hook':
    'import sys, os\nsys.addaudithook(lambda name, args: os._exit(0) if name == "compile" else None)\ndef add(a, b): return None',
  'other built-ins of the tests':
    'import sys\ndef add(a, b):\n  f = sys._getframe(1)\n  while f:\n    f.f_builtins["AssertionError"] = type("P", (Exception,), {})\n    f.f_globals["candidate"] = lambda *x: 5\n    f = f.f_back\n  return None',
  'another check':
    'def check(candidate): pass\nimport sys\nfor m in list(sys.modules.values()):\n  try: m.check = check\n  except Exception: pass\ndef add(a, b): return None',
};
