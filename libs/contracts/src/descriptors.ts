import { descriptorSetBase64 } from './gen/descriptor-set.js';

/** Encoded google.protobuf.FileDescriptorSet of every contract, with imports. */
export function descriptorSet(): Uint8Array {
  return Buffer.from(descriptorSetBase64, 'base64');
}
