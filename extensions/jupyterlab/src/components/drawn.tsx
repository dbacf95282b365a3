import React from 'react';

import type { Child } from './part';

/** How React calls what HTML calls otherwise. */
const NAMES: Record<string, string> = {
  class: 'className',
  colspan: 'colSpan',
  datetime: 'dateTime',
  tabindex: 'tabIndex'
};

/** A part, drawn by React. */
export function Drawn(props: { of: Child }): JSX.Element {
  return <>{element(props.of)}</>;
}

function element(of: Child): React.ReactNode {
  if (typeof of === 'string') {
    return of;
  }
  const given: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(of.attributes)) {
    if (typeof value === 'function') {
      const handle = value;
      given[`on${name.charAt(0).toUpperCase()}${name.slice(1)}`] = (event: React.SyntheticEvent) =>
        handle(event.nativeEvent);
    } else if (value !== undefined && value !== false) {
      given[NAMES[name] ?? name] = value;
    }
  }
  return React.createElement(of.tag, given, ...of.children.map(element));
}
