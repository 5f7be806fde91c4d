import { realJail, runIn } from '../testing/jail-runs.js';
import { describeHostile } from './describe-hostile.js';

describeHostile('pre-forked interpreters', async () => {
  const jail = await realJail({ hot: true });
  const { isolation } = await runIn(jail, 'pass');
  if (!isolation.includes('interpreter')) throw new Error(`not pre-forked: ${isolation}`);
  return jail;
});

describeHostile('a jail for each program', () => realJail({ hot: false }));
