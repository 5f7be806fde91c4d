import { FlowError } from '@flowreasoner/rpc';

/**
 * Reads the body of a request as JSON.
 *
 * @param maxBytes most bytes that are read
 * @throws FlowError INVALID_ARGUMENT UNSUPPORTED_MEDIA_TYPE, BODY_TOO_LARGE, INVALID_UTF8 or INVALID_JSON
 */
export async function readJson(request: Request, maxBytes: number): Promise<unknown> {
  // Browsers send other types to any host without asking it first.
  if (!/^application\/json\s*(;|$)/i.test(request.headers.get('content-type') ?? '')) {
    throw new FlowError(
      'INVALID_ARGUMENT',
      'UNSUPPORTED_MEDIA_TYPE',
      'The content type must be application/json.',
    );
  }
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) throw tooLarge(maxBytes);
  const bytes = await readBytes(request, maxBytes);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new FlowError('INVALID_ARGUMENT', 'INVALID_UTF8', 'The body is not UTF-8.');
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : '';
    throw new FlowError('INVALID_ARGUMENT', 'INVALID_JSON', `The body is not JSON: ${why}.`);
  }
}

async function readBytes({ body }: Request, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.byteLength;
    if (size > maxBytes) throw tooLarge(maxBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function tooLarge(maxBytes: number): FlowError {
  return new FlowError('INVALID_ARGUMENT', 'BODY_TOO_LARGE', `The body is larger than ${maxBytes} bytes.`);
}
