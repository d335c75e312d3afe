/** Why a prompt could not reach the package, and what to do about it; without any I/O. */

import { trans } from '../translation';

/** What a Python kernel says about itself and the package. */
export interface IKernelFacts {
  /** Its interpreter, as JSON, so that no path breaks the line. */
  readonly python: string;
  /** The package's version, or null where it is not installed. */
  readonly version: string | null;
  readonly loaded: boolean;
}

/**
 * One sentence or two, and a line to copy where there is one. JupyterLab cuts a message at 140
 * characters, so the line is not part of it, and what may be long, a path, comes last.
 */
export interface IAdvice {
  readonly reason: string;
  readonly message: string;
  readonly line: string | null;
}

/** Asked in the kernel, without a trace there; each is a Python expression. */
export const QUESTIONS = {
  python: "__import__('json').dumps(__import__('sys').executable)",
  version:
    "__import__('json').dumps(__import__('importlib.metadata').metadata.version('codeact-jupyter'))",
  loaded: "__import__('json').dumps('codeact' in get_ipython().magics_manager.magics['cell'])"
} as const;

/**
 * The text of an answer, undone from Python's `repr` of a string.
 *
 * @returns null where the expression raised, or said something else than JSON.
 */
export function answer(reply: unknown): unknown {
  const { status, data } = (reply ?? {}) as { status?: unknown; data?: Record<string, unknown> };
  const shown = data?.['text/plain'];
  if (status !== 'ok' || typeof shown !== 'string') {
    return null;
  }
  try {
    return JSON.parse(shown.slice(1, -1).replace(/\\(.)/g, '$1')) as unknown;
  } catch {
    return null; // a kernel that answers otherwise: nothing is known then
  }
}

/** What the answers of a kernel say, or null where even its interpreter is not known. */
export function factsOf(
  answers: Readonly<Partial<Record<keyof typeof QUESTIONS, unknown>>>
): IKernelFacts | null {
  const python = answer(answers.python);
  const version = answer(answers.version);
  if (typeof python !== 'string') {
    return null;
  }
  return {
    python: JSON.stringify(python),
    version: typeof version === 'string' ? version : null,
    loaded: answer(answers.loaded) === true
  };
}

/** What to tell the user, or null where the package is there, fits and is loaded. */
export function adviceFor(facts: IKernelFacts, wanted: string): IAdvice | null {
  const line = `${facts.python} -m pip install codeact-jupyter==${wanted}`;
  if (facts.version === null) {
    const message = trans.__(
      'CodeAct is not installed for this kernel: install it in a terminal, then restart. ' +
        'Python: %1',
      facts.python
    );
    return { reason: 'missing', message, line };
  }
  if (facts.version !== wanted) {
    const message = trans.__(
      'This kernel has codeact-jupyter %1, JupyterLab %2: install that in a terminal, then ' +
        'restart. Python: %3',
      facts.version,
      wanted,
      facts.python
    );
    return { reason: 'version', message, line };
  }
  if (!facts.loaded) {
    const load = '%load_ext codeact_jupyter';
    const message = trans.__(
      'CodeAct is installed for this kernel and not loaded. Run %1 first.',
      load
    );
    return { reason: 'unloaded', message, line: load };
  }
  return null;
}

/** For a kernel of another language. */
export function notPython(kernel: string): IAdvice {
  const message = trans.__('CodeAct needs a Python kernel; this notebook’s kernel is %1.', kernel);
  return { reason: 'language', message, line: null };
}
