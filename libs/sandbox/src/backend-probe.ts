import { Language, type Backend, type Capability } from '@flowreasoner/contracts/sandbox';
import { tryEscapes } from './escape-probes.js';
import { limitsThatHold } from './limit-probes.js';
import type { SandboxBackend } from './ports.js';

/**
 * Finds out by trying what a backend enforces on this machine. A backend that
 * any attempt to get out succeeds in is reported as not available.
 */
export async function probeBackend(backend: SandboxBackend, signal: AbortSignal): Promise<Backend> {
  const [escapes, limits] = await Promise.all([tryEscapes(backend, signal), limitsThatHold(backend, signal)]);
  const held = new Map<string, boolean>();
  for (const { boundary, contained } of escapes.outcomes) {
    held.set(boundary, contained && (held.get(boundary) ?? true));
  }
  const capabilities = [...held, ...limits].map(([name, enforced]): Capability => {
    return { name, enforced, mechanism: enforced ? (backend.mechanisms[name] ?? '') : '' };
  });
  const escaped = escapes.outcomes.filter(({ contained }) => !contained);
  const reason =
    escapes.failure || escaped.map(({ name, detail }) => `a program can ${name} (${detail})`).join('; ');
  return {
    ...{ name: backend.name, available: reason === '', reason, capabilities },
    probes: escapes.outcomes.map(({ name, contained, detail }) => ({ name, contained, detail })),
    languages: backend.languages.map((language) =>
      language === 'python' ? Language.LANGUAGE_PYTHON : Language.LANGUAGE_JAVASCRIPT,
    ),
  };
}
