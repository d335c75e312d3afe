/** What the user has set in JupyterLab's settings, as the kernel reads it. */
import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import type { JSONObject, JSONValue } from '@lumino/coreutils';
import { Token } from '@lumino/coreutils';

import { Choices } from './choices';

/** The user's settings; asked for at every prompt, so a change counts at once. */
export interface IUserSettings {
  /** Only what differs from the kernel's own settings, by the kernel's names. */
  values(): JSONObject;
  /** Change a setting for good, by the name in our schema; null is the kernel's own. */
  choose(name: string, value: JSONValue): Promise<void>;
}

export const IUserSettings = new Token<IUserSettings>(
  'codeact-jupyter:IUserSettings',
  'What the user has set for CodeAct in JupyterLab.'
);

export const settings: JupyterFrontEndPlugin<IUserSettings> = {
  id: 'codeact-jupyter:plugin',
  description: 'A language model that works inside your notebook: its settings.',
  autoStart: true,
  requires: [ISettingRegistry],
  provides: IUserSettings,
  activate: (_, registry: ISettingRegistry): IUserSettings => {
    const choices = new Choices(registry, settings.id);
    registry.load(settings.id).then(
      loaded => {
        choices.source = loaded;
      },
      (reason: unknown) => {
        console.error('CodeAct works without your settings: they could not be read.', reason);
      }
    );
    return choices;
  }
};
