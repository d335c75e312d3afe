import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { appears, isJustThere, MOMENT } from '../src/moment';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test('a cell has just come into sight for a moment, also when it comes again', () => {
  const cell = {};
  expect(isJustThere(cell)).toBe(false);
  for (let time = 0; time < 2; time += 1) {
    appears(cell);
    vi.advanceTimersByTime(MOMENT - 1);
    expect(isJustThere(cell)).toBe(true);
    vi.advanceTimersByTime(1);
    expect(isJustThere(cell)).toBe(false);
  }
});
