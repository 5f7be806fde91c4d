import { FeedbackForm } from '@flowreasoner/contracts/metaagent';
import type { Suite } from '@flowreasoner/contracts/sandbox';
import type { Operator } from '@flowreasoner/contracts/workflow';
import type { PreparedTask } from '../../solve/context.js';
import type { MetaMessage } from '../meta-model.js';
import type { PastRound, RejectedProposal } from '../policy.js';

/** What a prompt is made of. */
export interface PromptParts {
  readonly task: PreparedTask;
  readonly operators: readonly Operator[];
  /** Oldest first. */
  readonly history: readonly PastRound[];
  /** The round to improve; undefined where there is none yet. */
  readonly parent: PastRound | undefined;
  /** This round's earlier proposals. */
  readonly rejected: readonly RejectedProposal[];
  /** Calls that must stay as they are. */
  readonly hold: readonly string[];
  /** How much is told of earlier rounds. */
  readonly form: FeedbackForm;
  readonly maxBytes: number;
}

/** Version of the prompt below; a change of its text is a new version. */
export const promptVersion = 2;

const system = `You design small multi-agent workflows. A workflow is a Python class that solves one task by calling operators; the operators call language models and run code. You are shown a task, an earlier workflow and what happened when it ran. Write a better workflow for this task.

Rules
- Change one or two things that the feedback speaks for. Never repeat a workflow that was tried.
- Call operators with "await self.<operator>(...)" and keyword arguments. Bind each in __init__. Import nothing and define no other class.
- Results are dicts: read a field, such as result['response'].
- Loops need bounds: "for _ in range(3)". Every model call costs money: a simple workflow that passes is best.
- Texts for models go into <prompt> as NAME = """...""" and are used as prompt_custom.NAME.
- __call__ returns the answer itself.

Answer in this form and with nothing after it:
<modification>what you change and why, in one sentence</modification>
<graph>
class Workflow:
    def __init__(self, name, llm_config, dataset):
        self.llm = create(llm_config)
        self.custom = operator.Custom(self.llm)

    async def __call__(self, problem: str, entry_point: str):
        result = await self.custom(input=problem, instruction=prompt_custom.SOLVE)
        return result['response']
</graph>
<prompt>
SOLVE = """Solve it step by step."""
</prompt>`;

const again = 'Write the whole workflow again, mended, in the same form.';
const maxChecks = 5;

/** The conversation that asks for the next workflow. What does not fit is left out, least important first. */
export function buildPrompt(parts: PromptParts): MetaMessage[] {
  const messages: MetaMessage[] = [
    { role: 'system', content: `${system}\n\n${operatorsText(parts.operators)}` },
  ];
  const rejected = parts.rejected.at(-1);
  const repair: MetaMessage[] =
    rejected === undefined ? [] : repairTurn(rejected, Math.floor(parts.maxBytes / 4));
  const room = parts.maxBytes - bytesOf(messages) - bytesOf(repair);
  return [...messages, { role: 'user', content: requestText(parts, room) }, ...repair];
}

function bytesOf(messages: readonly MetaMessage[]): number {
  return messages.reduce((sum, message) => sum + Buffer.byteLength(message.content), 0);
}

function repairTurn({ proposal, problems }: RejectedProposal, maxBytes: number): MetaMessage[] {
  const source = cut(proposal.source.trim() || '(nothing)', maxBytes);
  return [
    { role: 'assistant', content: source },
    { role: 'user', content: cut(`That can't be run:\n${problems.join('\n')}\n\n${again}`, maxBytes) },
  ];
}

function operatorsText(operators: readonly Operator[]): string {
  const lines = operators.map((operator) => {
    const parameters = operator.parameters.map((each) =>
      each.required ? each.name : `${each.name}=${each.defaultLiteral}`,
    );
    return `- ${operator.name}(${parameters.join(', ')}) -> {${operator.resultFields.join(', ')}}: ${operator.description}`;
  });
  return `Operators\n${lines.join('\n')}`;
}

interface Section {
  readonly text: string;
  /** Sections of greater rank are left out first. */
  readonly rank: number;
}

