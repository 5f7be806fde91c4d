/** What stands where a secret was. */
const mask = '[redacted]';

/** Shapes that keys have whoever they belong to: servers echo and proxies add them. */
const keyShapes = [
  /\b(?:sk|pk|rk|hf|gsk|xai|nvapi)[-_][A-Za-z0-9_*-]{8,}/g,
  /\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=*-]{6,}/gi,
  /\b(api[-_]?key|access_token|token|authorization|password|secret)(["']?\s*[=:]\s*["']?)[^\s"'&,;}]{4,}/gi,
  /(\/\/)[^/\s@:]+:[^/\s@]+@/g,
];

/**
 * Makes a function that takes secrets out of text which others wrote: the ones
 * given, in plain and URL-encoded form, and whatever looks like a key.
 */
export function createRedactor(secrets: readonly string[]): (text: string) => string {
  const known = secrets
    .flatMap((secret) => [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64')])
    .filter((secret) => secret.length >= 4);
  return (text) => {
    const withoutKnown = known.reduce((rest, secret) => rest.replaceAll(secret, mask), text);
    return keyShapes.reduce((rest, shape) => rest.replace(shape, maskMatch), withoutKnown);
  };
}

/** Keeps the words around a secret (`Bearer`, `api_key=`), which say what it was. */
function maskMatch(_match: string, ...rest: unknown[]): string {
  const groups = rest.slice(
    0,
    rest.findIndex((part) => typeof part === 'number'),
  );
  const kept = groups.filter((group) => typeof group === 'string').join('');
  return kept === '' || kept === '//'
    ? `${kept}${mask}`
    : `${kept}${/[\s=:"']$/.test(kept) ? '' : ' '}${mask}`;
}
