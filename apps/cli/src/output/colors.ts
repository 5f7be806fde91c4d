import pc from 'picocolors';

/** What {@link colorsFor} looks at besides the stream. */
type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Colours for one stream: on a terminal, unless NO_COLOR is set or TERM is
 * `dumb`. Standard output and standard error are often not the same thing, so
 * each is asked for itself.
 */
export function colorsFor(
  stream: { readonly isTTY?: boolean },
  env: Environment = process.env,
): ReturnType<typeof pc.createColors> {
  // https://no-color.org: any value that is not empty.
  const wanted = (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb';
  return pc.createColors(wanted && stream.isTTY === true);
}
