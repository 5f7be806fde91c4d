export { probeSandboxHost } from './adapters/jail/host-probe.js';
export type { HostCheck, HostInspection, HostProbeOptions } from './adapters/jail/host-probe.js';
export { createSandbox, probeSandbox } from './sandbox.js';
export type { Sandbox, SandboxOptions } from './sandbox.js';
export { sandboxConfigSchema } from './sandbox-config.js';
export type { SandboxConfig } from './sandbox-config.js';
export { DEFAULT_LIMITS } from './limits.js';
export type { ProgramLimits } from './ports.js';
