export { Status } from './gen/google/rpc/status.js';
export { BadRequest, ErrorInfo, Help, RetryInfo } from './gen/google/rpc/error_details.js';
export { Any } from './gen/google/protobuf/any.js';
