import { expect, test } from 'vitest';

import type { About, Models } from '../../src/protocol/messages';
import { type AskedKernel, KernelQuestions } from '../../src/sidebar/asking';

type Answer = object | string | Error;

/** A kernel that gives these answers in turn, as IPython does: the `repr` of a string of JSON. */
class Answers {
  readonly clientId = 'client-1';
  readonly asked: { expression: string; metadata: unknown; content: object }[] = [];

  constructor(private readonly answers: Answer[]) {}

  requestExecute(content: Record<string, unknown>, _: boolean, metadata: unknown) {
    const expressions = content.user_expressions as { said: string };
    this.asked.push({ expression: expressions.said, metadata, content });
    const next = this.answers.shift() ?? new Error('nothing more was to be asked');
    if (next instanceof Error) {
      throw next;
    }
    const text = typeof next === 'string' ? next : `'${JSON.stringify(next)}'`;
    const said = { status: 'ok', data: { 'text/plain': text } };
    return { done: Promise.resolve({ content: { status: 'ok', user_expressions: { said } } }) };
  }

  get questions(): KernelQuestions {
    return new KernelQuestions(this as unknown as AskedKernel, () => ({ max_steps: 3 }));
  }
}

const ABOUT = { version: '1', model: "o'brien", fault: '' } as unknown as About;
const MODELS: Models = { asking: false, models: ['a'], fault: '' };

test('the answer is read, and no trace is left of the question', async () => {
  const kernel = new Answers(["'" + JSON.stringify(ABOUT).replace("'", "\\'") + "'"]);
  expect(await kernel.questions.about()).toEqual(ABOUT);
  expect(kernel.asked[0]?.expression).toMatch(/fromlist=\['panel'\]\)\.about\(\)$/);
  expect(kernel.asked[0]?.content).toMatchObject({ code: '', silent: true, store_history: false });
  const front = { client: 'client-1', settings: { max_steps: 3 } };
  expect(kernel.asked[0]?.metadata).toMatchObject({ codeact: { front } });
});

test('several callers at once ask once, and later ones anew', async () => {
  const kernel = new Answers([ABOUT, ABOUT, MODELS]);
  const { questions } = kernel;
  const both = await Promise.all([questions.about(), questions.about()]);
  expect(both).toEqual([ABOUT, ABOUT]);
  expect(kernel.asked).toHaveLength(1);
  await Promise.all([questions.about(), questions.models()]);
  expect(kernel.asked).toHaveLength(3);
});

test('what takes long is asked for until it is there', async () => {
  const asking = { ...MODELS, asking: true };
  const kernel = new Answers([asking, asking, MODELS]);
  expect(await kernel.questions.models()).toEqual(MODELS);
  expect(kernel.asked).toHaveLength(3);
});

test('nothing goes on being asked for when nobody waits any more', async () => {
  const asking = { text: '', fault: '', asking: true };
  const kernel = new Answers([asking, asking]);
  let wanted = true;
  const found = kernel.questions.preview({ words: 'Sum.', before: '', fresh: false }, () => wanted);
  wanted = false;
  expect(await found).toBeNull();
  expect(kernel.asked).toHaveLength(1);
  expect(kernel.asked[0]?.expression).toMatch(/\.preview\("Sum\.", ""\)$/);
});

test('a prompt of any text is one Python string', async () => {
  const kernel = new Answers([MODELS]);
  const words = 'say "hi"\n\\ and \' and \u2028é';
  await kernel.questions.preview({ words, before: 'c1', fresh: true }, () => true);
  const [{ expression } = { expression: '' }] = kernel.asked;
  expect(expression).toContain(String.raw`.preview("say \"hi\"\n\\ and ' and `);
  expect(expression).not.toContain('\n');
});

test('where the package is not loaded, or the kernel went, there is no answer', async () => {
  expect(await new Answers(['False']).questions.about()).toBeNull();
  const kernel = new Answers([new Error('Kernel is dead'), ABOUT]);
  const { questions } = kernel;
  expect(await questions.about()).toBeNull();
  expect(await questions.about()).toEqual(ABOUT);
  const error = { content: { status: 'error' } };
  const failing = { clientId: 'c', requestExecute: () => ({ done: Promise.resolve(error) }) };
  const unable = new KernelQuestions(failing as unknown as AskedKernel, () => ({}));
  expect(await unable.variables()).toBeNull();
});
