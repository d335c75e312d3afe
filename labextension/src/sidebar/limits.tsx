/** The limits of a turn, to be changed. */
import React from 'react';

import { SettingField } from './setting';
import type { About } from '../protocol/messages';
import { useServices } from './services';

export interface ILimits {
  readonly about: About;
  readonly onChange: () => void;
}

export function Limits({ about, onChange }: ILimits): React.JSX.Element {
  const { trans } = useServices();
  const { max_steps, max_tokens, timeout } = about;
  const whole = trans.__('a whole number from 1 on');
  const common = { about, onChange };
  return (
    <fieldset
      className="codeact-Sidebar-limits"
      title={trans.__('From the next message on; kept in JupyterLab’s settings')}
    >
      <legend>{trans.__('A turn stops after')}</legend>
      <SettingField
        {...common}
        label={trans.__('Steps')}
        name="maxSteps"
        current={String(max_steps)}
        read={readWhole}
        takes={whole}
      />
      <SettingField
        {...common}
        label={trans.__('Tokens')}
        name="maxTokens"
        current={String(max_tokens)}
        read={readWhole}
        takes={whole}
      />
      <SettingField
        {...common}
        label={trans.__('Seconds')}
        name="timeout"
        current={String(timeout)}
        read={readSeconds}
        takes={trans.__('a number from 1 on, such as %1', '1.5')}
      />
    </fieldset>
  );
}

/** A whole number from 1 on that JSON keeps as it is, or null. */
export function readWhole(words: string): number | null {
  const found = Number(words);
  return /^\d+$/.test(words) && Number.isSafeInteger(found) && found >= 1 ? found : null;
}

/** A number of seconds from 1 on, or null. */
export function readSeconds(words: string): number | null {
  const found = Number(words);
  return /^\d+(\.\d+)?$/.test(words) && Number.isFinite(found) && found >= 1 ? found : null;
}
