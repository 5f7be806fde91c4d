import { classAround } from '../interpreter/testing/run-source.js';
import type { DiagnosticCode } from '../diagnostic-codes.js';

/** A program that a diagnostic is about, and the same one mended. */
export interface DiagnosticExample {
  readonly wrong: string;
  readonly mended: string;
  /** Operators on offer; all when absent. */
  readonly operators?: readonly string[];
}

const ask = 'r = await self.custom(input=problem)';
const RETURN = 'return r["response"]';

/** Statements of `__call__`, each in a line. */
const body = (...lines: readonly string[]): string => classAround(lines.join('\n'));
const around = (wrong: readonly string[], mended: readonly string[]): DiagnosticExample => ({
  wrong: body(...wrong, ask, RETURN),
  mended: body(...mended, ask, RETURN),
});
const lines = (wrong: readonly string[], mended: readonly string[]): DiagnosticExample => ({
  wrong: body(...wrong),
  mended: body(...mended),
});
const call = (wrong: string, mended: string): DiagnosticExample =>
  lines([`r = await ${wrong}`, 'return str(r)'], [`r = await ${mended}`, 'return str(r)']);
const inClass = (wrong: string, mended: string): DiagnosticExample => ({ wrong, mended });
const whole = body(ask, RETURN);
const withPrompt = (text: string): string =>
  `<graph>\n${text}</graph>\n<prompt>SOLVE = "Solve {problem}"\nA = "Be brief."</prompt>`;
const method = (head: string, ...rest: readonly string[]): string =>
  ['class Workflow:', `    ${head}`, ...rest.map((line) => `        ${line}`), ''].join('\n');
const CALL = 'async def __call__(self, problem):';

