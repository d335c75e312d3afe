import { beforeEach, expect, test, vi } from 'vitest';

import { Comms } from '../src/protocol/comms';
import type { ITabComm } from '../src/protocol/comms';
import { FakeKernel } from './kernel';

let kernel: FakeKernel;
let ready: ReturnType<typeof vi.fn<() => void>>;
let comms: Comms;

beforeEach(() => {
  kernel = new FakeKernel();
  kernel.handleComms = false;
  ready = vi.fn();
  comms = new Comms(kernel.asPlaceKernel, ready);
});

/** A comm that is open, its id, and what it hears. */
function opened(): { comm: ITabComm; comm_id: string; heard: string[] } {
  const heard: string[] = [];
  const comm = comms.create();
  comm.onMsg = ({ content }) => void heard.push(content.data.kind as string);
  comm.onClose = () => void heard.push('closed');
  comm.open({ kind: 'hello' });
  const { comm_id } = kernel.shell.at(-1)?.content as { comm_id: string };
  return { comm, comm_id, heard };
}

test('hear that the kernel knows us', () => {
  kernel.broadcast('comm_open', { comm_id: '1', target_name: 'jupyter.widget' });
  expect(ready).not.toHaveBeenCalled();
  kernel.broadcast('comm_open', { comm_id: '2', target_name: 'codeact-ready' });
  expect(ready).toHaveBeenCalledOnce();
});

test('say what a comm says', () => {
  const { comm, comm_id } = opened();
  comm.send({ kind: 'stop' });
  comm.close();
  expect(kernel.shell).toMatchObject([
    { header: { msg_type: 'comm_open' }, content: { comm_id, target_name: 'codeact' } },
    { header: { msg_type: 'comm_msg' }, content: { comm_id, data: { kind: 'stop' } } },
    { header: { msg_type: 'comm_close' }, content: { comm_id } }
  ]);
  expect(kernel.shell.map(({ header }) => header.session)).toEqual(Array(3).fill('client-1'));
  expect(comm.isDisposed).toBe(true);
});

test('hear their own comm only, until the kernel closes it', () => {
  const { comm, comm_id, heard } = opened();
  kernel.broadcast('comm_msg', { comm_id: 'another', data: { kind: 'ping' } });
  kernel.broadcast('comm_close', { comm_id: 'another', data: {} });
  expect(heard).toEqual([]);
  kernel.broadcast('comm_msg', { comm_id, data: { kind: 'welcome' } });
  kernel.broadcast('comm_close', { comm_id, data: {} });
  expect(heard).toEqual(['welcome', 'closed']);
  expect(comm.isDisposed).toBe(true);
});

test('hear nothing any more on a comm that another one took the place of', () => {
  const before = opened();
  const { comm_id, heard } = opened();
  kernel.broadcast('comm_msg', { comm_id: before.comm_id, data: { kind: 'ping' } });
  kernel.broadcast('comm_msg', { comm_id, data: { kind: 'welcome' } });
  expect([before.heard, heard]).toEqual([[], ['welcome']]);
});

test('hear nothing once they are disposed', () => {
  const { comm_id, heard } = opened();
  comms.dispose();
  kernel.broadcast('comm_open', { comm_id: '2', target_name: 'codeact-ready' });
  kernel.broadcast('comm_msg', { comm_id, data: { kind: 'welcome' } });
  expect(heard).toEqual([]);
  expect(ready).not.toHaveBeenCalled();
});
