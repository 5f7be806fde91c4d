import { createHash } from 'node:crypto';
import type { ScriptedReply, ScriptedRequest } from '@flowreasoner/testing';

/** A problem with two examples that is told from others by its tag. Tests only. */
export function problemOf(tag: string): string {
  return `def f(x):\n    """ Adds ${tag}.\n    >>> f(1)\n    2\n    >>> f(5)\n    6\n    """\n`;
}

/**
 * Answers that are never right, the same to the same request, after a while
 * that follows from the request too: work for a run that is going to be
 * interrupted. To a problem whose tag has "sandboxslow" in it the program takes
 * longer than a check is given.
 */
export function slowAnswer({ body }: ScriptedRequest): ScriptedReply {
  const digest = createHash('sha256')
    .update(JSON.stringify([body.messages, body.seed]))
    .digest();
  const firstByteDelayMs = 20 + digest.readUInt8(0) / 2;
  const number = digest.readUInt16BE(1);
  const isDesign = String(body.messages[0]?.content).startsWith('You design');
  const isSlow = JSON.stringify(body.messages).includes('sandboxslow');
  const pause = isSlow ? '    import time\n    time.sleep(9)\n' : '';
  const text = isDesign
    ? design(number)
    : `\`\`\`python\ndef f(x):\n${pause}    return ${number} * x\n\`\`\``;
  return { kind: 'answer', text, firstByteDelayMs, usage: { promptTokens: 100, completionTokens: 20 } };
}

/** A workflow of two parallel calls and a test, in a structure of its own. */
function design(number: number): string {
  return `<modification>Number ${number}</modification>
<graph>
class Workflow:
    def __init__(self, name, llm_config, dataset):
        self.llm = create(llm_config)
        self.custom_code_generate = operator.CustomCodeGenerate(self.llm)
        self.test = operator.Test(self.llm)

    async def __call__(self, problem: str, entry_point: str):
        first = await self.custom_code_generate(problem=problem, entry_point=entry_point, instruction="Way ${number}.")
        second = await self.custom_code_generate(problem=problem, entry_point=entry_point, instruction="Other way ${number}.")
        tested = await self.test(problem=problem, solution=first['response'], entry_point=entry_point, test_loop=1)
        if tested['result']:
            return tested['solution']
        return second['response']
</graph>`;
}
