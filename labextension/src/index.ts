/** The plugins of the extension; each has a file of its own. */

import { plugin } from './plugin';
import { turnsPlugin } from './turns/plugin';

export default [plugin, turnsPlugin];
