import { expect, test } from 'vitest';

import { fingerprint } from '../../src/cells/fingerprint';
import { gradeOf, noteOf } from '../../src/cells/words';

test('a note says why an action did not run, until the user runs it', () => {
  expect(noteOf({ status: 'rejected' }, false, false)).toBe('You rejected this; it did not run.');
  expect(noteOf({ status: 'rejected' }, false, true)).toBe('');
});

test('a cell is being written only while its turn runs', () => {
  expect(noteOf({ status: 'writing' }, true, false)).toBe('writing…');
  expect(noteOf({ status: 'writing' }, false, false)).toMatch(/^Never finished/);
});

test.each(['ok', 'error', 'proposed', 'toString', undefined])('%s needs no note', status => {
  expect(noteOf(status === undefined ? {} : { status }, false, false)).toBe('');
});

test('a grade from a file is text and a mark, or nothing', () => {
  expect(gradeOf({ grade: { kinds: [], words: 'reads only', grave: true } }, 'x')).toEqual({
    words: 'reads only',
    grave: true
  });
  const forged = { grade: { words: { html: '<b>' }, grave: 'yes' } };
  expect(gradeOf(forged as never, 'x')).toEqual({ words: '', grave: false });
});

test('a grade is of the model’s text, and stays as grave where that was edited', () => {
  const about = {
    fingerprint: fingerprint('rm()'),
    grade: { kinds: [], words: 'deletes', grave: true }
  };
  expect(gradeOf(about, 'rm()')).toEqual({ words: 'deletes', grave: true });
  expect(gradeOf(about, 'ls()')).toEqual({
    words: 'edited; the grade of the model’s text: deletes',
    grave: true
  });
  expect(gradeOf({ ...about, grade: null }, 'ls()')).toEqual({ words: '', grave: false });
});
