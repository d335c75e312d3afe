/** What the parts of the panel share. */
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { Kernel } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';
import { createContext, useContext } from 'react';

import type { IUserSettings } from '../commands/settings';
import type { KernelQuestions } from './asking';
import type { IDraft } from './composer';
import type { SidebarDeeds } from './deeds';
import type { SidebarModel } from './model';
import type { Targets } from './targets';

export interface ISidebarServices {
  readonly model: SidebarModel;
  readonly deeds: SidebarDeeds;
  readonly rendermime: IRenderMimeRegistry;
  readonly trans: TranslationBundle;
  /** Asks this kernel. */
  readonly questions: (kernel: Kernel.IKernelConnection) => KernelQuestions;
  readonly settings: IUserSettings;
  /** What `@` can point at. */
  readonly targets: Targets;
  /** What the user has typed and not sent. */
  readonly draft: IDraft;
}

export const Services = createContext<ISidebarServices | null>(null);

/** The services of the panel that this component is a part of. */
export function useServices(): ISidebarServices {
  const found = useContext(Services);
  if (found === null) {
    throw new Error('A part of the sidebar was rendered outside of it.');
  }
  return found;
}
