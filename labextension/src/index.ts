/** The plugins of the extension; each has a file of its own. */

import { plugin } from './plugin';

export default [plugin];
