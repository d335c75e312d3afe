import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import type { IKernelHandlers } from '../src/protocol/dispatch';
import { INSIST, Link } from '../src/protocol/link';
import { VERSION } from '../src/protocol/messages';
import type { Welcome } from '../src/protocol/messages';
import { FakeKernel, acknowledged, settled } from './kernel';
import { finish, runs } from './notebooks';

const WELCOME: Welcome = { kind: 'welcome', version: VERSION, turns: [] };

let kernel: FakeKernel;
let handlers: Record<keyof IKernelHandlers, ReturnType<typeof vi.fn>>;
let lost: string[];
let warnings: string[];
let link: Link;

beforeEach(() => {
  kernel = new FakeKernel();
  handlers = {
    welcome: vi.fn(),
    turnCard: vi.fn(),
    turnRuns: vi.fn(),
    cellText: vi.fn(),
    turnStarted: vi.fn(() => ({})),
    cellPlace: vi.fn(() => ({})),
    cellFinish: vi.fn(() => ({ fingerprint: 'f' })),
    cellRun: vi.fn(() => ({})),
    cellOutputs: vi.fn(() => ({})),
    cellMark: vi.fn(() => ({})),
    cellRemove: vi.fn(() => ({})),
    notebookRead: vi.fn(() => ({})),
    notebookNews: vi.fn(() => ({})),
    turnEnded: vi.fn(() => ({}))
  };
  lost = [];
  warnings = [];
  link = linkTo(kernel);
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

function linkTo(to: FakeKernel): Link {
  return new Link(to.asPlaceKernel, {
    handlers: handlers as unknown as IKernelHandlers,
    path: 'a.ipynb',
    linked: () => undefined,
    lost: how => lost.push(how),
    warn: sentence => warnings.push(sentence)
  });
}

function greet(version = VERSION): void {
  kernel.load();
  kernel.say({ ...WELCOME, version });
}

/** The websocket is gone for a while; the comm is not. */
function cut(): void {
  kernel.connectionStatusChanged.emit('connecting');
  kernel.connectionStatusChanged.emit('connected');
}

describe('a websocket that was cut', () => {
  test('has the tab say hello again, and ask again what has no answer', async () => {
    greet();
    const stopped = link.request({ kind: 'stop', turn: 't1' });
    cut();
    expect(kernel.sent.map(message => message.kind)).toEqual(['hello', 'stop', 'hello', 'stop']);
    expect(kernel.sent.at(-1)).toEqual(kernel.sent.at(1));
    kernel.say({ kind: 'done', to: 1, ok: true, text: '' });
    await expect(stopped).resolves.toMatchObject({ ok: true });
    cut();
    expect(kernel.sent.at(-1)).toMatchObject({ kind: 'hello' });
  });

  test('may have lost the welcome: the kernel is met anew', async () => {
    kernel.loaded = true;
    kernel.load();
    cut();
    await settled();
    expect(kernel.comms.length).toBe(2);
    kernel.say(WELCOME);
    expect(link.connected).toBe(true);
  });

  test('may have lost the welcome alone: what comes behind it waits for the next one', async () => {
    kernel.loaded = true;
    kernel.load();
    kernel.say(finish('a1', 'x'));
    cut();
    await settled();
    kernel.comms[0]?.onMsg({ content: { data: finish('a1', 'x') } });
    await acknowledged();
    expect(handlers.cellFinish).not.toHaveBeenCalled();
    expect(kernel.sent.map(message => message.kind)).toEqual(['hello', 'hello']);
    kernel.say(WELCOME);
    kernel.say(finish('a1', 'x'));
    await acknowledged();
    expect(handlers.cellFinish).toHaveBeenCalledTimes(1);
    expect(kernel.sent.at(-1)).toMatchObject({ kind: 'reply', error: null });
  });

  test('that is there for the first time says nothing', () => {
    cut();
    expect(kernel.sent).toEqual([]);
  });
});

describe('meeting', () => {
  test('a kernel without the package never hears of us', async () => {
    await settled();
    expect(kernel.comms).toEqual([]);
    expect(link.connected).toBe(false);
  });

  test('on %load_ext the tab says hello, once', () => {
    kernel.load();
    kernel.load();
    expect(kernel.sent).toEqual([
      { kind: 'hello', version: VERSION, client: 'client-1', path: 'a.ipynb' }
    ]);
    expect(link.connected).toBe(false);
    kernel.say(WELCOME);
    expect(link.connected).toBe(true);
  });

  test('is pending until the kernel said whether it knows us, and then what runs', async () => {
    link = linkTo(kernel);
    expect(link.pending).toBe(true);
    await settled();
    expect(link.pending).toBe(false);
    kernel.load();
    expect(link.pending).toBe(true);
    kernel.say(WELCOME);
    expect(link.pending).toBe(false);
  });

  test('a question that was lost with the websocket is asked again', async () => {
    kernel = new FakeKernel();
    const asked = vi.spyOn(kernel, 'requestCommInfo');
    asked.mockReturnValueOnce(new Promise(() => undefined));
    link = linkTo(kernel);
    kernel.loaded = true;
    cut();
    await settled();
    expect(kernel.sent).toMatchObject([{ kind: 'hello' }]);
    kernel.say(WELCOME);
    expect(link.connected).toBe(true);
  });

  test('a kernel that is not busy and does not answer is asked again', async () => {
    vi.useFakeTimers();
    kernel = new FakeKernel();
    kernel.loaded = true;
    const asked = vi.spyOn(kernel, 'requestCommInfo');
    asked.mockReturnValueOnce(new Promise(() => undefined));
    kernel.status = 'busy';
    link = linkTo(kernel);
    await vi.advanceTimersByTimeAsync(3 * INSIST);
    expect(asked).toHaveBeenCalledTimes(1);
    kernel.status = 'idle';
    await vi.advanceTimersByTimeAsync(INSIST); // its hello has no answer either
    await vi.advanceTimersByTimeAsync(INSIST);
    expect(kernel.comms).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(INSIST);
    expect(kernel.comms).toHaveLength(2);
    kernel.say(WELCOME);
    await vi.advanceTimersByTimeAsync(3 * INSIST);
    expect(link.connected).toBe(true);
    expect(asked).toHaveBeenCalledTimes(3);
  });

  test('a page that comes later asks', async () => {
    kernel = new FakeKernel();
    kernel.loaded = true;
    link = linkTo(kernel);
    await settled();
    expect(kernel.sent).toMatchObject([{ kind: 'hello' }]);
  });

  test('with another version there is one warning, and no turn', async () => {
    greet('9.9');
    expect(link.connected).toBe(false);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/9\.9 in the kernel/);
    kernel.say(finish('a1', 'x'));
    await acknowledged();
    expect(kernel.sent.at(-1)).toMatchObject({ kind: 'reply', to: 2, error: 'failed' });
    expect(handlers.cellFinish).not.toHaveBeenCalled();
  });
});

describe('requests of the kernel', () => {
  beforeEach(() => {
    greet();
    kernel.sent.length = 0;
  });

  test('get one reply with all its fields', async () => {
    kernel.say(finish('a1', 'x'));
    await acknowledged();
    expect(kernel.sent).toEqual([
      {
        kind: 'reply',
        to: 2,
        error: null,
        text: '',
        fingerprint: 'f',
        cells: null,
        left_out: 0,
        hidden: [],
        changes: null
      }
    ]);
  });

  test('whose cell was not there yet are carried out when they come again', async () => {
    handlers.cellFinish.mockReturnValueOnce({ error: 'gone', text: '' }).mockReturnValueOnce({});
    kernel.say(finish('a1', 'x'));
    await acknowledged();
    kernel.say(finish('a1', 'x'));
    await acknowledged();
    expect(kernel.sent).toMatchObject([{ error: 'gone' }, { error: null }]);
  });

  test('that come twice are carried out once and answered twice', async () => {
    kernel.say(finish('a1', 'x'));
    kernel.say(finish('a1', 'x'));
    await acknowledged();
    expect(handlers.cellFinish).toHaveBeenCalledTimes(1);
    expect(kernel.sent).toHaveLength(2);
  });

  test('are answered at once where the kernel waits for it, else behind that', async () => {
    kernel.say(finish('a1', 'x'));
    kernel.say(runs('a1'));
    await settled();
    expect(kernel.sent).toMatchObject([{ to: 3 }]);
    await acknowledged();
    expect(kernel.sent).toMatchObject([{ to: 3 }, { to: 2 }]);
  });

  test('that throw are answered with what was thrown', async () => {
    const logged = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    handlers.cellFinish.mockImplementation(() => {
      throw new Error('no model');
    });
    kernel.say(finish('a1', 'x'));
    await acknowledged();
    expect(kernel.sent).toMatchObject([{ error: 'failed', text: 'no model' }]);
    expect(logged).toHaveBeenCalled();
  });

  test('that fail later are answered, too', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    handlers.cellRun.mockReturnValue(Promise.reject(new Error('late')));
    kernel.say(runs('a1', { id: 4 }));
    await settled();
    expect(kernel.sent).toMatchObject([{ to: 4, error: 'failed', text: 'late' }]);
  });

  test('of an unknown kind are logged, and answered when they wait', async () => {
    const logged = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    kernel.say({ kind: 'cell.paint', id: 5 });
    kernel.say({ kind: 'cell.shout' });
    await settled();
    expect(kernel.sent).toMatchObject([{ to: 5, error: 'unknown' }]);
    expect(logged).toHaveBeenCalledTimes(2);
  });

  test('an error in a message without a reply does not stop the next one', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    handlers.cellText.mockImplementation(() => {
      throw new Error('broken');
    });
    kernel.say({ kind: 'cell.text', cell_id: 'a1', at: 0, text: 'x' });
    kernel.say({ kind: 'ping', id: 6 });
    await settled();
    expect(kernel.sent).toMatchObject([{ to: 6, error: null }]);
  });
});

