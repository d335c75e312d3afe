import { expect, test } from 'vitest';

import { partsOf, spoken } from '../src/sentences';

test.each([
  ['no code', ['no code']],
  ['overwrites your variable `df`', ['overwrites your variable ', 'df', '']],
  ['run `a b` and `c`.', ['run ', 'a b', ' and ', 'c', '.']],
  ['an odd ` stays', ['an odd ` stays']],
  ['`', ['`']],
  ['', ['']]
])('%j', (sentence, parts) => {
  expect(partsOf(sentence)).toEqual(parts);
  expect(spoken(sentence)).toBe(parts.join(''));
});
