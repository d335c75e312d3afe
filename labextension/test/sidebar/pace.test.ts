import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { Pace, PAUSE } from '../../src/sidebar/pace';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

/** A render that takes this long, and what it has rendered. */
function slow(takes: number): { pace: Pace; shown: string[]; atOnce: () => number } {
  const shown: string[] = [];
  let now = 0;
  let most = 0;
  const pace = new Pace(async text => {
    most = Math.max(most, ++now);
    await new Promise(resolve => setTimeout(resolve, takes));
    shown.push(text);
    now -= 1;
  });
  return { pace, shown, atOnce: () => most };
}

test('what streams is shown a few times a second, never twice at once, and at last as it is', async () => {
  const { pace, shown, atOnce } = slow(10);
  for (let at = 0; at < 100; at += 1) {
    pace.show(String(at));
    await vi.advanceTimersByTimeAsync(20);
  }
  await vi.runAllTimersAsync();
  expect(shown[0]).toBe('0');
  expect(shown.at(-1)).toBe('99');
  expect(shown.length).toBeLessThanOrEqual(2000 / PAUSE + 2);
  expect(shown.length).toBeGreaterThan(4);
  expect(atOnce()).toBe(1);
});

test('what takes long to be shown is shown less often', async () => {
  const { pace, shown } = slow(1000);
  for (let at = 0; at < 100; at += 1) {
    pace.show(String(at));
    await vi.advanceTimersByTimeAsync(100);
  }
  expect(shown).toHaveLength(2);
});

test('a text that comes while another is rendered is shown after it', async () => {
  const { pace, shown } = slow(10);
  pace.show('one');
  await vi.runAllTimersAsync();
  pace.show('two');
  pace.show('three');
  await vi.runAllTimersAsync();
  expect(shown).toEqual(['one', 'two', 'three']);
});

test('nothing is shown any more once it has stopped', async () => {
  const { pace, shown } = slow(10);
  pace.show('one');
  pace.show('two');
  pace.stop();
  await vi.runAllTimersAsync();
  expect(shown).toEqual(['one']);
});
