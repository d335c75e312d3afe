/** What was decided in a page, until it is sent or taken back. */
import { expect, test, vi } from 'vitest';

import { Decisions } from '../src/turns/decisions';

test('a wish that was not sent is taken back, and not a later one', () => {
  const decisions = new Decisions(vi.fn());
  const takeBack = decisions.continueFrom('p1', 2);
  decisions.askAgain('p1')();
  takeBack();
  expect(decisions.takeContinuation('p1')).toBe(0);
  expect(decisions.takeAgain('p1')).toBe(false);
  const first = decisions.continueFrom('p1', 2);
  decisions.continueFrom('p1', 3);
  first();
  expect(decisions.takeContinuation('p1')).toBe(3);
  expect(decisions.takeContinuation('p1')).toBe(0);
});
