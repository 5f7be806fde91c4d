/**
 * Names of span attributes, metric attributes and log fields. Every name that
 * a dashboard or an alert may rely on stands here and nowhere else. Names from
 * the OpenTelemetry semantic conventions keep their spelling; ours begin with
 * `flow.`.
 */
export const Attribute = {
  /** Remote procedure call system; always `grpc`. */
  rpcSystem: 'rpc.system',
  /** Full name of the called service, such as `flowreasoner.sandbox.v1.SandboxService`. */
  rpcService: 'rpc.service',
  /** Name of the called method, such as `Execute`. */
  rpcMethod: 'rpc.method',
  /** Numeric gRPC status of the finished call. */
  rpcStatusCode: 'rpc.grpc.status_code',
  /** Address the client was created for. */
  serverAddress: 'server.address',
  /** Reason of the error, in UPPER_SNAKE_CASE. */
  errorType: 'error.type',
  /** Id under which an unexpected error stands in the log. */
  errorId: 'flow.error_id',
  /** Tenant on whose behalf the work is done. */
  tenant: 'flow.tenant',
  /** Resource name of the run, such as `runs/01J…`. */
  run: 'flow.run',
  /** Number of the round within its run, from 1. */
  round: 'flow.round',
  /** Policy that proposes workflows. */
  policy: 'flow.policy',
  /** Name of the workflow operator. */
  operator: 'flow.operator',
  /** Call site and loop indices of an operator call. */
  operatorPlace: 'flow.operator_place',
  /** Id of one program execution in the sandbox. */
  execution: 'flow.execution',
  /** Status of a program execution. */
  executionStatus: 'flow.execution_status',
  /** Name of the sandbox backend. */
  backend: 'flow.backend',
  /** Handle of the task. */
  task: 'flow.task',
  /** Name of the model endpoint. */
  endpoint: 'flow.endpoint',
  /** Model that was asked for. */
  model: 'gen_ai.request.model',
  /** Prompt tokens, as the endpoint reports them. */
  inputTokens: 'gen_ai.usage.input_tokens',
  /** Completion tokens, as the endpoint reports them. */
  outputTokens: 'gen_ai.usage.output_tokens',
} as const;

/** Names of metrics. */
export const Metric = {
  /** Histogram, seconds: time from a call's arrival to its status, on the server. */
  rpcServerDuration: 'rpc.server.call.duration',
  /** Histogram, seconds: time from a call's start to its status, on the client. */
  rpcClientDuration: 'rpc.client.call.duration',
} as const;

/** Field names of log lines. */
export const LogField = {
  traceId: 'trace_id',
  spanId: 'span_id',
  service: 'service',
  version: 'version',
  method: 'method',
  tenant: 'tenant',
  code: 'code',
  reason: 'reason',
  errorId: 'error_id',
  durationMs: 'duration_ms',
} as const;
