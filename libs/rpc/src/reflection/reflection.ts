import { status } from '@grpc/grpc-js';
import type { MethodDefinition, Server } from '@grpc/grpc-js';
import { bidiHandler } from '../handlers.js';
import type { FileIndex } from './file-index.js';
import { decodeRequest, encodeResponse } from './messages.js';
import type {
  ReflectionAnswer,
  ReflectionQuestion,
  ReflectionRequest,
  ReflectionResponse,
} from './messages.js';

/** What reflection tells about. */
export interface ReflectionOptions {
  /** Full names of the services that the server offers. */
  readonly services: readonly string[];
  /** Gives the encoded FileDescriptorProto messages; called on the first question. */
  readonly files: () => Promise<readonly Uint8Array[]>;
}

/**
 * Adds server reflection, v1 and v1alpha, so that `buf curl`, grpcurl and
 * Postman can call a server without its contracts.
 * https://github.com/grpc/grpc/blob/master/doc/server-reflection.md
 */
export function addReflection(server: Server, options: ReflectionOptions): void {
  let index: Promise<FileIndex> | undefined;
  const load = async (): Promise<FileIndex> => {
    const [{ FileIndex }, files] = await Promise.all([import('./file-index.js'), options.files()]);
    return new FileIndex(files);
  };
  const handler = bidiHandler<ReflectionRequest, ReflectionResponse>(async function* (requests) {
    const sent = new Set<string>();
    for await (const request of requests) {
      yield {
        request,
        answer: answer(request.question, { index: await (index ??= load()), sent, ...options }),
      };
    }
  });
  for (const version of ['v1', 'v1alpha']) {
    server.addService({ serverReflectionInfo: methodOf(version) }, { serverReflectionInfo: handler });
  }
}

function methodOf(version: string): MethodDefinition<ReflectionRequest, ReflectionResponse> {
  return {
    path: `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`,
    requestStream: true,
    responseStream: true,
    requestSerialize: ({ encoded }) => Buffer.from(encoded),
    requestDeserialize: decodeRequest,
    responseSerialize: (response) => Buffer.from(encodeResponse(response)),
    // Only a client decodes responses, and this definition serves none.
    responseDeserialize: () => {
      throw new Error('reflection responses are not decoded here');
    },
  };
}

interface Knowledge {
  readonly index: FileIndex;
  readonly services: readonly string[];
  /** Files that this caller has been sent. */
  readonly sent: Set<string>;
}

function answer(question: ReflectionQuestion, { index, services, sent }: Knowledge): ReflectionAnswer {
  switch (question.kind) {
    case 'services':
      return { kind: 'services', names: services };
    case 'file':
      return files(index, question.name, sent) ?? notFound(`file ${question.name}`);
    case 'symbol':
      return files(index, index.fileOf(question.name), sent) ?? notFound(`symbol ${question.name}`);
    case 'extension': {
      const name = index.fileOfExtension(question.type, question.number);
      return files(index, name, sent) ?? notFound(`extension ${question.number} of ${question.type}`);
    }
    case 'extensionNumbers': {
      const numbers = index.extensionNumbers(question.type);
      if (numbers === undefined) return notFound(`message ${question.type}`);
      return { kind: 'extensionNumbers', type: question.type, numbers };
    }
    case 'unknown':
      return {
        kind: 'error',
        code: status.INVALID_ARGUMENT,
        message: 'the request asks nothing that is known',
      };
  }
}

function files(index: FileIndex, name: string | undefined, sent: Set<string>): ReflectionAnswer | undefined {
  const found = name === undefined ? undefined : index.withImports(name, sent);
  return found && { kind: 'files', files: found };
}

function notFound(what: string): ReflectionAnswer {
  return { kind: 'error', code: status.NOT_FOUND, message: `this server knows no ${what}` };
}
