/** Cells that are run while the notebook has no kernel yet, though one is on its way. */
import { expect, test, vi } from 'vitest';

import { Desk, settled } from './standins';

const PROMPT = '%%codeact\nask';

/** A notebook that is shown, and of which JupyterLab has yet to find the kernel. */
function deskAtLoad(...sources: string[]): Desk {
  const desk = new Desk(...sources);
  Object.assign(desk.session, { session: null, isReady: false, hasNoKernel: true });
  return desk;
}

function comes(desk: Desk): void {
  const session = { kernel: { clientId: 'this tab' } };
  Object.assign(desk.session, { session, isReady: true, hasNoKernel: false });
  desk.session.kernelChanged.emit();
}

test('they wait for it and run in their order', async () => {
  const desk = deskAtLoad('x = 1', 'y = 2', PROMPT, 'z = 3');
  const runs = desk.run('abcd');
  await settled();
  expect(desk.order).toBe('');
  expect(desk.starred).toBe('abcd');
  comes(desk);
  await settled();
  expect(desk.order).toBe('abcd');
  expect(await Promise.all(runs)).toEqual([true, true, true, true]);
  expect(desk.starred).toBe('');
});

test('one that is run again meanwhile runs once', async () => {
  const desk = deskAtLoad('x = 1', PROMPT);
  const runs = desk.run('ab');
  await settled();
  runs.push(...desk.run('a'));
  await settled();
  runs.push(...desk.run('b'));
  await settled();
  comes(desk);
  expect(await Promise.all(runs)).toEqual([true, true, true, true]);
  expect(desk.order).toBe('ab');
});

test('an approved proposal runs, once', async () => {
  const desk = deskAtLoad('x = 1');
  desk.mark('a', { role: 'action', status: 'proposed' });
  const runs = desk.run('a');
  await settled();
  runs.push(...desk.run('a'));
  await settled();
  expect(desk.order).toBe('');
  comes(desk);
  expect(await Promise.all(runs)).toEqual([true, true]);
  expect(desk.order).toBe('a');
});

test('one that was deleted meanwhile does not run', async () => {
  const desk = deskAtLoad('x = 1', 'y = 2');
  void desk.run('ab');
  await settled();
  desk.remove('a');
  comes(desk);
  await settled();
  expect(desk.order).toBe('b');
});

test('Markdown needs no kernel', async () => {
  const desk = deskAtLoad('#md');
  await Promise.all(desk.run('a'));
  expect(desk.order).toBe('a');
});

test('a kernel that is being started is waited for', async () => {
  const desk = new Desk('x = 1');
  desk.session.session = null;
  void desk.run('a');
  desk.session.kernelChanged.emit();
  await settled();
  expect(desk.order).toBe('');
  comes(desk);
  await settled();
  expect(desk.order).toBe('a');
});

test.each([
  ['where none runs', { isReady: false, running: ['b.ipynb'] }],
  ['where the user wants none', { isReady: true }]
])('JupyterLab asks for one %s', async (_, about) => {
  const desk = deskAtLoad('x = 1');
  Object.assign(desk.session, about);
  await Promise.all(desk.run('a'));
  expect(desk.order).toBe('a');
});

test('JupyterLab says what is wrong with the server, or with the start of a kernel', async () => {
  const warned = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
  const desk = deskAtLoad('x = 1');
  desk.session.sessionManager.refreshRunning = () => Promise.reject(new Error('no server'));
  await Promise.all(desk.run('a'));
  expect(desk.order).toBe('a');
  expect(warned.mock.calls.flat().join()).toContain('did not say which kernels run');
  warned.mockRestore();
  desk.session.hasNoKernel = false;
  void desk.run('a');
  await settled();
  Object.assign(desk.session, { hasNoKernel: true, isReady: true });
  desk.session.kernelChanged.emit();
  await settled();
  expect(desk.order).toBe('aa');
});

test('a notebook that is closed meanwhile runs nothing', async () => {
  const desk = deskAtLoad('x = 1');
  const [run] = desk.run('a');
  await settled();
  desk.session.isDisposed = true;
  desk.session.disposed.emit();
  expect(await run).toBe(false);
  expect(desk.order).toBe('');
});
