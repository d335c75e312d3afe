import { expect, test } from 'vitest';

import schema from '../../schema/plugin.json';
import { chosen, type ISettingSource } from '../../src/commands/chosen';

const properties: Readonly<Record<string, { default: unknown }>> = schema.properties;

/** Settings as JupyterLab composes them of the schema, overrides and what the user wrote. */
function source(
  user: Record<string, unknown>,
  overrides: Record<string, unknown> = {}
): ISettingSource {
  return {
    get: key => {
      const standard = key in overrides ? overrides[key] : properties[key]?.default;
      return { user: user[key], composite: user[key] === undefined ? standard : user[key] };
    }
  };
}

test('without settings the kernel hears of none', () => {
  expect(chosen(source({}))).toEqual({});
});

test('what the user set goes by the kernel’s names', () => {
  const user = {
    narration: false,
    maxSteps: 4,
    maxTokens: 9000,
    timeout: 2.5,
    model: 'm',
    baseUrl: 'http://127.0.0.1:1/v1'
  };
  expect(chosen(source(user))).toEqual({
    narration: false,
    max_steps: 4,
    max_tokens: 9000,
    timeout: 2.5,
    model: 'm',
    base_url: 'http://127.0.0.1:1/v1'
  });
});

test('what the user set to the plain value is set all the same', () => {
  expect(chosen(source({ narration: true, model: null, baseUrl: '' }))).toEqual({
    narration: true
  });
});

test('the administrator’s overrides count as set', () => {
  expect(chosen(source({}, { model: 'hub', narration: false }))).toEqual({
    model: 'hub',
    narration: false
  });
});

test('neither a key nor a policy can be set here', () => {
  expect(Object.keys(properties).sort()).toEqual([
    'baseUrl',
    'maxSteps',
    'maxTokens',
    'model',
    'narration',
    'timeout'
  ]);
});

test('no shortcut takes a letter from who types one, as Alt with Shift does on a Mac', () => {
  for (const { keys, selector } of schema['jupyter.lab.shortcuts']) {
    const typed = /^(Alt |Shift )*\S$/.test(keys.join(' '));
    expect(selector).toBe(typed ? '.jp-Notebook.jp-mod-commandMode' : '.jp-Notebook');
  }
});
