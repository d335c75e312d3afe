import { beforeEach, describe, expect, test } from 'vitest';
import { YNotebook } from '@jupyter/ydoc';
import type { ISharedCodeCell } from '@jupyter/ydoc';
import type { PartialJSONObject } from '@lumino/coreutils';

import { fingerprint } from '../src/cells/fingerprint';
import { Ledger } from '../src/cells/ledger';
import { saveMetadata, turnOf } from '../src/cells/metadata';
import { CellWriter } from '../src/cells/writer';
import type { CellMetadata } from '../src/protocol/messages';
import {
  cellOf,
  filled,
  finish,
  idsOf,
  metadata,
  notebookOf,
  place,
  saved,
  sourcesOf
} from './notebooks';

let notebook: YNotebook;
let writer: CellWriter;

beforeEach(() => {
  notebook = notebookOf('%%codeact\nhow many?', 'later()');
  writer = new CellWriter(notebook, new Ledger());
});

function stream(cellId: string, ...chunks: string[]): void {
  let at = 0;
  for (const text of chunks) {
    writer.text({ kind: 'cell.text', cell_id: cellId, at, text });
    at += text.length;
  }
}

function mark(cell_id: string, fields: Partial<CellMetadata>, passes = false): void {
  writer.mark({ kind: 'cell.mark', id: 3, cell_id, metadata: metadata(fields), passes });
}

