import { expect, test } from 'vitest';

import { needsPackage } from '../../src/cells/metadata';
import { adviceFor, answer, factsOf } from '../../src/commands/advice';

/** An answer as IPython gives it: the `repr` of a string of JSON. */
function said(repr: string): unknown {
  return { status: 'ok', data: { 'text/plain': repr } };
}

const MISSING = { status: 'error', ename: 'PackageNotFoundError' };
const PYTHON = said(`'"/usr/bin/python3"'`);

test.each([
  ['%%codeact\nask', true],
  ['%%codeact --auto', true],
  ['%load_ext codeact_jupyter', true],
  ['%reload_ext codeact_jupyter', true],
  ['%%codeact_other', false],
  ['%load_ext autoreload', false],
  ['print("%%codeact")', false]
])('%j needs the package: %s', (cell, needs) => {
  expect(needsPackage(cell)).toBe(needs);
});

test.each([
  [`'"/usr/bin/python3"'`, '/usr/bin/python3'],
  [`'"C:\\\\\\\\Program Files\\\\\\\\py.exe"'`, 'C:\\Program Files\\py.exe'],
  [`'"/o\\'brien/python"'`, "/o'brien/python"],
  [`'true'`, true],
  ['<Thing>', null]
])('%s reads as %j', (repr, value) => {
  expect(answer(said(repr))).toBe(value);
});

test('a kernel without the package is told how to get this version', () => {
  const facts = factsOf({ python: PYTHON, version: MISSING, loaded: said(`'false'`) });
  expect(facts && adviceFor(facts, '1.2')).toEqual({
    reason: 'missing',
    message:
      'CodeAct is not installed for this kernel: install it in a terminal, then restart. ' +
      'Python: "/usr/bin/python3"',
    line: '"/usr/bin/python3" -m pip install codeact-jupyter==1.2'
  });
});

test('a kernel with another version, one that has not loaded it, and one where all is well', () => {
  const facts = { python: PYTHON, loaded: said(`'true'`) };
  const version = (found: string) => said(`'"${found}"'`);
  const advice = (answers: Parameters<typeof factsOf>[0]) => {
    const known = factsOf(answers);
    return known && adviceFor(known, '1.2');
  };
  expect(advice({ ...facts, version: version('1.1') })?.reason).toBe('version');
  expect(advice({ ...facts, version: version('1.2') })).toBeNull();
  const unloaded = advice({ ...facts, version: version('1.2'), loaded: said(`'false'`) });
  expect(unloaded).toMatchObject({ reason: 'unloaded', line: '%load_ext codeact_jupyter' });
});

test('a kernel that does not answer is not advised', () => {
  expect(factsOf({})).toBeNull();
  expect(factsOf({ python: MISSING })).toBeNull();
});
