import { realJail } from '../testing/jail-runs.js';
import { describeHostile } from './describe-hostile.js';

describeHostile('pre-forked interpreters', async () => {
  const jail = await realJail({ hot: true });
  if (!jail.isolation.includes('interpreter')) throw new Error(`not pre-forked: ${jail.isolation}`);
  return jail;
});

describeHostile('a jail for each program', () => realJail({ hot: false }));