describe('requests of the tab', () => {
  test('resolve with what the kernel says', async () => {
    greet();
    const asked = link.request({ kind: 'stop', turn: 't1' });
    expect(kernel.sent.at(-1)).toEqual({ kind: 'stop', turn: 't1', id: 1 });
    kernel.say({ kind: 'done', to: 1, ok: true, text: 'so be it' });
    expect(await asked).toMatchObject({ ok: true, text: 'so be it' });
  });

  test('resolve when there is nobody to ask, and when the kernel goes', async () => {
    expect(await link.request({ kind: 'stop', turn: 't1' })).toMatchObject({ ok: false });
    greet();
    const asked = link.request({ kind: 'stop', turn: 't1' });
    kernel.restart();
    expect(await asked).toMatchObject({ ok: false });
  });
});

describe('the end of a kernel', () => {
  test.each([
    ['restarting', 'was restarted'],
    ['autorestarting', 'died and was restarted'],
    ['dead', 'died'],
    ['terminating', 'was shut down']
  ] as const)('%s', async (status, how) => {
    greet();
    kernel.restart(status);
    expect(link.connected).toBe(false);
    await settled();
    expect(lost).toEqual([how]);
  });

  test('is told as a death where JupyterLab first calls it a restart', async () => {
    greet();
    queueMicrotask(() => {
      kernel.restart('autorestarting');
    });
    kernel.restart('restarting');
    await settled();
    expect(lost).toEqual(['died and was restarted']);
  });

  test('is over with the next %load_ext, and its numbers are new', async () => {
    greet();
    kernel.say(finish('a1', 'x'));
    kernel.restart();
    greet();
    expect(link.connected).toBe(true);
    kernel.say(finish('a1', 'x'));
    await settled();
    expect(handlers.cellFinish).toHaveBeenCalledTimes(2);
  });

  test('is not one that closes our comm and knows us still: it is greeted again', async () => {
    greet();
    kernel.sent.length = 0;
    kernel.close(true);
    await settled();
    expect(kernel.sent).toMatchObject([{ kind: 'hello' }]);
    expect(lost).toEqual([]);
  });

  test('is the same for a turn as where the package is unloaded', async () => {
    greet();
    kernel.close();
    await settled();
    expect(lost).toEqual(['no longer has CodeAct loaded']);
    expect(kernel.comms).toHaveLength(1);
  });

  test('a comm that is closed before its welcome is not opened for ever', async () => {
    kernel.load();
    kernel.close(true);
    await settled();
    expect(kernel.comms).toHaveLength(1);
    expect(lost).toHaveLength(1);
  });

  test('says goodbye when it is closed, unless the kernel is gone', () => {
    greet();
    link.dispose();
    expect(kernel.comms.at(-1)?.isDisposed).toBe(true);
    expect(lost).toEqual([]);
  });

  test.each([
    ['is gone', (): unknown => (kernel.isDisposed = true)],
    ['has closed it', (): unknown => kernel.comms.map(comm => (comm.isDisposed = true))]
  ])('says no goodbye to a kernel that %s', (_, goes) => {
    greet();
    goes();
    const closes = kernel.comms.map(comm => vi.spyOn(comm, 'close'));
    link.dispose();
    expect(closes).toHaveLength(1);
    closes.forEach(close => {
      expect(close).not.toHaveBeenCalled();
    });
  });

  test('a closed link says nothing any more', async () => {
    greet();
    kernel.sent.length = 0;
    link.dispose();
    kernel.load();
    kernel.say(finish('a1', 'x'));
    await acknowledged();
    expect(kernel.sent).toEqual([]);
  });
});
