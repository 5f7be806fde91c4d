export { createAnswerJudge } from './answer-judge.js';
export type { AnswerJudge, AnswerJudgeOptions } from './answer-judge.js';
export { answerCheckProblems } from './check-answer-checks.js';
export type { AnswerCheckProblem } from './check-answer-checks.js';
export { connectGraders, graderSettings } from './remote/grader-settings.js';
export { createGraders } from './remote/graders.js';
export type { Graders, RemoteRequest } from './remote/graders.js';
export type { AnswerVerdict } from './verdict.js';
