import { expect, test } from 'vitest';

import { enterKey, type IPrompts, type PromptingKernel } from '../../src/sidebar/prompting';

const PASSWORD = { prompt: 'API key for host (Enter changes nothing): ', password: true };
const AGREED = { prompt: 'Keep it, for later kernels too? [y/N] ', password: false };

/** A kernel that prompts as `%codeact key` does, until nothing is typed. */
class Prompting {
  readonly clientId = 'client-1';
  readonly replies: unknown[] = [];
  readonly requests: unknown[] = [];
  onIOPub: (message: unknown) => void = () => undefined;
  onStdin: (message: unknown) => void = () => undefined;
  gone = false;

  requestExecute(content: object) {
    this.requests.push(content);
    this.done = new Promise((resolve, reject) => {
      this.end = resolve;
      this.fail = reject;
    });
    this.prompt(PASSWORD);
    return this;
  }

  sendInputReply({ value }: { value: string }, header: object): void {
    if (this.gone) {
      throw new Error('Kernel is dead');
    }
    this.replies.push([value, header]);
    if (this.replies.length === 1 && value !== '') {
      this.prompt(AGREED);
    } else if (value === 'bad') {
      this.end({ content: { status: 'error', evalue: 'That cannot be a key.' } });
    } else {
      this.onIOPub({ content: { execution_state: 'idle' } });
      this.onIOPub({ content: { name: 'stdout', text: 'Done.\n' } });
      this.end({ content: { status: 'ok' } });
    }
  }

  die(): void {
    this.gone = true;
    this.fail(new Error('Canceled'));
  }

  enter(prompts: Partial<IPrompts>): Promise<string> {
    const nobody = () => Promise.resolve(null);
    const all = { password: nobody, agreed: nobody, ...prompts };
    return enterKey(this as unknown as PromptingKernel, {}, all);
  }

  done: Promise<unknown> = Promise.resolve();
  private end: (content: unknown) => void = () => undefined;
  private fail: (reason: Error) => void = () => undefined;

  private prompt(content: object): void {
    setTimeout(() => {
      this.onStdin({ header: { msg_id: this.replies.length }, content });
    }, 0);
  }
}

test('both prompts are answered, each to its own request', async () => {
  const kernel = new Prompting();
  const labels: string[] = [];
  const told = await kernel.enter({
    password: label => Promise.resolve((labels.push(label), 'key')),
    agreed: label => Promise.resolve((labels.push(label), true))
  });
  expect(told).toBe('Done.');
  expect(labels).toEqual([
    'API key for host (Enter changes nothing)',
    'Keep it, for later kernels too?'
  ]);
  expect(kernel.replies).toEqual([
    ['key', { msg_id: 0 }],
    ['y', { msg_id: 1 }]
  ]);
  const quiet = { code: '%codeact key', silent: true, store_history: false, allow_stdin: true };
  expect(kernel.requests).toEqual([quiet]);
});

test('a dialog that is closed sends nothing typed, and no interrupt', async () => {
  const kernel = new Prompting();
  expect(await kernel.enter({})).toBe('Done.');
  expect(kernel.replies).toEqual([['', { msg_id: 0 }]]);
  const unsure = new Prompting();
  await unsure.enter({ password: () => Promise.resolve('key') });
  expect(unsure.replies.at(-1)).toEqual(['', { msg_id: 1 }]);
});

test('a fault is told in its sentence, and a kernel that went is none', async () => {
  const kernel = new Prompting();
  kernel.replies.push('an earlier one');
  const password = () => Promise.resolve('bad');
  expect(await kernel.enter({ password })).toBe('That cannot be a key.');
  const gone = new Prompting();
  const told = gone.enter({
    password: () => {
      gone.die();
      return Promise.resolve('key');
    }
  });
  expect(await told).toBe('');
  expect(gone.replies).toEqual([]);
});
