import { describe, expect, it } from 'vitest';
import { formatAddress, isLocal, maxSocketPath, parseAddress } from './address.js';

describe('addresses', () => {
  it('are sockets or hosts with ports', () => {
    expect(parseAddress('unix:/run/flow/s.sock')).toEqual({ path: '/run/flow/s.sock' });
    expect(parseAddress('unix:///run/flow/s.sock')).toEqual({ path: '/run/flow/s.sock' });
    expect(parseAddress('unix:relative.sock')).toEqual({ path: 'relative.sock' });
    expect(parseAddress('sandbox.flow.svc:50051')).toEqual({ host: 'sandbox.flow.svc', port: 50051 });
    expect(parseAddress('0.0.0.0:0')).toEqual({ host: '0.0.0.0', port: 0 });
    expect(parseAddress('[::1]:8080')).toEqual({ host: '::1', port: 8080 });
    for (const address of ['unix:/a', 'a:1', '[::1]:1'])
      expect(formatAddress(parseAddress(address))).toBe(address);
  });

  it('are refused with the reason where they are none', () => {
    for (const address of [
      '',
      'host',
      'host:',
      ':1',
      'host:x',
      'host:65536',
      '::1:80',
      'http://a:1',
      'a b:1',
      'unix:',
    ]) {
      expect(() => parseAddress(address), address).toThrow(JSON.stringify(address));
    }
    expect(() => parseAddress(`unix:/${'x'.repeat(maxSocketPath)}`)).toThrow(`${maxSocketPath} bytes`);
    expect(parseAddress(`unix:/${'x'.repeat(maxSocketPath - 1)}`)).toBeDefined();
  });

  it('are known to be of this machine only', () => {
    const local = ['unix:/a', 'localhost:1', '127.0.0.1:1', '127.8.9.1:1', '[::1]:1', 'dns:///localhost:1'];
    const remote = [
      '0.0.0.0:1',
      '10.0.0.1:1',
      'localhost.evil.example:1',
      'dns:///sandbox:1',
      '127.evil.example:1',
    ];
    expect(local.map(isLocal)).toEqual(local.map(() => true));
    expect(remote.map(isLocal)).toEqual(remote.map(() => false));
  });
});
