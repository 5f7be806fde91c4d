import { describe, expect, it } from 'vitest';
import { isFunctionStub, signatureIn, withoutDocstring } from './function-stub.js';

describe('isFunctionStub', () => {
  it.each([
    ['signature and docstring', 'def f(x):\n    """Doc."""\n', true],
    [
      'imports and helpers before it',
      'import math\n\ndef g():\n    return 1\n\ndef f(x):\n    """Doc.\n    >>> f(1)\n    1\n    """',
      true,
    ],
    ['single quotes', "def f(x):\n    '''Doc.'''", true],
    ['imports inside it', 'def f(x):\n    import math\n    """Doc."""', true],
    ['a body', 'def f(x):\n    """Doc."""\n    return 1', false],
    ['no docstring', 'def f(x):\n', false],
    ['another function last', 'def f(x):\n    """Doc."""\n\ndef g():\n    """Doc."""', false],
    ['words before it', 'Write this function.\ndef f(x):\n    """Doc."""', false],
    ['words after it', 'def f(x):\n    """Doc."""\nBe quick.', false],
    ['a docstring without an end', 'def f(x):\n    """Doc.', false],
  ])('%s', (_, problem, isStub) => {
    expect(isFunctionStub(problem, 'f')).toBe(isStub);
  });

  it('needs an entry point', () => {
    expect(isFunctionStub('def f(x):\n    """Doc."""', '')).toBe(false);
  });
});

describe('signatureIn', () => {
  it.each([
    ['Square it.\n\ndef f(x: int) -> int:   ', 'def f(x: int) -> int:'],
    ['def g(x):\ndef f(x, *a, **k):', 'def f(x, *a, **k):'],
    ['Write def f(x): and be quick.', undefined],
    ['def f(x)', undefined],
    ['def f(x, y=[1):', undefined],
    ['def ff(x):', undefined],
  ])('%j', (problem, signature) => {
    expect(signatureIn(problem, 'f')).toBe(signature);
  });
});

describe('withoutDocstring', () => {
  it('ends with the signature, whatever stands before it', () => {
    const stub =
      'import math\n\ndef helper():\n    """Keeps its own."""\n    return 1\n\ndef f(x):\n    """Squares x.\n    >>> f(2)\n    4\n    """\n';
    expect(withoutDocstring(stub)).toBe(
      'import math\n\ndef helper():\n    """Keeps its own."""\n    return 1\n\ndef f(x):',
    );
  });

  it('keeps imports that stand in the function', () => {
    expect(withoutDocstring('def f(x):\n    import math\n    """Squares x."""\n')).toBe(
      'def f(x):\n    import math',
    );
  });
});
