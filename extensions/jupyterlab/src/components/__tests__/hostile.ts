import React from 'react';
import { renderToStaticMarkup } from 'react-dom/server';

import { Drawn } from '../drawn';
import type { Child } from '../part';

/** What people and data may write wherever a name or a value is shown. */
export const HOSTILE: readonly [what: string, text: string][] = [
  ['an element', '<img src=x onerror="window.hit=1">'],
  ['a script', '</td></details><script>window.hit=1</script>'],
  ['the end of an attribute', '" onmouseover="window.hit=1" x="'],
  ['the end of a title', "'></title><svg onload=window.hit=1>"],
  ['an entity', '&lt;b&gt; &amp; &#60;script&#62;'],
  ['an address', 'javascript:window.hit=1'],
  ['marks of translations', '%1 %2 %% %s {0} ${1}'],
  ['right to left', '\u202eright to left\u202c \u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627'],
  ['emoji', '\u{1f6eb}\u{1f468}\u200d\u{1f469}\u200d\u{1f467}\u{1f1e9}\u{1f1ea}'],
  ['half a character', 'a\ud83d b'],
  ['control characters', 'a\u0000b\u0007c\u001b[31m'],
  ['lines', 'a\nb\r\nc\u2028d'],
  ['what objects have', '__proto__'],
  ['what functions have', 'constructor'],
  ['10,000 characters', 'endless'.repeat(1429)],
  ['10,000 characters of emoji', '\u{1f6eb}'.repeat(5000)]
];

/** Elements that a page is made of: none of them loads or runs anything. */
const HARMLESS = new Set(
  'bdi button caption code div details g li p path rect span strong summary svg table tbody td th thead title tr ul'.split(
    ' '
  )
);

/** A part as React writes it. */
export function html(of: Child): string {
  return renderToStaticMarkup(React.createElement(Drawn, { of }));
}

/** The elements in HTML that could do something; what is text has no `<` any more. */
export function harmful(of: string): string[] {
  return [...of.matchAll(/<\/?([a-zA-Z][^\s/>]*)/g)].map(found => String(found[1])).filter(tag => !HARMLESS.has(tag));
}

/** The text in HTML. */
export function read(of: string): string {
  return of
    .replace(/<[^>]*>/g, '')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&#x27;/g, "'")
    .replace(/&amp;/g, '&');
}
