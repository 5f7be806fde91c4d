/** One name in every spelling that a service needs. */
export interface ServiceNames {
  /** `model-cache`: folders, packages, tags. */
  readonly kebab: string;
  /** `modelcache`: protobuf package and contracts entry. */
  readonly compact: string;
  /** `model_cache`: the proto file. */
  readonly snake: string;
  /** `MODEL_CACHE`: environment variables. */
  readonly constant: string;
  /** `ModelCache`: types and the gRPC service. */
  readonly pascal: string;
  /** `modelCache`: values. */
  readonly camel: string;
  /** `model cache`: prose. */
  readonly words: string;
}

/**
 * Spells a name in every way.
 *
 * @throws RangeError unless it is kebab-case with at most 40 characters
 */
export function serviceNames(name: string): ServiceNames {
  if (name.length > 40 || !/^[a-z][a-z0-9]*(-[a-z][a-z0-9]*)*$/.test(name)) {
    throw new RangeError(
      `"${name}" is no service name: use kebab-case with at most 40 characters, such as model-cache`,
    );
  }
  const parts = name.split('-');
  const pascal = parts.map((part) => part.charAt(0).toUpperCase() + part.slice(1)).join('');
  return {
    kebab: name,
    compact: parts.join(''),
    snake: parts.join('_'),
    constant: parts.join('_').toUpperCase(),
    pascal,
    camel: pascal.charAt(0).toLowerCase() + pascal.slice(1),
    words: parts.join(' '),
  };
}
