import type { RunEvent } from '@flowreasoner/contracts/metaagent';
import type { Usage, WorkflowEvent } from '@flowreasoner/contracts/workflow';
import type { ScriptedRequest } from '@flowreasoner/testing';
import { isDesign } from './designs.js';

/**
 * A run as a text that people can review: what the models were asked, and what
 * happened, without times. Calls of operators that run at once are put in one
 * order. Tests only.
 */
export function journalText(events: readonly RunEvent[], requests: readonly ScriptedRequest[]): string {
  const shown = new Set<string>();
  return [
    '# Journal',
    ...eventLines(events),
    '',
    '# Requests to models',
    ...inOneOrder(requests).flatMap((each) => requestLines(each, shown)),
    '',
  ].join('\n');
}

/** Requests in the order they came; those of operators between two designs by what they say. */
function inOneOrder(requests: readonly ScriptedRequest[]): ScriptedRequest[] {
  const ordered: ScriptedRequest[] = [];
  let group: ScriptedRequest[] = [];
  const flush = (): void => {
    const key = (each: ScriptedRequest): string => JSON.stringify([each.body.messages, each.body.seed]);
    ordered.push(...group.sort((a, b) => (key(a) < key(b) ? -1 : 1)));
    group = [];
  };
  for (const request of requests) {
    if (!isDesign(request)) group.push(request);
    else {
      flush();
      ordered.push(request);
    }
  }
  flush();
  return ordered;
}

function requestLines(request: ScriptedRequest, shown: Set<string>): string[] {
  const { body } = request;
  const parameters = `seed ${body.seed}, temperature ${body.temperature}, at most ${body.max_tokens} tokens`;
  const lines = ['', `## ${isDesign(request) ? 'meta' : 'worker'} model: ${parameters}`];
  for (const { role, content } of body.messages) {
    const text = withoutTimes(String(content));
    if (shown.has(text)) lines.push(`${role}: (as above, ${text.length} characters: ${firstLine(text)})`);
    else lines.push(`${role}:`, ...text.split('\n').map((line) => `  ${line}`.trimEnd()));
    shown.add(text);
  }
  return lines;
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0]?.slice(0, 60) ?? '';
}

/** Seconds that a round took stand in its feedback. */
function withoutTimes(text: string): string {
  return text.replace(/, \d+\.\d s\./g, ', … s.');
}

function eventLines(events: readonly RunEvent[]): string[] {
  const lines: string[] = [];
  let workflow: string[] = [];
  let reasoning = '';
  for (const { event, round } of events) {
    if (event?.$case === 'workflowEvent') {
      workflow.push(...workflowLines(event.value.event));
      continue;
    }
    lines.push(...workflow.sort());
    workflow = [];
    if (event?.$case === 'reasoning') reasoning += event.value.text;
    else {
      if (reasoning !== '') lines.push(`  reasoning: ${reasoning}`);
      reasoning = '';
      lines.push(...factLines(event, round));
    }
  }
  return lines;
}

function factLines(event: RunEvent['event'], round: number): string[] {
  switch (event?.$case) {
    case 'roundStarted':
      return ['', `round ${round}: ${event.value.summary} (parent ${event.value.parentRound})`];
    case 'metaRequestStarted':
      return [`  meta request, at most ${event.value.reserved?.completionTokens} completion tokens`];
    case 'metaRequestFinished':
      return [`  meta request ended: ${usageText(event.value.usage)} ${event.value.error}`.trimEnd()];
    case 'workflowProposed': {
      const { valid, repair, refusal, diagnostics, modification } = event.value;
      const found = diagnostics.map((each) => `    ${each.code}: ${each.message}`);
      const verdict = valid ? refusal || 'accepted' : 'not valid';
      return [`  try ${repair}: ${modification || '(nothing said)'}: ${verdict}`, ...found];
    }
    case 'evaluationRequestStarted':
      return [`  to be evaluated in the sandbox, at most ${event.value.reservedMs} ms`];
    case 'evaluationRequestFinished':
      return ['  evaluated in the sandbox'];
    case 'roundEvaluated': {
      const { score, visible, feedback, usage } = event.value;
      return [
        `  score ${score} (${visible?.passed} of ${visible?.total}), ${usageText(usage)}; feedback:`,
        ...withoutTimes(feedback)
          .split('\n')
          .map((line) => `    ${line}`),
      ];
    }
    case 'runFinished': {
      const { status, stopReason, bestRound, rounds, answer, usage } = event.value.result ?? {};
      return [
        '',
        `finished: status ${status}, stop ${stopReason}, best of ${rounds} rounds is ${bestRound}, ${usageText(usage)}`,
        ...(answer ?? '').split('\n').map((line) => `  ${line}`),
      ];
    }
    default:
      return [event?.$case ?? 'nothing'];
  }
}

function workflowLines(event: WorkflowEvent['event']): string[] {
  switch (event?.$case) {
    case 'operatorStarted':
      return [`  operator ${event.value.operator} ${event.value.callId} started`];
    case 'operatorFinished':
      return [`  operator ${event.value.callId} ended`];
    case 'modelRequestFinished':
      return [`  request ${event.value.requestId} ended: ${usageText(event.value.usage)}`];
    case 'finished':
      return [`  workflow ended with status ${event.value.status}: ${usageText(event.value.usage)}`];
    default:
      return [];
  }
}

function usageText(usage: Usage | undefined): string {
  if (usage === undefined) return 'unknown';
  const { modelCalls, promptTokens, completionTokens, costUsd } = usage;
  return `${modelCalls} calls, ${promptTokens} + ${completionTokens} tokens, $${costUsd?.toFixed(6)}`;
}
