/** The plugins of the extension; each has a file of its own. */

import { decorations } from './cells/plugin';
import { missing } from './commands/missing';
import { commands } from './commands/plugin';
import { settings } from './commands/settings';
import { executor, gate, surroundings } from './gate/plugin';
import { sidebar } from './sidebar/plugin';
import { turnCard } from './turncard/plugin';
import { turnsPlugin } from './turns/plugin';

export default [
  settings,
  turnsPlugin,
  gate,
  executor,
  surroundings,
  decorations,
  turnCard,
  commands,
  missing,
  sidebar
];
