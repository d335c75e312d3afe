/** A button of the panel; a press leaves the focus where the user is. */
import React from 'react';

export interface IButton {
  readonly label: string;
  readonly onPress: () => unknown;
  readonly kind?: 'primary' | 'warn' | 'link' | 'plain';
  readonly title?: string | undefined;
  readonly disabled?: boolean;
  /** Whether what it shows is open; undefined where it shows nothing. */
  readonly expanded?: boolean;
}

export function Button(props: IButton): React.JSX.Element {
  const { label, onPress, kind = 'plain', title, disabled = false, expanded } = props;
  return (
    <button
      type="button"
      className={`codeact-Button codeact-mod-${kind}`}
      title={title}
      disabled={disabled}
      aria-expanded={expanded}
      onClick={() => void onPress()}
    >
      {label}
    </button>
  );
}
