import type { PartialJSONObject } from '@lumino/coreutils';
import { expect, test } from 'vitest';

import type { Card } from '../../src/protocol/messages';
import { cardIn, readCard, type IOutputs } from '../../src/turncard/shown';
import { duration, wordsOf } from '../../src/turncard/words';
import type { INotebookTurns, ITurn } from '../../src/tokens';
import { card } from '../gate/standins';

const WAITING = { state: 'waiting', step: 2, tokens: 1204, model: 'qwen2.5-coder' } as const;

function turnsWith(shown: Card, changes: Partial<ITurn> = {}, saveFault = ''): INotebookTurns {
  const turn = { id: shown.turn, card: shown, stopping: false, unstoppable: false, ...changes };
  const ofPrompt = (id: string): unknown => (id === shown.prompt_id ? turn : null);
  return { ofPrompt, saveFaultOf: () => saveFault } as unknown as INotebookTurns;
}

test('a proposal that waits', () => {
  const shown = card('p', WAITING);
  expect(wordsOf(shown, turnsWith(shown), 'confirmed')).toEqual({
    facts: 'CodeAct · step 2 · 1,204 tokens · qwen2.5-coder',
    state: 'waiting for you',
    busy: false,
    lines: [],
    canRun: true,
    canRunRest: true,
    canStop: true,
    canRestart: false
  });
});

test('the running turn’s card counts, not the one that was saved', () => {
  const words = wordsOf(
    card('p', WAITING),
    turnsWith(card('p', { state: 'thinking' })),
    'confirmed'
  );
  expect(words).toMatchObject({ state: 'thinking', busy: true, canRun: false });
});

test('where nobody is asked, nothing is there to approve', () => {
  const shown = card('p', { state: 'running', policy: 'auto' });
  const words = wordsOf(shown, turnsWith(shown), 'confirmed');
  expect(words).toMatchObject({ state: 'running', canRunRest: false, canStop: true });
});

test('a turn that is being stopped offers nothing but a restart, if it does not stop', () => {
  const shown = card('p', { ...WAITING, notice: 'A notice.' });
  const turns = turnsWith(shown, { stopping: true, unstoppable: true }, 'Not saved.');
  expect(wordsOf(shown, turns, 'confirmed')).toMatchObject({
    state: 'stopping',
    lines: ['A notice.', 'The action does not stop.', 'Not saved.'],
    canRun: false,
    canRunRest: false,
    canStop: false,
    canRestart: true
  });
});

test('an answered turn is one quiet line', () => {
  const shown = card('p', {
    state: 'ended',
    ending: 'answered',
    step: 3,
    seconds: 12.4,
    tokens: 2040,
    estimated: true
  });
  const words = wordsOf(shown, null, 'over');
  expect(words.facts).toBe('CodeAct · 3 steps · 12 s · about 2,040 tokens · m');
  expect(words).toMatchObject({ state: '', busy: false, lines: [], canStop: false });
});

test('one that was answered before says that nobody was asked', () => {
  const shown = card('p', { state: 'ended', ending: 'answered', sentence: 'Answered before.' });
  expect(wordsOf(shown, null, 'over').lines).toEqual(['Answered before.']);
});

test('a turn that ended otherwise says why', () => {
  const shown = card('p', { state: 'ended', ending: 'steps', sentence: 'Five steps are over.' });
  expect(wordsOf(shown, null, 'over').lines).toEqual(['Five steps are over.']);
});

test('a running state that the kernel does not confirm is over, and offers nothing', () => {
  const words = wordsOf(card('p', WAITING), turnsWith(card('other')), 'over');
  expect(words).toMatchObject({ state: 'ended with the kernel', busy: false, canStop: false });
  expect(wordsOf(card('p', WAITING), turnsWith(card('other')), 'expected')).toMatchObject({
    state: 'connecting',
    canRun: false,
    canStop: false
  });
});

test('a kernel that was asked and is busy is waited for, however long that takes', () => {
  const words = wordsOf(card('p', WAITING), turnsWith(card('other')), 'asked');
  const state = 'waiting for the kernel; to stop what it runs, interrupt it';
  expect(words).toMatchObject({ state, busy: true, canStop: false });
});

test('outside of its notebook a card shows no state', () => {
  expect(wordsOf(card('p', WAITING), null, 'over')).toMatchObject({ state: '', busy: false });
});

test('another turn of the same prompt does not confirm this card', () => {
  const turns = turnsWith(card('p', { turn: 'newer' }));
  expect(wordsOf(card('p', WAITING), turns, 'over').state).toBe('ended with the kernel');
});

test.each([
  [0.42, '0.4 s'],
  [9.97, '10 s'],
  [59.4, '59 s'],
  [59.6, '1 min 0 s'],
  [185, '3 min 5 s']
])('%s seconds are %s', (seconds, said) => {
  expect(duration(seconds)).toBe(said);
});

test('only a whole card is read from an output, and the last one counts', () => {
  const outputs = (...found: unknown[]): IOutputs => ({
    length: found.length,
    get: (index: number) => ({
      toJSON: () => ({
        output_type: 'display_data',
        data: { 'application/vnd.codeact.turn+json': found[index] as PartialJSONObject }
      })
    })
  });
  const [old, last] = [card('old'), card('last')];
  expect(cardIn(outputs(old, last, 'text', null, { turn: 7 }))).toEqual(last);
  expect(cardIn(outputs(old, last), 'turn of old')).toEqual(old);
  expect(cardIn(outputs())).toBeNull();
});

test('the card tells the tokens of both directions, and money where the endpoint did', () => {
  const told = { tokens_in: 90, tokens_out: 10, tokens_cached: 3, cost: 0.0125 };
  expect(readCard(card('p', told))).toMatchObject(told);
  const foreign = { ...card('p', told), tokens_in: 'many', tokens_cached: null, cost: '1' };
  expect(readCard(foreign)).toMatchObject({ tokens_in: 0, tokens_cached: 0, cost: null });
});

test('a card of a stranger is read as far as it goes, and can be shown', () => {
  const foreign = { turn: 't', prompt_id: 'p', state: 'dancing', tokens: 'many', seconds: null };
  const read = readCard(foreign);
  expect(read).toMatchObject({
    state: 'thinking',
    tokens: 0,
    seconds: 0,
    model: '',
    policy: 'ask'
  });
  expect(read && wordsOf(read, null, 'over').facts).toBe('CodeAct');
  const ended = readCard({ ...foreign, state: 'ended', sentence: { html: '<b>' }, step: Infinity });
  expect(ended && wordsOf(ended, null, 'over')).toMatchObject({ lines: [] });
  expect(readCard({ turn: 't' })).toBeNull();
  expect(readCard(['t'])).toBeNull();
});
