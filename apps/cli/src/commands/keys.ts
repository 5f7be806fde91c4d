import { randomUUID } from 'node:crypto';
import { KeyServiceClient, type Key } from '@flowreasoner/contracts/metaagent';
import { createClient, unary } from '@flowreasoner/rpc';
import { attach } from '../embedded/attach.js';
import { embeddedPaths, storeFolder } from '../embedded/paths.js';
import { readHolder } from '../embedded/store-holder.js';
import { ExitCode } from '../exit-codes.js';
import { colorsFor } from '../output/colors.js';
import { showStarting } from '../output/show-starting.js';
import { printable } from '../output/printable.js';
import { writeLine } from '../solve/session.js';
import { listenForInterrupts } from '../signals.js';

const PAGE = 200;

/** Options of every `flow keys` command. */
export interface KeyOptions {
  /** Address of a meta-agent service to use instead of the embedded one. */
  readonly server?: string;
  /** Tenant whose keys they are; only a service of ours may name another one than its own. */
  readonly tenant?: string;
  readonly json?: boolean;
}

/** `flow keys create`: makes a key and shows it, once. */
export async function createKey(
  options: KeyOptions & { readonly name?: string; readonly expires?: number },
): Promise<ExitCode> {
  return await withKeys(options, async (keys) => {
    const { key, secret } = await unary(
      keys,
      'createKey',
      {
        requestId: randomUUID(),
        displayName: options.name ?? '',
        expireTime: options.expires === undefined ? undefined : new Date(Date.now() + options.expires),
      },
      callOf(options),
    );
    if (options.json === true) {
      writeLine({ ...(key === undefined ? {} : keyJson(key)), api_key: secret });
      return;
    }
    process.stdout.write(`${secret}\n`);
    process.stderr.write(`flow: this is ${key?.name ?? 'the key'}; it is not shown again\n`);
  });
}

/** `flow keys list`. */
export async function listKeys(options: KeyOptions): Promise<ExitCode> {
  return await withKeys(options, async (keys) => {
    const found: Key[] = [];
    let pageToken = '';
    do {
      const page = await unary(keys, 'listKeys', { pageSize: PAGE, pageToken }, callOf(options));
      found.push(...page.keys);
      pageToken = page.nextPageToken;
    } while (pageToken !== '');
    if (options.json === true) for (const key of found) writeLine(keyJson(key));
    else if (found.length === 0) process.stderr.write('there are no keys yet; flow keys create makes one\n');
    else for (const line of table(found)) process.stdout.write(`${line}\n`);
  });
}

/** `flow keys revoke KEY`: makes a key invalid for good. */
export async function revokeKey(name: string, options: KeyOptions): Promise<ExitCode> {
  return await withKeys(options, async (keys) => {
    const id = name.replace(/^keys\//, '');
    const { key } = await unary(keys, 'revokeKey', { name: `keys/${id}` }, callOf(options));
    if (options.json === true) writeLine(key === undefined ? {} : keyJson(key));
    else process.stdout.write(`keys/${id}: revoked\n`);
  });
}

async function withKeys(
  options: KeyOptions,
  act: (keys: KeyServiceClient) => Promise<void>,
): Promise<ExitCode> {
  const interrupts = listenForInterrupts();
  try {
    const { keys, release } = await connect(options, interrupts.signal);
    try {
      await act(keys);
      return ExitCode.solved;
    } finally {
      await release();
    }
  } catch (error) {
    const code = interrupts.exitCode();
    if (code !== undefined) return code;
    throw error;
  } finally {
    interrupts.dispose();
  }
}

interface Connected {
  readonly keys: KeyServiceClient;
  release(): Promise<void>;
}

/** A `flow serve` that has the store is asked itself: its keys are what one wants to see and make. */
async function connect(options: KeyOptions, signal: AbortSignal): Promise<Connected> {
  const paths = embeddedPaths(process.env);
  const holder = readHolder(storeFolder(paths.dataFolder));
  const server = options.server ?? (holder?.kind === 'serve' ? holder.server : undefined);
  if (server === undefined) {
    const embedded = await showStarting('starting the services', (onWaiting) =>
      attach({ paths, endpoints: [], onWaiting, signal }),
    );
    return { keys: embedded.keys, release: () => embedded.detach() };
  }
  const token = process.env['FLOW_TOKEN'];
  const [address = ''] = server.split(',');
  const keys = createClient(KeyServiceClient, { address, ...(token === undefined ? {} : { token }) });
  return { keys, release: () => Promise.resolve(keys.close()) };
}

function callOf({ tenant }: KeyOptions): { tenant?: string } {
  return tenant === undefined ? {} : { tenant };
}

function keyJson(key: Key): object {
  return {
    key: key.name,
    name: key.displayName,
    tenant: key.tenant,
    state: stateOf(key),
    create_time: key.createTime?.toISOString() ?? null,
    expire_time: key.expireTime?.toISOString() ?? null,
    revoke_time: key.revokeTime?.toISOString() ?? null,
  };
}

function stateOf({ revokeTime, expireTime }: Key): string {
  if (revokeTime !== undefined) return 'revoked';
  return expireTime !== undefined && expireTime.getTime() <= Date.now() ? 'expired' : 'valid';
}

function table(keys: readonly Key[]): string[] {
  const date = (time: Date | undefined): string => time?.toISOString().replace('T', ' ').slice(0, 19) ?? '-';
  const rows = [
    ['KEY', 'STATE', 'CREATED (UTC)', 'EXPIRES (UTC)', 'TENANT', 'NAME'],
    ...keys.map((key) => [
      key.name.replace(/^keys\//, ''),
      stateOf(key),
      date(key.createTime),
      date(key.expireTime),
      key.tenant,
      printable(key.displayName),
    ]),
  ];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows.map((row, index) => {
    const line = row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
    return index === 0 ? colorsFor(process.stdout).dim(line) : line;
  });
}
