/** What stands where a secret was. */
const mask = '[redacted]';

/** Shapes that keys have whoever they belong to (servers echo and proxies add them), and what replaces them. */
const keyShapes: readonly (readonly [RegExp, string])[] = [
  [/\b(?:sk|pk|rk|hf|gsk|xai|nvapi)[-_][A-Za-z0-9_*-]{8,}/g, mask],
  [/\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=*-]{6,}/gi, `$1 ${mask}`],
  [
    /\b(api[-_]?key|access_token|token|authorization|password|secret)(["']?\s*[=:]\s*["']?)[^\s"'&,;}[]{4,}/gi,
    `$1$2${mask}`,
  ],
  [/(\/\/)[^/\s@:]+:[^/\s@]+@/g, `$1${mask}@`],
];

/**
 * Makes a function that takes secrets out of text which others wrote: the ones
 * given (plain, URL-encoded and in base64), and whatever looks like a key.
 */
export function createRedactor(secrets: readonly string[]): (text: string) => string {
  const known = secrets
    .flatMap((secret) => [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64')])
    .filter((secret) => secret.length >= 4);
  return (text) => {
    const withoutKnown = known.reduce((rest, secret) => rest.replaceAll(secret, mask), text);
    return keyShapes.reduce((rest, [shape, replacement]) => rest.replace(shape, replacement), withoutKnown);
  };
}
