import { answerInstructions, codeInstructions } from '../instructions.js';
import { withArguments } from './edit-program.js';
import { pickAny, type IrMutation } from './mutation.js';
import { argument, nowhere } from './nodes.js';

const instructed = new Set(['custom', 'custom_code_generate', 'multi_generate']);

/** Gives a call an instruction of the library. */
export const rewriteInstruction: IrMutation = {
  name: 'rewrite an instruction',
  weight: 2,
  apply({ program, space, statements }, random) {
    const chosen = pickAny(
      random,
      statements.filter(({ call }) => instructed.has(call.operator)),
    );
    const library = space.task === 'code' ? codeInstructions : answerInstructions;
    const instruction = pickAny(
      random,
      library.filter(({ text }) => text !== ''),
    );
    if (chosen === undefined || instruction === undefined) return undefined;
    // A prompt of the workflow's own may have the name already.
    const taken = program.prompts.find(({ name }) => name === instruction.name);
    const name =
      taken === undefined || taken.text === instruction.text ? instruction.name : `FLOW_${instruction.name}`;
    const others = chosen.call.arguments.filter((each) => each.parameter !== 'instruction');
    const prompt = argument('instruction', { kind: 'prompt', name, range: nowhere });
    const changed = withArguments(program, chosen, [...others, prompt]);
    const prompts = changed.prompts.filter((each) => each.name !== name);
    return { ...changed, prompts: [...prompts, { name, text: instruction.text, range: undefined }] };
  },
};
