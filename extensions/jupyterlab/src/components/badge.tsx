import React from 'react';

import { look } from './looks';

export { look };

/** A state as icon and word. */
export function Badge(props: { state: string; word?: string; title?: string }): JSX.Element {
  const { tone, icon, word } = look(props.state);
  return (
    <span className="wb-Badge" data-tone={tone} title={props.title}>
      <svg className="wb-Badge-icon" viewBox="0 0 12 12" aria-hidden="true">
        <path d={icon} />
      </svg>
      {props.word ?? word}
    </span>
  );
}

/** A tag of a dataset. */
export function Tag(props: { text: string }): JSX.Element {
  return (
    <span className="wb-Tag" title={props.text}>
      {props.text}
    </span>
  );
}
