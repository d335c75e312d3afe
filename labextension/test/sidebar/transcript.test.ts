import type { ISharedCell, YCodeCell, YNotebook } from '@jupyter/ydoc';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { METADATA_KEY } from '../../src/protocol/messages';
import type { CellMetadata } from '../../src/protocol/messages';
import { placeForPrompt, Transcript } from '../../src/sidebar/transcript';
import { cellOf, metadata, notebookOf, saved } from '../notebooks';

let notebook: YNotebook;
let transcript: Transcript;
let changes: number;

beforeEach(() => {
  vi.useFakeTimers();
  notebook = notebookOf('%%codeact --auto\nhow many?', 'mine()', '%%codeact\nand then?');
  mark('c0', { role: 'prompt', status: 'answered' });
  insert(1, 'a1', 'n = 3', { status: 'ok', tokens: 7, grade: grade('binds `n`') });
  insert(2, 'w1', 'Three.', { role: 'answer', status: 'done', step: 2 });
  transcript = new Transcript(notebook);
  changes = 0;
  transcript.changed.connect(() => (changes += 1));
});

afterEach(() => {
  transcript.dispose();
  vi.useRealTimers();
});

function grade(words: string): CellMetadata['grade'] {
  return { kinds: ['assign'], words, grave: false };
}

function mark(cellId: string, fields: Partial<CellMetadata>): void {
  cellOf(notebook, cellId).setMetadata(METADATA_KEY, saved(fields));
}

function insert(at: number, id: string, source: string, fields: Partial<CellMetadata>): void {
  const cell_type = fields.role === undefined ? 'code' : 'markdown';
  const about = { [METADATA_KEY]: saved(metadata(fields)) };
  notebook.insertCell(at, { cell_type, id, source, metadata: about });
}

function shown(): unknown {
  return transcript.turns.map(({ prompt, steps }) => [
    prompt?.words,
    ...steps.map(({ role, text }) => `${role}: ${text}`)
  ]);
}

it('shows each prompt with the cells of its turn, and nothing of the user’s own', () => {
  expect(shown()).toEqual([['how many?', 'action: n = 3', 'answer: Three.'], ['and then?']]);
  const [first, second] = transcript.turns;
  expect(first?.prompt?.flags).toBe('--auto');
  expect(first?.steps[0]).toMatchObject({ status: 'ok', tokens: 7, grade: { words: 'binds `n`' } });
  expect([first?.turn, second?.turn]).toEqual(['t1', '']);
});

it('follows what the user does to a cell, a few times a second', () => {
  cellOf(notebook, 'a1').setSource('n = 4');
  cellOf(notebook, 'a1').setSource('n = 5');
  expect(changes).toBe(0);
  vi.advanceTimersByTime(1_000);
  expect(changes).toBe(1);
  expect(shown()).toContainEqual(['how many?', 'action: n = 5', 'answer: Three.']);
  notebook.deleteCell(2);
  vi.advanceTimersByTime(1_000);
  expect(shown()).toContainEqual(['how many?', 'action: n = 5']);
});

it('keeps what did not change, so that it is not drawn again', () => {
  const [first, second] = transcript.turns;
  cellOf(notebook, 'w1').setSource('Four.');
  vi.advanceTimersByTime(1_000);
  expect(transcript.turns[1]).toBe(second);
  expect(transcript.turns[0]).not.toBe(first);
  expect(transcript.turns[0]?.steps[0]).toBe(first?.steps[0]);
  cellOf(notebook, 'c1').setSource('none of its business');
  vi.advanceTimersByTime(1_000);
  expect(changes).toBe(1);
});

it('keeps the steps of a prompt that was deleted', () => {
  notebook.deleteCell(0);
  vi.advanceTimersByTime(1_000);
  expect(shown()).toEqual([[undefined, 'action: n = 3', 'answer: Three.'], ['and then?']]);
});

it('shows the beginning of what an action put out, and names a picture', () => {
  const cell = cellOf(notebook, 'a1') as YCodeCell;
  const lines = Array.from({ length: 9 }, (_, at) => `line ${at}\n`);
  cell.setOutputs([
    { output_type: 'display_data', data: { 'image/png': 'x', 'text/plain': '<Figure>' } },
    { output_type: 'stream', name: 'stdout', text: lines.join('') }
  ]);
  vi.advanceTimersByTime(1_000);
  const output = transcript.turns[0]?.steps[0]?.output;
  expect(output).toBe(`[image/png]\n${lines.slice(0, 5).join('')}…`);
});

it('takes what a stranger wrote into a file for text, or for nothing', () => {
  const cell: ISharedCell = cellOf(notebook, 'a1');
  cell.setMetadata(METADATA_KEY, { ...saved(), role: 'action', turn: 't1', step: 'x', grade: [1] });
  cellOf(notebook, 'w1').setMetadata(METADATA_KEY, { role: 'admin', turn: 't1' });
  vi.advanceTimersByTime(1_000);
  const steps = transcript.turns[0]?.steps;
  expect(steps?.map(({ step, grade: { words } }) => [step, words])).toEqual([[0, '']]);
});

it.each([
  { active: 0, place: 3 }, // the prompt: behind its turn
  { active: 1, place: 3 },
  { active: 2, place: 3 },
  { active: 3, place: 4 }, // a cell of the user's own: behind it
  { active: -1, place: 5 }
])('puts a new prompt behind the turn of cell $active', ({ active, place }) => {
  expect(placeForPrompt(notebook, active)).toBe(place);
});

it('puts no prompt between the cells of a turn', () => {
  notebook.insertCell(2, { cell_type: 'code', source: 'his own, in between' });
  expect(placeForPrompt(notebook, 2)).toBe(4);
});
