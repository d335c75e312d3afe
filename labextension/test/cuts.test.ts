/** Whatever is lost, doubled or late on the way, a turn comes out whole once it is said again. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ISharedCodeCell } from '@jupyter/ydoc';

import { fingerprint } from '../src/cells/fingerprint';
import { LATER } from '../src/protocol/dispatch';
import type {
  CellFinish,
  CellMark,
  CellMetadata,
  CellPlace,
  KernelMessage
} from '../src/protocol/messages';
import { card, cellOf, finish, metadata, place, runs, sourcesOf } from './notebooks';
import { kernel, next, notebook, panel, said, setStage } from './stage';

const CODE = 'x = 1\nx';
const THOUGHT = 'I look.';
const ANSWER = 'It is 1.';

/** Numbers from 0 to 1 that are the same for the same seed (Mulberry32). */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The kernel's end of a bad line, which repeats what was not acknowledged, as `hosts/link.py`. */
class Line {
  constructor(private readonly roll: () => number) {}

  send(message: KernelMessage): void {
    if ('id' in message) {
      this.pending.set(message.id, message);
    }
    const rolled = this.roll();
    if (rolled < 0.25) {
      return; // lost
    }
    const late = this.late.splice(0);
    if (rolled < 0.4) {
      this.late.push(message);
    } else {
      kernel.say(message);
      if (rolled > 0.85) {
        kernel.say(message);
      }
    }
    for (const one of late) {
      kernel.say(one);
    }
  }

  /** The connection is there again: say how all cells stand, and all that has no reply. */
  async mend(cells: (() => KernelMessage[])[]): Promise<void> {
    this.late.length = 0;
    kernel.connectionStatusChanged.emit('connecting');
    kernel.connectionStatusChanged.emit('connected');
    await this.heard();
    for (const message of cells.flatMap(again => again())) {
      kernel.say(message);
    }
    while (this.pending.size > 0) {
      for (const message of [...this.pending.values()]) {
        kernel.say(message);
      }
      await this.heard();
    }
  }

  private async heard(): Promise<void> {
    await vi.advanceTimersByTimeAsync(2 * LATER);
    for (const reply of said('reply')) {
      if (reply.kind === 'reply' && reply.error !== 'gone') {
        this.pending.delete(reply.to);
      }
    }
    kernel.sent.length = 0;
  }

  private readonly pending = new Map<number, KernelMessage>();
  private readonly late: KernelMessage[] = [];
}

/** One cell of the turn, piece by piece. */
function streamed(line: Line, cell_id: string, text: string, about: Partial<CellMetadata>): void {
  const cell_type = about.role === 'action' ? 'code' : 'markdown';
  line.send({ ...place(cell_id, { cell_type, metadata: about }), id: next() });
  for (let at = 0; at < text.length; at += 3) {
    line.send({ kind: 'cell.text', cell_id, at, text: text.slice(at, at + 3) });
  }
}

function whole(
  cell_id: string,
  text: string,
  about: Partial<CellMetadata>
): [CellPlace, CellFinish] {
  const kept = { ...about, fingerprint: fingerprint(text) };
  const cell_type = about.role === 'action' ? 'code' : 'markdown';
  return [
    { ...place(cell_id, { cell_type, source: text, metadata: kept }), id: next() },
    { ...finish(cell_id, text, kept), id: next() }
  ];
}

function mark(): CellMark {
  const kept = metadata({ status: 'ok', fingerprint: fingerprint(CODE) });
  return { kind: 'cell.mark', id: next(), cell_id: 'a1', metadata: kept, passes: false };
}

const thought = { role: 'thought', status: 'done' } as const;
const action = { role: 'action', status: 'running' } as const;
const answer = { role: 'answer', status: 'done', step: 2 } as const;

/** Up to the run of the action. */
function begin(line: Line): void {
  const about = metadata({ role: 'prompt', step: 0, status: 'running' });
  line.send({
    kind: 'turn.started',
    id: next(),
    prompt_id: 'c0',
    replaces: '',
    keeps: 0,
    metadata: about,
    card: card()
  });
  streamed(line, 'p1', THOUGHT, { role: 'thought' });
  streamed(line, 'a1', CODE, { role: 'action' });
  const [, finished] = whole('a1', CODE, action);
  line.send({ ...runs('a1'), id: next(), finish: finished });
  line.send(whole('p1', THOUGHT, thought)[1]);
}

/** The kernel runs the action, as the notebook shows it. */
function run(): void {
  const cell = cellOf(notebook, 'a1') as ISharedCodeCell;
  kernel.begin('a1');
  cell.execution_count = 5;
  kernel.reply('a1');
}

/** From its observation on. */
function conclude(line: Line): void {
  line.send(mark());
  streamed(line, 'p2', ANSWER, { role: 'answer', step: 2 });
  line.send(whole('p2', ANSWER, answer)[1]);
  line.send({
    kind: 'turn.ended',
    id: next(),
    prompt_id: 'c0',
    metadata: metadata({ role: 'prompt', step: 0, status: 'answered' }),
    card: card({ state: 'ended', ending: 'answered' })
  });
}

beforeEach(() => {
  vi.useFakeTimers();
  setStage();
});

afterEach(() => {
  vi.useRealTimers();
});

test.each(Array.from({ length: 300 }, (_, seed) => seed))('line %i', async seed => {
  const line = new Line(dice(seed));
  const first = [() => whole('p1', THOUGHT, thought), () => whole('a1', CODE, action)];
  begin(line);
  await line.mend(first);
  expect(panel.ran).toEqual(['a1']);
  run();
  conclude(line);
  await line.mend([...first, () => [mark()], () => whole('p2', ANSWER, answer)]);
  const prompt = '%%codeact\nhow many?';
  expect(sourcesOf(notebook)).toEqual([prompt, THOUGHT, CODE, ANSWER, 'mine()']);
  const statuses = notebook.cells.map(cell => cell.getMetadata('codeact') as CellMetadata | null);
  expect(statuses.map(one => one?.status)).toEqual(['answered', 'done', 'ok', 'done', undefined]);
  expect(panel.ran).toEqual(['a1']);
});
