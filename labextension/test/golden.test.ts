/**
 * Replays what real sessions said (`tests/record_golden.py`); the kernel's tests read it too.
 * Each line of the kernel is said here, each of the user done, and the tab has to answer as
 * the one did that was recorded.
 */
/// <reference types="vite/client" />
import { expect, test, vi } from 'vitest';

import { promptMarker } from '../src/gate/marker';
import type { PartialJSONObject } from '@lumino/coreutils';
import { VERSION } from '../src/protocol/messages';
import type {
  Hello,
  KernelMessage,
  NotebookCell,
  Reply,
  TabMessage
} from '../src/protocol/messages';
import { NotebookTurns } from '../src/turns/turns';
import { FakeKernel, FakePlace } from './kernel';
import { cellOf, indexOf, notebookOf } from './notebooks';

interface IOpened {
  id: string;
  cell_type: 'code' | 'markdown';
  source: string;
}

type Line =
  | { from: 'kernel'; message: KernelMessage }
  | { from: 'kernel'; ran: string; status: 'ok' | 'error' | 'aborted' }
  | { from: 'tab'; message: TabMessage }
  | { from: 'tab'; runs: string; front?: PartialJSONObject }
  | { from: 'user'; opens: IOpened[] }
  | { from: 'user'; edits: string; source: string };

const FILES = import.meta.glob<string>('../../tests/contract/golden/*.json', {
  eager: true,
  query: '?raw',
  import: 'default'
});

const OTHER = '"another version"';

/** The page is always of this version, so of two versions the other one is the kernel's. */
const CONVERSATIONS = Object.entries(FILES).map(([path, text]): [string, Line[]] => {
  const ours = text.includes(OTHER) ? OTHER : '"this version"';
  const lines: unknown = JSON.parse(text.replaceAll(ours, JSON.stringify(VERSION)));
  return [path.replace(/.*\//, ''), lines as Line[]];
});

/** One page after the other that shows the notebook of a conversation. */
class Replay {
  readonly notebook = notebookOf();
  kernel = new FakeKernel();
  place = new FakePlace(this.notebook, null);
  turns = new NotebookTurns(this.place);
  /** The cells that were sent, and have not been answered. */
  readonly sent = new Set<string>();

  async hear(line: Line): Promise<void> {
    if ('opens' in line) {
      line.opens.forEach(cell => this.notebook.addCell({ ...cell }));
    } else if ('edits' in line) {
      cellOf(this.notebook, line.edits).setSource(line.source);
    } else if ('runs' in line) {
      this.runs(line.runs, line.front);
    } else if ('ran' in line) {
      this.kernel.reply(line.ran, line.status);
    } else if (line.from === 'kernel') {
      this.kernel.say(line.message);
    } else {
      this.act(line.message);
      await this.says(line.message);
    }
  }

  /** What the user does for the tab to say this. */
  private act(message: TabMessage): void {
    switch (message.kind) {
      case 'hello':
        this.load(message);
        break;
      case 'stop':
        this.turns.stop();
        break;
      case 'reject':
        this.turns.reject(message.cell_id, message.reason, message.deed);
        break;
      case 'approve.rest':
        this.turns.approveRest(message.turn);
        break;
      case 'gone':
        this.notebook.deleteCell(indexOf(this.notebook, message.cell_id));
        break;
      case 'reply':
        break;
    }
  }

  private load({ client, path }: Hello): void {
    this.turns.dispose();
    this.kernel = new FakeKernel(client);
    this.kernel.loaded = true;
    this.place = new FakePlace(this.notebook, this.kernel);
    this.place.path = path;
    this.turns = new NotebookTurns(this.place);
  }

  /** By the user, unless the tab has sent it for the kernel. */
  private runs(cellId: string, front?: PartialJSONObject): void {
    if (front) {
      const session = { session: { kernel: { clientId: this.kernel.clientId } } } as never;
      const { settings, version } = front as { settings: PartialJSONObject; version: string };
      const cell = cellOf(this.notebook, cellId);
      const marked = promptMarker(cell, session, this.turns, settings as never, version);
      expect(marked.codeact).toMatchObject({ front });
    }
    if (!this.place.ran.includes(cellId)) {
      this.kernel.execute(cellId);
    }
    this.kernel.begin(cellId);
  }

  private async says(expected: TabMessage): Promise<void> {
    const found = await vi.waitFor(() => {
      const place = this.kernel.sent.findIndex(message => isSame(message, expected));
      expect(place, JSON.stringify(expected)).toBeGreaterThanOrEqual(0);
      return this.kernel.sent.splice(place, 1)[0];
    });
    expect(found && unrun(found)).toEqual(unrun(expected));
  }
}

/** Replies come in any order, for some are sent a moment later. */
function isSame(message: TabMessage, expected: TabMessage): boolean {
  const to = message.kind === 'reply' ? message.to : null;
  return message.kind === expected.kind && to === ((expected as Partial<Reply>).to ?? null);
}

/** Without what cells put out: here none is run. */
function unrun(message: TabMessage): TabMessage {
  if (message.kind !== 'reply' || message.cells === null) {
    return message;
  }
  const cells = message.cells.map((cell): NotebookCell => ({
    ...cell,
    outputs: [],
    execution_count: null
  }));
  return { ...message, cells };
}

test.each(CONVERSATIONS)('%s', async (name, lines) => {
  const replay = new Replay();
  for (const line of lines) {
    await replay.hear(line);
  }
  expect(replay.kernel.sent).toEqual([]);
  expect(replay.turns.running).toBeNull();
  const { warnings } = replay.place;
  expect(warnings).toHaveLength(name === 'other_version.json' ? 1 : 0);
  // JupyterLab cuts a longer one; the other version may have a longer name
  expect(Math.max(0, ...warnings.map(warning => warning.length))).toBeLessThanOrEqual(140);
});
