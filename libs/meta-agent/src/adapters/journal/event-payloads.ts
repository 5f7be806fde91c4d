import { createHash } from 'node:crypto';
import { RunEvent } from '@flowreasoner/contracts/metaagent';

/** Payloads larger than this, in bytes, are stored once by their content and not in the event. */
export const largePayloadBytes = 4 * 1024;

/** A large payload of an event. */
export interface Payload {
  /** Names of the fields that lead to it, joined by dots. */
  readonly place: string;
  /** SHA-256 in hex. */
  readonly hash: string;
  readonly data: Uint8Array;
}

/** An event as it is stored. */
export interface StoredEvent {
  /** Encoded, with large texts and bytes left empty. */
  readonly event: Uint8Array;
  readonly payloads: readonly Payload[];
}

type Fields = Readonly<Record<string, unknown>>;

/** Encodes an event and takes its large payloads out of it. */
export function splitEvent(event: RunEvent): StoredEvent {
  const whole = RunEvent.encode(event).finish();
  if (whole.length <= largePayloadBytes) return { event: whole, payloads: [] };
  const payloads: Payload[] = [];
  const small = withoutLarge(event, '', payloads);
  if (payloads.length === 0) return { event: whole, payloads };
  return { event: RunEvent.encode(small as RunEvent).finish(), payloads };
}

/**
 * Decodes an event and puts its payloads back.
 *
 * @param payloads content by place
 */
export function joinEvent(event: Uint8Array, payloads: ReadonlyMap<string, Uint8Array>): RunEvent {
  const decoded = RunEvent.decode(event);
  for (const [place, data] of payloads) put(decoded, place.split('.'), data);
  return decoded;
}

function withoutLarge(value: unknown, place: string, payloads: Payload[]): unknown {
  if (typeof value === 'string') {
    // A character has at most three bytes a code unit.
    if (value.length * 3 <= largePayloadBytes) return value;
    const data = Buffer.from(value);
    return data.length <= largePayloadBytes ? value : (payloads.push(payloadOf(place, data)), '');
  }
  if (value instanceof Uint8Array) {
    return value.length <= largePayloadBytes ? value : (payloads.push(payloadOf(place, value)), Buffer.of());
  }
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  const at = (name: string | number): string => (place === '' ? String(name) : `${place}.${name}`);
  if (Array.isArray(value)) return value.map((item, index) => withoutLarge(item, at(index), payloads));
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [name, withoutLarge(field, at(name), payloads)]),
  );
}

function payloadOf(place: string, data: Uint8Array): Payload {
  return { place, hash: createHash('sha256').update(data).digest('hex'), data };
}

function put(root: object, place: readonly string[], data: Uint8Array): void {
  const name = place.at(-1);
  let parent: unknown = root;
  for (const step of place.slice(0, -1)) parent = isFields(parent) ? parent[step] : undefined;
  // An event of a later version may have its payloads where this one knows no field.
  if (!isFields(parent) || name === undefined) return;
  const text = typeof parent[name] === 'string';
  Reflect.set(parent, name, text ? Buffer.from(data).toString() : Buffer.from(data));
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}
