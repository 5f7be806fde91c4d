/**
 * The contents of XML-like fields in a model's answer. It takes what models make
 * of XML: tags in any case, with attributes, never closed, escaped or not, with
 * code full of "<" inside, CDATA sections, text around it.
 *
 * @returns the last occurrence of each field that is there, trimmed
 */
export function extractFields(answer: string, names: readonly string[]): ReadonlyMap<string, string> {
  const lower = answer.toLowerCase();
  const openings = names.map((name) => ({ name, open: lastOpening(lower, name.toLowerCase()) }));
  const fields = new Map<string, string>();
  for (const { name, open } of openings) {
    if (open === undefined) continue;
    const close = lower.indexOf(`</${name.toLowerCase()}`, open.end);
    const next = Math.min(
      ...openings.map((other) =>
        other.open !== undefined && other.open.start > open.start ? other.open.start : answer.length,
      ),
    );
    const end = close >= 0 ? close : next;
    fields.set(name, unwrapCdata(answer.slice(open.end, end).trim()));
  }
  return fields;
}

interface Opening {
  readonly start: number;
  readonly end: number;
}

/** The last `<name …>` of a text. */
function lastOpening(lower: string, name: string): Opening | undefined {
  for (
    let start = lower.lastIndexOf(`<${name}`);
    start >= 0;
    start = lower.lastIndexOf(`<${name}`, start - 1)
  ) {
    const after = lower.charAt(start + name.length + 1);
    const end = lower.indexOf('>', start);
    if (end >= 0 && (after === '>' || after === ' ' || after === '/')) return { start, end: end + 1 };
    if (start === 0) return undefined;
  }
  return undefined;
}

function unwrapCdata(text: string): string {
  const open = '<![CDATA[';
  if (!text.startsWith(open)) return text;
  const close = text.lastIndexOf(']]>');
  return text.slice(open.length, close < 0 ? undefined : close).trim();
}
