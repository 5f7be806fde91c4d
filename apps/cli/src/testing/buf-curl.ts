import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { BadRequest, ErrorInfo } from '@flowreasoner/contracts/google';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const overGrpc = ['--protocol', 'grpc', '--http2-prior-knowledge'];
const program = fileURLToPath(new URL('../../../../node_modules/.bin/buf', import.meta.url));

/** A message as JSON. */
export type JsonMessage = Readonly<Record<string, unknown>>;

/** The status that a call was refused with. */
export interface CurlError {
  /** Name of the code, such as `invalid_argument`. */
  readonly code: string;
  readonly message: string;
  /** Machine-readable reason of the ErrorInfo among the details; absent when there is none. */
  readonly reason?: string;
  /** Fields that the BadRequest among the details names. */
  readonly fields: readonly string[];
}

/** What a call came to. */
export interface CurlReply {
  readonly messages: readonly JsonMessage[];
  /** Absent when the status was OK. */
  readonly error?: CurlError;
}

/** A call in progress. */
export interface RunningCurl {
  /** Rejects when the call did not come to an end. */
  readonly reply: Promise<CurlReply>;
  /** Kills the client and resolves once it is gone. */
  kill(): Promise<void>;
  /** Resolves once what was received holds `text`. */
  until(text: string): Promise<void>;
}

/** Where a call's contract comes from. */
export type ContractSource = 'schema' | 'reflection';

/**
 * Starts `buf curl`: a gRPC client that shares no code with ours.
 *
 * @param address `HOST:PORT`
 * @param method full name, such as `package.Service/Method`
 * @param requests one message, or several of a stream
 */
export function startBufCurl(
  address: string,
  method: string,
  requests: readonly object[],
  contract: ContractSource = 'schema',
): RunningCurl {
  const { output, until, kill } = startBuf([
    'curl',
    ...(contract === 'schema' ? ['--schema', 'proto'] : ['--reflect']),
    ...overGrpc,
    ...['--data', requests.map((request) => JSON.stringify(request)).join('\n')],
    `http://${address}/${method}`,
  ]);
  const reply = output.then(({ stdout, stderr }) => ({
    messages: parseMessages(stdout),
    ...(stderr.trim() === '' ? {} : { error: parseError(stderr) }),
  }));
  // What a killed call printed is no reply, and nobody waits for it.
  reply.catch(() => {});
  return {
    until,
    kill,
    reply,
  };
}

/** Calls with `buf curl` and waits for the end. */
export async function bufCurl(...call: Parameters<typeof startBufCurl>): Promise<CurlReply> {
  return await startBufCurl(...call).reply;
}

/**
 * Full names of the methods that the contracts declare, or that a server
 * declares by reflection.
 */
export async function listMethods(address?: string): Promise<string[]> {
  const { output } = startBuf([
    ...['curl', '--list-methods'],
    ...(address === undefined ? ['--schema', 'proto'] : [...overGrpc, '--reflect', `http://${address}`]),
  ]);
  const { stdout, stderr } = await output;
  const methods = stdout.split('\n').filter((line) => line.startsWith('flowreasoner.'));
  if (methods.length === 0) throw new Error(`buf curl lists no methods: ${stdout}${stderr}`);
  return methods.sort();
}

/** A status as `buf curl` prints it. */
interface PrintedError {
  readonly code: string;
  readonly message: string;
  /** Their values are encoded messages in base64. */
  readonly details?: readonly { readonly type: string; readonly value: string }[];
}

interface Output {
  readonly stdout: string;
  readonly stderr: string;
}

interface RunningBuf extends Pick<RunningCurl, 'until' | 'kill'> {
  readonly output: Promise<Output>;
}

function startBuf(args: readonly string[]): RunningBuf {
  // The command is a script that starts the real program: a group of their own lets both be killed.
  const child = spawn(program, args, { cwd: root, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  let note = (): void => {};
  child.stdout.setEncoding('utf8').on('data', (text: string) => ((stdout += text), note()));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const output = new Promise<Output>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', () => resolve({ stdout, stderr }));
  });
  const until = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      note = () => stdout.includes(text) && resolve();
      note();
      void output.then(() => reject(new Error(`the call ended without ${text}: ${stdout}${stderr}`)), reject);
    });
  const kill = async (): Promise<void> => {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    await output;
  };
  return { output, until, kill };
}

/** Messages are printed one after another, each over several lines. */
function parseMessages(text: string): JsonMessage[] {
  return JSON.parse(`[${text.trim().replace(/^}\n(?={)/gm, '},\n')}]`) as JsonMessage[];
}

function parseError(text: string): CurlError {
  let error: PrintedError;
  try {
    error = JSON.parse(text) as PrintedError;
  } catch {
    throw new Error(`buf curl failed: ${text}`);
  }
  const { code, message, details = [] } = error;
  const detail = (type: string): Buffer | undefined => {
    const found = details.find((each) => each.type === type);
    return found && Buffer.from(found.value, 'base64');
  };
  const info = detail('google.rpc.ErrorInfo');
  const badRequest = detail('google.rpc.BadRequest');
  return {
    code,
    message,
    fields: badRequest ? BadRequest.decode(badRequest).fieldViolations.map(({ field }) => field) : [],
    ...(info === undefined ? {} : { reason: ErrorInfo.decode(info).reason }),
  };
}
