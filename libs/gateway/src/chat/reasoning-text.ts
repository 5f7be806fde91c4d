import { FeedbackSource, type RunEvent } from '@flowreasoner/contracts/metaagent';
import { enumWord } from '../words.js';

/**
 * What an event adds to the reasoning that clients are shown: the meta model's own words, and a line
 * for each beginning and end of a round, so that a policy without a model is not silent.
 */
export function reasoningText({ event, round }: RunEvent): string | undefined {
  switch (event?.$case) {
    case 'reasoning':
      return event.value.text;
    case 'roundStarted':
      return `${round > 1 ? '\n' : ''}Round ${round}: ${event.value.summary}\n`;
    case 'roundEvaluated': {
      const { visible, score, feedbackSource } = event.value;
      const source = enumWord(FeedbackSource[feedbackSource], 'FEEDBACK_SOURCE_').replaceAll('_', ' ');
      const words =
        visible === undefined
          ? `Score ${score.toFixed(2)} by ${source}.`
          : `${visible.passed} of ${visible.total} checks pass.`;
      return `\n${words}\n`;
    }
    default:
      return undefined;
  }
}
