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
  /** Whether it has the focus from the start: the user was there before. */
  readonly autoFocus?: boolean;
}

export function Button(props: IButton): React.JSX.Element {
  const { label, onPress, kind = 'plain', title, disabled = false, expanded, autoFocus } = props;
  return (
    <button
      type="button"
      className={`codeact-Button codeact-mod-${kind}`}
      title={title}
      disabled={disabled}
      aria-expanded={expanded}
      autoFocus={autoFocus}
      onClick={() => void onPress()}
    >
      {label}
    </button>
  );
}
