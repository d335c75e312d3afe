import { expect, test } from 'vitest';

import { plugin } from '../src/plugin';

test('the settings of plugin.json belong to a plugin', () => {
  expect(plugin.id).toBe('codeact-jupyter:plugin');
});
