import type { ScriptedRequest } from '@flowreasoner/testing';

/** A problem with two examples. Tests only. */
export const doubling = `def double(x):
    """ Doubles a number.
    >>> double(2)
    4
    >>> double(-3)
    -6
    """
`;

/** A right answer to it, and one that passes no example. */
export const right = '```python\ndef double(x):\n    return 2 * x\n```';
export const wrong = '```python\ndef double(x):\n    return x * x + 1\n```';

/** Whether a request asks the meta model for a workflow. */
export function isDesign({ body }: ScriptedRequest): boolean {
  return String(body.messages[0]?.content).startsWith('You design');
}

/** A valid workflow whose structure depends on the number: so many calls, the last one counts. */
export function design(number: number, modification = `Variant ${number}`): string {
  const calls = Array.from(
    { length: 1 + (number % 3) },
    (_, index) =>
      `        made_${index} = await self.custom_code_generate(problem=problem, entry_point=entry_point, instruction=prompt_custom.WAY_${number})`,
  );
  return `<modification>${modification}</modification>
<graph>
class Workflow:
    def __init__(self, name, llm_config, dataset):
        self.llm = create(llm_config)
        self.custom_code_generate = operator.CustomCodeGenerate(self.llm)

    async def __call__(self, problem: str, entry_point: str):
${calls.join('\n')}
        return made_${number % 3}['response']
</graph>
<prompt>
WAY_${number} = """Way ${number}: write the function."""
</prompt>`;
}
