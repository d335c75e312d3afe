/** Outputs and sources as the model is to read them: texts cut, pictures named. */
import type { IOutput, MultilineString } from '@jupyterlab/nbformat';

import { CARD_MIME } from '../protocol/messages';
import type { NotebookCell } from '../protocol/messages';
import { isObject } from './metadata';

type Output = NotebookCell['outputs'][number];

/** The most characters of one text of an output. */
const MOST_OF_OUTPUT = 2_000;

/** The parts of a bundle that are words; the first of the two lists that there is. */
const WORDS = ['text/plain', 'text/markdown', 'text/latex'];
const OTHER_WORDS = ['text/html', 'application/json'];

/** The beginning and the end of a text, and how much is left out between them. */
export function cut(text: string, most: number): string {
  if (text.length <= most) {
    return text;
  }
  const head = Math.ceil((most * 2) / 3);
  const tail = most - head;
  const left = (text.length - most).toLocaleString('en');
  const end = tail > 0 ? text.slice(-tail) : '';
  return `${text.slice(0, head)}\n[… ${left} characters left out …]\n${end}`;
}

/** The outputs of a cell in nbformat's shapes, without cards of ours. */
export function readOutputs(outputs: readonly IOutput[]): Output[] {
  return outputs.map(readOutput).filter(output => output !== null);
}

function readOutput(output: IOutput): Output | null {
  if (output.output_type === 'stream') {
    return { ...output, text: cut(joined(output.text), MOST_OF_OUTPUT) };
  }
  if (output.output_type === 'error') {
    const lines = Array.isArray(output.traceback) ? output.traceback : [];
    return { ...output, traceback: [cut(lines.join('\n'), MOST_OF_OUTPUT)] };
  }
  const { data } = output;
  if (!isObject(data) || CARD_MIME in data) {
    return null;
  }
  const shown: Output = { output_type: output.output_type, metadata: {}, data: readBundle(data) };
  return 'execution_count' in output
    ? { ...shown, execution_count: output.execution_count }
    : shown;
}

function readBundle(data: Record<string, unknown>): Record<string, string> {
  const words = WORDS.some(mime => mime in data) ? WORDS : OTHER_WORDS;
  const shown: Record<string, string> = {};
  for (const [mime, value] of Object.entries(data)) {
    if (words.includes(mime)) {
      shown[mime] = cut(joined(value), MOST_OF_OUTPUT);
    } else if (mime.startsWith('image/')) {
      shown[mime] = `[${mime}]`;
    }
  }
  return shown;
}

function joined(text: unknown): string {
  if (typeof text === 'string') {
    return text;
  }
  return Array.isArray(text) ? (text as MultilineString & string[]).join('') : JSON.stringify(text);
}
