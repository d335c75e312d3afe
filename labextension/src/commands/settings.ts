/** What the user has set in JupyterLab's settings, as the kernel reads it. */
import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import type { JSONObject, JSONValue } from '@lumino/coreutils';
import { Token } from '@lumino/coreutils';

/** The user's settings; asked for at every prompt, so a change counts at once. */
export interface IUserSettings {
  /** Only what differs from the kernel's own settings, by the kernel's names. */
  values(): JSONObject;
}

export const IUserSettings = new Token<IUserSettings>(
  'codeact-jupyter:IUserSettings',
  'What the user has set for CodeAct in JupyterLab.'
);

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

export const settings: JupyterFrontEndPlugin<IUserSettings> = {
  id: 'codeact-jupyter:plugin',
  description: 'A language model that works inside your notebook: its settings.',
  autoStart: true,
  requires: [ISettingRegistry],
  provides: IUserSettings,
  activate: (_, registry: ISettingRegistry): IUserSettings => {
    let source: ISettingSource | null = null;
    registry.load(settings.id).then(
      loaded => {
        source = loaded;
      },
      (reason: unknown) => {
        console.error('CodeAct works without your settings: they could not be read.', reason);
      }
    );
    return { values: () => (source === null ? {} : chosen(source)) };
  }
};
