/** Which of JupyterLab's settings the kernel is to hear of, and under which names. */
import type { JSONObject, JSONValue } from '@lumino/coreutils';

/** By the name in our schema: the name in the kernel. Neither a key nor a policy is here. */
const NAMES = {
  narration: 'narration',
  maxSteps: 'max_steps',
  maxTokens: 'max_tokens',
  timeout: 'timeout',
  model: 'model',
  baseUrl: 'base_url'
} as const;

/** The part of JupyterLab's settings object that is read here. */
export interface ISettingSource {
  get(key: string): { composite: unknown; user: unknown };
}

/**
 * What is set: by the user, or for him by the administrator's overrides, which show as
 * values other than our schema's. null means the kernel's own.
 */
export function chosen(source: ISettingSource): JSONObject {
  const values: JSONObject = {};
  for (const [ours, kernels] of Object.entries(NAMES)) {
    const { composite, user } = source.get(ours);
    const plain = ours === 'narration' ? true : null;
    if (isSet(composite) && (user !== undefined || composite !== plain)) {
      values[kernels] = composite as JSONValue;
    }
  }
  return values;
}

function isSet(value: unknown): boolean {
  return value !== null && value !== undefined && value !== '';
}
