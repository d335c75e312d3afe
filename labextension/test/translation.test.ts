/** The words on the page are those of the translator that JupyterLab gives. */
import { afterEach, expect, test } from 'vitest';
import type { ITranslator, TranslationBundle } from '@jupyterlab/translation';

import { noteOf } from '../src/cells/words';
import { adviceFor } from '../src/commands/advice';
import { speakWith } from '../src/translation';
import { wordsOf } from '../src/turncard/words';
import { card } from './notebooks';

/** Says that it was asked, and fills in what is to be filled in. */
const bundle = {
  __: (text: string, ...given: unknown[]) =>
    `«${text.replace(/%(\d)/g, (_, place: string) => String(given[Number(place) - 1]))}»`,
  _n: (one: string, more: string, count: number, ...given: unknown[]) =>
    bundle.__(count === 1 ? one : more, count, ...given)
};
const translator = {
  load: () => bundle as unknown as TranslationBundle
} as unknown as ITranslator;

afterEach(() => {
  speakWith(null);
});

test('a card, a note and a piece of advice are translated, before and after they are not', () => {
  const ended = card({ state: 'ended', step: 2, tokens: 1, model: 'm' });
  const facts = { python: '"p"', version: null, loaded: false };
  expect(wordsOf(ended, null, 'over').facts).toContain('2 steps');
  speakWith(translator);
  expect(wordsOf(ended, null, 'over').facts).toContain('«2 steps»');
  expect(wordsOf(ended, null, 'over').facts).toContain('«1 token»');
  expect(noteOf({ status: 'writing' }, true, false)).toBe('«writing…»');
  expect(adviceFor(facts, '1')?.message).toMatch(/^«CodeAct is not installed.*"p"»$/);
});
