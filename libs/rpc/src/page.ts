import { FlowError } from './flow-error.js';

/** One page of a list, as a request asks for it. */
export interface PageRequest {
  /** Greatest number of items wanted; 0 lets the server choose. */
  readonly pageSize: number;
  /** Token of the previous page's response, empty for the first page. */
  readonly pageToken: string;
}

/** A checked page. */
export interface Page {
  readonly size: number;
  /** What {@link encodePageToken} was given for the previous page; undefined for the first. */
  readonly after: string | undefined;
}

/** Bounds of a list's pages. */
export interface PageLimits {
  /** Size where a request leaves it open. Default 50. */
  readonly defaultSize?: number;
  /** Larger sizes are cut to this. Default 1000. */
  readonly maxSize?: number;
}

/** Longest page token that is read, in characters. */
const maxTokenLength = 1024;

/**
 * Checks `page_size` and `page_token`. `scope` names the list and its filter:
 * a token of another list or filter is refused.
 *
 * @throws FlowError INVALID_ARGUMENT with field violations
 */
export function readPage(request: PageRequest, scope: string, limits: PageLimits = {}): Page {
  const { defaultSize = 50, maxSize = 1000 } = limits;
  if (request.pageSize < 0) throw invalid('page_size', 'must not be negative');
  const size = request.pageSize === 0 ? defaultSize : Math.min(request.pageSize, maxSize);
  return { size, after: request.pageToken === '' ? undefined : decodeToken(request.pageToken, scope) };
}

/** Makes the token of the page after the item with key `after`. */
export function encodePageToken(after: string, scope: string): string {
  return Buffer.from(JSON.stringify([scope, after])).toString('base64url');
}

function decodeToken(token: string, scope: string): string {
  if (token.length <= maxTokenLength) {
    const decoded = parse(Buffer.from(token, 'base64url').toString());
    if (Array.isArray(decoded) && decoded[0] === scope && typeof decoded[1] === 'string') return decoded[1];
  }
  throw invalid(
    'page_token',
    'must be the next_page_token of a response to the same list with the same filter',
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function invalid(field: string, description: string): FlowError {
  return new FlowError('INVALID_ARGUMENT', 'PAGE_INVALID', `${field} ${description}`, {
    fieldViolations: [{ field, description }],
  });
}
