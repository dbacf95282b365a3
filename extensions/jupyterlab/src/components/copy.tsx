import { Clipboard } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useState } from 'react';

/** A button that puts a text on the clipboard. */
export function Copy(props: { text: string; trans: TranslationBundle }): JSX.Element {
  const [copied, setCopied] = useState(false);
  const copy = () => {
    Clipboard.copyToSystem(props.text);
    setCopied(true);
  };
  return (
    <button
      type="button"
      className="wb-Button wb-mod-small"
      aria-label={props.trans.__('Copy %1', props.text)}
      onClick={copy}
      onBlur={() => setCopied(false)}
    >
      {copied ? props.trans.__('Copied') : props.trans.__('Copy')}
    </button>
  );
}
