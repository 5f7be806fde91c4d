// Grades solutions of benchmarks by the sandbox (build it first: node tools/build/build.mjs sandbox):
//   node tools/bench/grading/run.mjs canonical FILE...      solutions that are right, empty, wrong and `pass` only
//   node tools/bench/grading/run.mjs mutants FILE... [--count 500] [--seed 0]
//                                                           verdicts beside direct execution of the tests
//   node tools/bench/grading/run.mjs speed FILE [--count 200]
//                                                           time of a grading of a problem with about ten asserts
// With --packages numpy,pandas they are graded in containers whose image has these packages (needs root).
// FILEs hold rows of HumanEval, MBPP (AFlow's split) or BigCodeBench, one JSON object a line.
import { loadMeasure, root } from '../bundle.mjs';

const measure = await loadMeasure('grading');
await measure(root, process.argv.slice(2));