function requestText(parts: PromptParts, maxBytes: number): string {
  const sections: Section[] = [
    { text: taskText(parts.task), rank: 0 },
    { text: checksText(parts.task.suite), rank: 2 },
    { text: parentText(parts), rank: 1 },
    { text: holdText(parts.hold), rank: 0 },
    { text: lessonsText(parts.history), rank: 3 },
    { text: historyText(parts), rank: 4 },
    { text: 'Write the next workflow.', rank: 0 },
  ];
  const kept = sections.filter((section) => section.text !== '');
  const length = (): number => kept.reduce((sum, section) => sum + Buffer.byteLength(section.text) + 2, 0);
  for (let rank = 4; rank > 0 && length() > maxBytes; rank--) {
    const at = kept.findIndex((section) => section.rank === rank);
    if (at >= 0) kept.splice(at, 1);
  }
  return cut(kept.map((section) => section.text).join('\n\n'), maxBytes);
}

function taskText({ isCode, entryPoint, problem }: PreparedTask): string {
  const wanted = isCode
    ? `It asks for Python code${entryPoint === '' ? '' : `, the function ${entryPoint}`}.`
    : 'It asks for an answer in text.';
  return `# Task\n${wanted}\n\n${problem}`;
}

function checksText(suite: Suite | undefined): string {
  const form = suite?.suite;
  const lines = ((): readonly string[] => {
    switch (form?.$case) {
      case undefined:
        return [];
      case 'function':
        return form.value.asserts.length > 0 ? form.value.asserts : [form.value.testCode];
      case 'unittest':
        return [form.value.testCode];
      case 'stdio':
        return form.value.cases.map((each) => `input:\n${each.stdin}\noutput:\n${each.stdout}`);
      case 'values':
        return form.value.cases.map((each) => `${each.argumentsJson} -> ${each.expectedJson}`);
    }
  })();
  if (lines.length === 0) return '';
  const more = lines.length > maxChecks ? `\n… and ${lines.length - maxChecks} more` : '';
  return `# Visible checks (the operator test runs them)\n${lines.slice(0, maxChecks).join('\n')}${more}`;
}

function parentText({ parent, form }: PromptParts): string {
  if (parent === undefined) return '';
  const score = parent.score.toFixed(2);
  const workflow = `# Workflow of round ${parent.round}, score ${score}: improve this one\n${parent.source.trim()}`;
  return isScalar(form) ? workflow : `${workflow}\n\n# What happened\n${parent.feedback}`;
}

/** Scores alone are what AFlow's released code tells its optimizer of earlier rounds. */
function isScalar(form: FeedbackForm): boolean {
  return form === FeedbackForm.FEEDBACK_FORM_SCALAR;
}

function holdText(hold: readonly string[]): string {
  if (hold.length === 0) return '';
  return `# Calls that must stay exactly as they are, with the texts they name\n${hold.join('\n')}`;
}

/** What earlier rounds changed, told apart by whether it helped. */
function lessonsText(history: readonly PastRound[]): string {
  const changed = history.filter((past) => past.parentScore !== undefined && past.modification !== '');
  const lines = (helped: boolean): string[] =>
    changed
      .filter((past) => past.score > (past.parentScore ?? 0) === helped)
      .map(
        (past) =>
          `- ${past.modification} (${(past.parentScore ?? 0).toFixed(2)} -> ${past.score.toFixed(2)})`,
      );
  const worked = lines(true);
  const failed = lines(false);
  return [
    ...(worked.length > 0 ? ['# Changes that helped', ...worked] : []),
    ...(failed.length > 0 ? ['# Changes that did not help: do something else', ...failed] : []),
  ].join('\n');
}

function historyText({ history, parent, form }: PromptParts): string {
  const others = history.filter((past) => past.round !== parent?.round).slice(-4);
  if (others.length === 0) return '';
  return others
    .map((past) => {
      const workflow = `# Workflow of round ${past.round}, score ${past.score.toFixed(2)}\n${past.source.trim()}`;
      return isScalar(form) ? workflow : `${workflow}\n${past.feedback}`;
    })
    .join('\n\n');
}

/** A text of at most so many bytes; its end is cut. */
function cut(text: string, maxBytes: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= maxBytes) return text;
  // A character that is cut in two would decode to U+FFFD.
  return `${bytes
    .subarray(0, Math.max(0, maxBytes - 8))
    .toString()
    .replace(/\uFFFD+$/, '')}\n…`;
}
