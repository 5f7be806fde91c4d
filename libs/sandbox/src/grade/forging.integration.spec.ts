import { beforeAll, describe, expect, it } from 'vitest';
import { VerdictStatus } from '@flowreasoner/contracts/sandbox';
import type { JailBackend } from '../adapters/jail/jail-backend.js';
import { DEFAULT_LIMITS } from '../limits.js';
import { realJail } from '../testing/jail-runs.js';
import { grade } from './grade.js';

let jail: JailBackend;
beforeAll(async () => {
  jail = await realJail();
});

const TEST = [
  'def check(candidate):',
  '    assert candidate(2, 3) == 5',
  '    assert candidate(1.5, 2) == 3.5',
  '    assert not candidate(0, 0)',
].join('\n');

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

const FORGERS: Readonly<Record<string, string>> = {
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
};

describe('a candidate that forges', () => {
  it.each(Object.keys(FORGERS))('%s does not pass', async (name) => {
    const verdict = await grade({
      ...{ backend: jail, clock: performance, candidate: Buffer.from(FORGERS[name] ?? ''), hidden: false },
      suite: { $case: 'function', value: { entryPoint: 'add', testCode: TEST, asserts: [] } },
      limits: { ...DEFAULT_LIMITS, wallMs: 15_000, memoryBytes: 256 * 1024 * 1024 },
      ...{ caseWallMs: 1000, signal: new AbortController().signal },
    });
    expect(verdict.total).toBe(3);
    expect(verdict.passed).toBeLessThan(3);
    expect([VerdictStatus.VERDICT_STATUS_FAILED, VerdictStatus.VERDICT_STATUS_ERROR]).toContain(
      verdict.status,
    );
    // The first two asserts name values that only an honest sum has.
    expect(verdict.cases.slice(0, 2).map(({ status }) => status)).not.toContain(1);
  });

  it('can not end a loop of the test by the exception that ends loops', async () => {
    const verdict = await grade({
      ...{ backend: jail, clock: performance, hidden: false },
      candidate: Buffer.from(
        'class Late(StopIteration): pass\ndef f(x): raise (Late if x > 1 else StopIteration)',
      ),
      suite: {
        $case: 'function',
        value: {
          ...{ entryPoint: 'f', testCode: '' },
          asserts: ['assert all(map(f, [1, 2]))', 'assert list(map(f, [2])) == []'],
        },
      },
      limits: { ...DEFAULT_LIMITS, wallMs: 15_000 },
      ...{ caseWallMs: 1000, signal: new AbortController().signal },
    });
    expect(verdict).toMatchObject({ passed: 0, total: 2 });
    expect(verdict.cases.map(({ errorType }) => errorType)).toEqual(['StopIteration', 'Late']);
  });
});