/** For each code what docs/language.md shows, as whole programs. */
export const DIAGNOSTIC_EXAMPLES: Readonly<Record<DiagnosticCode, DiagnosticExample>> = {
  FW001: inClass(`${whole}#${'x'.repeat(128 * 1024)}`, whole),
  FW002: inClass('I would use an ensemble.', method(CALL, ask, RETURN)),
  FW003: inClass(
    `${method(CALL, ask, 'x = r["response"]')}return x\n`,
    method(CALL, ask, 'x = r["response"]', 'return x'),
  ),
  FW004: around([`x = ${'('.repeat(101)}1${')'.repeat(101)}`], ['x = 1']),
  FW010: around(['x = 1', 'if x = 1:', '    pass'], ['x = 1', 'if x == 1:', '    pass']),
  FW011: around(['x = "abc'], ['x = "abc"']),
  FW012: around(['x = str(problem'], ['x = str(problem)']),
  FW013: around(['if problem:', '    x = 1', '  x = 2'], ['if problem:', '    x = 1', '    x = 2']),
  FW014: around(['x = “a”'], ['x = "a"']),
  FW015: around(['x = 012'], ['x = 12']),
  FW016: around(['x = "\\x4"'], ['x = "\\\\x4"']),
  FW017: around(['x = 1', 'y = f"{x} }"'], ['x = 1', 'y = f"{x} }}"']),
  FW018: around(['None = 4'], ['x = 4']),
  FW019: lines(
    ['r = await self.custom(input=problem, "")', RETURN],
    ['r = await self.custom(problem, instruction="")', RETURN],
  ),
  FW020: around(['with open("p") as f:', '    pass'], ['x = problem']),
  FW021: lines(
    ['args = {"input": problem}', 'r = await self.custom(**args)', RETURN],
    ['args = {"input": problem}', 'r = await self.custom(input=args["input"])', RETURN],
  ),
  FW101: call('self.custmo(input=problem)', 'self.custom(input=problem)'),
  FW102: call('self.custom(input=problm)', 'self.custom(input=problem)'),
  FW103: call('self.custom(instruction="x")', 'self.custom(input=problem, instruction="x")'),
  FW104: call('self.custom(inpt=problem)', 'self.custom(input=problem)'),
  FW105: lines(
    ['a = b = c = problem', 'r = await self.answer_generate(a, b, c)', 'return r["answer"]'],
    ['a = problem', 'r = await self.answer_generate(input=a)', 'return r["answer"]'],
  ),
  FW106: call('self.custom(problem, input=problem)', 'self.custom(input=problem)'),
  FW107: call('self.sc_ensemble(solutions="a")', 'self.sc_ensemble(solutions=["a", "b"])'),
  FW108: lines([ask, 'return r["answer"]'], [ask, RETURN]),
  FW109: inClass(
    withPrompt(body('r = await self.custom(input=problem, instruction=prompt_custom.SLOVE)', RETURN)),
    withPrompt(
      body(
        'r = await self.custom(input=problem, instruction=prompt_custom.SOLVE.format(problem=problem))',
        RETURN,
      ),
    ),
  ),
  FW110: inClass(
    body('r = await self.custom(input=problem, instruction=prompt_custom.A)', RETURN),
    withPrompt(body('r = await self.custom(input=problem, instruction=prompt_custom.A)', RETURN)),
  ),
  FW111: inClass(
    withPrompt(body('r = await self.custom(input=problem, instruction=prompt_custom.SOLVE)', RETURN)),
    withPrompt(
      body(
        'r = await self.custom(input=problem, instruction=prompt_custom.SOLVE.format(problem=problem))',
        RETURN,
      ),
    ),
  ),
  FW112: around(['x = self.style'], ['x = self.name']),
  FW113: around(['x = open("x")'], ['x = problem']),
  FW114: around(['import os'], ['import json']),
  FW115: around(['text = problem', 'x = text.stripp()'], ['text = problem', 'x = text.strip()']),
  FW116: {
    ...lines(['r = await self.programmer(problem=problem)', 'return r["output"]'], [ask, RETURN]),
    operators: ['custom'],
  },
  FW117: lines(['f = self.custom', 'r = await f(input=problem)', RETURN], [ask, RETURN]),
  FW118: inClass(
    `${method('def __init__(self, name, llm_config, dataset):', 'for x in range(3):', '    pass')}    ${CALL}\n        ${ask}\n        ${RETURN}\n`,
    method(CALL, 'for x in range(3):', '    pass', ask, RETURN),
  ),
  FW119: around(['n = len()'], ['x = []', 'n = len(x)']),
  FW201: inClass(method('async def call(self, problem):', ask, RETURN), method(CALL, ask, RETURN)),
  FW202: inClass(
    method('async def __call__(self, problem, entry_point, tests):', ask, RETURN),
    method('async def __call__(self, problem, entry_point):', ask, RETURN),
  ),
  FW203: lines([ask, 'answer = r["response"]'], [ask, 'answer = r["response"]', 'return answer']),
  FW204: lines(
    [ask, 'if len(problem) > 3:', `    ${RETURN}`],
    [ask, 'if len(problem) > 3:', `    ${RETURN}`, 'return problem + r["response"]'],
  ),
  FW205: lines([ask, 'print(r)', 'return "42"'], [ask, RETURN]),
  FW206: lines(
    [ask, 'if len(problem) > 3:', `    ${RETURN}`, 'return "no solution"'],
    [ask, 'if len(problem) > 3:', `    ${RETURN}`, 'return r["response"].strip()'],
  ),
  FW207: around(['y = x', 'x = 1'], ['x = 1', 'y = x']),
  FW208: around(
    ['if len(problem) > 3:', '    x = 1', 'y = x'],
    ['x = 0', 'if len(problem) > 3:', '    x = 1', 'y = x'],
  ),
  FW209: lines([ask, RETURN, 'x = 1'], [ask, RETURN]),
  FW210: around(['await self.custom(input=problem)'], ['pass']),
  FW211: inClass(
    `${method('def again(self, text):', 'return self.again(text)')}    ${CALL}\n        ${ask}\n        return self.again(r["response"])\n`,
    `${method('def again(self, text):', 'while len(text) > 9:', '    text = text[1:]', 'return text')}    ${CALL}\n        ${ask}\n        return self.again(r["response"])\n`,
  ),
  FW212: around(['break'], ['pass']),
  FW213: around(
    ['if len(problem) > 99:', '    while True:', '        x = 1'],
    ['n = 0', 'while n < 3:', '    n += 1'],
  ),
  FW214: inClass(
    `${method('def tidy(self, text):', 'return text')}    def tidy(self, text):\n        return text\n    ${CALL}\n        ${ask}\n        return self.tidy(r["response"])\n`,
    `${method('def tidy(self, text):', 'return text')}    ${CALL}\n        ${ask}\n        return self.tidy(r["response"])\n`,
  ),
  FW301: lines(
    ['done = False', 'while not done:', `    ${ask}`, '    done = "yes" in r["response"]', RETURN],
    ['for _ in range(3):', `    ${ask}`, RETURN],
  ),
  FW701: lines(['r = self.custom(input=problem)', RETURN], [ask, RETURN]),
  FW702: lines([ask, 'return r'], [ask, RETURN]),
  FW703: lines(
    ['r = await self.ensemble(solutions=[problem, "b"])', RETURN],
    ['r = await self.sc_ensemble(solutions=[problem, "b"])', RETURN],
  ),
  FW704: lines([ask, 'return r.response'], [ask, RETURN]),
  FW705: inClass(method('def __call__(self, problem):', ask, RETURN), method(CALL, ask, RETURN)),
  FW706: lines([ask, 'return f"{r["response"]}"'], [ask, `return f"{r['response']}"`]),
  FW707: inClass(`${whole}\nThis asks once.\n`, whole),
};
