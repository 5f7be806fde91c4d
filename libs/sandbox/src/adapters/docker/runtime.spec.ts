import { describe, expect, it } from 'vitest';
import { chooseRuntime } from './runtime.js';

describe('chooseRuntime', () => {
  it("takes gVisor where the daemon has it, otherwise the daemon's default", () => {
    expect(chooseRuntime({ Runtimes: { runc: {}, runsc: {} }, DefaultRuntime: 'runc' })).toBe('runsc');
    expect(chooseRuntime({ Runtimes: { runc: {}, crun: {} }, DefaultRuntime: 'crun' })).toBe('crun');
    expect(chooseRuntime({})).toBe('runc');
  });

  it('takes the one that is wanted, and no other in its place', () => {
    const daemon = { Runtimes: { runc: {}, runsc: {} }, DefaultRuntime: 'runc' };
    expect(chooseRuntime(daemon, 'runc')).toBe('runc');
    expect(() => chooseRuntime(daemon, 'kata')).toThrow('the daemon has no runtime kata, only runc, runsc');
  });
});
