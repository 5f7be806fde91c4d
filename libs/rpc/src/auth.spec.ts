import type { PeerCertificate } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { isTenant, namesOf, parseTokenFile } from './auth.js';

describe('parseTokenFile', () => {
  it('reads tokens, tenants, marks and comments', () => {
    const text = '# ours\nabcdefghijklmnop default service\n\n  qrstuvwxyz0123456#7 acme # alice\n';
    expect(parseTokenFile(text)).toEqual([
      { token: 'abcdefghijklmnop', tenant: 'default', trusted: true },
      { token: 'qrstuvwxyz0123456#7', tenant: 'acme', trusted: false },
    ]);
  });

  it('names the line that is wrong, never the token', () => {
    const wrong = [
      'short acme',
      'hunter2-hunter2-hunter2',
      'hunter2-hunter2-hunter2 acme admin',
      'hunter2-hunter2-hunter2 a/b',
    ];
    for (const line of wrong) {
      expect(() => parseTokenFile(`# first\n${line}`)).toThrow('line 2');
      expect(() => parseTokenFile(line)).not.toThrow('hunter2');
    }
    expect(() => parseTokenFile('\n'.repeat(10_000))).toThrow('more than 10000 lines');
  });
});

describe('tenants', () => {
  it('are 1 to 63 letters, digits, dots, dashes or underscores', () => {
    for (const good of ['a', 'Acme-1.x_y', 'a'.repeat(63)]) expect(isTenant(good)).toBe(true);
    for (const bad of ['', '.a', '-a', 'a/b', 'a b', 'ä', 'a'.repeat(64), 'a\n'])
      expect(isTenant(bad)).toBe(false);
  });
});

describe('names in a certificate', () => {
  it('are the alternative ones, then the common one', () => {
    const certificate = {
      subject: { CN: 'alice' },
      subjectaltname: 'DNS:alice.example, URI:spiffe://x/alice, IP Address:10.0.0.1',
    } as unknown as PeerCertificate;
    expect(namesOf(certificate)).toEqual(['alice.example', 'spiffe://x/alice', 'alice']);
    expect(namesOf({} as PeerCertificate)).toEqual([]);
  });
});
