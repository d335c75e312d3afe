import { expect, test } from 'vitest';

import plugins from '../src';

test('the settings of plugin.json belong to a plugin', () => {
  expect(plugins.map(plugin => plugin.id)).toContain('codeact-jupyter:plugin');
});
