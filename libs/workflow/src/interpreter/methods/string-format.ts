import { getAttribute } from '../attributes.js';
import { raise, raiseWith } from '../errors.js';
import type { CallArguments } from '../functions.js';
import { format } from '../format-spec.js';
import type { Meter } from '../meter.js';
import { getItem } from '../subscript.js';
import { repr, text as toText } from '../text.js';
import type { Value } from '../values.js';

/**
 * Python's `str.format`. Field names reach items and the few attributes that
 * values have, nothing else.
 *
 * @throws Raised KeyError, IndexError, ValueError or AttributeError as Python does
 */
export function formatMethod(meter: Meter, template: string, args: CallArguments): string {
  const formatter = new Formatter(meter, args);
  const result = formatter.expand(template, 0);
  meter.string(result.length);
  return result;
}

class Formatter {
  private automatic = 0;

  constructor(
    private readonly meter: Meter,
    private readonly args: CallArguments,
  ) {}

  expand(template: string, level: number): string {
    if (level > 2) throw raise('ValueError', 'Max string recursion exceeded');
    const pieces: string[] = [];
    let length = 0;
    let at = 0;
    while (at < template.length) {
      const brace = template.slice(at).search(/[{}]/);
      const end = brace < 0 ? template.length : at + brace;
      pieces.push(template.slice(at, end));
      if (end === template.length) break;
      const char = template.charAt(end);
      if (template.charAt(end + 1) === char) {
        pieces.push(char);
        at = end + 2;
        continue;
      }
      if (char === '}') throw raise('ValueError', "Single '}' encountered in format string");
      const close = closingBrace(template, end);
      const field = this.field(template.slice(end + 1, close), level);
      length += field.length;
      if (length > this.meter.limits.stringLength) this.meter.string(length);
      pieces.push(field);
      at = close + 1;
    }
    return pieces.join('');
  }

  private field(source: string, level: number): string {
    const { name, conversion, spec } = splitField(source);
    let value = this.lookUp(name);
    if (conversion === 'r' || conversion === 'a') value = repr(value);
    else if (conversion === 's') value = toText(value);
    else if (conversion !== '') throw raise('ValueError', `Unknown conversion specifier '${conversion}'`);
    return format(this.meter, value, this.expand(spec, level + 1));
  }

  private lookUp(path: string): Value {
    const [first = ''] = /^[^.[]*/.exec(path) ?? [];
    let value = this.argument(first);
    let rest = path.slice(first.length);
    while (rest !== '') {
      const step = /^(?:\.([^.[]+)|\[([^\]]+)\])/.exec(rest);
      if (step === null)
        throw raise('ValueError', "Only '.' or '[' may follow ']' in format field specifier");
      const [whole, attribute, index] = step;
      if (attribute !== undefined) value = getAttribute(value, attribute);
      else
        value = getItem(
          this.meter,
          value,
          /^\d+$/.test(index ?? '') ? BigInt(index as string) : (index ?? ''),
        );
      rest = rest.slice(whole.length);
    }
    return value;
  }

  private argument(name: string): Value {
    const position = name === '' ? this.automatic++ : /^\d+$/.test(name) ? Number(name) : undefined;
    if (position === undefined) {
      const value = this.args.named.get(name);
      if (value === undefined) throw raiseWith('KeyError', name);
      return value;
    }
    const value = this.args.positional[position];
    if (value === undefined) {
      throw raise('IndexError', `Replacement index ${position} out of range for positional args tuple`);
    }
    return value;
  }
}

/** Splits `name!conversion:specification`. */
function splitField(source: string): { name: string; conversion: string; spec: string } {
  const colon = source.replace(/\[[^\]]*\]/g, (part) => ' '.repeat(part.length)).indexOf(':');
  const head = colon < 0 ? source : source.slice(0, colon);
  const mark = head.lastIndexOf('!');
  return {
    name: mark < 0 ? head : head.slice(0, mark),
    conversion: mark < 0 ? '' : head.slice(mark + 1),
    spec: colon < 0 ? '' : source.slice(colon + 1),
  };
}

function closingBrace(template: string, open: number): number {
  let depth = 0;
  for (let i = open; i < template.length; i += 1) {
    if (template.charAt(i) === '{') depth += 1;
    else if (template.charAt(i) === '}' && --depth === 0) return i;
  }
  throw raise(
    'ValueError',
    open === template.length - 1
      ? "Single '{' encountered in format string"
      : "expected '}' before end of string",
  );
}
