import { create, toBinary } from '@bufbuild/protobuf';
import {
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as Type,
  FileDescriptorProtoSchema,
} from '@bufbuild/protobuf/wkt';

const scope = '.grpc.health.v1';
const optional = Label.OPTIONAL;

/**
 * The contract of grpc.health.v1.Health as an encoded FileDescriptorProto,
 * after https://github.com/grpc/grpc/blob/master/src/proto/grpc/health/v1/health.proto.
 * The one that grpc-health-check carries names its types in a way that tools
 * refuse to resolve.
 */
export function healthFile(): Uint8Array {
  const check = { inputType: `${scope}.HealthCheckRequest`, outputType: `${scope}.HealthCheckResponse` };
  const list = { inputType: `${scope}.HealthListRequest`, outputType: `${scope}.HealthListResponse` };
  return toBinary(
    FileDescriptorProtoSchema,
    create(FileDescriptorProtoSchema, {
      name: 'grpc/health/v1/health.proto',
      package: 'grpc.health.v1',
      syntax: 'proto3',
      messageType: [
        {
          name: 'HealthCheckRequest',
          field: [{ name: 'service', number: 1, label: optional, type: Type.STRING, jsonName: 'service' }],
        },
        {
          name: 'HealthCheckResponse',
          field: [
            {
              name: 'status',
              number: 1,
              label: optional,
              type: Type.ENUM,
              typeName: `${scope}.HealthCheckResponse.ServingStatus`,
              jsonName: 'status',
            },
          ],
          enumType: [
            {
              name: 'ServingStatus',
              value: ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'].map((name, number) => ({
                name,
                number,
              })),
            },
          ],
        },
        { name: 'HealthListRequest' },
        {
          name: 'HealthListResponse',
          field: [
            {
              name: 'statuses',
              number: 1,
              label: Label.REPEATED,
              type: Type.MESSAGE,
              typeName: `${scope}.HealthListResponse.StatusesEntry`,
              jsonName: 'statuses',
            },
          ],
          nestedType: [
            {
              name: 'StatusesEntry',
              options: { mapEntry: true },
              field: [
                { name: 'key', number: 1, label: optional, type: Type.STRING, jsonName: 'key' },
                {
                  name: 'value',
                  number: 2,
                  label: optional,
                  type: Type.MESSAGE,
                  typeName: `${scope}.HealthCheckResponse`,
                  jsonName: 'value',
                },
              ],
            },
          ],
        },
      ],
      service: [
        {
          name: 'Health',
          method: [
            { name: 'Check', ...check },
            { name: 'Watch', ...check, serverStreaming: true },
            { name: 'List', ...list },
          ],
        },
      ],
    }),
  );
}
