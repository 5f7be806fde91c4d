import { fromBinary } from '@bufbuild/protobuf';
import { BinaryReader } from '@bufbuild/protobuf/wire';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import type {
  DescriptorProto,
  EnumDescriptorProto,
  FieldDescriptorProto,
  FileDescriptorProto,
} from '@bufbuild/protobuf/wkt';

interface File {
  readonly encoded: Uint8Array;
  readonly dependencies: readonly string[];
}

/** Finds files of a FileDescriptorSet by their name and by the symbols they declare. */
export class FileIndex {
  readonly #files = new Map<string, File>();
  readonly #symbols = new Map<string, string>();
  readonly #extensions = new Map<string, Map<number, string>>();

  /** @param encodedFiles encoded google.protobuf.FileDescriptorProto messages; of two with one name the first counts */
  constructor(encodedFiles: Iterable<Uint8Array>) {
    for (const encoded of encodedFiles) {
      const file = fromBinary(FileDescriptorProtoSchema, encoded);
      if (this.#files.has(file.name)) continue;
      this.#files.set(file.name, { encoded, dependencies: file.dependency });
      this.#addSymbols(file);
    }
  }

  /** Name of the file that declares a message, enum, service, method, field or extension. */
  fileOf(symbol: string): string | undefined {
    return this.#symbols.get(symbol.replace(/^\./, ''));
  }

  /** Name of the file that declares an extension. */
  fileOfExtension(type: string, number: number): string | undefined {
    return this.#extensions.get(type)?.get(number);
  }

  /** Numbers of a message's extensions, undefined for a message that is not known. */
  extensionNumbers(type: string): number[] | undefined {
    if (!this.#symbols.has(type)) return undefined;
    return [...(this.#extensions.get(type)?.keys() ?? [])].sort((a, b) => a - b);
  }

  /**
   * The encoded file and everything it imports, imports first, without those
   * named in `sent`, to which they are added.
   *
   * @returns undefined where there is no such file
   */
  withImports(name: string, sent: Set<string>): Uint8Array[] | undefined {
    const file = this.#files.get(name);
    if (file === undefined) return undefined;
    // A file that was asked for is always sent, even if it was before.
    sent.add(name);
    const imports = file.dependencies
      .filter((dependency) => !sent.has(dependency))
      .flatMap((dependency) => this.withImports(dependency, sent) ?? []);
    return [file.encoded, ...imports];
  }

  #addSymbols(file: FileDescriptorProto): void {
    const scope = file.package === '' ? '' : `${file.package}.`;
    const declare = (symbol: string): unknown => this.#symbols.set(symbol, file.name);
    for (const message of file.messageType) this.#addMessage(message, scope, file.name);
    for (const enumeration of file.enumType) addEnum(enumeration, scope, declare);
    for (const extension of file.extension) this.#addExtension(extension, scope, file.name);
    for (const service of file.service) {
      declare(scope + service.name);
      for (const method of service.method) declare(`${scope}${service.name}.${method.name}`);
    }
  }

  #addMessage(message: DescriptorProto, scope: string, file: string): void {
    const name = scope + message.name;
    const declare = (symbol: string): unknown => this.#symbols.set(symbol, file);
    declare(name);
    for (const field of message.field) declare(`${name}.${field.name}`);
    for (const nested of message.nestedType) this.#addMessage(nested, `${name}.`, file);
    for (const enumeration of message.enumType) addEnum(enumeration, `${name}.`, declare);
    for (const extension of message.extension) this.#addExtension(extension, `${name}.`, file);
  }

  #addExtension(extension: FieldDescriptorProto, scope: string, file: string): void {
    this.#symbols.set(scope + extension.name, file);
    const type = extension.extendee.replace(/^\./, '');
    const numbers = this.#extensions.get(type) ?? new Map<number, string>();
    numbers.set(extension.number, file);
    this.#extensions.set(type, numbers);
  }
}

function addEnum(
  enumeration: EnumDescriptorProto,
  scope: string,
  declare: (symbol: string) => unknown,
): void {
  declare(scope + enumeration.name);
  for (const value of enumeration.value) declare(scope + value.name);
}

/** Splits an encoded google.protobuf.FileDescriptorSet into its encoded files, byte for byte. */
export function splitDescriptorSet(encoded: Uint8Array): Uint8Array[] {
  const files: Uint8Array[] = [];
  const reader = new BinaryReader(encoded);
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field === 1) files.push(reader.bytes());
    else reader.skip(wireType);
  }
  return files;
}
