import { realJail } from '../testing/jail-runs.js';
import { describeHostile } from './describe-hostile.js';

describeHostile('jail', realJail);
