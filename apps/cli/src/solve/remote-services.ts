import { MetaAgentServiceClient } from '@flowreasoner/contracts/metaagent';
import { RewardServiceClient } from '@flowreasoner/contracts/reward';
import { createClient } from '@flowreasoner/rpc';
import type { Embedded } from '../embedded/attach.js';

/**
 * Clients of services that run elsewhere.
 *
 * @param server address of the meta-agent service; with `,REWARD` behind it the
 *   address of the reward service, which only tasks with hidden tests need
 */
export function remoteServices(server: string): Pick<Embedded, 'metaAgent' | 'reward' | 'detach'> {
  const [metaAgentAddress = '', rewardAddress = metaAgentAddress] = server.split(',');
  const token = process.env['FLOW_TOKEN'];
  const options = token === undefined ? {} : { token };
  const metaAgent = createClient(MetaAgentServiceClient, { address: metaAgentAddress, ...options });
  const reward = createClient(RewardServiceClient, { address: rewardAddress, ...options });
  return {
    metaAgent,
    reward,
    detach: () => {
      metaAgent.close();
      reward.close();
      return Promise.resolve();
    },
  };
}
