import { BinaryReader, BinaryWriter } from '@bufbuild/protobuf/wire';

/** What a tool asks (grpc.reflection.v1.ServerReflectionRequest). */
export type ReflectionQuestion =
  | { readonly kind: 'file'; readonly name: string }
  | { readonly kind: 'symbol'; readonly name: string }
  | { readonly kind: 'extension'; readonly type: string; readonly number: number }
  | { readonly kind: 'extensionNumbers'; readonly type: string }
  | { readonly kind: 'services' }
  | { readonly kind: 'unknown' };

/** A request with its encoded form, which the response repeats. */
export interface ReflectionRequest {
  readonly host: string;
  readonly question: ReflectionQuestion;
  readonly encoded: Uint8Array;
}

/** What it is told (grpc.reflection.v1.ServerReflectionResponse). */
export type ReflectionAnswer =
  | { readonly kind: 'files'; readonly files: readonly Uint8Array[] }
  | { readonly kind: 'extensionNumbers'; readonly type: string; readonly numbers: readonly number[] }
  | { readonly kind: 'services'; readonly names: readonly string[] }
  | { readonly kind: 'error'; readonly code: number; readonly message: string };

/** An answer and the request that it answers. */
export interface ReflectionResponse {
  readonly request: ReflectionRequest;
  readonly answer: ReflectionAnswer;
}

/** Tag of a length-delimited field. */
const tag = (field: number): number => (field << 3) | 2;

/** Decodes a request; the messages of v1 and v1alpha are the same on the wire. */
export function decodeRequest(encoded: Uint8Array): ReflectionRequest {
  const reader = new BinaryReader(encoded);
  let host = '';
  let question: ReflectionQuestion = { kind: 'unknown' };
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field === 1) host = reader.string();
    else if (field === 3) question = { kind: 'file', name: reader.string() };
    else if (field === 4) question = { kind: 'symbol', name: reader.string() };
    else if (field === 5) question = decodeExtension(reader.bytes());
    else if (field === 6) question = { kind: 'extensionNumbers', type: reader.string() };
    else if (field === 7) question = (reader.skip(wireType), { kind: 'services' });
    else reader.skip(wireType);
  }
  return { host, question, encoded };
}

function decodeExtension(encoded: Uint8Array): ReflectionQuestion {
  const reader = new BinaryReader(encoded);
  let type = '';
  let number = 0;
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field === 1) type = reader.string();
    else if (field === 2) number = reader.int32();
    else reader.skip(wireType);
  }
  return { kind: 'extension', type, number };
}

/** Encodes a response. */
export function encodeResponse({ request, answer }: ReflectionResponse): Uint8Array {
  const writer = new BinaryWriter();
  writer.uint32(tag(1)).string(request.host);
  writer.uint32(tag(2)).bytes(request.encoded);
  switch (answer.kind) {
    case 'files':
      writer.uint32(tag(4)).fork();
      for (const file of answer.files) writer.uint32(tag(1)).bytes(file);
      break;
    case 'extensionNumbers':
      writer.uint32(tag(5)).fork();
      writer.uint32(tag(1)).string(answer.type);
      writer.uint32(tag(2)).fork();
      for (const number of answer.numbers) writer.int32(number);
      writer.join();
      break;
    case 'services':
      writer.uint32(tag(6)).fork();
      for (const name of answer.names) writer.uint32(tag(1)).fork().uint32(tag(1)).string(name).join();
      break;
    case 'error':
      writer.uint32(tag(7)).fork();
      writer.uint32(8).int32(answer.code).uint32(tag(2)).string(answer.message);
      break;
  }
  return writer.join().finish();
}
