import React from 'react';

import { absolute, ago } from './format';

/** A time as people say it, with the whole of it in the title. */
export function Time(props: { iso: string }): JSX.Element {
  return (
    <time dateTime={props.iso} title={absolute(props.iso)}>
      {ago(props.iso)}
    </time>
  );
}
