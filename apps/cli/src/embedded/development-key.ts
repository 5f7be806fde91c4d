import { randomUUID } from 'node:crypto';
import { KeyServiceClient } from '@flowreasoner/contracts/metaagent';
import { createClient, unary } from '@flowreasoner/rpc';

/** By this name the keys of earlier servers are known. */
const DISPLAY_NAME = 'flow serve (development)';
const PAGE_SIZE = 200;

/**
 * Makes an API key that is valid until it is revoked or the next one is made: those that servers
 * which were killed left behind are revoked first.
 *
 * @param address address of the meta-agent service
 */
export async function createDevelopmentKey(
  address: string,
): Promise<{ readonly secret: string; revoke(): Promise<void> }> {
  const keys = createClient(KeyServiceClient, { address });
  try {
    let pageToken = '';
    do {
      const page = await unary(keys, 'listKeys', { pageSize: PAGE_SIZE, pageToken });
      for (const { name, displayName, revokeTime } of page.keys) {
        if (displayName === DISPLAY_NAME && revokeTime === undefined)
          await unary(keys, 'revokeKey', { name });
      }
      pageToken = page.nextPageToken;
    } while (pageToken !== '');
    const { key, secret } = await unary(keys, 'createKey', {
      requestId: randomUUID(),
      displayName: DISPLAY_NAME,
      expireTime: undefined,
    });
    return {
      secret,
      revoke: async () => {
        await unary(keys, 'revokeKey', { name: key?.name ?? '' }).catch(() => undefined);
        keys.close();
      },
    };
  } catch (error) {
    keys.close();
    throw error;
  }
}
