import { isTitle } from './string-case.js';

function every(pattern: RegExp): (text: string) => boolean {
  return (text) => text !== '' && pattern.test(text);
}

/** Tests of a string's characters, by method name. */
export const STRING_TESTS: ReadonlyMap<string, (text: string) => boolean> = new Map([
  ['isalpha', every(/^\p{L}+$/u)],
  ['isdigit', every(/^[\p{Nd}\u00b2\u00b3\u00b9\u2070-\u2079\u2080-\u2089]+$/u)],
  ['isdecimal', every(/^\p{Nd}+$/u)],
  ['isnumeric', every(/^\p{N}+$/u)],
  ['isalnum', every(/^[\p{L}\p{N}]+$/u)],
  ['isspace', every(/^[\s\u001c-\u001f\u0085]+$/u)],
  ['isidentifier', every(/^[\p{L}_\p{Nl}][\p{L}\p{Nl}\p{Nd}\p{Mn}\p{Mc}\p{Pc}]*$/u)],

  ['isascii', (text: string) => /^[\u0000-\u007f]*$/.test(text)],
  ['isprintable', (text: string) => !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cn}\p{Cs}]|(?! )\p{Zs}/u.test(text)],
  ['islower', (text: string) => /\p{Lowercase}/u.test(text) && !/[\p{Uppercase}\p{Lt}]/u.test(text)],
  ['isupper', (text: string) => /\p{Uppercase}/u.test(text) && !/[\p{Lowercase}\p{Lt}]/u.test(text)],
  ['istitle', isTitle],
]);
