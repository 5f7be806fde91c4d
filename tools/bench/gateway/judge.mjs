// Judges one candidate: a job of tools/bench/local-model/judge.mjs on standard
// input, its verdict on standard output.
import { text } from 'node:stream/consumers';
import { judge } from '../local-model/judge.mjs';

const job = JSON.parse(await text(process.stdin));
const verdicts = await judge([job]);
process.stdout.write(`${JSON.stringify(verdicts.get(job.id))}\n`);
