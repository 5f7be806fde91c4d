import { answerGenerate } from './answer-generate.js';
import { customCodeGenerate } from './custom-code-generate.js';
import { custom } from './custom.js';
import { format } from './format.js';
import { mdEnsemble } from './md-ensemble.js';
import { multiGenerate } from './multi-generate.js';
import type { Operator } from './operator.js';
import { programmer } from './programmer.js';
import { review } from './review.js';
import { revise } from './revise.js';
import { scEnsemble } from './sc-ensemble.js';
import { test } from './test.js';

/** Every operator by name. A new one is a file and a line here, and its signature in the catalogue. */
export const OPERATOR_REGISTRY: ReadonlyMap<string, Operator> = new Map(
  [
    custom,
    customCodeGenerate,
    answerGenerate,
    scEnsemble,
    mdEnsemble,
    multiGenerate,
    test,
    review,
    revise,
    programmer,
    format,
  ].map((operator) => [operator.name, operator] as const),
);
