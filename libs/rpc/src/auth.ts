import { createHash, timingSafeEqual } from 'node:crypto';
import type { PeerCertificate } from 'node:tls';
import type { Metadata } from '@grpc/grpc-js';
import { FlowError } from './flow-error.js';

/** Who makes a call. */
export interface Identity {
  /** Name for logs: the certificate's subject, the token's name, or `anonymous`. */
  readonly name: string;
  /** Tenant the caller belongs to. */
  readonly tenant: string;
  /** Whether the caller is a service of ours, which may speak for any tenant. */
  readonly trusted: boolean;
}

/** A bearer token and what it gives. */
export interface TokenGrant {
  readonly token: string;
  readonly tenant: string;
  /** Name for logs. Default: the tenant. */
  readonly name?: string;
  /** Whether its bearer may speak for any tenant. Default false. */
  readonly trusted?: boolean;
}

/** A client certificate and what it gives. */
export interface SubjectGrant {
  /** The certificate's URI or DNS name, or its common name. */
  readonly subject: string;
  readonly tenant: string;
  /** Whether its holder may speak for any tenant. Default false. */
  readonly trusted?: boolean;
}

/** How a server knows its callers. Without tokens and subjects everyone is trusted: only for sockets that nobody else can reach. */
export interface AuthOptions {
  readonly tokens?: readonly TokenGrant[];
  readonly subjects?: readonly SubjectGrant[];
}

/** Tenant of callers that nothing is known about. */
export const defaultTenant = 'default';

/** Header by which a trusted service names the tenant it works for. */
export const tenantHeader = 'x-flow-tenant';

/** Finds out who makes a call, from its headers and its client certificate. */
export type Authenticator = (metadata: Metadata, certificate?: PeerCertificate) => Identity;

const tenantPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;

/** Whether text can name a tenant: 1 to 63 letters, digits, dots, dashes or underscores. */
export function isTenant(text: string): boolean {
  return tenantPattern.test(text);
}

/**
 * Makes the check that runs before every handler.
 *
 * @returns a function that throws FlowError UNAUTHENTICATED or PERMISSION_DENIED
 */
export function createAuthenticator(options: AuthOptions | undefined): Authenticator {
  const tokens = (options?.tokens ?? []).map((grant) => ({ grant, digest: digestOf(grant.token) }));
  const subjects = new Map((options?.subjects ?? []).map((grant) => [grant.subject, grant]));
  const open = tokens.length === 0 && subjects.size === 0;
  return (metadata, certificate) => {
    const identity = open
      ? { name: 'anonymous', tenant: defaultTenant, trusted: true }
      : (byCertificate(subjects, certificate) ?? byToken(tokens, metadata));
    return forTenant(identity, metadata);
  };
}

function byCertificate(
  subjects: ReadonlyMap<string, SubjectGrant>,
  certificate: PeerCertificate | undefined,
): Identity | undefined {
  for (const name of certificate === undefined ? [] : namesOf(certificate)) {
    const grant = subjects.get(name);
    if (grant !== undefined) return { name, tenant: grant.tenant, trusted: grant.trusted ?? false };
  }
  return undefined;
}

/** Names in a certificate, alternative names before the common name. */
export function namesOf(certificate: PeerCertificate): string[] {
  const alternatives = (certificate.subjectaltname ?? '')
    .split(', ')
    .map((entry) => /^(?:URI|DNS):(.+)$/.exec(entry)?.[1])
    .filter((name) => name !== undefined);
  const common = certificate.subject?.CN;
  return [...alternatives, ...(typeof common === 'string' ? [common] : [])];
}

interface KnownToken {
  readonly grant: TokenGrant;
  readonly digest: Buffer;
}

function byToken(tokens: readonly KnownToken[], metadata: Metadata): Identity {
  const header = metadata.get('authorization')[0];
  const token = typeof header === 'string' ? /^bearer +(\S+)$/i.exec(header)?.[1] : undefined;
  if (token === undefined) {
    throw new FlowError('UNAUTHENTICATED', 'CREDENTIALS_MISSING', 'the call carries no known credentials', {
      hint: 'Send the header "authorization: Bearer TOKEN" or use a client certificate that the server knows.',
    });
  }
  const digest = digestOf(token);
  // Every token is compared, so that the time taken tells nothing about them.
  let found: TokenGrant | undefined;
  for (const known of tokens) if (timingSafeEqual(known.digest, digest)) found = known.grant;
  if (found === undefined) {
    throw new FlowError('UNAUTHENTICATED', 'TOKEN_UNKNOWN', 'the bearer token is not known to this server');
  }
  return { name: found.name ?? found.tenant, tenant: found.tenant, trusted: found.trusted ?? false };
}

function forTenant(identity: Identity, metadata: Metadata): Identity {
  const wanted = metadata.get(tenantHeader)[0];
  if (wanted === undefined || wanted === identity.tenant) return identity;
  if (typeof wanted !== 'string' || !isTenant(wanted)) {
    throw new FlowError(
      'INVALID_ARGUMENT',
      'TENANT_INVALID',
      `the header ${tenantHeader} names no valid tenant`,
    );
  }
  if (!identity.trusted) {
    throw new FlowError(
      'PERMISSION_DENIED',
      'TENANT_FORBIDDEN',
      `${identity.name} may not act for tenant ${wanted}`,
    );
  }
  return { ...identity, tenant: wanted };
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/** Longest token file, in lines. */
const maxTokenLines = 10_000;

/**
 * Reads a token file: one `TOKEN TENANT [service]` a line, where `service`
 * marks a token of one of our own services; `#` begins a comment.
 *
 * @throws FlowError INVALID_ARGUMENT that names the line, never the token
 */
export function parseTokenFile(text: string): TokenGrant[] {
  const lines = text.split('\n');
  if (lines.length > maxTokenLines) throw badTokenLine(maxTokenLines + 1, `more than ${maxTokenLines} lines`);
  return lines.flatMap((line, index) => {
    const words = line
      .replace(/(^|\s)#.*/, '')
      .trim()
      .split(/\s+/);
    const [token = '', tenant = '', mark, ...rest] = words;
    if (token === '') return [];
    if (token.length < 16) throw badTokenLine(index + 1, 'the token is shorter than 16 characters');
    if (!isTenant(tenant)) throw badTokenLine(index + 1, 'there is no valid tenant after the token');
    if ((mark !== undefined && mark !== 'service') || rest.length > 0) {
      throw badTokenLine(index + 1, 'only the word "service" may follow the tenant');
    }
    return [{ token, tenant, trusted: mark === 'service' }];
  });
}

function badTokenLine(line: number, problem: string): FlowError {
  return new FlowError('INVALID_ARGUMENT', 'TOKEN_FILE_INVALID', `token file, line ${line}: ${problem}`);
}
