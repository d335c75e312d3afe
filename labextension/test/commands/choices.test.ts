import { beforeEach, expect, test } from 'vitest';
import type { JSONObject, JSONValue } from '@lumino/coreutils';
import { PromiseDelegate } from '@lumino/coreutils';

import { Choices } from '../../src/commands/choices';

/** A registry that writes all of a file, which a later write may have begun from. */
class Registry {
  file: JSONObject = {};
  /** What it read last; a throttled fetch may leave that behind. */
  shown: JSONObject = {};
  stale = false;
  sets: string[] = [];
  gate: PromiseDelegate<void> | null = null;
  fault: Error | null = null;

  set = async (_: string, name: string, value: JSONValue): Promise<void> => {
    const whole = { ...this.shown, [name]: value };
    this.sets.push(name);
    await this.gate?.promise;
    if (this.fault) {
      throw this.fault;
    }
    this.file = whole;
    this.shown = this.stale ? this.shown : whole;
  };
}

let registry: Registry;
let choices: Choices;

beforeEach(() => {
  registry = new Registry();
  choices = new Choices(registry, 'p');
  choices.source = { get: key => ({ composite: registry.shown[key], user: registry.shown[key] }) };
});

test('a choice counts at once, and null is the kernel’s own', async () => {
  registry.shown = { maxSteps: 7 };
  registry.gate = new PromiseDelegate();
  const saved = choices.choose('maxSteps', 3);
  expect(choices.values()).toEqual({ max_steps: 3 });
  const again = choices.choose('maxSteps', null);
  expect(choices.values()).toEqual({});
  registry.gate.resolve();
  await Promise.all([saved, again]);
  expect(choices.values()).toEqual({});
  expect(registry.file).toEqual({ maxSteps: null });
});

test('two at once are both saved', async () => {
  await Promise.all([choices.choose('maxSteps', 3), choices.choose('timeout', 9)]);
  expect(registry.file).toEqual({ maxSteps: 3, timeout: 9 });
});

test('one that the registry does not show counts, and goes with the next', async () => {
  registry.stale = true;
  await choices.choose('maxSteps', 3);
  expect(choices.values()).toEqual({ max_steps: 3 });
  registry.stale = false;
  await choices.choose('timeout', 9);
  expect(registry.file).toEqual({ maxSteps: 3, timeout: 9 });
  registry.sets = [];
  await choices.choose('maxTokens', 1);
  expect(registry.sets).toEqual(['maxTokens']);
});

test('what was changed elsewhere since counts, and stays', async () => {
  registry.stale = true;
  await choices.choose('maxSteps', 3);
  registry.stale = false;
  registry.shown = { maxSteps: 5 };
  expect(choices.values()).toEqual({ max_steps: 5 });
  await choices.choose('timeout', 9);
  expect(registry.file).toEqual({ maxSteps: 5, timeout: 9 });
});

test('one that cannot be saved counts no more', async () => {
  registry.fault = new Error('no space');
  await expect(choices.choose('maxSteps', 3)).rejects.toThrow('no space');
  expect(choices.values()).toEqual({});
});

test('the fault of one is not that of another', async () => {
  registry.gate = new PromiseDelegate();
  const first = choices.choose('maxSteps', 3);
  const second = choices.choose('timeout', -1);
  const { set } = registry;
  registry.set = (plugin, name, value) =>
    name === 'timeout' ? Promise.reject(new Error('invalid')) : set(plugin, name, value);
  registry.gate.resolve();
  await first;
  await expect(second).rejects.toThrow('invalid');
  expect(registry.file).toEqual({ maxSteps: 3 });
  expect(choices.values()).toEqual({ max_steps: 3 });
});

test('before the settings are loaded only what was chosen counts', async () => {
  choices.source = null;
  const saved = choices.choose('model', 'a');
  expect(choices.values()).toEqual({ model: 'a' });
  await saved;
});