test('a fingerprint is that of Python', () => {
  // hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()
  expect(fingerprint('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  expect(fingerprint('größer 😀')).toBe(
    'a551cdacb6c83c7c76a11b952ae9c8515b9bfc26b58cad27c4cd53946955d4c1'
  );
  expect(fingerprint('a\ud800b')).toBe(fingerprint('a?b'));
});

describe('placing', () => {
  test('goes behind the prompt, then behind the last cell of its turn', () => {
    writer.place(place('a1'));
    writer.place(place('a2'));
    expect(idsOf(notebook)).toEqual(['c0', 'a1', 'a2', 'c1']);
    expect(cellOf(notebook, 'a1').getMetadata('codeact')).toMatchObject({ turn: 't1', step: 1 });
  });

  test('goes behind the last one that still exists, wherever that was moved', () => {
    writer.place(place('a1'));
    writer.place(place('a2'));
    notebook.deleteCell(2);
    notebook.moveCell(1, 2);
    writer.place(place('a3'));
    expect(idsOf(notebook)).toEqual(['c0', 'c1', 'a1', 'a3']);
  });

  test('a thought that was lost on its way comes before the action of its step', () => {
    writer.place(place('a1'));
    writer.place(place('a2', { metadata: metadata({ step: 2 }) }));
    writer.place(place('p2', { metadata: metadata({ step: 2, role: 'thought' }) }));
    expect(idsOf(notebook)).toEqual(['c0', 'a1', 'p2', 'a2', 'c1']);
  });

  test('goes behind what the user merged of its turn, which is his own', () => {
    writer.place(place('a1'));
    const about = cellOf(notebook, 'a1').getMetadata('codeact') as PartialJSONObject;
    notebook.deleteCell(1);
    notebook.insertCell(1, { cell_type: 'code', id: 'merged', metadata: { codeact: about } });
    writer.place(place('p2', { metadata: metadata({ step: 2, role: 'answer' }) }));
    expect(idsOf(notebook)).toEqual(['c0', 'merged', 'p2', 'c1']);
  });

  test('is gone where the prompt went', () => {
    notebook.deleteCell(0);
    expect(writer.place(place('a1')).error).toBe('gone');
    expect(idsOf(notebook)).toEqual(['c1']);
  });

  test('does nothing the second time, also when the user deleted the cell', () => {
    const first = writer.place(place('a1', { source: 'x' }));
    expect(writer.place(place('a1', { source: 'x' }))).toEqual(first);
    expect(idsOf(notebook)).toEqual(['c0', 'a1', 'c1']);
    notebook.deleteCell(1);
    expect(writer.place(place('a1')).error).toBe('gone');
    expect(idsOf(notebook)).toEqual(['c0', 'c1']);
  });
});

describe('writing', () => {
  beforeEach(() => {
    writer.place(place('a1'));
  });

  test('what is streamed stands in the cell', () => {
    stream('a1', 'df.', 'head', '()');
    expect(cellOf(notebook, 'a1').getSource()).toBe('df.head()');
  });

  test('a text that goes back is written again', () => {
    stream('a1', 'df.hed()');
    writer.text({ kind: 'cell.text', cell_id: 'a1', at: 5, text: 'ad()' });
    expect(cellOf(notebook, 'a1').getSource()).toBe('df.head()');
  });

  test('what the user typed is kept, and the rest is appended', () => {
    stream('a1', 'x = 1\n');
    cellOf(notebook, 'a1').updateSource(0, 0, '# mine\n');
    writer.text({ kind: 'cell.text', cell_id: 'a1', at: 6, text: 'y = 2' });
    expect(cellOf(notebook, 'a1').getSource()).toBe('# mine\nx = 1\ny = 2');
    const now = writer.finish(finish('a1', 'x = 1\ny = 2', { status: 'proposed' }));
    expect(cellOf(notebook, 'a1').getSource()).toBe('# mine\nx = 1\ny = 2');
    expect(now.fingerprint).toBe(fingerprint('# mine\nx = 1\ny = 2'));
  });

  test('finish sets exactly the source where a chunk was missed', () => {
    stream('a1', 'x = ');
    writer.text({ kind: 'cell.text', cell_id: 'a1', at: 9, text: 'lost' });
    writer.finish(finish('a1', 'x = 41', { status: 'proposed' }));
    expect(cellOf(notebook, 'a1').getSource()).toBe('x = 41');
    expect(cellOf(notebook, 'a1').getMetadata('codeact')).toMatchObject({ status: 'proposed' });
  });

  test('finish appends what was not streamed where the user typed meanwhile', () => {
    stream('a1', 'x = 1');
    cellOf(notebook, 'a1').updateSource(0, 0, '# mine\n');
    writer.finish(finish('a1', 'x = 1\ny = 2', { status: 'proposed' }));
    expect(cellOf(notebook, 'a1').getSource()).toBe('# mine\nx = 1\ny = 2');
  });

  test('finish comes behind the end of its turn where the connection was cut', () => {
    const prose = { role: 'answer' as const, step: 2 };
    writer.place(place('p1', { cell_type: 'markdown', metadata: prose }));
    stream('p1', 'It is');
    writer.removeOpen('t1');
    writer.forget();
    writer.finish(finish('p1', 'It is done.', { ...prose, status: 'done' }));
    expect(cellOf(notebook, 'p1').getSource()).toBe('It is done.');
    expect(cellOf(notebook, 'p1').getMetadata('codeact')).toMatchObject({ status: 'done' });
  });

  test('a second finish changes neither text nor status', () => {
    writer.finish(finish('a1', 'x', { status: 'proposed' }));
    mark('a1', { status: 'ok' });
    cellOf(notebook, 'a1').setSource('y');
    writer.finish(finish('a1', 'x', { status: 'proposed' }));
    expect(cellOf(notebook, 'a1').getSource()).toBe('y');
    expect(cellOf(notebook, 'a1').getMetadata('codeact')).toMatchObject({ status: 'ok' });
  });

  test('after a page reload it goes on where the text fits', () => {
    stream('a1', 'x = 1\n');
    writer = new CellWriter(notebook, new Ledger());
    writer.text({ kind: 'cell.text', cell_id: 'a1', at: 6, text: 'y' });
    expect(cellOf(notebook, 'a1').getSource()).toBe('x = 1\ny');
    writer = new CellWriter(notebook, new Ledger());
    writer.finish(finish('a1', 'x = 1\nyes'));
    expect(cellOf(notebook, 'a1').getSource()).toBe('x = 1\nyes');
  });

  test('a moved cell is written where it is', () => {
    stream('a1', 'x');
    notebook.moveCell(1, 2);
    writer.text({ kind: 'cell.text', cell_id: 'a1', at: 1, text: ' = 1' });
    expect(sourcesOf(notebook)).toEqual(['%%codeact\nhow many?', 'later()', 'x = 1']);
  });

  test('finish and mark say when the cell is gone', () => {
    notebook.deleteCell(1);
    expect(writer.finish(finish('a1', 'x')).error).toBe('gone');
    writer.text({ kind: 'cell.text', cell_id: 'a1', at: 0, text: 'x' });
    expect(idsOf(notebook)).toEqual(['c0', 'c1']);
  });
});

describe('marking and removing', () => {
  beforeEach(() => {
    writer.place(place('a1'));
    writer.finish(finish('a1', 'x', { status: 'proposed', fingerprint: fingerprint('x') }));
  });

  test('an error that must not stop Run All gets the tag', () => {
    mark('a1', { status: 'error' }, true);
    expect(cellOf(notebook, 'a1').getMetadata('tags')).toEqual(['raises-exception']);
  });

  test('what ran and was made text since says what came of it', () => {
    const { metadata: kept } = cellOf(notebook, 'a1').toJSON();
    notebook.deleteCell(1);
    notebook.insertCell(1, { cell_type: 'markdown', id: 'a1', source: 'x', metadata: kept });
    mark('a1', { status: 'error' }, true);
    expect(cellOf(notebook, 'a1').getMetadata('codeact')).toMatchObject({ status: 'error' });
    expect(cellOf(notebook, 'a1').getMetadata('tags')).toBeUndefined();
  });

  test('the own text is removed, once', () => {
    const message = {
      kind: 'cell.remove' as const,
      id: 3,
      cell_id: 'a1',
      fingerprint: fingerprint('x'),
      metadata: metadata({ status: 'rejected' })
    };
    expect(writer.remove(message).error).toBeUndefined();
    expect(writer.remove(message).error).toBeUndefined();
    expect(idsOf(notebook)).toEqual(['c0', 'c1']);
    notebook.undo();
    expect(cellOf(notebook, 'a1').getMetadata('codeact')).toMatchObject({ status: 'rejected' });
  });

  test('an edited text stays and is marked', () => {
    cellOf(notebook, 'a1').setSource('mine');
    const said = writer.remove({
      kind: 'cell.remove',
      id: 3,
      cell_id: 'a1',
      fingerprint: fingerprint('x'),
      metadata: metadata({ status: 'rejected' })
    });
    expect(said).toMatchObject({ error: 'edited', fingerprint: fingerprint('mine') });
    expect(cellOf(notebook, 'a1').getMetadata('codeact')).toMatchObject({ status: 'rejected' });
  });

  test('what is open at the end goes, unless it was edited', () => {
    writer.place(place('a2', { metadata: { step: 2 } }));
    stream('a2', 'half');
    cellOf(notebook, 'a1').setSource('mine');
    writer.removeOpen('t1');
    expect(idsOf(notebook)).toEqual(['c0', 'a1', 'c1']);
    expect(cellOf(notebook, 'a1').getMetadata('codeact')).toMatchObject({ status: 'stopped' });
  });
});

describe('what a turn before left', () => {
  const prompt = () => cellOf(notebook, 'c0');

  function answer(turn: string): void {
    const of = { turn, role: 'answer' } as const;
    writer.place(place(`e ${turn}`, { cell_type: 'markdown', metadata: of }));
    writer.finish(finish(`e ${turn}`, 'One.', { ...of, status: 'done' }));
    prompt().setMetadata('codeact', saved({ role: 'prompt', turn, status: 'answered' }));
  }

  test('stays as the user’s own where he edited it', () => {
    answer('t1');
    cellOf(notebook, 'e t1').setSource('Two.');
    writer.setAside(prompt(), 't1');
    expect(sourcesOf(notebook)).toEqual(['%%codeact\nhow many?', 'Two.', 'later()']);
    expect(cellOf(notebook, 'e t1').getMetadata('codeact')).toBeUndefined();
    expect(prompt().getMetadata('codeact')).toMatchObject({ branches: null });
  });

  test('is kept as texts, ten times at most', () => {
    for (let number = 0; number < 12; number += 1) {
      const turn = `t${number}`;
      writer.place(place(turn, { cell_type: 'markdown', metadata: { turn, role: 'answer' } }));
      writer.finish(finish(turn, 'One.', { turn, role: 'answer', status: 'done' }));
      writer.setAside(prompt(), turn);
    }
    const { branches } = prompt().getMetadata('codeact') as { branches: unknown[] };
    expect(branches).toHaveLength(10);
    expect(branches.at(-1)).toEqual({ turn: 't11', cells: [{ role: 'answer', source: 'One.' }] });
  });

  test.each(['none', { turn: 't0' }, [null, ['a script’s']]])(
    'in a file of others, as %j, is no obstacle',
    branches => {
      answer('t1');
      prompt().setMetadata('codeact', { ...saved({ role: 'prompt' }), branches });
      writer.setAside(prompt(), 't1');
      const kept = Array.isArray(branches) ? branches : [];
      const found = prompt().getMetadata('codeact') as { branches: unknown[] };
      expect(found.branches.slice(0, -1)).toEqual(kept);
    }
  );
});

describe('a copy of a cell of a turn', () => {
  beforeEach(() => {
    writer.place(place('a1'));
    writer.finish(finish('a1', 'x', { status: 'ok' }));
    const metadata = cellOf(notebook, 'a1').getMetadata() as PartialJSONObject;
    notebook.addCell({ cell_type: 'code', id: 'copy', source: 'x', metadata });
  });

  test('is the user’s: nothing goes behind it, and it is not set aside', () => {
    writer.place(place('a2', { metadata: { step: 2 } }));
    expect(idsOf(notebook)).toEqual(['c0', 'a1', 'a2', 'c1', 'copy']);
    writer.setAside(cellOf(notebook, 'c0'), 't1');
    expect(idsOf(notebook)).toEqual(['c0', 'c1', 'copy']);
  });

  test('is no cell of the turn either after it was run and marked', () => {
    const copy = cellOf(notebook, 'copy');
    saveMetadata(copy, { ...metadata(), status: 'error' });
    expect(turnOf(copy)).toBe('');
    expect(turnOf(cellOf(notebook, 'a1'))).toBe('t1');
  });
});

describe.each([true, false])('undo (cells have their own history: %s)', own => {
  beforeEach(() => {
    const empty = new YNotebook({ disableDocumentWideUndoRedo: own });
    notebook = filled(empty, ['%%codeact\nhow many?', 'later()']);
    writer = new CellWriter(notebook, new Ledger());
  });

  function step(number: number): void {
    const of = { step: number };
    writer.place(
      place(`w${number}`, { cell_type: 'markdown', metadata: { ...of, role: 'thought' } })
    );
    stream(`w${number}`, 'I ', 'look');
    writer.finish(finish(`w${number}`, 'I look.', { ...of, role: 'thought', status: 'done' }));
    writer.place(place(`a${number}`, { metadata: of }));
    stream(`a${number}`, 'pri', 'nt(1)');
    writer.finish(finish(`a${number}`, 'print(1)', { ...of, status: 'proposed' }));
  }

  test('takes back one step with both of its cells, and brings them back whole', () => {
    step(1);
    step(2);
    (cellOf(notebook, 'a2') as ISharedCodeCell).setOutputs([
      { output_type: 'stream', name: 'stdout', text: '1\n' }
    ]);
    notebook.undo();
    expect(idsOf(notebook)).toEqual(['c0', 'w1', 'a1', 'c1']);
    notebook.undo();
    expect(idsOf(notebook)).toEqual(['c0', 'c1']);
    notebook.redo();
    notebook.redo();
    expect(idsOf(notebook)).toEqual(['c0', 'w1', 'a1', 'w2', 'a2', 'c1']);
    expect(cellOf(notebook, 'w2').getSource()).toBe('I look.');
    expect(cellOf(notebook, 'a2').getSource()).toBe('print(1)');
    expect((cellOf(notebook, 'a2') as ISharedCodeCell).getOutputs()).toHaveLength(1);
    expect(cellOf(notebook, 'a2').getMetadata('codeact')).toMatchObject({ status: 'proposed' });
  });

  test('does not mix with what the user did in between', () => {
    writer.place(place('w1', { cell_type: 'markdown', metadata: { role: 'thought' } }));
    notebook.addCell({ cell_type: 'code', id: 'mine' });
    writer.place(place('a1'));
    notebook.undo();
    expect(idsOf(notebook)).toEqual(['c0', 'w1', 'c1', 'mine']);
    notebook.undo();
    expect(idsOf(notebook)).toEqual(['c0', 'w1', 'c1']);
  });

  test('a removal is a step of its own', () => {
    writer.place(place('a1'));
    writer.finish(finish('a1', 'x', { status: 'proposed' }));
    writer.remove({
      kind: 'cell.remove',
      id: 3,
      cell_id: 'a1',
      fingerprint: fingerprint('x'),
      metadata: metadata({ status: 'rejected' })
    });
    writer.place(place('a2', { metadata: { step: 2 } }));
    notebook.undo();
    expect(idsOf(notebook)).toEqual(['c0', 'c1']);
  });

  test('brings cells back that were set aside, and their copy stays with the prompt', () => {
    step(1);
    const prompt = cellOf(notebook, 'c0');
    prompt.setMetadata('codeact', saved({ role: 'prompt', status: 'answered' }));
    writer.setAside(prompt, 't1');
    writer.setAside(prompt, 't1');
    expect(idsOf(notebook)).toEqual(['c0', 'c1']);
    const cells = [
      { role: 'thought', source: 'I look.' },
      { role: 'action', source: 'print(1)' }
    ];
    const branch = { turn: 't1', cells };
    expect(prompt.getMetadata('codeact')).toMatchObject({ branches: [branch] });
    mark('c0', { role: 'prompt', turn: 't2', status: 'running' });
    notebook.undo();
    expect(idsOf(notebook)).toEqual(['c0', 'w1', 'a1', 'c1']);
    expect(prompt.getMetadata('codeact')).toMatchObject({ turn: 't2', branches: [branch] });
  });
});
